//! This process among others that share a database: its data folder is locked while it serves, and
//! has an id that stays, so that a node that starts again knows what it had in hand when it stopped.

use crate::app::StartError;
use crate::ids::Random;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use uuid::Uuid;

const NAME: &str = "node";

/// A node that serves. The lock on its data folder is the kernel's, which releases it whatever happens
/// to the process.
#[derive(Debug)]
pub struct Node {
    id: Uuid,
    _file: File,
}

impl Node {
    /// Takes the data folder for this process, and its id from there; a new one the first time.
    ///
    /// # Errors
    /// When another process serves from this folder, or the file can be neither read nor written.
    pub fn take(folder: &Path, random: &Random, now_ms: i64) -> Result<Self, StartError> {
        let path = folder.join(NAME);
        let broken = |error: std::io::Error| {
            StartError::Other(format!(
                "cannot use {}: {error}; check the data folder and its rights",
                path.display()
            ))
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::Other(format!(
                    "another Helpdesky serves from the data folder {}; stop it first, or give this node a folder of its own with --data",
                    folder.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(broken(error)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(broken)?;
        if let Ok(id) = text.trim().parse() {
            return Ok(Self { id, _file: file });
        }
        let id: Uuid = random.id(now_ms);
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{id}"))
            .and_then(|()| file.sync_all());
        written.map_err(broken)?;
        Ok(Self { id, _file: file })
    }

    /// The id, the same at every start from this folder.
    pub fn id(&self) -> Uuid {
        self.id
    }
}
