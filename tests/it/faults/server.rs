//! The real binary with a data folder, on either engine: started, killed, asked on the command line.

use helpdesky::config::{Config, Hidden};
use serde_json::Value;
use std::fs::OpenOptions;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Any 32 bytes: with PostgreSQL the sealing key must be given.
pub(super) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const READY_WITHIN: Duration = Duration::from_secs(30);

pub(crate) struct Installation {
    folder: tempfile::TempDir,
    data: PathBuf,
    program: PathBuf,
    /// Whose the program and its data are, by user and group, when not the tests'.
    account: Option<(u32, u32)>,
    database_url: Option<String>,
    port: u16,
    pub(crate) helpdesk: String,
    pub(crate) secret: String,
    /// Further environment of the server.
    pub(crate) environment: Vec<(String, String)>,
}

impl Installation {
    pub(crate) async fn new(engine: db::Engine) -> Self {
        Self::new_of(engine, None).await
    }

    /// An installation of another account, which takes root. It has a copy of the program, as that account
    /// may not reach ours.
    pub(crate) async fn new_of(engine: db::Engine, account: Option<(u32, u32)>) -> Self {
        let database_url = match engine {
            db::Engine::Sqlite => None,
            db::Engine::Postgres => Some(db::testing::fresh_postgres_database().await.unwrap()),
        };
        let folder = tempfile::tempdir().unwrap();
        let mut program = PathBuf::from(env!("CARGO_BIN_EXE_helpdesky"));
        if let Some((user, group)) = account {
            let copy = folder.path().join("helpdesky");
            std::fs::copy(&program, &copy).unwrap();
            chown(folder.path(), Some(user), Some(group)).unwrap();
            program = copy;
        }
        let mut new = Self {
            data: folder.path().join("data"),
            folder,
            program,
            account,
            database_url,
            port: free_port(),
            helpdesk: String::new(),
            secret: String::new(),
            environment: Vec::new(),
        };
        let helpdesk = new.ask(&["helpdesk", "add", "--name", "Crash"]);
        new.helpdesk = helpdesk["id"].as_str().unwrap().to_owned();
        let secret = new.ask(&["secret", "generate", "--helpdesk", &new.helpdesk]);
        new.secret = secret["secret"].as_str().unwrap().to_owned();
        new
    }

    /// The folder of this test; the data is in `data` below it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// The program that it runs.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Writes the settings file, for programs that know the data folder alone.
    pub(crate) fn write_settings(&self, further: &str) {
        let mut settings = format!("key = \"{KEY}\"\n{further}");
        if let Some(url) = &self.database_url {
            settings.push_str(&format!("database_url = \"{url}\"\n"));
        }
        std::fs::write(self.data.join("helpdesky.toml"), settings).unwrap();
    }

    /// Everything in the folder belongs to the account again, whoever wrote it.
    pub(crate) fn give_back(&self) {
        let Some((user, group)) = self.account else {
            return;
        };
        let given = Command::new("chown")
            .args(["-R", &format!("{user}:{group}")])
            .arg(self.folder.path())
            .status();
        assert!(given.unwrap().success());
    }

    /// The settings of a program that opens the data itself, while no server does.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::for_folder(&self.data);
        config.key = Some(Hidden(KEY.to_owned()));
        config.database_url.clone_from(&self.database_url);
        config
    }

    /// The same installation on a copy of its data, at another address.
    pub(crate) fn on_copy(&self, data: &Path) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            data: data.to_owned(),
            program: self.program.clone(),
            account: self.account,
            database_url: None,
            port: free_port(),
            helpdesk: self.helpdesk.clone(),
            secret: self.secret.clone(),
            environment: Vec::new(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env("HELPDESKY_KEY", KEY)
            .stdin(Stdio::null());
        if let Some(url) = &self.database_url {
            command.args(["--database-url", url]);
        }
        command
    }

    /// Runs an administration command and reads its JSON.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Value {
        self.tell(arguments, "")
    }

    /// The same with something to read from standard input.
    pub(crate) fn tell(&self, arguments: &[&str], input: &str) -> Value {
        let (read, mut write) = std::io::pipe().unwrap();
        std::io::Write::write_all(&mut write, input.as_bytes()).unwrap();
        drop(write);
        let mut command = self.command(arguments);
        let output = command.arg("--json").stdin(read).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).unwrap_or_else(|error| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            panic!("{arguments:?}: {error}\n{text}\n{complaint}")
        })
    }

    /// Runs an administration command that must be refused, and reads why.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        // A server logs before it finds out.
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{said}"))
    }

    /// Starts the server and returns once it is ready, with the time that took.
    pub(crate) async fn start(&self) -> (Server, Duration) {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder().join("log"))
            .unwrap();
        let began = Instant::now();
        let listen = format!("127.0.0.1:{}", self.port);
        let process = self
            .command(&["serve", "--listen", &listen])
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Server(process);
        let client = reqwest::Client::new();
        loop {
            let answer = client.get(self.url("/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return (server, began.elapsed());
            }
            let ended = server.0.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < READY_WITHIN,
                "the server is not ready ({ended:?}):\n{}",
                std::fs::read_to_string(self.folder().join("log")).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Free now, and again after every kill.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A running server. Dropping it kills it, as does [`Server::kill`].
pub(crate) struct Server(Child);

impl Server {
    /// SIGKILL: no destructor, no flush, nothing.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
