//! Mail that a mail server of others forwards to the listener: Postfix, given the mail by swaks.

use db::Tx;
use helpdesky::config::Config;
use helpdesky::mail_in::{Door, Sender, State};

use super::raw_of;
use crate::support::TestApp;
use crate::support::app::MAIL_DOMAIN;
use crate::support::letters::SmtpClient;
use crate::support::postfix::{MTA, Postfix, Routes};
use crate::support::smtp::{Script, SmtpServer};

both_engines!(
    what_a_mail_server_forwards_arrives_once_encrypted_and_byte_for_byte,
    an_address_that_is_refused_is_returned_by_the_mail_server_and_not_by_us,
    what_cannot_be_stored_waits_with_the_mail_server,
);

const SUPPORT: &str = "support@fernway.example";
const MEGABYTES: usize = 10;

/// Shows a certificate for the domain of incoming mail.
fn certified(config: &mut Config) {
    let name = MAIL_DOMAIN.to_owned();
    let made = rcgen::generate_simple_self_signed(vec![name]).expect("a certificate");
    let (chain, key) = (config.data.join("chain.pem"), config.data.join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).expect("a certificate");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a key");
    config.mail_in.certificate = Some((chain, key));
}

fn head(from: &str, subject: &str, id: &str) -> String {
    format!(
        "From: {from}\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\nDate: Thu, 28 May 2026 20:00:00 +0000\r\n\
         Message-ID: <{id}@x.example>\r\nMIME-Version: 1.0\r\n"
    )
}

/// Mails that one server or another has spoiled.
fn mails() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let plain = head("Ann <ann@x.example>", "Plain", "plain")
        + "\r\n.\r\n..two dots\r\n  blanks at the end \t \r\nFrom here\r\n\r\n\r\n";
    let mut eight_bit = head("Ann <ann@x.example>", "8 bits", "bits").into_bytes();
    eight_bit.extend_from_slice(b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe, \xa0\x80\xff\r\n");
    let international = head(
        "J\u{f6}rg <\u{fc}ser@b\u{fc}cher.example>",
        "Gr\u{fc}\u{df}e \u{1f9ef}",
        "utf8",
    ) + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u{645}\u{631}\u{62d}\u{628}\u{627}\r\n";
    let mut long = head("Ann <ann@x.example>", "Long", "long")
        + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n\
           Content-Type: application/octet-stream; name=big.bin\r\nContent-Disposition: attachment\r\n\
           Content-Transfer-Encoding: base64\r\n\r\n";
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n";
    long.push_str(&line.repeat(MEGABYTES * 1024 * 1024 / line.len()));
    long.push_str("--b--\r\n");
    vec![
        ("Plain", "ann@x.example", plain.into_bytes()),
        ("8 bits", "ann@x.example", eight_bit),
        (
            "Gr\u{fc}\u{df}e \u{1f9ef}",
            "\u{fc}ser@b\u{fc}cher.example",
            international.into_bytes(),
        ),
        ("Long", "ann@x.example", long.into_bytes()),
    ]
}

/// The headers by which servers say that a mail passed them, and the mail without them.
fn traces(raw: &[u8]) -> (Vec<String>, &[u8]) {
    let (mut traces, mut rest): (Vec<String>, &[u8]) = (Vec::new(), raw);
    loop {
        let end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        match traces.last_mut() {
            _ if line.starts_with(b"Received:") => traces.push(String::from_utf8_lossy(line).into_owned()),
            Some(trace) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                trace.push_str(&String::from_utf8_lossy(line));
            }
            _ => return (traces, rest),
        }
        rest = after;
    }
}

/// Gives it a mail of an address that swaks cannot tell (RFC 6531).
async fn say_in_utf8(postfix: &Postfix, from: &str, raw: &[u8]) {
    let mut client = SmtpClient::silent_to(([127, 0, 0, 1], postfix.port).into()).await;
    for (say, wanted) in [
        (String::new(), "220"),
        ("EHLO client.example\r\n".to_owned(), "250"),
        (format!("MAIL FROM:<{from}> SMTPUTF8 BODY=8BITMIME\r\n"), "250"),
        (format!("RCPT TO:<{SUPPORT}>\r\n"), "250"),
        ("DATA\r\n".to_owned(), "354"),
    ] {
        client.send(say.as_bytes()).await;
        let answer = client.answer().await;
        assert!(answer.starts_with(wanted), "{say}: {answer}");
    }
    client.send(raw).await;
    let answer = client.say(".").await;
    assert!(answer.starts_with("250"), "{answer}");
}

/// A mail server that forwards the support address to the helpdesk, by verified TLS only.
fn forwarding(app: &TestApp, address: &str) -> Postfix {
    let port = app.smtp.expect("a listener for mail").port();
    let certificate = app.app.config().mail_in.certificate.as_ref();
    let (chain, _) = certificate.expect("a certificate");
    Postfix::start(&Routes {
        aliases: vec![(SUPPORT.to_owned(), address.to_owned())],
        transports: vec![(MAIL_DOMAIN.to_owned(), Routes::to_port(port))],
        trusted: std::fs::read_to_string(chain).expect("a certificate"),
        main: format!(
            "smtp_tls_security_level = encrypt\nsmtp_tls_loglevel = 1\n\
             smtp_tls_policy_maps = inline:{{ {{[127.0.0.1]:{port} = secure match={MAIL_DOMAIN}}} }}\n"
        ),
        ..Routes::default()
    })
}

async fn what_a_mail_server_forwards_arrives_once_encrypted_and_byte_for_byte(app: TestApp) {
    let app = app.receiving_with(certified).await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let postfix = forwarding(&app, &address);
    let all = mails();
    for (number, (subject, from, raw)) in all.iter().enumerate() {
        if from.is_ascii() {
            let given = postfix.swaks(from, SUPPORT, raw);
            assert!(given.status.success(), "{subject}: {given:?}\n{}", postfix.log());
        } else {
            say_in_utf8(&postfix, from, raw).await;
        }
        postfix.until_empty().await;
        app.settled().await;
        // The list stands in the order of time.
        app.advance(1);
        let found = app.mails(&helpdesk).await;
        assert_eq!(found.len(), number + 1, "{subject}\n{}", postfix.log());
        let mail = found.last().expect("a mail");
        assert_eq!((mail.state, mail.subject.as_str()), (State::Filed, *subject));
        assert_eq!(
            (mail.door, &mail.sender),
            (Door::Smtp, &Sender::Address((*from).to_owned()))
        );
        assert_eq!(mail.recipients, std::slice::from_ref(&address));

        let kept = raw_of(&app, &helpdesk, mail.id).await;
        let (traces, rest) = traces(&kept);
        assert!(
            rest == raw.as_slice(),
            "{subject} is not as it was:\n{}",
            String::from_utf8_lossy(&kept[..kept.len().min(3_000)])
        );
        assert_eq!(traces.len(), 2, "ours and that of the other server: {traces:?}");
        let with = if subject.is_ascii() { "ESMTPS" } else { "UTF8SMTPS" };
        assert!(
            traces[0].starts_with(&format!("Received: from {MTA} ([127.0.0.1])"))
                && traces[0].contains(&format!("with {with};")),
            "{traces:?}"
        );
    }
    assert!(
        postfix.log().contains("Verified TLS connection established"),
        "{}",
        postfix.log()
    );
    let ann = app.contact(&helpdesk, "ann@x.example");
    assert_eq!(ann.conversations().await.len(), 3);
    let long = app
        .mails(&helpdesk)
        .await
        .pop()
        .and_then(|mail| mail.conversation_id);
    let history = ann.history(&long.expect("a conversation").to_string()).await;
    let file = &history["messages"][0]["attachments"][0];
    assert_eq!(file["name"], "big.bin");
    assert_eq!(file["size"], 57 * (MEGABYTES * 1024 * 1024 / 78));
}

async fn an_address_that_is_refused_is_returned_by_the_mail_server_and_not_by_us(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let former = app.forwarding_address(&helpdesk).await;
    let (id, by) = (
        helpdesk.id.parse().expect("an id"),
        helpdesky::audit::By::console(),
    );
    helpdesky::inboxes::renew(&app.app, id, &by, true)
        .await
        .expect("a new address");
    let writer = SmtpServer::start(Script::default()).await;
    let port = app.smtp.expect("a listener for mail").port();
    let postfix = Postfix::start(&Routes {
        aliases: vec![(SUPPORT.to_owned(), former)],
        transports: vec![
            (MAIL_DOMAIN.to_owned(), Routes::to_port(port)),
            ("x.example".to_owned(), Routes::to_port(writer.port)),
        ],
        ..Routes::default()
    });
    let raw = head("Ann <ann@x.example>", "To nobody", "nobody") + "\r\nHello\r\n";
    let given = postfix.swaks("ann@x.example", SUPPORT, raw.as_bytes());
    assert!(given.status.success(), "{given:?}");
    postfix.until_empty().await;
    let [returned] = &writer.mails()[..] else {
        panic!("one report: {:?}\n{}", writer.mails(), postfix.log())
    };
    assert_eq!(
        (returned.from.as_str(), returned.to.as_str()),
        ("", "ann@x.example")
    );
    let report = String::from_utf8_lossy(&returned.bytes);
    assert!(
        report.contains(&format!("MAILER-DAEMON@{MTA}")) && report.contains("550 5.1.1"),
        "{report}"
    );
    app.settled().await;
    assert!(app.mails(&helpdesk).await.is_empty());
    assert!(helpdesky::mail_out::mailer::take_memory(&app.app).is_empty());
}

async fn what_cannot_be_stored_waits_with_the_mail_server(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let port = app.smtp.expect("a listener for mail").port();
    let postfix = Postfix::start(&Routes {
        aliases: vec![(SUPPORT.to_owned(), address)],
        transports: vec![(MAIL_DOMAIN.to_owned(), Routes::to_port(port))],
        ..Routes::default()
    });
    let alter = async |sql: &'static str| {
        let altered = app
            .app
            .db()
            .write(async move |tx: &mut Tx| tx.execute(sql, &[]).await);
        altered.await.expect("another schema");
    };
    // Nobody knows whose address it is, or nothing can be stored.
    for (number, (table, away, back)) in [
        (
            "forwarding_addresses",
            "ALTER TABLE forwarding_addresses RENAME TO away",
            "ALTER TABLE away RENAME TO forwarding_addresses",
        ),
        (
            "mails",
            "ALTER TABLE mails RENAME TO away",
            "ALTER TABLE away RENAME TO mails",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        alter(away).await;
        let raw = head("Ann <ann@x.example>", table, table) + "\r\nHello\r\n";
        let given = postfix.swaks("ann@x.example", SUPPORT, raw.as_bytes());
        assert!(given.status.success(), "{given:?}");
        postfix.until_waiting("said: 451 4.3.").await;
        alter(back).await;
        postfix.until_empty().await;
        app.settled().await;
        let found = app.mails(&helpdesk).await;
        assert_eq!(found.len(), number + 1, "{}", postfix.log());
        assert!(found.iter().any(|mail| mail.subject == table));
    }
    assert!(!postfix.log().contains("status=bounced"), "{}", postfix.log());
}
