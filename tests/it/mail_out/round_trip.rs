//! Whatever a text holds, the server takes one mail, and the same one.

use helpdesky::config::Tls;
use helpdesky::mail_out::relays::{self, Limits};
use mail::compose;

use super::{outgoing, relay, sender};
use crate::support::random::Random;
use crate::support::smtp::{Script, SmtpServer};

/// What has made one mail into two, or another one, somewhere before.
const PIECES: &[&str] = &[
    ".",
    "..",
    "\r\n.\r\n",
    "\n.\n",
    "\r.\r",
    "\n.\r\n",
    "\r\n.\n",
    "\r",
    "\n",
    "\r\n\r\n",
    "\u{2028}.\u{2028}",
    "\u{85}",
    "\0",
    "=",
    "=0D=0A.=0D=0A",
    "MAIL FROM:<evil@example.com>",
    "\r\n.\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\n",
    "--=_",
    "From here",
    " ",
    "\t",
    "\u{1f9ef} \u{645}\u{631}\u{62d}\u{628}\u{627}",
    "word",
];

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "\u{fffd}")
}

#[tokio::test]
async fn one_mail_arrives_and_it_is_the_one_that_was_sent() {
    let server = SmtpServer::start(Script::default()).await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    let mut random = Random::new(27);
    let mut texts: Vec<String> = PIECES.iter().map(ToString::to_string).collect();
    texts.push("x".repeat(5_000));
    texts.push(format!("{}\r\n.\r\n{}", ".".repeat(998), "\u{fc}".repeat(3_000)));
    for _ in 0..crate::support::count(150, 2_000) {
        let pieces = 1 + random.below(12);
        texts.push((0..pieces).map(|_| PIECES[random.below(PIECES.len())]).collect());
    }
    for (number, text) in texts.iter().enumerate() {
        let mail = compose(&outgoing(number, "contact@example.com", text));
        relays::send(&sender.app, &relay, Limits::default(), &mail)
            .await
            .unwrap_or_else(|failure| panic!("{text:?}: {}", failure.words));
        let taken = server.mails();
        assert_eq!(taken.len(), number + 1, "{text:?} is one mail");
        let last = taken.last().expect("the mail");
        assert_eq!(last.to, "contact@example.com");
        assert_eq!(last.bytes, mail.bytes, "{text:?}");
        let read =
            mail::strict::read(&last.bytes, false).unwrap_or_else(|offence| panic!("{text:?}: {offence}"));
        assert_eq!(
            lines(&read.text).trim_end_matches('\n'),
            lines(text).trim_end_matches('\n')
        );
    }
}

/// Bytes that some other code made wrong are not put on the line.
#[tokio::test]
async fn bytes_with_lines_that_end_otherwise_are_not_sent() {
    let server = SmtpServer::start(Script::default()).await;
    let sender = sender(None).await;
    let relay = relay(server.port, Tls::Off, None);
    for bad in ["a\n.\nb\r\n", "a\r.\r\r\n", "no end"] {
        let mut mail = super::a_mail("contact@example.com");
        mail.bytes = bad.as_bytes().to_vec();
        let sent = relays::send(&sender.app, &relay, Limits::default(), &mail).await;
        assert!(sent.is_err(), "{bad:?}");
    }
    assert!(server.mails().is_empty());
}
