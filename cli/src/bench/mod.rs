use crate::output::{Failure, Out};
/// x
#[derive(Debug, clap::Args)]
pub struct BenchArgs {}
pub fn run(_: &Out, _: &BenchArgs) -> Result<(), Failure> { Ok(()) }
