//! Searching bytes, folders and a process's memory for canaries.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::Canary;

/// How far apart the two halves of a pair may lie, bytes.
const NEAR: usize = 32;
/// Memory is read in pieces of this size, with an overlap that no pattern is longer than.
const PIECE: usize = 4 * 1024 * 1024;
const OVERLAP: usize = 4096;

/// Which canaries were found, and where.
pub type Found = BTreeSet<(String, String)>;

/// Looks for many canaries in one pass.
pub struct Scanner {
    machine: AhoCorasick,
    /// For each pattern of the machine: whose it is, and what must lie near it.
    owners: Vec<(String, Option<Vec<u8>>)>,
}

impl Scanner {
    /// A scanner for some canaries.
    pub fn new(canaries: &[Canary]) -> Self {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut owners = Vec::new();
        for canary in canaries {
            for pattern in &canary.patterns {
                patterns.push(pattern.clone());
                owners.push((canary.name.clone(), None));
            }
            for (first, second) in &canary.pairs {
                patterns.push(first.clone());
                owners.push((canary.name.clone(), Some(second.clone())));
            }
        }
        let machine = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).unwrap();
        Self { machine, owners }
    }

    /// Names of the canaries in some bytes.
    pub fn bytes(&self, bytes: &[u8]) -> BTreeSet<String> {
        let hits = self.machine.find_overlapping_iter(bytes).filter_map(|hit| {
            let (name, near) = &self.owners[hit.pattern().as_usize()];
            let window = &bytes[hit.start().saturating_sub(NEAR)..(hit.end() + NEAR).min(bytes.len())];
            let counts = near.as_ref().is_none_or(|near| window.windows(near.len()).any(|bytes| bytes == near));
            counts.then(|| name.clone())
        });
        hits.collect()
    }

    /// Canaries in the files below a folder, and in their names.
    pub fn folder(&self, dir: &Path) -> Found {
        let mut found = Found::new();
        let mut next = vec![dir.to_path_buf()];
        while let Some(path) = next.pop() {
            let place = path.display().to_string();
            let here = self.bytes(place.strip_prefix(&dir.display().to_string()).unwrap_or(&place).as_bytes());
            found.extend(here.into_iter().map(|name| (name, format!("the name {place}"))));
            if path.is_dir() {
                next.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let here = self.bytes(&fs::read(&path).unwrap());
                found.extend(here.into_iter().map(|name| (name, place.clone())));
            }
        }
        found
    }

    /// Canaries in the readable memory of a process, this one's own or a child's. Gives also how many bytes were read.
    pub fn memory(&self, pid: u32) -> (Found, u64) {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let memory = File::open(format!("/proc/{pid}/mem")).unwrap();
        let (mut found, mut read) = (Found::new(), 0);
        let mut piece = vec![0_u8; PIECE + OVERLAP];
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (Some(range), Some(rights)) = (words.next(), words.next()) else { continue };
            let name = words.nth(3).unwrap_or("memory");
            if !rights.starts_with('r') || name.starts_with("[v") {
                continue;
            }
            let ends: Vec<u64> = range.split('-').map(|end| u64::from_str_radix(end, 16).unwrap()).collect();
            let mut at = ends[0];
            while at < ends[1] {
                let want = usize::try_from(ends[1] - at).unwrap().min(piece.len());
                // A page that was let go meanwhile cannot be read; there is nothing in it.
                let got = memory.read_at(&mut piece[..want], at).unwrap_or(0);
                read += got as u64;
                found.extend(self.bytes(&piece[..got]).into_iter().map(|canary| (canary, name.to_owned())));
                at += PIECE as u64;
            }
        }
        piece.fill(0);
        (found, read)
    }
}
