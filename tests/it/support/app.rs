//! The application under test: started in this process on a free port of the loopback address,
//! on either database, with a clock that only the test moves.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use helpdesky::app::App;
use helpdesky::clock::Clock;
use helpdesky::config::{Config, Hidden, Mailer, Relay, Tls};
use helpdesky::ids::{Random, SecretId};
use helpdesky::operators::Member;
use helpdesky::serve::Server;
use serde_json::Value;

use super::{Answer, Engine, PREFIX, TestContact};

/// 28 May 2026, 20:26:40 UTC: the time at which every test begins.
const START_MS: i64 = 1_780_000_000_000;
/// Whose mail is taken where mail is taken.
pub(crate) const MAIL_DOMAIN: &str = "in.desk.example";

/// A running application.
pub(crate) struct TestApp {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    /// The application itself, for what operators and administrators do.
    pub(crate) app: App,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) members: Mutex<HashMap<String, Member>>,
    /// Where mail is taken, if it is.
    pub(crate) smtp: Option<SocketAddr>,
    server: tokio::task::JoinHandle<()>,
}

/// A helpdesk with a live secret.
#[derive(Clone, Debug)]
pub(crate) struct TestHelpdesk {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) secret_id: Option<SecretId>,
}

/// How many rows there are of what contacts make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) contacts: i64,
    pub(crate) conversations: i64,
    pub(crate) messages: i64,
}

impl TestApp {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::open(engine, fresh_database(engine).await, Vec::new()).await
    }

    /// Another installation on the same engine, whose visitors come through a proxy on this
    /// machine: a test can come from many addresses.
    pub(crate) async fn behind_a_proxy(&self) -> Self {
        let proxies = vec![IpAddr::from([127, 0, 0, 1])];
        Self::open(self.engine, fresh_database(self.engine).await, proxies).await
    }

    /// One more node on the same PostgreSQL database, with a clock of its own.
    pub(crate) async fn another_node(&self) -> Self {
        let database_url = self.app.config().database_url.clone();
        assert!(database_url.is_some(), "only PostgreSQL serves several nodes");
        Self::open(self.engine, database_url, Vec::new()).await
    }

    /// Another installation on the same engine, from which mail leaves by itself, into memory. In all
    /// others it waits for a test to take it.
    pub(crate) async fn sending(&self) -> Self {
        self.sending_by(Mailer::Memory).await
    }

    /// The same by SMTP, with no relay of the installation.
    pub(crate) async fn sending_by_smtp(&self) -> Self {
        self.sending_by(Mailer::Smtp).await
    }

    /// Another installation on the same engine, whose files may have so many bytes.
    pub(crate) async fn with_files_of(&self, bytes: u32) -> Self {
        let change = |config: &mut Config| config.attachment_bytes = bytes;
        Self::open_with(self.engine, fresh_database(self.engine).await, Vec::new(), change).await
    }

    /// Another installation on the same engine, which reaches Cloudflare Turnstile here.
    pub(crate) async fn checked_by(&self, base: &str) -> Self {
        let change = |config: &mut Config| config.turnstile_url = base.to_owned();
        let proxies = vec![IpAddr::from([127, 0, 0, 1])];
        Self::open_with(self.engine, fresh_database(self.engine).await, proxies, change).await
    }

    /// Another installation on the same engine that takes mail for [`MAIL_DOMAIN`], and from which mail
    /// leaves into memory.
    pub(crate) async fn receiving(&self) -> Self {
        self.receiving_with(|_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn receiving_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        let receive = |config: &mut Config| {
            (config.mail_delivery, config.mailer) = (true, Mailer::Memory);
            config.mail_in.domain = Some(MAIL_DOMAIN.to_owned());
            config.mail_in.listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
            change(config);
        };
        Self::open_with(
            self.engine,
            fresh_database(self.engine).await,
            Vec::new(),
            receive,
        )
        .await
    }

    /// The same as [`TestApp::receiving`], with a relay on this port.
    pub(crate) async fn receiving_by_relay(&self, port: u16) -> Self {
        self.receiving_with(move |config: &mut Config| {
            let relay = Relay::new("localhost", port, Tls::Off, None);
            config.smtp = Some(relay.expect("a relay"));
            config.mailer = Mailer::Smtp;
        })
        .await
    }

    /// The same as [`TestApp::sending`], behind a proxy as in [`TestApp::behind_a_proxy`].
    pub(crate) async fn sending_behind_a_proxy(&self) -> Self {
        let proxies = vec![IpAddr::from([127, 0, 0, 1])];
        let send = |config: &mut Config| (config.mail_delivery, config.mailer) = (true, Mailer::Memory);
        Self::open_with(self.engine, fresh_database(self.engine).await, proxies, send).await
    }

    async fn sending_by(&self, mailer: Mailer) -> Self {
        let send = |config: &mut Config| (config.mail_delivery, config.mailer) = (true, mailer);
        Self::open_with(self.engine, fresh_database(self.engine).await, Vec::new(), send).await
    }

    /// Another installation on the same engine, which fetches mail; it trusts the certificate in `ca`.
    pub(crate) async fn fetching(&self, ca: Option<&str>) -> Self {
        Self::fetching_on(self.engine, fresh_database(self.engine).await, ca).await
    }

    /// One more node that fetches, on the same PostgreSQL database.
    pub(crate) async fn another_fetching_node(&self) -> Self {
        Self::fetching_on(self.engine, self.app.config().database_url.clone(), None).await
    }

    async fn fetching_on(engine: Engine, database_url: Option<String>, ca: Option<&str>) -> Self {
        let fetch = |config: &mut Config| {
            config.mail_delivery = true;
            if let Some(pem) = ca {
                let file = config.data.join("ca.pem");
                std::fs::write(&file, pem).expect("a certificate");
                config.smtp_ca = Some(file);
            }
        };
        Self::open_with(engine, database_url, Vec::new(), fetch).await
    }

    async fn open(engine: Engine, database_url: Option<String>, proxies: Vec<IpAddr>) -> Self {
        Self::open_with(engine, database_url, proxies, |_| {}).await
    }

    async fn open_with(
        engine: Engine,
        database_url: Option<String>,
        proxies: Vec<IpAddr>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a data folder");
        let mut config = Config::for_folder(folder.path());
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.base_url = format!("http://{}", config.listen);
        // Nodes that share a database share the key; alone, one is made in the data folder.
        config.key = database_url.as_ref().map(|_| Hidden("5e".repeat(32)));
        config.database_url = database_url;
        config.trusted_proxies = proxies;
        config.mailer = Mailer::Memory;
        config.mail_delivery = false;
        // Nobody is there: no test asks the world.
        config.dns_server = Some(([127, 0, 0, 1], 9).into());
        config.turnstile_url = "http://127.0.0.1:9".to_owned();
        config.mail_from = Some("support@desk.example".to_owned());
        change(&mut config);
        let clock = Clock::manual(START_MS);
        let server = Server::start_with(config, clock, Random::system())
            .await
            .expect("the server starts");
        let (app, address) = (server.app.clone(), server.address);
        let smtp = server.mail.as_ref().map(|listener| listener.address);
        let base = app.config().base_url.clone();
        let server = tokio::spawn(server.run());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            engine,
            address,
            base,
            http,
            app,
            folder,
            members: Mutex::default(),
            smtp,
            server,
        }
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, ms: i64) {
        self.app.clock().advance(ms);
    }

    /// A contact of the helpdesk with its current secret.
    pub(crate) fn contact(&self, helpdesk: &TestHelpdesk, email: &str) -> TestContact<'_> {
        TestContact {
            app: self,
            helpdesk: helpdesk.clone(),
            email: email.to_owned(),
        }
    }

    /// A POST of JSON to a path of the Ticket Center. The clock moves on by as much as a contact's
    /// limit needs to recover from one call, so that only the tests of limits meet them.
    pub(crate) async fn call(&self, path: &str, body: &Value) -> Answer {
        self.post_with(&format!("{PREFIX}/{path}"), body, &[]).await
    }

    pub(crate) async fn post_with(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        self.advance(100);
        self.post_now(path, body, headers).await
    }

    /// The same while the clock stands still.
    pub(crate) async fn post_now(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in answer.headers() {
            let value = value.to_str().expect("a header in ASCII");
            headers
                .entry(name.as_str().to_owned())
                .and_modify(|joined| *joined = format!("{joined}, {value}"))
                .or_insert_with(|| value.to_owned());
        }
        let body = answer.bytes().await.expect("a body").to_vec();
        Answer {
            status,
            headers,
            body,
        }
    }
}

async fn fresh_database(engine: Engine) -> Option<String> {
    match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(db::testing::fresh_postgres_database().await.expect("PostgreSQL")),
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.app.stop();
        self.server.abort();
    }
}
