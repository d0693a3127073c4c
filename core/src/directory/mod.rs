//! The guide of services.
