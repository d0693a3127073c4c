//! Crates and folders depend downwards only.
#![allow(clippy::unwrap_used)] // A test's helper fails by panicking.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// The folders of the core, highest first.
const LAYERS: [&str; 9] = ["app", "report", "pathway", "directory", "matching", "sync", "record", "store", "vault"];

fn metadata() -> Metadata {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let options = vec!["--offline".into(), "--locked".into()];
    MetadataCommand::new().manifest_path(manifest).other_options(options).exec().unwrap()
}

/// Names of everything that a crate of ours is built with, for use or for building; what only its tests need apart.
fn reached(metadata: &Metadata, root: &str) -> BTreeSet<String> {
    let names: BTreeMap<&PackageId, &str> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    let nodes: BTreeMap<&PackageId, _> = nodes.iter().map(|node| (&node.id, node)).collect();
    let mut next: Vec<&PackageId> = names.iter().filter(|(_, name)| **name == root).map(|(id, _)| *id).collect();
    assert_eq!(next.len(), 1, "one {root}");
    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    while let Some(id) = next.pop() {
        for dependency in &nodes[id].deps {
            let built = dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if built && seen.insert(&dependency.pkg) {
                next.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| names[id].to_owned()).collect()
}

fn ours(reached: &BTreeSet<String>) -> Vec<&str> {
    reached.iter().map(String::as_str).filter(|name| name.starts_with("himaya")).collect()
}

#[test]
fn the_hub_never_reaches_the_core_and_the_wire_reaches_none_of_ours() {
    let metadata = metadata();
    assert_eq!(ours(&reached(&metadata, "himaya-wire")), [] as [&str; 0]);
    assert_eq!(ours(&reached(&metadata, "himaya-hub")), ["himaya-wire"]);
    assert_eq!(ours(&reached(&metadata, "himaya-core")), ["himaya-wire"]);
    // The check itself sees through what it walks.
    assert!(reached(&metadata, "himaya-tests").contains("himaya-core"));
    assert!(reached(&metadata, "himaya-hub").contains("libsqlite3-sys"));
}

#[test]
fn tls_and_signatures_come_from_ring_alone() {
    let metadata = metadata();
    for root in ["himaya-wire", "himaya-core", "himaya-hub", "himaya-cli"] {
        let reached = reached(&metadata, root);
        assert!(reached.contains("ring"), "{root}");
        for barred in ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl"] {
            assert!(!reached.contains(barred), "{root} reaches {barred}");
        }
    }
}

/// Where a file of a layer names a folder that is not below its own: the line's number and the folder. `depth` is how
/// many modules the file lies below the crate root, its own included.
fn upward_uses(layer: &str, depth: usize, source: &str) -> Vec<(usize, String)> {
    let own = LAYERS.iter().position(|name| *name == layer).unwrap();
    let up = format!("{}::", vec!["super"; depth].join("::"));
    let mut found = Vec::new();
    for (number, line) in (1..).zip(source.lines()) {
        let code = line.split("//").next().unwrap_or("");
        for prefix in ["crate::", "himaya_core::", up.as_str()] {
            for rest in code.split(prefix).skip(1) {
                for name in named(rest) {
                    if LAYERS.iter().position(|layer| *layer == name).is_some_and(|named| named < own) {
                        found.push((number, name));
                    }
                }
            }
        }
    }
    found
}

/// The first names of a path, or of a list of paths in braces.
fn named(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    match rest.strip_prefix('{') {
        Some(list) => list.split(['}', ',']).map(word).collect(),
        None => vec![word(rest)],
    }
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn inside_the_core_each_folder_uses_only_those_below_it() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let (mut faults, mut read) = (Vec::new(), 0);
    for layer in LAYERS {
        for path in sources(&core.join(layer)) {
            let below = path.strip_prefix(&core).unwrap().components().count();
            let is_mod = path.file_name().is_some_and(|name| name == "mod.rs");
            let depth = if is_mod { below - 1 } else { below };
            let source = fs::read_to_string(&path).unwrap();
            read += 1;
            let uses = upward_uses(layer, depth, &source);
            faults.extend(uses.into_iter().map(|(line, to)| format!("{}:{line} uses {to}", path.display())));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(read > 80, "{read} files were read");
    let folders: BTreeSet<String> = fs::read_dir(&core)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, LAYERS.map(str::to_owned).into(), "every folder of the core has its place in the order");
}

#[test]
fn a_planted_use_of_a_higher_folder_is_found() {
    for planted in [
        "use crate::app::Session;",
        "use crate::{vault, app::Device};",
        "    let point = crate::directory::distance(a, b);",
        "pub(crate) use super::super::pathway::Protocol;",
        "/// `x`\nfn f(_: &himaya_core::sync::SyncError) {}",
    ] {
        assert_eq!(upward_uses("store", 2, planted).len(), 1, "{planted}");
    }
    for allowed in [
        "use crate::vault::Vault;",
        "use crate::store::{StoreError, fault};",
        "use super::record;",
        "// crate::app is above",
        "use himaya_wire::app;",
    ] {
        assert_eq!(upward_uses("store", 2, allowed), [], "{allowed}");
    }
    assert_eq!(upward_uses("app", 2, "use crate::report::Board; use super::super::vault;"), []);
}
