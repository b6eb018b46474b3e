//! `backup`: copies a living installation into a folder on which a server can start.

use super::Answer;
use crate::app::{App, ENGINE_FILE};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::sealing::KEY_FILE;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) async fn run(app: &App, to: PathBuf) -> Result<Answer> {
    if app.config().database_url.is_some() {
        return Err(Error::unprocessable(
            "postgres_backup",
            "this installation keeps its data in PostgreSQL; back it up with pg_dump, and keep the sealing key (HELPDESKY_KEY) in another place",
        ));
    }
    refuse_taken(&to)?;
    let (copying, folder) = (app.clone(), to.clone());
    // The disk is waited for on a thread of its own: the server goes on serving.
    let bytes = tokio::task::spawn_blocking(move || write(&copying, &folder))
        .await
        .map_err(Error::internal)??;
    let has_key = app.config().key.is_none();
    let key = if has_key {
        "It holds the sealing key too: keep it as safe as the installation itself."
    } else {
        "The sealing key is in your settings (HELPDESKY_KEY) and not in it: keep that in another place."
    };
    Ok(Answer::new(
        json!({"folder": to, "bytes": bytes, "holdsKey": has_key}),
        format!(
            "Copied and checked: {} ({bytes} bytes). {key}\nTo restore, start on it: helpdesky serve --data {}",
            to.display(),
            to.display()
        ),
    ))
}

/// A backup never writes over anything.
fn refuse_taken(to: &Path) -> Result<()> {
    let is_free = match std::fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_free {
        return Ok(());
    }
    Err(Error::unprocessable(
        "backup_folder_taken",
        format!(
            "{} is in use already; name a folder that does not exist yet or is empty",
            to.display()
        ),
    ))
}

/// Fills a folder beside the one asked for, which gets its name when it is whole. Returns the bytes of
/// the database.
fn write(app: &App, to: &Path) -> Result<u64> {
    let unfinished = to.with_extension("unfinished");
    let written = fill(app, &unfinished).and_then(|bytes| {
        std::fs::rename(&unfinished, to).map_err(|error| refused(to, &error))?;
        sync(to.parent().unwrap_or(to)).map_err(|error| refused(to, &error))?;
        Ok(bytes)
    });
    if written.is_err() {
        drop(std::fs::remove_dir_all(&unfinished));
    }
    written
}

fn fill(app: &App, folder: &Path) -> Result<u64> {
    let config = app.config();
    let as_refused = |error: std::io::Error| refused(folder, &error);
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(as_refused)?;
    }
    std::fs::create_dir_all(folder).map_err(as_refused)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(as_refused)?;
    }
    let database = Config::for_folder(folder).sqlite_path();
    app.db().copy_to(&database)?;
    copy(&config.data, folder, ENGINE_FILE).map_err(as_refused)?;
    if config.key.is_none() {
        copy(&config.data, folder, KEY_FILE).map_err(as_refused)?;
    }
    sync(folder).map_err(as_refused)?;
    Ok(std::fs::metadata(&database).map_err(as_refused)?.len())
}

/// Copies a file with its rights, down to the disk.
fn copy(from: &Path, to: &Path, name: &str) -> std::io::Result<()> {
    std::fs::copy(from.join(name), to.join(name))?;
    sync(&to.join(name))
}

fn sync(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}

fn refused(folder: &Path, error: &std::io::Error) -> Error {
    Error::unprocessable(
        "backup_not_written",
        format!(
            "{} could not be written: {error}; check the folder, its rights and the space on the disk",
            folder.display()
        ),
    )
}
