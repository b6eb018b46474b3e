//! The control socket: how a command reaches the running server. A Unix socket in the data folder
//! that only its owner can open; one JSON line there, one JSON line back.
//!
//! Each node has its own data folder and so its own socket. A socket left by a crash is replaced:
//! whoever binds it holds the data folder's lock ([`crate::node`]).

use super::{Answer, Command, Refused};
use crate::app::App;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

const NAME: &str = "control.sock";
/// Long enough for the longest mail, in base64.
pub(crate) const LONGEST_LINE: usize = 128 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(120);

/// A path to a file in a folder that stays short however deep the folder is: socket addresses hold
/// about a hundred bytes. The folder is named by an open descriptor, kept in the guard.
struct ShortPath {
    path: PathBuf,
    _folder: Option<std::fs::File>,
}

impl ShortPath {
    fn of(folder: &Path) -> io::Result<Self> {
        let direct = folder.join(NAME);
        if direct.as_os_str().len() < 100 {
            return Ok(Self {
                path: direct,
                _folder: None,
            });
        }
        let opened = std::fs::File::open(folder)?;
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&opened);
        let path = PathBuf::from(format!("/proc/self/fd/{descriptor}")).join(NAME);
        Ok(Self {
            path,
            _folder: Some(opened),
        })
    }
}

/// Listens for commands until the application stops.
///
/// # Errors
/// When the socket cannot be made.
pub fn listen(app: &App) -> io::Result<()> {
    let short = ShortPath::of(&app.config().data)?;
    match std::fs::remove_file(&short.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&short.path)?;
    std::fs::set_permissions(&short.path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let app = app.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => drop(tokio::spawn(serve_one(app.clone(), stream))),
                    Err(error) => {
                        tracing::warn!(%error, "the control socket could not accept");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                () = app.stopping() => break,
            }
        }
        drop(std::fs::remove_file(&short.path));
    });
    Ok(())
}

async fn serve_one(app: App, stream: UnixStream) {
    if let Err(error) = answer_one(&app, stream).await {
        tracing::warn!(%error, "a command on the control socket broke off");
    }
}

async fn answer_one(app: &App, stream: UnixStream) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let line = read_line(BufReader::new(read)).await?;
    let result: Result<Answer, Refused> = match serde_json::from_str::<Command>(&line) {
        Ok(command) => super::run(app, command).await,
        Err(error) => Err(Refused {
            code: "unknown_command".to_owned(),
            sentence: format!(
                "The running server does not know this command ({error}); use the same version"
            ),
        }),
    };
    let mut answer = serde_json::to_vec(&result)?;
    answer.push(b'\n');
    write.write_all(&answer).await?;
    write.shutdown().await
}

/// Sends a command to the server of this data folder. `None` when none is running.
///
/// # Errors
/// When the server answers and then breaks off, or the socket may not be opened.
pub async fn send(data: &Path, command: &Command) -> io::Result<Option<Result<Answer, Refused>>> {
    let short = match ShortPath::of(data) {
        Ok(short) => short,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stream = match UnixStream::connect(&short.path).await {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    let answer = tokio::time::timeout(PATIENCE, read_line(BufReader::new(read)))
        .await
        .map_err(|_| {
            io::Error::new(
                io::ErrorKind::TimedOut,
                "the running server did not answer in 120 s",
            )
        })??;
    Ok(Some(serde_json::from_str(&answer)?))
}

async fn read_line(reader: BufReader<tokio::net::unix::OwnedReadHalf>) -> io::Result<String> {
    let mut line = String::new();
    let mut limited = tokio::io::AsyncReadExt::take(reader, LONGEST_LINE as u64);
    limited.read_line(&mut line).await?;
    if line.ends_with('\n') {
        return Ok(line);
    }
    Err(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the other side broke off",
    ))
}
