//! Why a command did not do what was asked: one or two lines, what to do next, an exit code. No child's name in it.

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use owo_colors::OwoColorize;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The reader went away; nothing is wrong.
    Done = 0,
    /// Refused or failed.
    Failed = 1,
    /// The command line is not right.
    Usage = 2,
    /// No connection: kept, sent later.
    Offline = 3,
    /// Wrong passphrase, or wait.
    Locked = 4,
    /// Not there.
    Missing = 5,
}

/// A failure as it is shown.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// Stable name for scripts.
    pub key: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub advice: Option<String>,
}

impl Failure {
    /// A failure without advice yet.
    pub fn new(exit: Exit, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { exit, key: key.into(), message: message.into(), advice: None }
    }

    /// Refused or failed.
    pub fn failed(key: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, key, message)
    }

    /// The command line is not right.
    pub fn usage(key: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, key, message)
    }

    /// Not there.
    pub fn missing(key: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Missing, key, message)
    }

    /// Says what to do next.
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// A file that could not be read or written. `what` says which, in words; a path would be shown in a log.
    pub fn io(what: &str, error: &std::io::Error) -> Self {
        let (exit, key, why) = match error.kind() {
            ErrorKind::BrokenPipe => (Exit::Done, "io-pipe", "nobody reads any more"),
            ErrorKind::NotFound => (Exit::Missing, "io-not-found", "not there"),
            ErrorKind::PermissionDenied => (Exit::Failed, "io-permission", "this user may not"),
            ErrorKind::StorageFull => (Exit::Failed, "io-no-space", "the disk is full"),
            ErrorKind::AlreadyExists => (Exit::Failed, "io-exists", "there already"),
            ErrorKind::InvalidData => (Exit::Failed, "io-not-text", "not text in UTF-8"),
            ErrorKind::AddrInUse => (Exit::Failed, "io-port-taken", "the port is taken"),
            _ => (Exit::Failed, "io", "could not be read or written"),
        };
        Self::new(exit, key, format!("{what}: {why}"))
    }
}

/// Shows a failure on standard error and gives its exit code.
pub fn report(failure: &Failure, json: bool) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    // Where even standard error is gone there is nobody left to tell.
    let _ = if json {
        let error = serde_json::json!({ "error": {
            "key": failure.key, "message": failure.message, "advice": failure.advice, "exit": failure.exit as u8,
        }});
        writeln!(stderr, "{error}")
    } else {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let sign = if colour { "✗".red().to_string() } else { "✗".to_owned() };
        let advice = failure.advice.as_deref().map(|advice| format!("\n  {advice}")).unwrap_or_default();
        writeln!(stderr, "{sign} {}{advice}", failure.message)
    };
    ExitCode::from(failure.exit as u8)
}

/// Shows help, the version, or what is wrong with the command line.
pub fn usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|argument| argument == "--json");
    if json && error.use_stderr() {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        return report(&Failure::usage("usage", message).advice("Add --help to see what may be typed."), true);
    }
    // A reader that went away is no failure.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
