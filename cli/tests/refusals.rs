//! Bad input on every command: the documented exit code, a typed error, and nothing changed.
