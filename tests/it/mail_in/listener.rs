//! What stands around a session with the listener: TLS, and a balancer in front.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use helpdesky::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{letter, raw_of};
use crate::support::TestApp;
use crate::support::app::MAIL_DOMAIN;
use crate::support::letters::SmtpClient;

both_engines!(
    a_renewed_certificate_is_shown_from_the_next_session_on,
    what_stands_behind_starttls_in_plain_text_is_nobodys,
    a_balancer_says_who_the_client_is,
    who_is_no_balancer_is_not_believed,
    clients_of_a_balancer_are_counted_one_by_one,
    who_says_nothing_is_let_go,
    who_never_comes_to_an_end_is_let_go,
);

/// The sessions that one address may have at once.
const SESSIONS: usize = 50;

struct Files {
    chain: PathBuf,
    key: PathBuf,
}

impl Files {
    fn of(app: &TestApp) -> Self {
        let (chain, key) = app.app.config().mail_in.certificate.clone().expect("files");
        Self { chain, key }
    }

    /// Puts another certificate there; its PEM.
    fn renew(&self) -> String {
        let made = rcgen::generate_simple_self_signed(vec![MAIL_DOMAIN.to_owned()]).expect("a certificate");
        std::fs::write(&self.key, made.signing_key.serialize_pem()).expect("a key");
        std::fs::write(&self.chain, made.cert.pem()).expect("a certificate");
        made.cert.pem()
    }
}

async fn encrypting(app: &TestApp) -> (TestApp, String) {
    let mut pem = String::new();
    let app = app
        .receiving_with(|config: &mut Config| {
            let files = Files {
                chain: config.data.join("chain.pem"),
                key: config.data.join("key.pem"),
            };
            pem = files.renew();
            config.mail_in.certificate = Some((files.chain, files.key));
        })
        .await;
    (app, pem)
}

/// The certificate that OpenSSL is shown.
async fn shown(app: &TestApp) -> String {
    let address = app.smtp.expect("a listener for mail").to_string();
    let asked = tokio::task::spawn_blocking(move || {
        Command::new("openssl")
            .args([
                "s_client",
                "-starttls",
                "smtp",
                "-connect",
                &address,
                "-servername",
                MAIL_DOMAIN,
            ])
            .stdin(Stdio::null())
            .output()
            .expect("openssl is missing; install it, as .ci/tools.sh does")
    });
    let said = asked.await.expect("openssl");
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let from = text
        .find(begin)
        .unwrap_or_else(|| panic!("a certificate: {said:?}"));
    let to = text.find(end).expect("the end of a certificate");
    text[from..to + end.len()].to_owned()
}

fn lines(pem: &str) -> Vec<&str> {
    pem.lines().filter(|line| !line.is_empty()).collect()
}

async fn a_renewed_certificate_is_shown_from_the_next_session_on(app: TestApp) {
    let (app, first) = encrypting(&app).await;
    let files = Files::of(&app);
    assert_eq!(lines(&shown(&app).await), lines(&first));
    let second = files.renew();
    assert_eq!(lines(&shown(&app).await), lines(&second));
    // One that cannot be read, and a key that belongs to another, leave the one before.
    std::fs::write(&files.chain, "-----BEGIN CERTIFICATE-----\nnone\n").expect("a file");
    assert_eq!(lines(&shown(&app).await), lines(&second));
    std::fs::write(&files.chain, first).expect("a file");
    assert_eq!(lines(&shown(&app).await), lines(&second));
    let third = files.renew();
    assert_eq!(lines(&shown(&app).await), lines(&third));
}

fn connector(pem: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate"))
        .expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn what_stands_behind_starttls_in_plain_text_is_nobodys(app: TestApp) {
    let (app, pem) = encrypting(&app).await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let injected = format!(
        "EHLO evil.example\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<{address}>\r\nDATA\r\n\
         Subject: injected\r\n\r\nx\r\n.\r\n"
    );
    let name = ServerName::try_from(MAIL_DOMAIN).expect("a name");

    // In the same piece: it is gone, and what was said before counts no more.
    let mut client = SmtpClient::connect(&app).await;
    let before = format!("EHLO x.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<{address}>\r\n");
    client
        .send(format!("{before}STARTTLS\r\n{injected}").as_bytes())
        .await;
    for wanted in ["250", "250", "250", "220"] {
        let answer = client.answer().await;
        assert!(answer.starts_with(wanted), "{answer}");
    }
    let (stream, ahead) = client.into_stream();
    assert!(ahead.is_empty(), "{ahead:?}");
    let mut stream = connector(&pem).connect(name, stream).await.expect("a handshake");
    stream
        .write_all(b"DATA\r\nMAIL FROM:<a@x.example>\r\nEHLO y.example\r\nSTARTTLS\r\nQUIT\r\n")
        .await
        .expect("sent");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("answers");
    let codes: Vec<&str> = said
        .lines()
        .filter(|line| line.as_bytes().get(3) == Some(&b' '))
        .map(|line| &line[..3])
        .collect();
    assert_eq!(codes, ["503", "503", "250", "503", "221"], "{said}");
    assert!(!said.contains("STARTTLS\r"), "it is offered once: {said}");

    // In a piece of its own: it is no handshake.
    let mut client = SmtpClient::connect(&app).await;
    assert!(client.say("EHLO x.example").await.contains("STARTTLS"));
    assert!(client.say("STARTTLS").await.starts_with("220"));
    client.send(injected.as_bytes()).await;
    let rest = client.rest().await;
    let heard = String::from_utf8_lossy(&rest);
    assert!(!heard.contains("250") && !heard.contains("354"), "{heard}");

    app.settled().await;
    assert!(app.mails(&helpdesk).await.is_empty());
}

fn proxied(config: &mut Config) {
    config.mail_in.is_proxied = true;
    config.trusted_proxies = vec![[127, 0, 0, 1].into()];
}

/// A header of version 2: who connects (command, family), and what follows.
fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).expect("a length").to_be_bytes();
    [
        b"\r\n\r\n\0\r\nQUIT\n".as_slice(),
        &[command, family],
        &length,
        rest,
    ]
    .concat()
}

/// Source, target, both ports, and something that is not known.
fn addresses(source: &[u8]) -> Vec<u8> {
    [source, source, &[0xdc, 4, 0, 25], &[0xe0, 0, 1, b'x']].concat()
}

async fn a_balancer_says_who_the_client_is(app: TestApp) {
    let app = app.receiving_with(proxied).await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let six = std::net::Ipv6Addr::from_bits((0x2001_0db8 << 96) | 9).octets();
    let cases = [
        (
            b"PROXY TCP4 198.51.100.7 203.0.113.1 56324 25\r\n".to_vec(),
            "198.51.100.7",
        ),
        (
            b"PROXY TCP6 2001:db8::9 2001:db8::1 56324 25\r\n".to_vec(),
            "2001:db8::9",
        ),
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        (binary(0x21, 0x11, &addresses(&[198, 51, 100, 8])), "198.51.100.8"),
        (binary(0x21, 0x21, &addresses(&six)), "2001:db8::9"),
        (
            b"PROXY TCP6 ::ffff:198.51.100.9 ::1 56324 25\r\n".to_vec(),
            "198.51.100.9",
        ),
        (binary(0x20, 0, b""), "127.0.0.1"),
    ];
    for (number, (header, client_ip)) in cases.iter().enumerate() {
        let mut client = SmtpClient::silent(&app).await;
        // Together with what the client says, or a byte at a time.
        if number % 2 == 0 {
            client
                .send(&[header.as_slice(), b"EHLO mx.sender.example\r\n"].concat())
                .await;
        } else {
            for byte in header {
                client.send(&[*byte]).await;
            }
            client.send(b"EHLO mx.sender.example\r\n").await;
        }
        for wanted in ["220 ", "250"] {
            let answer = client.answer().await;
            assert!(answer.starts_with(wanted), "{answer}");
        }
        let raw = letter("a@x.example", "Hi", &format!("{number}@x"), client_ip);
        let answer = client.mail("a@x.example", &[&address], &raw).await;
        assert!(answer.starts_with("250 "), "{answer}");
        app.advance(1);
        app.settled().await;
        let mail = app.mails(&helpdesk).await.pop().expect("a mail");
        assert_eq!(mail.client, format!("{client_ip} mx.sender.example"));
        let kept = String::from_utf8(raw_of(&app, &helpdesk, mail.id).await).expect("text");
        let literal = match client_ip.contains(':') {
            true => format!("IPv6:{client_ip}"),
            false => (*client_ip).to_owned(),
        };
        let trace = format!("Received: from mx.sender.example ([{literal}])\r\n");
        assert!(kept.starts_with(&trace), "{kept}");
    }

    for garbage in [
        b"EHLO mx.sender.example\r\n".to_vec(),
        b"PROXY TCP4 198.51.100.7\r\n".to_vec(),
        b"PROXY TCP4 198.51.100.7 203.0.113.1 56324 99999\r\n".to_vec(),
        [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat(),
        binary(0x21, 0x11, &[1; 5]),
        binary(0x31, 0x11, &addresses(&[198, 51, 100, 8])),
        binary(0x21, 0x11, &[0; 5_000]),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
    ] {
        let mut client = SmtpClient::silent(&app).await;
        client.send(&garbage).await;
        assert_eq!(client.rest().await, b"", "{garbage:?}");
    }
    assert_eq!(app.mails(&helpdesk).await.len(), cases.len());
}

async fn who_is_no_balancer_is_not_believed(app: TestApp) {
    let headers = [
        b"PROXY TCP4 198.51.100.7 203.0.113.1 56324 25\r\n".to_vec(),
        binary(0x21, 0x11, &addresses(&[198, 51, 100, 8])),
    ];
    // The balancer is another one.
    let strict = app
        .receiving_with(|config| {
            proxied(config);
            config.trusted_proxies = vec![[192, 0, 2, 1].into()];
        })
        .await;
    for header in &headers {
        let mut client = SmtpClient::silent(&strict).await;
        client.send(header).await;
        assert_eq!(client.rest().await, b"");
    }
    // There is none.
    let plain = app.receiving().await;
    let mut client = SmtpClient::connect(&plain).await;
    client.send(&headers[0]).await;
    let answer = client.answer().await;
    assert!(answer.starts_with("500 "), "{answer}");
    let mut client = SmtpClient::connect(&plain).await;
    client.send(&headers[1]).await;
    let rest = client.rest().await;
    let heard = String::from_utf8_lossy(&rest);
    assert!(heard.contains("\n421 ") || heard.starts_with("421 "), "{heard}");
    let helpdesk = plain.helpdesk("Fernway").await;
    let address = plain.forwarding_address(&helpdesk).await;
    plain
        .smtp_mail("a@x.example", &address, &letter("a@x.example", "Hi", "1@x", "Hi"))
        .await;
    assert!(plain.mails(&helpdesk).await[0].client.starts_with("127.0.0.1 "));
}

async fn clients_of_a_balancer_are_counted_one_by_one(app: TestApp) {
    let app = app.receiving_with(proxied).await;
    let greeted = async |client: String| {
        let mut session = SmtpClient::silent(&app).await;
        let header = format!("PROXY TCP{client} 56324 25\r\n");
        session.send(header.as_bytes()).await;
        let greeting = session.answer().await;
        (session, greeting)
    };
    let mut sessions = Vec::new();
    for number in 0..2 * SESSIONS {
        let (session, greeting) = greeted(format!("4 198.51.100.{number} 203.0.113.1")).await;
        assert!(greeting.starts_with("220 "), "{number}: {greeting}");
        sessions.push(session);
    }
    // One has many; of IPv6, whoever has an address has all of its network.
    for number in 1..=SESSIONS {
        let address = format!("6 2001:db8::{number:x} ::1");
        let (session, greeting) = greeted(address).await;
        assert!(greeting.starts_with("220 "), "{number}: {greeting}");
        sessions.push(session);
    }
    let (_, greeting) = greeted("6 2001:db8::ffff ::1".to_owned()).await;
    assert!(greeting.starts_with("421 "), "{greeting}");
    let (_, greeting) = greeted("6 2001:db8:0:1::1 ::1".to_owned()).await;
    assert!(greeting.starts_with("220 "), "{greeting}");
}

/// Lets time pass in steps until the server hangs up: how long that took, and what it said.
async fn until_let_go(app: &TestApp, mut client: SmtpClient, step_ms: i64) -> (i64, String) {
    let rest = async move { client.rest().await };
    let mut rest = std::pin::pin!(rest);
    for step in 1..=200 {
        app.advance(step_ms);
        if let Ok(heard) = tokio::time::timeout(Duration::from_millis(20), &mut rest).await {
            return (step * step_ms, String::from_utf8_lossy(&heard).into_owned());
        }
    }
    panic!("nobody is let go");
}

async fn who_says_nothing_is_let_go(app: TestApp) {
    let (encrypting, _) = encrypting(&app).await;
    const MINUTE: i64 = 60_000;

    // Before a command, and within a mail, which is nobody's then: five minutes (RFC 5321, 4.5.3.2.7).
    let helpdesk = encrypting.helpdesk("Fernway").await;
    let address = encrypting.forwarding_address(&helpdesk).await;
    for is_within_mail in [false, true] {
        let mut client = SmtpClient::connect(&encrypting).await;
        assert!(client.say("EHLO x.example").await.starts_with("250"));
        if is_within_mail {
            assert!(client.say("MAIL FROM:<a@x.example>").await.starts_with("250"));
            assert!(
                client
                    .say(&format!("RCPT TO:<{address}>"))
                    .await
                    .starts_with("250")
            );
            assert!(client.say("DATA").await.starts_with("354"));
            client.send(b"Subject: half a mail\r\n").await;
        }
        let (waited, heard) = until_let_go(&encrypting, client, MINUTE).await;
        assert!((5 * MINUTE..10 * MINUTE).contains(&waited), "{waited}");
        assert!(heard.starts_with("421 "), "{heard}");
    }
    // In the middle of a handshake.
    let mut client = SmtpClient::connect(&encrypting).await;
    assert!(client.say("EHLO x.example").await.starts_with("250"));
    assert!(client.say("STARTTLS").await.starts_with("220"));
    let (waited, heard) = until_let_go(&encrypting, client, 10_000).await;
    assert!(
        (30_000..120_000).contains(&waited) && heard.is_empty(),
        "{waited}: {heard}"
    );

    // Where a balancer should have said who it is.
    let proxied = app.receiving_with(proxied).await;
    let mut client = SmtpClient::silent(&proxied).await;
    client.send(b"PROXY TCP4 198.51.100.7").await;
    let (waited, heard) = until_let_go(&proxied, client, 2_000).await;
    assert!(
        (10_000..40_000).contains(&waited) && heard.is_empty(),
        "{waited}: {heard}"
    );

    encrypting.settled().await;
    assert!(encrypting.mails(&helpdesk).await.is_empty());
}

async fn who_never_comes_to_an_end_is_let_go(app: TestApp) {
    let app = app.receiving().await;
    let mut client = SmtpClient::connect(&app).await;
    let mut minutes = 0;
    loop {
        client.send(b"NOOP\r\n").await;
        let answer = client.answer().await;
        if answer.is_empty() {
            break;
        }
        assert!(
            answer.starts_with("250 ") || answer.starts_with("421 "),
            "{answer}"
        );
        app.advance(60_000);
        minutes += 1;
        // A client that is always ready may go on for as long as the server's task is not interrupted.
        assert!(minutes < 1_000, "it goes on for ever");
    }
    assert!(minutes >= 30, "{minutes}");
    // There is room for others.
    SmtpClient::connect(&app).await;
}
