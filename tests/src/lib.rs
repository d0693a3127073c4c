//! The whole system end to end: what its tests share.
mod python;

pub use self::python::python;
