//! Builds what browsers get (`web/`) and writes it into the program as a table.
//!
//! `npm ci` runs only when the lock file changed, under a lock of its own, because several builds
//! may share one source tree; esbuild runs when a source changed. The scripts and styles are then
//! named by their content and compressed, so that the running program only hands out bytes.

use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything the built files depend on. Folders are watched as a whole.
const SOURCES: &[&str] = &[
    "web/build.mjs",
    "web/package.json",
    "web/package-lock.json",
    "web/tsconfig.json",
    "web/embeds",
    "web/dashboard",
    "web/portal",
    "web/docs",
    "web/form-page",
    "web/styles",
];
const OLDEST_NODE: u32 = 20;
const BROTLI_QUALITY: i32 = 11;

/// What is missing or broken, as a sentence; cargo prints it when the build stops.
struct Problem(String);

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn main() -> Result<(), Problem> {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("web");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let built = out.join("web");
    need_node()?;
    install_packages(&web)?;
    if built.exists() {
        fs::remove_dir_all(&built).map_err(|error| because("clear", &built, &error))?;
    }
    run(
        Command::new("node")
            .arg("build.mjs")
            .arg("--out")
            .arg(&built)
            .current_dir(&web),
        "building web/",
    )?;
    let table = write_table(&built)?;
    let target = out.join("assets.rs");
    fs::write(&target, table).map_err(|error| because("write", &target, &error))
}

fn variable(name: &str) -> Result<String, Problem> {
    std::env::var(name).map_err(|_| Problem(format!("{name} is not set; run this through cargo")))
}

fn because(action: &str, path: &Path, error: &std::io::Error) -> Problem {
    Problem(format!("cannot {action} {}: {error}", path.display()))
}

fn need_node() -> Result<(), Problem> {
    let wanted =
        format!("Node.js {OLDEST_NODE} or newer is needed to build Helpdesky from source (not to run it)");
    let answer = Command::new("node").arg("--version").output().map_err(|_| {
        Problem(format!(
            "{wanted}, and no `node` was found. Install it from your system's packages."
        ))
    })?;
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let major = version
        .strip_prefix('v')
        .and_then(|rest| rest.split('.').next())
        .and_then(|n| n.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => Err(Problem(format!("{wanted}; this one says {version:?}."))),
    }
}

/// Installs the locked packages unless the ones present came from the same lock file.
fn install_packages(web: &Path) -> Result<(), Problem> {
    let lock = web.join("package-lock.json");
    let wanted = hex(&Sha256::digest(
        fs::read(&lock).map_err(|error| because("read", &lock, &error))?,
    ));
    let guard_path = web.join(".install.lock");
    let guard = File::create(&guard_path).map_err(|error| because("create", &guard_path, &error))?;
    guard
        .lock()
        .map_err(|error| because("lock", &guard_path, &error))?;
    let stamp = web.join("node_modules/.installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(web),
        "installing the locked packages of web/ (npm ci)",
    )?;
    fs::write(&stamp, wanted).map_err(|error| because("write", &stamp, &error))
}

fn run(command: &mut Command, doing: &str) -> Result<(), Problem> {
    let output = command
        .output()
        .map_err(|error| Problem(format!("{doing}: cannot start: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Problem(format!(
        "{doing} failed:\n{}",
        String::from_utf8_lossy(&said)
    )))
}

/// One `static` for each file, and the list of all of them.
fn write_table(built: &Path) -> Result<String, Problem> {
    let entries = fs::read_dir(built).map_err(|error| because("read", built, &error))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut table = String::new();
    let mut all = Vec::new();
    for name in &names {
        let constant = name.to_uppercase().replace(['.', '-', '/'], "_");
        describe(built, name, &constant, &mut table)?;
        all.push(format!("&{constant}"));
    }
    let _ = writeln!(
        table,
        "/// Every built file.\npub static ALL: &[&Asset] = &[{}];",
        all.join(", ")
    );
    Ok(table)
}

fn describe(built: &Path, name: &str, constant: &str, table: &mut String) -> Result<(), Problem> {
    let path = built.join(name);
    let raw = fs::read(&path).map_err(|error| because("read", &path, &error))?;
    let hash = hex(&Sha256::digest(&raw));
    let short: String = hash.chars().take(16).collect();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let kind = match extension {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        other => {
            return Err(Problem(format!(
                "web/build.mjs wrote {name}, and build.rs knows no content type for .{other}"
            )));
        }
    };
    for (suffix, bytes) in [("br", brotli(&raw)), ("gz", gzip(&raw))] {
        let target = built.join(format!("{name}.{suffix}"));
        let bytes = bytes.map_err(|error| because("compress", &path, &error))?;
        fs::write(&target, bytes).map_err(|error| because("write", &target, &error))?;
    }
    let include = |suffix: &str| format!("include_bytes!({:?})", format!("{}{suffix}", path.display()));
    let _ = writeln!(
        table,
        "/// `{name}`.\npub static {constant}: Asset = Asset {{ name: {name:?}, url: \"/assets/{stem}-{short}.{extension}\", \
         content_type: {kind:?}, etag: \"W/\\\"{short}\\\"\", raw: {}, brotli: {}, gzip: {} }};",
        include(""),
        include(".br"),
        include(".gz"),
    );
    Ok(())
}

fn brotli(raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        size_hint: raw.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*raw, &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(raw)?;
    encoder.finish()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
