//! A mail server that others wrote: Postfix, with a configuration, a queue and a log of its own, on the
//! loopback address. What the system's own Postfix does is none of its business.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

const DAEMONS: &str = "/usr/lib/postfix/sbin";
const COMMANDS: &str = "/usr/sbin";
/// The name it gives itself.
pub(crate) const MTA: &str = "mx.fernway.example";

/// Running until it is dropped.
pub(crate) struct Postfix {
    folder: PathBuf,
    pub(crate) port: u16,
    _held: tempfile::TempDir,
}

/// What a test has it do with mail.
#[derive(Default)]
pub(crate) struct Routes {
    /// Addresses, and what each is an alias of.
    pub(crate) aliases: Vec<(String, String)>,
    /// Domains, and where each one's mail goes: `smtp:[127.0.0.1]:25`, say.
    pub(crate) transports: Vec<(String, String)>,
    /// Certificates, in PEM, that it verifies others with.
    pub(crate) trusted: String,
    /// Further lines of `main.cf`.
    pub(crate) main: String,
    /// Further lines of `master.cf`.
    pub(crate) master: String,
}

impl Routes {
    /// The transport to a server on this machine.
    pub(crate) fn to_port(port: u16) -> String {
        format!("smtp:[127.0.0.1]:{port}")
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

/// Postfix gives each of its programs the account it should have, which takes root to begin with.
fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

fn checked(output: &Output, what: &str) -> String {
    assert!(
        output.status.success(),
        "{what}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `inline:{ {a = b}, {c = d} }`; an empty one finds nothing.
fn table(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{{{key} = {value}}}"))
        .collect();
    if pairs.is_empty() {
        return String::new();
    }
    format!("inline:{{ {} }}", pairs.join(", "))
}

impl Postfix {
    pub(crate) fn start(routes: &Routes) -> Self {
        Self::start_at(free_port(), routes)
    }

    pub(crate) fn start_at(port: u16, routes: &Routes) -> Self {
        assert!(
            Path::new(DAEMONS).join("master").exists(),
            "Postfix is missing; install postfix, as .ci/tools.sh does"
        );
        let held = tempfile::tempdir().expect("a folder");
        let folder = held.path().to_owned();
        for name in ["etc", "queue", "data"] {
            std::fs::create_dir(folder.join(name)).expect("a folder");
        }
        let at = folder.display();
        let mut domains: Vec<(String, String)> = Vec::new();
        for (address, _) in &routes.aliases {
            let domain = address.rsplit_once('@').expect("an address").1;
            domains.push((domain.to_owned(), "here".to_owned()));
        }
        domains.dedup();
        let mut main = format!(
            "compatibility_level = 3.6\nqueue_directory = {at}/queue\ndata_directory = {at}/data\n\
             daemon_directory = {DAEMONS}\ncommand_directory = {COMMANDS}\nmail_owner = postfix\n\
             setgid_group = postdrop\nmaillog_file = {at}/log\nmaillog_file_prefixes = {at}\n\
             myhostname = {MTA}\nmydestination =\nalias_maps =\nalias_database =\n\
             inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n\
             smtpd_relay_restrictions = permit_mynetworks, reject\nsmtpd_peername_lookup = no\n\
             smtp_host_lookup = native\nsmtp_dns_support_level = disabled\n\
             smtputf8_autodetect_classes = all\nlocal_header_rewrite_clients =\nmessage_size_limit = 67108864\n\
             minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\n\
             smtp_tls_CAfile = {at}/trusted.pem\nvirtual_alias_domains = {}\nvirtual_alias_maps = {}\n",
            table(&domains),
            table(&routes.aliases),
        );
        if !routes.transports.is_empty() {
            main.push_str(&format!("transport_maps = {}\n", table(&routes.transports)));
        }
        main.push_str(&routes.main);
        std::fs::write(folder.join("trusted.pem"), &routes.trusted).expect("certificates");
        std::fs::write(folder.join("etc/main.cf"), main).expect("a configuration");
        // Nothing here leaves its root folder, so that none has to be filled.
        let mut master = format!(
            "127.0.0.1:{port} inet n - n - - smtpd\nqmgr unix n - n 300 1 qmgr\n\
             postlog unix-dgram n - n - 1 postlogd\nflush unix n - n - 0 flush\nshowq unix n - n - - showq\n\
             cleanup unix n - n - 0 cleanup\npickup unix n - n 60 1 pickup\n"
        );
        for (name, most, program) in [
            ("rewrite", "-", "trivial-rewrite"),
            ("bounce", "0", "bounce"),
            ("defer", "0", "bounce"),
            ("trace", "0", "bounce"),
            ("proxymap", "-", "proxymap"),
            ("smtp", "-", "smtp"),
            ("discard", "-", "discard"),
            ("error", "-", "error"),
            ("retry", "-", "error"),
            ("anvil", "1", "anvil"),
            ("scache", "1", "scache"),
            ("tlsmgr", "1", "tlsmgr"),
        ] {
            master.push_str(&format!("{name} unix - - n - {most} {program}\n"));
        }
        std::fs::write(folder.join("etc/master.cf"), master + &routes.master).expect("a configuration");
        // The way there may be passed by all, as its programs have accounts of their own.
        let open = as_root("chmod").arg("755").arg(&folder).output();
        checked(&open.expect("chmod"), "chmod");
        let owned = as_root("chown")
            .args(["postfix"])
            .arg(folder.join("data"))
            .output();
        checked(
            &owned.expect("chown"),
            "the account postfix is missing; install postfix",
        );
        let postfix = Self {
            folder,
            port,
            _held: held,
        };
        postfix.command("postfix", &["start"]);
        postfix
    }

    /// Runs a command of Postfix for this instance.
    fn command(&self, program: &str, arguments: &[&str]) -> String {
        let output = as_root(&format!("{COMMANDS}/{program}"))
            .arg("-c")
            .arg(self.folder.join("etc"))
            .args(arguments)
            .output()
            .expect("Postfix; where the tests do not run as root, sudo");
        checked(&output, &format!("{program} {arguments:?}\n{}", self.log()))
    }

    /// What it wrote down.
    pub(crate) fn log(&self) -> String {
        let log = as_root("cat").arg(self.folder.join("log")).output().expect("cat");
        String::from_utf8_lossy(&log.stdout).into_owned()
    }

    /// Its queue: a line of JSON for each mail, with the reason when it waits.
    pub(crate) fn queue(&self) -> Vec<serde_json::Value> {
        let listed = self.command("postqueue", &["-j"]);
        let mails = listed.lines().map(serde_json::from_str);
        mails.collect::<Result<_, _>>().expect("a queue in JSON")
    }

    /// Tries everything that waits, now.
    pub(crate) fn flush(&self) {
        self.command("postqueue", &["-f"]);
    }

    /// Waits until it has a mail that it could not hand on for this reason.
    pub(crate) async fn until_waiting(&self, reason: &str) {
        for _ in 0..1_000 {
            let queue = self.queue();
            let waits = queue.iter().any(|mail| {
                mail["queue_name"] == "deferred"
                    && mail["recipients"][0]["delay_reason"]
                        .as_str()
                        .is_some_and(|why| why.contains(reason))
            });
            if waits {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nothing waits for {reason:?}: {:?}\n{}", self.queue(), self.log());
    }

    /// Waits until it has handed on everything, and tries again what it had to wait with.
    pub(crate) async fn until_empty(&self) {
        for _ in 0..300 {
            if self.queue().is_empty() {
                return;
            }
            self.flush();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("mail stays: {:?}\n{}", self.queue(), self.log());
    }

    /// Gives it a mail by swaks, byte for byte: lines end in CRLF, and dots are doubled here.
    pub(crate) fn swaks(&self, from: &str, to: &str, mail: &[u8]) -> Output {
        swaks(self.port, from, to, mail)
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let stop = as_root(&format!("{COMMANDS}/postfix"))
            .arg("-c")
            .arg(self.folder.join("etc"))
            .arg("stop")
            .output();
        drop(stop);
        if !is_root() {
            drop(as_root("rm").arg("-rf").arg(&self.folder).output());
        }
    }
}

/// Hands a mail to a server on this machine by swaks.
fn swaks(port: u16, from: &str, to: &str, mail: &[u8]) -> Output {
    let mut stuffed: Vec<u8> = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    assert!(stuffed.ends_with(b"\r\n"), "a mail ends in CRLF");
    stuffed.extend_from_slice(b".");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    std::io::Write::write_all(&mut file, &stuffed).expect("a file");
    Command::new("swaks")
        .args(["--server", "127.0.0.1", "--port", &port.to_string()])
        .args(["--helo", "client.example", "--from", from, "--to", to])
        .args(["--suppress-data", "--no-data-fixup", "--data"])
        .arg(format!("@{}", file.path().display()))
        .output()
        .expect("swaks is missing; install it, as .ci/tools.sh does")
}

/// An account for a program that is handed mail, by name, user and group: Postfix lends nobody that of root.
pub(crate) fn account() -> (String, u32, u32) {
    let id = |arguments: &[&str]| {
        let id = Command::new("id").args(arguments).output().expect("id");
        String::from_utf8_lossy(&id.stdout).trim().to_owned()
    };
    let name = if is_root() {
        "nobody".to_owned()
    } else {
        id(&["-un"])
    };
    let number = |what: &str| id(&[what, &name]).parse().expect("a number");
    (name.clone(), number("-u"), number("-g"))
}
