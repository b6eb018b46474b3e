//! A throw-away PostgreSQL cluster for tests, started once per test process from installed
//! binaries: `initdb`, a unix socket, no fsync. One database per test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A short path, because the one of a unix socket may not be longer than 107 bytes.
const CLUSTERS: &str = "/tmp";
const START_WITHIN: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const PREFIX: &str = "helpdesky-postgres-";

struct Cluster {
    socket_folder: PathBuf,
}

/// A connection URL of a fresh, empty database.
///
/// # Errors
/// A sentence that says what is missing on this machine.
pub async fn fresh_postgres_database() -> Result<String, String> {
    let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start_in_background))
        .await
        .map_err(|error| error.to_string())?
        .as_ref()
        .map_err(Clone::clone)?;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let host = cluster.socket_folder.display();
    let (client, driver) = connect(&format!("host={host} user=postgres dbname=postgres")).await?;
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .map_err(|error| error.to_string())?;
    drop(client);
    drop(driver.await);
    Ok(format!("host={host} user=postgres dbname={name}"))
}

/// The socket is there before the server has started up: until then it refuses.
async fn connect(url: &str) -> Result<(Client, JoinHandle<()>), String> {
    let deadline = Instant::now() + START_WITHIN;
    loop {
        match tokio_postgres::connect(url, tokio_postgres::NoTls).await {
            Ok((client, connection)) => {
                let driver = tokio::spawn(async move { drop(connection.await) });
                return Ok((client, driver));
            }
            Err(error)
                if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) && Instant::now() < deadline =>
            {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// The server must die with the test process, whose last act may be a panic: the kernel kills it
/// when the thread that started it ends, so that thread never does.
fn start_in_background() -> Result<Cluster, String> {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::Builder::new()
        .name("postgres-cluster".to_owned())
        .spawn(move || {
            let started = start();
            let failed = started.is_err();
            drop(send.send(started));
            if failed {
                return;
            }
            loop {
                std::thread::park();
            }
        })
        .map_err(|error| error.to_string())?;
    receive
        .recv()
        .map_err(|error| error.to_string())?
        .map(|(cluster, _)| cluster)
}

#[expect(
    clippy::disallowed_methods,
    reason = "waits for another process, on a thread of its own"
)]
fn start() -> Result<(Cluster, Child), String> {
    let binaries = find_binaries()?;
    let as_root = is_root();
    remove_dead_clusters();
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir_in(CLUSTERS)
        .map_err(|error| error.to_string())?
        .keep();
    if as_root {
        run(
            Command::new("chown").arg("postgres").arg(&folder),
            "give the cluster's folder to the user postgres",
        )?;
    }
    let data = folder.join("data");
    let mut initdb = as_postgres(&binaries.join("initdb"), as_root);
    initdb
        .args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ])
        .arg(&data);
    run(&mut initdb, "create a PostgreSQL cluster")?;
    let mut postgres = as_postgres(&binaries.join("postgres"), as_root);
    postgres.arg("-D").arg(&data).arg("-k").arg(&folder);
    for setting in [
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=400",
        "shared_buffers=64MB",
        "log_min_messages=fatal",
    ] {
        postgres.arg("-c").arg(setting);
    }
    let log = std::fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
    let child = postgres
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
    let socket = folder.join(".s.PGSQL.5432");
    let deadline = Instant::now() + START_WITHIN;
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        if Instant::now() > deadline {
            return Err(format!(
                "PostgreSQL did not answer in 30 s; see {}",
                folder.join("log").display()
            ));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok((
        Cluster {
            socket_folder: folder,
        },
        child,
    ))
}

/// A cluster dies with its test process, which cannot tidy up after itself: the next one does.
fn remove_dead_clusters() {
    for entry in std::fs::read_dir(CLUSTERS).into_iter().flatten().flatten() {
        let is_cluster = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_cluster && is_dead(&entry.path()) {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

fn is_dead(folder: &Path) -> bool {
    // Without this file the cluster is just being made. While `initdb` fills it, the number in it is negative.
    let Ok(holder) = std::fs::read_to_string(folder.join("data/postmaster.pid")) else {
        return false;
    };
    let process = holder.lines().next().unwrap_or_default();
    let process = process.strip_prefix('-').unwrap_or(process);
    !Path::new("/proc").join(process).exists()
}

fn find_binaries() -> Result<PathBuf, String> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        for version in versions.flatten() {
            let number = version.file_name().to_string_lossy().parse();
            let folder = version.path().join("bin");
            if let (Ok(number), true) = (number, folder.join("initdb").exists()) {
                found.push((number, folder));
            }
        }
    }
    found.sort();
    if let Some((number, folder)) = found.pop()
        && number >= 14
    {
        return Ok(folder);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .ok_or_else(|| "no PostgreSQL 14 or later on this machine; `./test` installs it".to_owned())
}

fn is_root() -> bool {
    // The owner of our own process folder; the standard library has no getuid.
    std::fs::metadata("/proc/self").is_ok_and(|folder| std::os::unix::fs::MetadataExt::uid(&folder) == 0)
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`. Either way it is told
/// to die with us.
fn as_postgres(program: &Path, as_root: bool) -> Command {
    let mut command = Command::new("setpriv");
    if as_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg("--pdeathsig=KILL").arg(program).current_dir("/tmp");
    command
}

fn run(command: &mut Command, what: &str) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("cannot {what}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "cannot {what}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_is_being_made_is_not_taken_for_dead() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_dead(folder.path()), "nothing is in it yet");
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let own = i64::from(std::process::id());
        let nobody = i64::from(u32::MAX);
        for (holder, dead) in [
            (String::new(), false),
            (format!("{own}\n/tmp/x\n"), false),
            (format!("-{own}\n/tmp/x\n"), false),
            (format!("{nobody}\n/tmp/x\n"), true),
            (format!("-{nobody}\n/tmp/x\n"), true),
        ] {
            std::fs::write(folder.path().join("data/postmaster.pid"), &holder).unwrap();
            assert_eq!(is_dead(folder.path()), dead, "{holder}");
        }
    }
}
