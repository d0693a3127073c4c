//! The core's error as it is shown: an exit code, and what to do next.

use himaya_core::app::AppError;
use himaya_core::vault::VaultError;

use crate::output::{Exit, Failure};

/// What a person can do about an error of the core.
// Taken whole, so that it stands alone in `map_err`.
#[allow(clippy::needless_pass_by_value)]
pub fn from_app(error: AppError) -> Failure {
    let key = error.key();
    let exit = match &error {
        AppError::Vault(
            VaultError::WrongPin { .. }
            | VaultError::Wait { .. }
            | VaultError::Locked
            | VaultError::SlotWiped
            | VaultError::Wiped,
        ) => Exit::Locked,
        AppError::Offline => Exit::Offline,
        AppError::Vault(VaultError::NoVault | VaultError::Worker) | AppError::NotFound(_) | AppError::Ambiguous(_) => {
            Exit::Missing
        }
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, key, error.to_string());
    match advice(&error, key) {
        Some(advice) => failure.advice(advice),
        None => failure,
    }
}

fn advice(error: &AppError, key: &str) -> Option<String> {
    if let AppError::Vault(VaultError::WrongPin { tries_left }) = error {
        return Some(format!("{tries_left} tries are left before this worker's keys here are destroyed."));
    }
    if let AppError::Vault(VaultError::Wait { until_millis }) = error {
        return Some(format!("Try again after {}.", super::show::time(*until_millis)));
    }
    let text = match key {
        "error-offline" => "It is kept on this device. `himaya field sync` sends it when the hub can be reached.",
        "error-no-space" => "Make room on the disk, then do it again. Nothing that was confirmed is lost.",
        "error-not-admitted-yet" => "Ask the head to admit your code, then `himaya field sync --locked`.",
        "error-no-open-round" => "Start one with `himaya field round start`.",
        "error-round-open" => "End it with `himaya field round end`, or go on in it.",
        "error-no-concern" => "Name at least one --concern; see `himaya field spot --help`.",
        "error-no-need" => "Name at least one --need; see `himaya field refer --help`.",
        "error-no-commons" => "The centre opens the guide first: `himaya field guide open`.",
        "error-number" => "Give at least four letters or digits of its number; see `himaya field list`.",
        "error-not-found" => "See `himaya field list` and `himaya field inbox`; sync first if it is new.",
        "error-ambiguous" => "Give more of its number.",
        "error-code" => "Copy the newcomer's code whole, as `himaya field enrol` printed it.",
        "error-authority" => "Take the certificate from the ministry by hand: `himaya authority export-certificate`.",
        "error-device-exists" => "Use another folder, or add a worker to this device with --as of a colleague.",
        "vault-needs-passphrase" | "vault-passphrase-five" | "vault-passphrase-word" | "vault-passphrase-twice" => {
            "A passphrase here is five different words of the list; `himaya field enrol` makes one."
        }
        "vault-slot-wiped" => "A head admits the worker anew; the records are still here for colleagues.",
        "vault-wiped" => "Sealed records that wait are still sent by `himaya field sync --locked`.",
        "error-broken" => "Run `himaya doctor` and keep the folder as it is.",
        _ => return None,
    };
    Some(text.to_owned())
}
