use crate::output::{Failure, Out};
/// x
#[derive(Debug, clap::Args)]
pub struct DemoArgs {}
pub fn run(_: &Out, _: &DemoArgs) -> Result<(), Failure> { Ok(()) }
