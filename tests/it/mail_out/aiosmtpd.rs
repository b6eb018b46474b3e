//! Against a mail server and a reader of mail that others wrote: aiosmtpd and Python's `email`.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use helpdesky::config::{Auth, Hidden, Login, Tls};
use helpdesky::mail_out::relays::{self, Limits};
use helpdesky::mail_out::smtp::Stage;
use mail::{Mailbox, MessageId, Unsubscribe, compose};
use serde_json::Value;

use super::{PASSWORD, login, outgoing, relay, sender};

/// Debian's own Python: `.ci/tools.sh` installs aiosmtpd for that one.
const PYTHON: &str = "/usr/bin/python3";
const PROGRAM: &str = include_str!("aiosmtpd.py");

struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    port: u16,
    /// Its certificate, in PEM.
    pem: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    fn start(mode: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = (
            folder.path().join("certificate.pem"),
            folder.path().join("key.pem"),
        );
        std::fs::write(&certificate, made.cert.pem()).expect("a certificate");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("a key");
        let mut child = Command::new(PYTHON)
            .args(["-c", PROGRAM])
            .args([certificate, key])
            .args(["user@example.com", PASSWORD, mode])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It has much to say about settings that are meant here.
            .stderr(Stdio::null())
            .spawn()
            .expect("Python");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut server = Self {
            child,
            output,
            port: 0,
            pem: made.cert.pem(),
            _folder: folder,
        };
        let line = server.line();
        let missing = "aiosmtpd does not start; install python3-aiosmtpd, as .ci/tools.sh does";
        server.port = line.trim().parse().expect(missing);
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("its output");
        line
    }

    fn mail(&mut self) -> Value {
        serde_json::from_str(&self.line()).expect("a mail")
    }
}

#[tokio::test]
async fn another_server_takes_our_mail_and_another_reader_reads_it() {
    let text = ".\r\n..leading dots\r\n\u{645}\u{631}\u{62d}\u{628}\u{627} \u{1f9ef}\r\n.\r\nend";
    for (mode, tls) in [("tls", Tls::Implicit), ("starttls", Tls::StartTls)] {
        let mut server = Server::start(mode);
        let sender = sender(Some(&server.pem)).await;
        for (number, auth) in [Auth::Plain, Auth::Login].into_iter().enumerate() {
            let relay = relay(server.port, tls, login(auth));
            let mut mail = outgoing(number, "\u{fc}ser@b\u{fc}cher.example", text);
            mail.from =
                Mailbox::new("J\u{f6}rg \"the\" Helper, Support", "support@example.com").expect("an address");
            mail.subject = "Re: \u{dc}bersicht\r\nBcc: evil@example.com".to_owned();
            mail.references = vec![MessageId::parse("a@example.com").expect("an id")];
            mail.unsubscribe = Unsubscribe::parse("https://help.example.com/stop/abc");
            let sent = relays::send(&sender.app, &relay, Limits::default(), &compose(&mail)).await;
            assert!(sent.is_ok(), "{mode} {auth:?}: {sent:?}");

            let found = server.mail();
            assert_eq!(found["from"], "support@example.com");
            assert_eq!(
                found["to"],
                serde_json::json!(["\u{fc}ser@xn--bcher-kva.example"])
            );
            assert_eq!(
                (&found["tls"], &found["utf8"]),
                (&Value::Bool(true), &Value::Bool(true))
            );
            assert_eq!(found["defects"], serde_json::json!([]));
            let headers = &found["headers"];
            assert_eq!(headers["subject"], "Re: \u{dc}bersicht Bcc: evil@example.com");
            assert_eq!(headers["bcc"], Value::Null);
            assert_eq!(headers["message-id"], format!("<mail-{number}@example.com>"));
            assert_eq!(headers["in-reply-to"], "<a@example.com>");
            assert_eq!(headers["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
            assert!(
                headers["from"]
                    .as_str()
                    .is_some_and(|from| from.contains("J\u{f6}rg")),
                "{headers}"
            );
            let read = found["text"]
                .as_str()
                .expect("a text")
                .trim_end()
                .replace("\r\n", "\n");
            assert_eq!(read, text.replace("\r\n", "\n"));
            assert!(
                found["html"]
                    .as_str()
                    .is_some_and(|html| html.contains("leading dots"))
            );
        }
        let wrong = Login {
            user: "user@example.com".to_owned(),
            password: Hidden("another".to_owned()),
            auth: Auth::Any,
        };
        let failure = relays::knock(&sender.app, &relay(server.port, tls, Some(wrong)))
            .await
            .expect_err("a wrong password");
        assert_eq!(failure.stage, Stage::Auth, "{}", failure.words);
        assert!(failure.words.contains("535"), "{}", failure.words);
    }
}
