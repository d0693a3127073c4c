//! Where a passphrase comes from: a file, the environment, or the terminal without an echo. Never an argument.

use std::fs::File;
use std::io::{IsTerminal, Read};

use zeroize::Zeroizing;

use crate::args::Global;
use crate::output::{Exit, Failure};

const VARIABLE: &str = "HIMAYA_PASSPHRASE";
/// Longer than any five words; a wrong file given by mistake is not read whole.
const MOST_BYTES: u64 = 4096;

/// The passphrase to unlock with.
pub fn ask(global: &Global, whose: &str) -> Result<Zeroizing<String>, Failure> {
    match given(global)? {
        Some(passphrase) => Ok(passphrase),
        None => prompt(&format!("Passphrase ({whose}): ")),
    }
}

/// The passphrase that was given with the command, if one was.
pub fn given(global: &Global) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = &global.passphrase_file {
        let mut text = Zeroizing::new(String::new());
        File::open(path)
            .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
            .map_err(|error| Failure::io("passphrase file", &error))?;
        let line = text.lines().next().unwrap_or_default().trim();
        return Ok(Some(Zeroizing::new(line.to_owned())));
    }
    Ok(std::env::var(VARIABLE).ok().map(Zeroizing::new))
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Locked, "passphrase-missing", "a passphrase is needed")
            .advice(format!("Set {VARIABLE} or give --passphrase-file FILE.")));
    }
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .map_err(|error| Failure::io("passphrase from the terminal", &error))
}
