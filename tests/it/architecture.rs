//! The shape of the program, checked: imports point down only, SQL lives in a
//! room's store, drivers live in `crates/db`, files stay short, and a lint is
//! expected with a reason, never allowed.
//!
//! The rules are functions over text, and each is shown here to find a planted
//! offence, so that none of them can pass by seeing nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

mod scan;

use scan::{Source, lines_naming, rooms_named, scan as scan_source};

/// The rings, innermost first. A room may import rooms of rings before its own.
const RINGS: &[(&str, &[&str])] = &[
    (
        "kit",
        &[
            "web",
            "error",
            "config",
            "app",
            "clock",
            "ids",
            "node",
            "outbound",
            "kept",
            "following",
            "dns",
            "migrations",
            "sealing",
            "installation",
            "audit",
            "words",
        ],
    ),
    (
        "base",
        &[
            "helpdesks",
            "operators",
            "contacts",
            "inboxes",
            "attachments",
            "secrets",
        ],
    ),
    ("core", &["conversations", "setup"]),
    ("reactions", &["notifications", "search"]),
    ("channels", &["mail_in", "mail_out", "embeds", "forms"]),
    (
        "surfaces",
        &["dashboard", "ticket_center", "contact_form", "api", "docs_site"],
    ),
];

/// Modules that put the program together. They may import anything and nothing
/// below may import them.
const TOP: &[&str] = &["lib", "main", "router", "worker", "serve", "operations"];
const TOP_PREFIXES: &[&str] = &["cli", "admin", "demo"];

/// Imports against the direction that are accepted, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// HTTP enters through channels and surfaces; the rings below them are called
/// by commands and jobs as well and must not know it.
const RINGS_WITHOUT_HTTP: &[&str] = &["base", "core", "reactions"];

const DRIVERS: &[&str] = &["rusqlite", "libsqlite3_sys", "tokio_postgres", "deadpool"];
const LONGEST_FILE: usize = 600;
const FEWEST_FILES: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A room: the index of its ring.
    Ring(usize),
    Top,
    Unknown,
}

fn place_of(module: &str) -> Place {
    if let Some(rank) = RINGS.iter().position(|(_, rooms)| rooms.contains(&module)) {
        return Place::Ring(rank);
    }
    let starts = |prefix: &&str| {
        module
            .strip_prefix(*prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    if TOP.contains(&module) || TOP_PREFIXES.iter().any(starts) {
        return Place::Top;
    }
    Place::Unknown
}

fn ring_name(rank: usize) -> &'static str {
    RINGS.get(rank).map_or("?", |(name, _)| name)
}

/// The module at the root of the crate that a file of `src/` belongs to, and
/// how many modules below the root the file is.
fn module_of(path: &Path) -> Option<(String, usize)> {
    let inside = path.strip_prefix("src").ok()?;
    let mut names: Vec<String> = inside
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if names.last().is_some_and(|name| name == "mod") {
        names.pop();
    }
    let root = names.first()?.clone();
    let depth = if matches!(root.as_str(), "lib" | "main") {
        0
    } else {
        names.len()
    };
    Some((root, depth))
}

/// What is wrong with the imports of one file of `src/`.
fn import_offences(path: &Path, source: &Source) -> Vec<String> {
    let Some((room, depth)) = module_of(path) else {
        return vec![format!("{}: not a module of src/", path.display())];
    };
    let place = place_of(&room);
    let Place::Ring(rank) = place else {
        return match place {
            Place::Top | Place::Ring(_) => Vec::new(),
            Place::Unknown => vec![format!(
                "{}: `{room}` has no place in the rings; give it one in the architecture test",
                path.display()
            )],
        };
    };
    let mut offences = Vec::new();
    for (line, target) in rooms_named(&source.code, depth) {
        if target == room
            || EXCEPTIONS
                .iter()
                .any(|(from, to, _)| *from == room && *to == target)
        {
            continue;
        }
        let fault = match place_of(&target) {
            Place::Top => Some("the top of the program".to_owned()),
            Place::Ring(other) if other > rank => Some(format!("{}, which is above", ring_name(other))),
            // The rooms of the kit are one tool box; everywhere else neighbours
            // meet in the ring above them or through an event.
            Place::Ring(other) if other == rank && rank > 0 => {
                Some(format!("its neighbour in {}", ring_name(other)))
            }
            Place::Ring(_) if target == "web" && RINGS_WITHOUT_HTTP.contains(&ring_name(rank)) => {
                Some("the HTTP kit, which only channels and surfaces may know".to_owned())
            }
            // An unknown name is an item of the root or a macro, not a room.
            Place::Ring(_) | Place::Unknown => None,
        };
        if let Some(fault) = fault {
            let ring = ring_name(rank);
            offences.push(format!(
                "{}:{line}: {room} ({ring}) imports `{target}`, {fault}",
                path.display()
            ));
        }
    }
    offences
}

fn is_store(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "store.rs") || path.iter().any(|part| part == "store")
}

/// Whether a literal reads as a statement of SQL. Upper case decides where the
/// words are English as well.
fn looks_like_sql(literal: &str) -> bool {
    let words = literal.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = words.to_ascii_lowercase();
    let selects = words.starts_with("SELECT ")
        || words.contains(" SELECT ")
        || words.contains("(SELECT ")
        || (lower.starts_with("select ") && lower.contains(" from ") && lower.contains(" where "));
    let updates = (words.starts_with("UPDATE ") && words.contains(" SET "))
        || (lower.starts_with("update ") && lower.contains(" set ") && lower.contains('='));
    selects || updates || lower.contains("insert into ") || lower.contains("delete from ")
}

fn sql_offences(path: &Path, source: &Source) -> Vec<String> {
    if is_store(path) {
        return Vec::new();
    }
    let told = |line: &usize| format!("{}:{line}: SQL outside a store", path.display());
    source
        .strings
        .iter()
        .filter(|(_, text)| looks_like_sql(text))
        .map(|(line, _)| told(line))
        .collect()
}

fn driver_offences(path: &Path, source: &Source) -> Vec<String> {
    let told = |driver: &str, line: usize| {
        format!(
            "{}:{line}: the driver `{driver}` is named outside crates/db",
            path.display()
        )
    };
    let lines = |driver: &'static str| {
        lines_naming(&source.code, driver, true)
            .into_iter()
            .map(move |line| told(driver, line))
    };
    DRIVERS.iter().flat_map(|driver| lines(driver)).collect()
}

/// A driver as a dependency of a crate other than `crates/db`. The shared
/// versions table of the workspace only names versions and is free to.
fn manifest_offences(path: &Path, manifest: &str) -> Vec<String> {
    let mut table = "";
    let mut offences = Vec::new();
    for (n, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            table = line;
        }
        let key = if line.starts_with('[') {
            line.rsplit('.').next().unwrap_or(line)
        } else {
            line
        };
        let key = key.trim_start_matches('"').replace('-', "_");
        let counts = table.contains("dependencies") && !table.starts_with("[workspace.dependencies");
        if counts && DRIVERS.iter().any(|driver| key.starts_with(driver)) {
            offences.push(format!(
                "{}:{}: a driver outside crates/db",
                path.display(),
                n + 1
            ));
        }
    }
    offences
}

fn length_offences(path: &Path, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let long = lines > LONGEST_FILE;
    long.then(|| format!("{}: {lines} lines; split it by purpose", path.display()))
        .into_iter()
        .collect()
}

fn allow_offences(path: &Path, source: &Source) -> Vec<String> {
    let packed: String = source
        .code
        .chars()
        .filter(|c| *c == '\n' || !c.is_whitespace())
        .collect();
    let told = |n: usize| {
        format!(
            "{}:{}: `allow` of a lint; use `expect` with a reason",
            path.display(),
            n + 1
        )
    };
    let found = |line: &str| {
        ["#[allow(", "#![allow("].iter().any(|start| line.contains(start))
            || (line.contains("cfg_attr(") && line.contains(",allow("))
    };
    packed
        .lines()
        .enumerate()
        .filter(|(_, line)| found(line))
        .map(|(n, _)| told(n))
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` (relative to the root) that end in `.extension`.
fn files(folder: &str, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                if path
                    .file_name()
                    .is_some_and(|name| name != "target" && name != "node_modules")
                {
                    waiting.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(
                    path.strip_prefix(root())
                        .map(Path::to_path_buf)
                        .map_err(io::Error::other)?,
                );
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(root().join(path))
}

fn report(offences: &[String]) -> String {
    let mut text = format!("{} offences\n", offences.len());
    for offence in offences {
        let _ = writeln!(text, "  {offence}");
    }
    text
}

#[test]
fn rooms_import_downwards_and_keep_sql_in_their_store() -> io::Result<()> {
    let files = files("src", "rs")?;
    assert!(
        files.len() > FEWEST_FILES,
        "saw only {} files below src/",
        files.len()
    );
    let mut offences = Vec::new();
    for path in &files {
        let source = scan_source(&read(path)?);
        offences.extend(import_offences(path, &source));
        offences.extend(sql_offences(path, &source));
    }
    assert!(offences.is_empty(), "{}", report(&offences));
    Ok(())
}

/// The one pair of texts is search's; `doctor` and the opening of the data folder name the engine to
/// people.
const MAY_ASK_THE_ENGINE: &[&str] = &["src/search/store", "src/admin/doctor.rs", "src/app.rs"];

fn engine_offences(path: &Path, source: &Source) -> Vec<String> {
    if MAY_ASK_THE_ENGINE.iter().any(|place| path.starts_with(place)) {
        return Vec::new();
    }
    let told = |line: usize| {
        format!(
            "{}:{line}: asks which engine it runs on; write one text for both",
            path.display()
        )
    };
    let named = ["Sqlite", "Postgres"].into_iter();
    named
        .flat_map(|engine| lines_naming(&source.code, engine, false))
        .map(told)
        .collect()
}

#[test]
fn only_search_has_a_text_for_each_engine() -> io::Result<()> {
    let mut offences = Vec::new();
    for path in &files("src", "rs")? {
        offences.extend(engine_offences(path, &scan_source(&read(path)?)));
    }
    assert!(offences.is_empty(), "{}", report(&offences));
    let planted = scan_source("if tx.engine() == db::Engine::Sqlite {}");
    assert_eq!(
        engine_offences(Path::new("src/contacts/store.rs"), &planted).len(),
        1
    );
    assert!(engine_offences(Path::new("src/search/store/mod.rs"), &planted).is_empty());
    Ok(())
}

/// Search answers from private notes as well: only the operators' surface may ask it.
#[test]
fn nothing_that_a_contact_calls_knows_search() -> io::Result<()> {
    const MAY_SEARCH: &[&str] = &[
        "src/search",
        "src/dashboard",
        "src/router",
        "src/worker.rs",
        "src/lib.rs",
    ];
    let knows = |source: &Source| {
        source.code.contains("search::")
            || source.code.contains("::search")
            || source.code.contains("search}")
    };
    let (mut offences, mut seen) = (Vec::new(), 0);
    for path in &files("src", "rs")? {
        if knows(&scan_source(&read(path)?)) {
            seen += 1;
            if !MAY_SEARCH.iter().any(|place| path.starts_with(place)) && path != Path::new("src/router.rs") {
                offences.push(format!("{}: knows search", path.display()));
            }
        }
    }
    assert!(seen > 2, "saw only {seen} that do");
    assert!(offences.is_empty(), "{}", report(&offences));
    Ok(())
}

#[test]
fn only_the_database_crate_knows_a_driver() -> io::Result<()> {
    let ours = |path: &PathBuf| !path.starts_with("crates/db");
    let sources = [files("src", "rs")?, files("crates", "rs")?].concat();
    assert!(sources.iter().any(|path| !ours(path)), "crates/db was not seen");
    let mut offences = Vec::new();
    for path in sources.iter().filter(|path| ours(path)) {
        offences.extend(driver_offences(path, &scan_source(&read(path)?)));
    }
    let mut manifests = files("crates", "toml")?;
    manifests.push(PathBuf::from("Cargo.toml"));
    for path in manifests
        .iter()
        .filter(|path| ours(path) && path.ends_with("Cargo.toml"))
    {
        offences.extend(manifest_offences(path, &read(path)?));
    }
    assert!(offences.is_empty(), "{}", report(&offences));
    Ok(())
}

#[test]
fn files_stay_short_and_lints_are_expected_with_a_reason() -> io::Result<()> {
    let all = [files("src", "rs")?, files("crates", "rs")?, files("tests", "rs")?].concat();
    assert!(all.len() > FEWEST_FILES, "saw only {} files", all.len());
    let mut offences = Vec::new();
    for path in &all {
        let text = read(path)?;
        offences.extend(length_offences(path, &text));
        offences.extend(allow_offences(path, &scan_source(&text)));
    }
    assert!(offences.is_empty(), "{}", report(&offences));
    Ok(())
}

#[test]
fn the_page_on_architecture_draws_the_same_rings() -> io::Result<()> {
    let page = read(Path::new("ARCHITECTURE.md"))?;
    for (ring, rooms) in RINGS {
        let drawn = page
            .lines()
            .find(|line| line.starts_with(&format!(" {ring} ")))
            .unwrap_or_default();
        let words: Vec<&str> = drawn.split_whitespace().collect();
        for room in *rooms {
            assert!(
                words.contains(room),
                "ARCHITECTURE.md does not draw `{room}` in {ring}"
            );
        }
    }
    Ok(())
}

mod planted;
