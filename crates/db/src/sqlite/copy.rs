//! A copy of a living database.

use super::sync_folder;
use crate::Error;
use rusqlite::Connection;
use std::path::Path;

/// Copies the database at `path`, as this connection sees it, into a file that is not there yet or
/// gives way. SQLite does not sync what VACUUM INTO writes, so the copy gets its name only when it is
/// whole and on the disk.
pub(crate) fn copy_file(connection: &Connection, path: &Path, copy: &Path) -> Result<(), Error> {
    let unfinished = copy.with_extension("unfinished");
    let made = write_copy(connection, path, &unfinished).and_then(|()| {
        std::fs::rename(&unfinished, copy)?;
        Ok(sync_folder(copy)?)
    });
    if made.is_err() {
        drop(std::fs::remove_file(&unfinished));
    }
    made.map_err(|error| Error::internal(format!("{} could not be written: {error}", copy.display())))
}

fn write_copy(
    connection: &Connection,
    path: &Path,
    unfinished: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    if unfinished.exists() {
        std::fs::remove_file(unfinished)?;
    }
    let name = unfinished.to_str().ok_or("its path is not UTF-8")?;
    // VACUUM writes to the new file only, yet a connection that may only ask refuses it.
    connection.pragma_update(None, "query_only", "OFF")?;
    connection.execute("VACUUM INTO ?1", [name])?;
    std::fs::set_permissions(unfinished, std::fs::metadata(path)?.permissions())?;
    Ok(std::fs::File::open(unfinished)?.sync_all()?)
}
