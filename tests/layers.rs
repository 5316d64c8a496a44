//! Keeps the import table of ARCHITECTURE.md true: who may import whom, and which layer may name
//! which library. Also that what two layers have to say for themselves is the same.

#![expect(clippy::unwrap_used, reason = "a source tree that cannot be read fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use tailgrant::policy::{Selector, member_key};
use tailgrant::tailnet::Login;

/// Each layer and the layers below it that it may import. `None`: everything.
const MAY_IMPORT: &[(&str, Option<&[&str]>)] = &[
    ("hujson", Some(&[])),
    ("access", Some(&[])),
    ("tailnet", Some(&[])),
    ("policy", Some(&["hujson"])),
    ("catalog", Some(&["access", "tailnet", "policy"])),
    ("proto", Some(&["access"])),
    ("tailscale", Some(&["tailnet"])),
    ("journal", Some(&[])),
    ("connector", Some(&["access", "tailnet", "policy", "catalog", "tailscale", "journal"])),
    ("rpc", Some(&["access", "proto", "connector"])),
    ("server", Some(&["proto", "rpc"])),
    ("sandbox", Some(&["hujson", "policy", "proto"])),
    ("config", Some(&["telemetry", "shutdown"])),
    ("telemetry", Some(&["config", "shutdown"])),
    ("shutdown", Some(&["config", "telemetry"])),
    ("cli", None),
];

/// Libraries that only these layers may name, so that replacing one touches one place.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("tonic", &["server", "cli", "proto"]),
    ("reqwest", &["tailscale"]),
    ("hyper", &["sandbox", "server"]),
    ("hyper_util", &["sandbox", "server", "cli"]),
    ("clap", &["config", "cli"]),
    ("json5", &["config"]),
    ("anyhow", &["cli"]),
    ("annotate_snippets", &["cli"]),
    ("prometheus_client", &["telemetry", "tailscale", "connector", "server"]),
    ("tokio", &["tailscale", "journal", "connector", "server", "sandbox", "shutdown", "cli"]),
];

/// What the pure core must not touch: I/O, clocks, tasks.
const PURE: &[&str] = &["hujson", "access", "tailnet", "policy", "catalog"];
const IMPURE: &[&str] = &[
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::process",
    "std::env",
    "std::thread",
    "std::time",
    "Timestamp::now",
    "async fn",
];

#[test]
fn layers_only_import_downwards() {
    let mut wrong = Vec::new();
    for (layer, below) in MAY_IMPORT {
        let Some(below) = below else { continue };
        for file in rust_files(layer) {
            for used in crate_roots(&file) {
                if used != *layer && !below.contains(&used.as_str()) {
                    wrong.push(format!("{} imports {used}", file.path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_module_is_in_the_table() {
    let mut unknown = Vec::new();
    for entry in fs::read_dir(source_root()).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        if !["lib", "main"].contains(&name.as_str()) && !MAY_IMPORT.iter().any(|(layer, _)| *layer == name) {
            unknown.push(name);
        }
    }
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn libraries_stay_in_their_layer() {
    let mut wrong = Vec::new();
    for (layer, _) in MAY_IMPORT {
        for file in rust_files(layer) {
            for (library, layers) in MAY_NAME {
                let named = file
                    .code
                    .match_indices(&format!("{library}::"))
                    .any(|(at, _)| starts_word(&file.code, at));
                if named && !layers.contains(layer) {
                    wrong.push(format!("{} names {library}", file.path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_core_does_no_io_and_reads_no_clock() {
    let mut wrong = Vec::new();
    for layer in PURE {
        for file in rust_files(layer) {
            for word in IMPURE {
                if file.code.contains(word) {
                    wrong.push(format!("{} uses {word}", file.path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn imports_are_found_in_every_form() {
    let file = SourceFile {
        path: PathBuf::from("src/policy/plan/edit.rs"),
        module: vec!["policy".into(), "plan".into(), "edit".into()],
        code: strip_comments(
            "use crate::a::b; use crate::{c, d::{e, f}, g}; // crate::not\n\
             fn x() { super::super::super::h::y(); super::k(); crate::i::z() } /* crate::never */",
        ),
    };
    assert_eq!(crate_roots(&file), ["a", "c", "d", "g", "i", "h"]);
}

struct SourceFile {
    path: PathBuf,
    /// Module path from the crate root.
    module: Vec<String>,
    /// The text without comments.
    code: String,
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files of a layer: `src/layer.rs` or everything below `src/layer/`.
fn rust_files(layer: &str) -> Vec<SourceFile> {
    let mut paths = vec![source_root().join(format!("{layer}.rs"))];
    let mut directories = vec![source_root().join(layer)];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { directories.push(path) } else { paths.push(path) }
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs") && path.exists());
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> SourceFile {
    let inside = path.strip_prefix(source_root()).unwrap().with_extension("");
    let mut module: Vec<String> =
        inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let code = strip_comments(&fs::read_to_string(&path).unwrap());
    SourceFile { path, module, code }
}

fn strip_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let line = rest.find("//");
        let block = rest.find("/*");
        let (at, end) = match (line, block) {
            (Some(line), block) if block.is_none_or(|block| line < block) => {
                (line, rest[line..].find('\n').map_or(rest.len(), |length| line + length))
            }
            (_, Some(block)) => {
                (block, rest[block..].find("*/").map_or(rest.len(), |length| block + length + 2))
            }
            _ => return code + rest,
        };
        code.push_str(&rest[..at]);
        rest = &rest[end..];
    }
}

fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
}

/// Every module directly below the crate root that the file names, through `crate::` or through
/// enough `super::`, with the heads of grouped imports told apart.
fn crate_roots(file: &SourceFile) -> Vec<String> {
    let mut roots = Vec::new();
    for (at, found) in file.code.match_indices("crate::") {
        if starts_word(&file.code, at) {
            roots.extend(heads(&file.code[at + found.len()..]));
        }
    }
    let climb = "super::".repeat(file.module.len());
    for (at, _) in file.code.match_indices(&climb) {
        if starts_word(&file.code, at) {
            roots.extend(heads(&file.code[at + climb.len()..]));
        }
    }
    roots
}

/// The first names of a path or of a group of paths.
fn heads(path: &str) -> Vec<String> {
    let identifier = |text: &str| -> String {
        text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![identifier(path)] };
    let (mut heads, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            ',' if depth == 0 => {
                heads.push(identifier(&group[start..at]));
                start = at + 1;
            }
            '}' if depth == 0 => {
                heads.push(identifier(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// `policy` may not import `tailnet`, so what a login is stands in both.
#[test]
fn two_layers_agree_on_logins() {
    for (text, is_login) in [
        ("ada@example.com", true),
        (" Ada@Example.com\t", true),
        ("\u{a0}ada@example.com\r\n", true),
        ("j\u{f6}rg@github", true),
        ("o'hara+x@example.com", true),
        ("ada\u{200b}@example.com", true),
        ("ada lovelace@example.com", false),
        ("ada\t@example.com", false),
        ("ada@exam\u{a0}ple.com", false),
        ("ada@exam\nple.com", false),
        ("ada@example.com\u{1}", false),
        ("\u{7f}ada@example.com", false),
        ("ada@exam\u{85}ple.com", false),
        ("@example.com", false),
        ("ada@", false),
        ("a@b@c", false),
        ("Ada <ada@example.com>", false),
        ("group:eng@example.com", false),
        ("user:*@example.com", false),
        ("*@example.com", false),
        ("ada", false),
        ("", false),
    ] {
        let login = text.parse::<Login>().ok();
        assert_eq!(login.is_some(), is_login, "tailnet: {text:?}");
        let spelling = login.as_ref().map(|login| Selector::Login(login.spelling().to_owned()));
        let selector = Some(Selector::parse(text)).filter(|selector| matches!(selector, Selector::Login(_)));
        assert_eq!(selector, spelling, "policy: {text:?}");
        if let Some(login) = login {
            assert_eq!(member_key(text), login.key(), "{text:?}");
        }
    }
}
