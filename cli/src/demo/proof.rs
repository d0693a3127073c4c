//! The proof: the hub's files and memory searched for everything that was used, and the same search on opened devices,
//! which must find it all.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use himaya_core::store::{Store, StoreError};
use himaya_core::vault::{FileKeystore, Vault, VaultOptions};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::needles::Needles;
use super::town::{PASSPHRASE, Town, Worker, options};
use crate::field::from_app;
use crate::output::Failure;
use himaya_core::app::Clock;

/// A search for all needles at once.
pub struct Search {
    automaton: AhoCorasick,
    needle_of: Vec<usize>,
}

impl Search {
    /// Prepares the search.
    pub fn new(needles: &Needles) -> Result<Self, Failure> {
        let mut needle_of = Vec::new();
        let mut patterns = Vec::new();
        for (needle, forms) in needles.patterns().into_iter().enumerate() {
            for form in forms {
                needle_of.push(needle);
                patterns.push(form);
            }
        }
        let automaton =
            AhoCorasick::new(&patterns).map_err(|_| Failure::failed("demo-proof", "the search cannot be prepared"))?;
        Ok(Self { automaton, needle_of })
    }

    /// How many byte patterns.
    pub fn pattern_count(&self) -> usize {
        self.needle_of.len()
    }

    /// Adds the needles that stand in some bytes.
    pub fn find(&self, bytes: &[u8], found: &mut HashSet<usize>) {
        for hit in self.automaton.find_overlapping_iter(bytes) {
            // "07:55:31.62750" in a log is a time, not a latitude.
            let before = hit.start().checked_sub(2).and_then(|start| bytes.get(start..hit.start()));
            let time = before.is_some_and(|two| two[0].is_ascii_digit() && two[1] == b':');
            let needle = self.needle_of.get(hit.pattern().as_usize()).copied();
            if !time {
                found.extend(needle);
            }
        }
    }

    /// Whether every pattern is found where it was planted: a search that finds nothing must be one that can.
    pub fn finds_what_is_planted(&self, needles: &Needles) -> bool {
        let forms: Vec<Vec<Vec<u8>>> = needles.patterns();
        forms.iter().enumerate().all(|(needle, forms)| {
            forms.iter().all(|form| {
                let mut planted = vec![0xa5; 61];
                planted.extend_from_slice(form);
                planted.extend_from_slice(&[0x5a; 17]);
                let mut found = HashSet::new();
                self.find(&planted, &mut found);
                found.contains(&needle)
            })
        })
    }
}

/// Searches every file of a folder; gives names and sizes.
pub fn search_folder(
    search: &Search,
    folder: &Path,
    found: &mut HashSet<usize>,
) -> Result<Vec<(String, u64)>, Failure> {
    let failed = |error: std::io::Error| Failure::io("folder to search", &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(search_folder(search, &path, found)?);
            continue;
        }
        let bytes = fs::read(&path).map_err(failed)?;
        search.find(&bytes, found);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, bytes.len() as u64));
    }
    files.sort();
    Ok(files)
}

/// Searches the memory that a process of ours can write: what it holds, not its program. Linux only.
pub fn search_memory(search: &Search, pid: u32, found: &mut HashSet<usize>) -> Option<u64> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut searched = 0;
    for line in maps.lines() {
        let mut parts = line.split(' ');
        let (range, rights) = (parts.next()?, parts.next()?);
        if !rights.starts_with("rw") || line.contains("[vvar") {
            continue;
        }
        let (start, end) = range.split_once('-')?;
        let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
        let mut bytes = vec![0; usize::try_from(end - start).ok()?];
        memory.seek(SeekFrom::Start(start)).ok()?;
        // A stretch may be given back while we look; what could be read is searched.
        if memory.read_exact(&mut bytes).is_ok() {
            search.find(&bytes, found);
            searched += end - start;
        }
    }
    (searched > 0).then_some(searched)
}

/// Opens a device's records with the worker's passphrase and searches every value in them.
pub fn search_opened(search: &Search, town: &Town, worker: &Worker, found: &mut HashSet<usize>) -> Result<(), Failure> {
    let dir = town.dir.join(&worker.folder);
    let keystore = FileKeystore::open(&dir.join("keystore"))
        .map_err(|error| from_app(himaya_core::vault::VaultError::from(error).into()))?;
    let vault_options = VaultOptions { policy: options().policy, ..VaultOptions::default() };
    let vault = |error: himaya_core::vault::VaultError| from_app(error.into());
    let opened = Vault::open(&dir.join("vault"), Arc::new(keystore), vault_options).map_err(vault)?;
    let unlocked = opened.unlock(worker.member, PASSPHRASE, town.clock.now_millis()).map_err(vault)?;
    let failed = |error: StoreError| from_app(error.into());
    let store = Store::open(&dir.join("records.db"), unlocked.database_key()).map_err(failed)?;
    let plain = store.read(dump).map_err(failed)?;
    search.find(&plain, found);
    Ok(())
}

/// Every value of every table, apart by zeros.
fn dump(connection: &Connection) -> Result<Vec<u8>, StoreError> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut plain = Vec::new();
    for name in names {
        let mut select = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = select.column_count();
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column)? {
                    plain.extend_from_slice(bytes);
                    plain.push(0);
                }
            }
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use himaya_core::record::{Place, Point};

    use super::{Needles, Search};

    fn needles() -> Needles {
        let mut needles = Needles::default();
        needles.text("سلمى الورديغاني");
        needles.text("sleeps behind the third kiosk");
        needles.place(&Place { point: Point::new(31.62751, -8.15428).ok(), ..Place::default() });
        needles
    }

    #[test]
    fn each_form_is_found_where_it_is_planted() {
        let needles = needles();
        assert!(Search::new(&needles).unwrap().finds_what_is_planted(&needles));
    }

    #[test]
    fn base_64_is_found_at_any_place_and_a_time_in_a_log_is_not_a_latitude() {
        let search = Search::new(&needles()).unwrap();
        let count = |bytes: &[u8]| {
            let mut found = HashSet::new();
            search.find(bytes, &mut found);
            found.len()
        };
        for before in ["", "a", "ab", "abc"] {
            let text = data_encoding::BASE64.encode(format!("{before}سلمى الورديغاني and more").as_bytes());
            assert!(count(text.as_bytes()) >= 1, "{before}");
        }
        assert_eq!(count(b"2025-10-11T07:55:31.627510Z INFO the hub answers"), 0);
        assert_eq!(count(br#"{"lat":31.62751}"#), 1);
        assert_eq!(count(&[0x42; 4096]), 0);
    }
}
