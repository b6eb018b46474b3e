//! One process holds a SQLite file: an advisory lock on a file beside it, released by the kernel
//! whatever happens to the process.

use crate::OpenError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

pub(crate) struct FileLock {
    path: PathBuf,
    _file: File,
}

impl FileLock {
    pub(crate) fn acquire(database: &Path) -> Result<Self, OpenError> {
        // Two names of one file (a link) must find the same lock.
        let database = &std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let path = database.with_extension("lock");
        let unusable = |error: &std::io::Error| {
            OpenError::new(
                format!("cannot use the lock file {}: {error}", path.display()),
                "check that the data folder exists, is writable and is on a local disk",
            )
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unusable(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                drop(file.read_to_string(&mut holder));
                let holder = holder.trim();
                let who = if holder.is_empty() {
                    String::new()
                } else {
                    format!(" (process {holder})")
                };
                return Err(OpenError::in_use(
                    format!(
                        "{} is already in use by another Helpdesky{who}",
                        database.display()
                    ),
                    "stop that process first, or give this one another data folder with --data",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(&error)),
        }
        let stamped = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        stamped.map_err(|error| unusable(&error))?;
        Ok(Self { path, _file: file })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
