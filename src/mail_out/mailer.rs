//! Where a mail goes: to a relay, and for development into files, onto the terminal or into memory.

use super::relays::{self, Limits};
use super::{Outcome, smtp};
use crate::app::App;
use crate::config::{Mailer, Relay};
use mail::ComposedMail;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

/// The folder of mail in the data folder.
const FOLDER: &str = "mail";
const NAME_CHARACTERS: usize = 120;

#[derive(Default)]
struct Memory(Mutex<Vec<ComposedMail>>);

/// Carries a mail to where the settings say. The same mail carried again is the same file.
pub async fn carry(app: &App, relay: Option<(&Relay, Limits)>, id: &str, mail: &ComposedMail) -> Outcome {
    match app.config().mailer {
        Mailer::Smtp => match relay {
            Some((relay, limits)) => match relays::send(app, relay, limits, mail).await {
                Ok(words) => Outcome::Accepted { words },
                Err(failure) => failure.outcome(),
            },
            None => Outcome::NotSetUp {
                words: "No mail server is set up".to_owned(),
            },
        },
        Mailer::File => {
            let (folder, name, bytes) = (app.config().data.join(FOLDER), file_name(id), mail.bytes.clone());
            let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
            match written.map_err(io::Error::other).and_then(|written| written) {
                Ok(()) => accepted("written to a file"),
                Err(error) => Outcome::Later {
                    words: format!("the file of the mail cannot be written: {error}"),
                },
            }
        }
        Mailer::Console => match print(&mail.bytes) {
            Ok(()) => accepted("shown on the terminal"),
            Err(error) => Outcome::Later {
                words: format!("the terminal cannot be written to: {error}"),
            },
        },
        Mailer::Memory => {
            if let Ok(mut mails) = memory(app).0.lock() {
                mails.push(mail.clone());
            }
            accepted("kept in memory")
        }
    }
}

/// What [`Mailer::Memory`] was given since the last time, oldest first.
pub fn take_memory(app: &App) -> Vec<ComposedMail> {
    let memory = memory(app);
    let mails = memory.0.lock().map(|mut mails| std::mem::take(&mut *mails));
    mails.unwrap_or_default()
}

/// What [`Mailer::Memory`] was given, newest first; it stays there.
pub fn look_into_memory(app: &App) -> Vec<ComposedMail> {
    let memory = memory(app);
    let mails = memory.0.lock().map(|mails| mails.iter().rev().cloned().collect());
    mails.unwrap_or_default()
}

/// Sends a mail by a relay and keeps the dialogue. For people who set it up: nothing is reused.
pub async fn try_out(app: &App, relay: &Relay, mail: &ComposedMail) -> (Outcome, Vec<smtp::Spoken>) {
    let dialogue = smtp::Dialogue::kept();
    let sent = relays::send_alone(app, relay, mail, &dialogue).await;
    let outcome = match sent {
        Ok(words) => Outcome::Accepted { words },
        Err(failure) => failure.outcome(),
    };
    (outcome, dialogue.lines())
}

fn memory(app: &App) -> std::sync::Arc<Memory> {
    app.room(|_| Memory::default())
}

fn accepted(words: &str) -> Outcome {
    Outcome::Accepted {
        words: words.to_owned(),
    }
}

/// What of an id may stand in the name of a file.
fn file_name(id: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    let name: String = id.chars().map(plain).take(NAME_CHARACTERS).collect();
    format!("{}.eml", name.trim_start_matches('.'))
}

/// Whole and on disk, or not there.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let half = folder.join(format!("{name}.part"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&half, folder.join(name))?;
    std::fs::File::open(folder)?.sync_all()
}

fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    out.write_all(bytes)?;
    out.write_all(b"\r\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mail_is_the_same_file_and_no_id_leaves_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let name = file_name("../../etc/passwd@example.com");
        assert_eq!(name, "-..-etc-passwd-example.com.eml");
        for text in ["first", "second"] {
            write(folder.path(), &name, text.as_bytes()).unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), b"second");
    }
}
