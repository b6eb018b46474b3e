//! Against a server that others wrote: Dovecot, as an unprivileged user in a folder of its own, with mail
//! that is delivered into its Maildir.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use helpdesky::config::Tls;
use helpdesky::mail_in::imap::{self, Afterwards};

use super::filed::filed;
use super::{add, assert_once, be_impatient, raw, resume, settings_of, until_looked, until_tried};
use crate::support::TestApp;

both_engines!(dovecot_is_fetched_from_through_everything_that_happens_to_it);

/// Whoever runs the tests as root lends Dovecot the account of nobody.
const NOBODY: &str = "nobody";
const PASSWORD: &str = "a password, findable";

struct Dovecot {
    child: Child,
    folder: PathBuf,
    port: u16,
    tls_port: u16,
    pem: String,
    _held: tempfile::TempDir,
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn binary() -> &'static str {
    let known = ["/usr/sbin/dovecot", "/usr/bin/dovecot"];
    let found = known.into_iter().find(|path| Path::new(path).exists());
    found.expect("Dovecot is missing; install dovecot-imapd, as .ci/tools.sh does")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

fn id_of(user: &str, what: &str) -> String {
    let id = Command::new("id").args([what, user]).output().expect("id");
    String::from_utf8_lossy(&id.stdout).trim().to_owned()
}

impl Dovecot {
    async fn start() -> Self {
        let held = tempfile::tempdir().expect("a folder");
        let folder = held.path().join("dovecot");
        std::fs::create_dir_all(folder.join("mail/cur")).expect("a folder");
        for name in ["mail/new", "mail/tmp", "run", "state"] {
            std::fs::create_dir_all(folder.join(name)).expect("a folder");
        }
        let user = if is_root() {
            NOBODY.to_owned()
        } else {
            String::from_utf8_lossy(&Command::new("id").arg("-un").output().expect("id").stdout)
                .trim()
                .to_owned()
        };
        let group = id_of(&user, "-gn");
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let (port, tls_port) = (free_port(), free_port());
        let at = folder.display();
        std::fs::write(folder.join("certificate.pem"), made.cert.pem()).expect("a certificate");
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("a key");
        std::fs::write(
            folder.join("users"),
            format!("user@example.com:{{PLAIN}}{PASSWORD}\n"),
        )
        .expect("users");
        let configuration = format!(
            "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {at}/run\nstate_dir = {at}/state\n\
             log_path = {at}/log\ndefault_internal_user = {user}\ndefault_internal_group = {group}\n\
             default_login_user = {user}\nmail_location = maildir:{at}/mail\nmail_uid = {uid}\nmail_gid = {gid}\n\
             first_valid_uid = 0\nssl = yes\nssl_cert = <{at}/certificate.pem\nssl_key = <{at}/key.pem\n\
             disable_plaintext_auth = yes\nauth_mechanisms = plain login\n\
             passdb {{\n  driver = passwd-file\n  args = {at}/users\n}}\n\
             userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={at}\n}}\n\
             service anvil {{\n  chroot =\n}}\nservice stats {{\n  chroot =\n}}\n\
             service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {port}\n  }}\n\
             \x20 inet_listener imaps {{\n    port = {tls_port}\n    ssl = yes\n  }}\n}}\n",
            uid = id_of(&user, "-u"),
            gid = id_of(&user, "-g"),
        );
        std::fs::write(folder.join("dovecot.conf"), configuration).expect("a configuration");
        // Everything belongs to the one who runs it; the way there may be passed by all.
        std::fs::set_permissions(held.path(), std::fs::Permissions::from_mode(0o755)).expect("rights");
        if is_root() {
            let owned = Command::new("chown")
                .args(["-R", &format!("{user}:{group}")])
                .arg(&folder)
                .status();
            assert!(owned.expect("chown").success());
        }
        let mut dovecot = Self {
            child: spawn(&folder),
            folder,
            port,
            tls_port,
            pem: made.cert.pem(),
            _held: held,
        };
        dovecot.wait().await;
        dovecot
    }

    async fn wait(&mut self) {
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.tls_port)).is_err() {
            let ended = self.child.try_wait().expect("its state");
            assert!(
                ended.is_none() && began.elapsed() < Duration::from_secs(20),
                "Dovecot does not start ({ended:?}):\n{}",
                std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn stop(&mut self) {
        // Its children end with it.
        drop(
            Command::new("kill")
                .args(["-TERM", &self.child.id().to_string()])
                .status(),
        );
        drop(self.child.wait());
    }

    async fn start_again(&mut self) {
        self.child = spawn(&self.folder);
        self.wait().await;
    }

    /// Delivers a mail as programs do: written whole, then moved to where it is seen.
    fn deliver(&self, number: usize) {
        let (written, new) = (
            self.folder.join(format!("mail/tmp/{number}.test")),
            self.folder.join(format!("mail/new/{number}.test")),
        );
        std::fs::File::create(&written)
            .and_then(|mut file| file.write_all(&raw(number)))
            .expect("a mail");
        self.give_away(&written);
        std::fs::rename(written, new).expect("a mail");
    }

    fn give_away(&self, path: &Path) {
        if is_root() {
            let owned = Command::new("chown").arg(NOBODY).arg(path).status();
            assert!(owned.expect("chown").success());
        }
    }

    /// How many mails of a folder are marked as seen, and how many there are.
    fn seen(&self, folder: &str) -> (usize, usize) {
        let (mut seen, mut all) = (0, 0);
        for part in ["cur", "new"] {
            let Ok(entries) = std::fs::read_dir(self.folder.join("mail").join(folder).join(part)) else {
                continue;
            };
            for entry in entries {
                let name = entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned();
                all += 1;
                let flags = name.rsplit_once(":2,").map(|(_, flags)| flags.to_owned());
                seen += usize::from(flags.is_some_and(|flags| flags.contains('S')));
            }
        }
        (seen, all)
    }

    /// Whether a folder holds the mail of this number.
    fn holds(&self, folder: &str, number: usize) -> bool {
        let subject = format!("Subject: mail-{number}\r\n");
        ["cur", "new"].iter().any(|part| {
            let entries = std::fs::read_dir(self.folder.join("mail").join(folder).join(part));
            entries
                .into_iter()
                .flatten()
                .flatten()
                .any(|entry| std::fs::read_to_string(entry.path()).is_ok_and(|mail| mail.contains(&subject)))
        })
    }

    /// Forgets its numbers: they begin anew under another UIDVALIDITY.
    fn forget_numbers(&self) {
        for entry in std::fs::read_dir(self.folder.join("mail")).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with("dovecot") {
                std::fs::remove_file(path).expect("a file");
            }
        }
    }
}

fn spawn(folder: &Path) -> Child {
    Command::new(binary())
        .arg("-F")
        .arg("-c")
        .arg(folder.join("dovecot.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("errors")).expect("a file"))
        .spawn()
        .expect("Dovecot")
}

async fn dovecot_is_fetched_from_through_everything_that_happens_to_it(app: TestApp) {
    let mut dovecot = Dovecot::start().await;
    for (round, (tls, port)) in [(Tls::Implicit, dovecot.tls_port), (Tls::StartTls, dovecot.port)]
        .into_iter()
        .enumerate()
    {
        let first = 100 * round;
        let app = app.fetching(Some(&dovecot.pem)).await;
        be_impatient(&app);
        let helpdesk = app.helpdesk("Acme").await;
        let mut settings = settings_of(port, tls);
        settings.password.0 = PASSWORD.to_owned();
        let id = add(&app, &helpdesk, &settings, None).await;
        until_looked(&app, &helpdesk, id).await;
        let seen_before = dovecot.seen("").0;

        // It tells of new mail by itself.
        for number in first..first + 5 {
            dovecot.deliver(number);
        }
        until_tried(&app, &helpdesk, id, "it is marked", async || {
            dovecot.seen("").0 == seen_before + 5
        })
        .await;
        assert_once(&filed(&app, &helpdesk).await, first..first + 5);

        // It is gone for a while, and mail is delivered meanwhile.
        dovecot.stop();
        for number in first + 5..first + 20 {
            dovecot.deliver(number);
        }
        dovecot.start_again().await;
        until_tried(&app, &helpdesk, id, "what came meanwhile is marked", async || {
            dovecot.seen("").0 == seen_before + 20
        })
        .await;
        assert_once(&filed(&app, &helpdesk).await, first..first + 20);

        // Its numbers begin anew, and mail is delivered.
        dovecot.stop();
        dovecot.forget_numbers();
        for number in first + 20..first + 25 {
            dovecot.deliver(number);
        }
        dovecot.start_again().await;
        resume(&app, &helpdesk, id).await;
        until_tried(&app, &helpdesk, id, "what is new is marked", async || {
            dovecot.seen("").0 == seen_before + 25
        })
        .await;
        until_looked(&app, &helpdesk, id).await;
        let of = helpdesk.id.parse().expect("an id");
        let filed_now: std::collections::BTreeMap<_, _> = filed(&app, &helpdesk)
            .await
            .into_iter()
            // Recent mail of the round before is in the same folder.
            .filter(|(mail, _)| {
                mail.trim_start_matches("mail-")
                    .parse::<usize>()
                    .is_ok_and(|n| n >= first)
            })
            .collect();
        assert_once(&filed_now, first..first + 25);

        // Mails are moved into a folder that was not there.
        settings.afterwards = Afterwards::Move(format!("Done &\u{e4} {round}"));
        settings.password.0.clear();
        imap::change(&app.app, of, id, &helpdesky::audit::By::console(), &settings)
            .await
            .expect("it is changed");
        for number in first + 25..first + 30 {
            dovecot.deliver(number);
        }
        let done = format!(".Done &-&AOQ- {round}");
        // Others may go along: what was gone through again since the numbers began anew.
        until_tried(&app, &helpdesk, id, "they are moved", async || {
            (first + 25..first + 30).all(|number| dovecot.holds(&done, number))
        })
        .await;
        let trial = imap::try_out(&app.app, of, id).await.expect("a trial");
        assert!(trial.outcome.is_ok() && trial.tells, "{trial:?}");
        assert!(!format!("{trial:?}").contains("findable"));
    }
}
