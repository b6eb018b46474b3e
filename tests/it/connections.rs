//! Connections that say nothing, too many of them, and those that come through a proxy.

use std::time::Duration;

use helpdesky::admin;
use helpdesky::clock::Clock;
use helpdesky::config::Config;
use helpdesky::ids::Random;
use helpdesky::serve::{Limits, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::TestApp;

both_engines!(
    a_client_that_does_not_say_what_it_wants_is_cut_off,
    a_connection_waits_until_there_is_a_place,
    the_doctor_finds_that_a_proxy_is_not_named,
);

const SOON: Duration = Duration::from_secs(10);
const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Settings for one more server on the same database.
fn settings(app: &TestApp, folder: &tempfile::TempDir) -> Config {
    let mut config = Config::for_folder(folder.path());
    config.listen = ([127, 0, 0, 1], 0).into();
    config.database_url = app.app.config().database_url.clone();
    config.key = app.app.config().key.clone();
    config
}

/// A server with these limits.
async fn with_limits(app: &TestApp, folder: &tempfile::TempDir, limits: Limits) -> (Server, String) {
    let config = settings(app, folder);
    let mut server = Server::start_with(config, Clock::system(), Random::system())
        .await
        .expect("the server starts");
    server.limits = limits;
    let address = server.address.to_string();
    (server, address)
}

async fn a_client_that_does_not_say_what_it_wants_is_cut_off(app: TestApp) {
    let folder = tempfile::tempdir().expect("a data folder");
    let limits = Limits {
        patience: Duration::from_millis(300),
        connections: 100,
    };
    let (server, address) = with_limits(&app, &folder, limits).await;
    let running = tokio::spawn(server.run());
    let beginnings: [&[u8]; 5] = [
        b"",
        b"P",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r",
        b"GET / HTTP/1.1\r\nHo",
        b"GET",
    ];
    for beginning in beginnings {
        let mut socket = TcpStream::connect(&address).await.expect("connect");
        socket.write_all(beginning).await.expect("sent");
        let ended = timeout(SOON, socket.read_to_end(&mut Vec::new())).await;
        assert!(
            ended.is_ok(),
            "still open after {:?}",
            String::from_utf8_lossy(beginning)
        );
    }
    // Who speaks in time is answered, in pieces too.
    let mut socket = TcpStream::connect(&address).await.expect("connect");
    for piece in REQUEST.chunks(9) {
        socket.write_all(piece).await.expect("sent");
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.abort();
}

async fn a_connection_waits_until_there_is_a_place(app: TestApp) {
    let folder = tempfile::tempdir().expect("a data folder");
    let limits = Limits {
        patience: Duration::from_secs(60),
        connections: 2,
    };
    let (server, address) = with_limits(&app, &folder, limits).await;
    let running = tokio::spawn(server.run());
    let mut holding = Vec::new();
    for _ in 0..2 {
        holding.push(TcpStream::connect(&address).await.expect("connect"));
    }
    let mut third = TcpStream::connect(&address).await.expect("connect");
    third.write_all(REQUEST).await.expect("sent");
    let mut answer = Vec::new();
    let early = timeout(Duration::from_millis(300), third.read_buf(&mut answer)).await;
    assert!(early.is_err(), "answered without a place");
    holding.pop();
    let in_time = timeout(SOON, third.read_to_end(&mut answer)).await;
    assert!(in_time.is_ok() && answer.starts_with(b"HTTP/1.1 200"));
    running.abort();
}

async fn the_doctor_finds_that_a_proxy_is_not_named(app: TestApp) {
    for (proxies, expected) in [(vec![], Some("warning")), (vec![[10, 0, 0, 2].into()], None)] {
        let folder = tempfile::tempdir().expect("a data folder");
        let mut config = settings(&app, &folder);
        config.base_url = "https://desk.example".to_owned();
        config.trusted_proxies = proxies;
        let server = Server::start_with(config, Clock::system(), Random::system())
            .await
            .expect("the server starts");
        let answer = admin::run(&server.app, admin::Command::Doctor)
            .await
            .expect("an answer");
        let findings = answer.json["findings"].as_array().expect("findings");
        let found = findings
            .iter()
            .find(|finding| finding["check"] == "trusted proxies");
        assert_eq!(found.and_then(|finding| finding["verdict"].as_str()), expected);
    }
}
