use crate::{args::Global, output::{Failure, Out}};
/// x
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {}
pub fn run(_: &Global, _: &Out, _: &DoctorArgs) -> Result<(), Failure> { Ok(()) }
