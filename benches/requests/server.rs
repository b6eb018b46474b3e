//! The server under load, a process of its own: the release binary on a throw-away data folder.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const OPERATOR: &str = "operator@example.com";
const PASSWORD: &str = "a password for benches";
/// Any 32 bytes: with PostgreSQL the sealing key must be given.
const KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// The name of an engine for people.
pub(super) fn name(engine: db::Engine) -> &'static str {
    match engine {
        db::Engine::Sqlite => "SQLite",
        db::Engine::Postgres => "PostgreSQL",
    }
}

/// The program to measure: the one that cargo built, or another build that `BENCH_BINARY` names, to
/// compare two.
pub(super) fn binary() -> PathBuf {
    std::env::var_os("BENCH_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_helpdesky")), PathBuf::from)
}

pub(super) struct Server {
    child: Child,
    address: SocketAddr,
    data: tempfile::TempDir,
    /// `--database-url` and its value, on PostgreSQL.
    database: Vec<String>,
    /// Further environment.
    environment: Vec<(&'static str, String)>,
    caller: Caller,
    http: reqwest::Client,
}

/// What host apps know: the Helpdesk ID and the secret.
#[derive(Clone)]
pub(super) struct Caller {
    helpdesk: String,
    secret: String,
}

/// Somebody at the dashboard.
pub(super) struct Operator {
    address: SocketAddr,
    helpdesk: String,
    cookies: String,
}

impl Operator {
    /// The path of a page of the helpdesk.
    pub(super) fn path(&self, page: &str) -> String {
        format!("/h/{}/{page}", self.helpdesk)
    }

    /// The request for a page of the helpdesk.
    pub(super) fn page(&self, page: &str) -> Vec<u8> {
        format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\n\r\n",
            self.path(page),
            self.address,
            self.cookies
        )
        .into_bytes()
    }
}

/// A signed-in user of a host app.
#[derive(Clone)]
pub(super) struct Contact {
    fields: String,
}

impl Contact {
    /// The body of a documented call, with more fields at its end.
    pub(super) fn signed(&self, more: &str) -> String {
        format!("{{{}{more}}}", self.fields)
    }
}

impl Caller {
    pub(super) fn contact(&self, email: &str) -> Contact {
        let tag = helpdesky::sealing::hmac_sha256(self.secret.as_bytes(), &[email.as_bytes()]);
        let signature: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        let fields = format!(
            r#""helpdeskId":"{}","email":"{email}","signature":"{signature}""#,
            self.helpdesk
        );
        Contact { fields }
    }

    /// The bytes of a documented call.
    pub(super) fn call(&self, path: &str, body: &str) -> Vec<u8> {
        format!(
            "POST /api/messaging/ticket-center/{path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

impl Server {
    pub(super) async fn start(engine: db::Engine) -> Self {
        Self::start_with(engine, Vec::new()).await
    }

    /// The same with further environment.
    pub(super) async fn start_with(engine: db::Engine, environment: Vec<(&'static str, String)>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut database = Vec::new();
        if engine == db::Engine::Postgres {
            let url = db::testing::fresh_postgres_database().await.unwrap();
            database = vec!["--database-url".to_owned(), url];
        }
        let (child, address) = serve(data.path(), &database, &environment);
        let caller = Caller {
            helpdesk: String::new(),
            secret: String::new(),
        };
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let mut server = Self {
            child,
            address,
            data,
            database,
            environment,
            caller,
            http,
        };
        let helpdesk = server.command(&["helpdesk", "add", "--name", "Bench"], "")["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let secret = server.command(&["secret", "generate", "--helpdesk", &helpdesk], "");
        server.caller = Caller {
            secret: secret["secret"].as_str().unwrap().to_owned(),
            helpdesk: helpdesk.clone(),
        };
        let operator = [
            "operator",
            "add",
            "--helpdesk",
            &helpdesk,
            "--email",
            OPERATOR,
            "--name",
            "Olga",
            "--role",
            "owner",
            "--password-stdin",
        ];
        server.command(&operator, PASSWORD);
        server
    }

    /// Runs a command on these data.
    pub(super) fn command(&self, arguments: &[&str], input: &str) -> serde_json::Value {
        ask(self.data.path(), &self.database, arguments, input)
    }

    /// Stops the server and starts it again on the same data in another environment.
    pub(super) fn restart_with(&mut self, environment: Vec<(&'static str, String)>) {
        drop(self.child.kill());
        drop(self.child.wait());
        self.environment = environment;
        (self.child, self.address) = serve(self.data.path(), &self.database, &self.environment);
    }

    /// Stops the server and starts it again on the same data. Returns how long it took from there to
    /// the first answer.
    pub(super) async fn start_again(&mut self) -> Duration {
        drop(self.child.kill());
        drop(self.child.wait());
        let began = Instant::now();
        (self.child, self.address) = serve(self.data.path(), &self.database, &self.environment);
        self.text("/healthz", None).await;
        began.elapsed()
    }

    /// Somebody who runs commands beside the load.
    pub(super) fn copier(&self) -> Copier {
        Copier {
            data: self.data.path().to_owned(),
            database: self.database.clone(),
        }
    }

    /// What a page or file holds.
    pub(super) async fn text(&self, path: &str, operator: Option<&Operator>) -> String {
        let mut request = self.http.get(format!("http://{}{path}", self.address));
        if let Some(operator) = operator {
            request = request.header("cookie", &operator.cookies);
        }
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        answer.text().await.unwrap()
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn helpdesk(&self) -> &str {
        &self.caller.helpdesk
    }

    pub(super) fn caller(&self) -> Caller {
        self.caller.clone()
    }

    pub(super) fn contact(&self, email: &str) -> Contact {
        self.caller.contact(email)
    }

    /// Opens conversations of many contacts, through the documented call, until there are so many.
    /// Returns the seconds that took.
    pub(super) async fn seed(&self, from: usize, to: usize) -> f64 {
        let (caller, began) = (self.caller(), Instant::now());
        let load = super::client::Load::new(self.address, 64, to.saturating_sub(from), move |n| {
            let n = from + n;
            let contact = caller.contact(&format!("seed{}@example.com", n / 5));
            caller.call(
                "message",
                &contact.signed(&format!(r#","message":"Seeded question {n}: how do I begin?""#)),
            )
        });
        super::client::fill(load).await;
        began.elapsed().as_secs_f64()
    }

    /// A token of a contact, as `verify` gives it.
    pub(super) async fn token(&self, contact: &Contact) -> String {
        let answer = self.post("verify", &contact.signed("")).await;
        answer["token"].as_str().unwrap().to_owned()
    }

    /// The bytes of a call with a token.
    pub(super) fn token_call(&self, path: &str, token: &str) -> Vec<u8> {
        let body = format!(r#"{{"helpdeskId":"{}"}}"#, self.caller.helpdesk);
        format!(
            "POST /api/messaging/ticket-center/{path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    async fn post(&self, path: &str, body: &str) -> serde_json::Value {
        let url = format!("http://{}/api/messaging/ticket-center/{path}", self.address);
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_owned());
        let text = request
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap()
            .text()
            .await
            .unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(super) async fn open(&self, contact: &Contact, text: &str) -> String {
        let body = contact.signed(&format!(r#","message":"{text}""#));
        self.post("message", &body).await["conversationId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A contact with so many conversations.
    pub(super) async fn contact_with(&self, conversations: usize) -> Contact {
        let contact = self.contact("twenty@example.com");
        for n in 0..conversations {
            self.open(&contact, &format!("Question {n} of somebody who asks a lot"))
                .await;
        }
        contact
    }

    pub(super) async fn open_conversations(&self, contacts: &[Contact]) -> Vec<String> {
        let mut ids = Vec::new();
        for contact in contacts {
            ids.push(self.open(contact, "One to write into").await);
        }
        ids
    }

    /// A conversation with so many messages, and its contact.
    pub(super) async fn conversation_of(&self, messages: usize) -> (Contact, String) {
        let contact = self.contact("fifty@example.com");
        let id = self.open(&contact, "The first of many").await;
        for n in 1..messages {
            let body = format!(
                r#","message":"Message {n}, of the length that messages have.","conversationId":"{id}""#
            );
            self.post("message", &contact.signed(&body)).await;
        }
        (contact, id)
    }

    /// An operator who is signed in.
    pub(super) async fn operator(&self) -> Operator {
        let base = format!("http://{}", self.address);
        let page = self.http.get(format!("{base}/sign-in")).send().await.unwrap();
        let cookies = set_cookies(&page);
        let html = page.text().await.unwrap();
        let body = form(&[("csrf", csrf(&html)), ("email", OPERATOR), ("password", PASSWORD)]);
        let request = self
            .http
            .post(format!("{base}/sign-in"))
            .header("cookie", cookies)
            .header("origin", &base);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let signed_in = request.send().await.unwrap();
        assert!(
            signed_in.status().is_redirection(),
            "sign-in answered {}",
            signed_in.status()
        );
        Operator {
            address: self.address,
            helpdesk: self.caller.helpdesk.clone(),
            cookies: set_cookies(&signed_in),
        }
    }

    /// Lets the Contact Form take as much as the bench sends; all else of its protection is as usual.
    pub(super) async fn open_the_form(&self) {
        let (base, operator) = (format!("http://{}", self.address), self.operator().await);
        let page = self.text(&operator.path("contact-form"), Some(&operator)).await;
        let body = form(&[
            ("csrf", csrf(&page)),
            ("minimum_seconds", "1"),
            ("asks_proof", "on"),
            ("per_network_an_hour", "20"),
            ("per_address_a_day", "10"),
            ("per_helpdesk_an_hour", "100000"),
        ]);
        let request = self
            .http
            .post(format!("{base}{}", operator.path("contact-form/protection")))
            .header("cookie", &operator.cookies)
            .header("origin", &base)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let saved = request.send().await.unwrap();
        assert!(
            saved.status().is_redirection(),
            "saving answered {}",
            saved.status()
        );
    }

    /// Waits until the search index has caught up with what was seeded; returns how many milliseconds.
    pub(super) async fn wait_for_index(&self, operator: &Operator, word: &str) -> u128 {
        let (began, path) = (Instant::now(), operator.path(&format!("search?q={word}")));
        while !self.text(&path, Some(operator)).await.contains("<mark>") {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        began.elapsed().as_millis()
    }

    /// The address to which mail for the helpdesk is forwarded, as its page prints it.
    pub(super) async fn forwarding_address(&self) -> String {
        let operator = self.operator().await;
        let page = self
            .text(&operator.path("settings/incoming"), Some(&operator))
            .await;
        let domain = page.find("@in.example.com").expect("a forwarding address");
        let name = page[..domain].rsplit(['"', '>', ' ', ':']).next().unwrap();
        format!("{name}@in.example.com")
    }

    pub(super) async fn stop(self) {
        drop(self);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A bench that stops at something wrong leaves no server behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn csrf(html: &str) -> &str {
    let rest = html.split("name=\"csrf\" value=\"").nth(1);
    rest.and_then(|rest| rest.split('"').next())
        .expect("a csrf field")
}

/// Starts the release binary, and reads where it listens.
fn serve(data: &Path, database: &[String], environment: &[(&str, String)]) -> (Child, SocketAddr) {
    let mut command = Command::new(binary());
    command
        .args([
            "serve",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--log",
            "warn",
            "--data",
        ])
        .arg(data)
        .args(database)
        .env("HELPDESKY_KEY", KEY)
        // One address and few contacts do the work of thousands.
        .env("HELPDESKY_CONTACT_CALLS_PER_MINUTE", "1000000")
        .env("HELPDESKY_CONTACT_BURST", "1000000")
        .envs(environment.iter().map(|(name, value)| (name, value)));
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).expect("the server's first line");
    (child, said["listening"].as_str().unwrap().parse().unwrap())
}

/// Runs a command on these data and reads its JSON.
fn ask(data: &Path, database: &[String], arguments: &[&str], input: &str) -> serde_json::Value {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .arg("--json")
        .arg("--data")
        .arg(data)
        .args(database)
        .env("HELPDESKY_KEY", KEY);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs commands beside the load, from a thread of its own.
pub(super) struct Copier {
    data: PathBuf,
    database: Vec<String>,
}

impl Copier {
    /// Takes a backup and throws it away: with our own command, or with PostgreSQL's.
    pub(super) fn copy(&self) {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("copy");
        let name = to.to_str().unwrap();
        match self.database.get(1) {
            None => drop(ask(&self.data, &[], &["backup", "--to", name], "")),
            Some(url) => {
                let dumped = Command::new("pg_dump")
                    .args(["--format=custom", "--file", name, url])
                    .status();
                assert!(dumped.is_ok_and(|status| status.success()), "pg_dump");
            }
        }
    }

    /// The check of `doctor`, which on SQLite reads the whole file.
    pub(super) fn read_everything(&self) {
        ask(&self.data, &self.database, &["doctor"], "");
    }
}

fn set_cookies(answer: &reqwest::Response) -> String {
    let cookies = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|cookie| cookie.to_str().ok());
    cookies
        .filter_map(|cookie| cookie.split(';').next())
        .collect::<Vec<_>>()
        .join("; ")
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(fields).finish()
}

/// The server's own counters.
pub(super) async fn counters(address: SocketAddr) -> HashMap<String, f64> {
    let text = reqwest::get(format!("http://{address}/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}
