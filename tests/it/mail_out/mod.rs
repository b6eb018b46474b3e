//! Mail that goes out: what becomes of it whatever a mail server does, and what it looks like.

use std::time::Duration;

use helpdesky::app::App;
use helpdesky::clock::Clock;
use helpdesky::config::{Auth, Config, Hidden, Login, Relay, Tls};
use helpdesky::ids::Random;
use helpdesky::mail_out::relays;
use helpdesky::mail_out::smtp::Patience;
use mail::{ComposedMail, Mailbox, MessageId, OutgoingMail, Writer, compose};

mod aiosmtpd;
mod delivery;
mod dkim_record;
mod faults;
mod post;
mod relay;
mod round_trip;
mod settings;
mod tls;

const START_MS: i64 = 1_780_000_000_000;
const PASSWORD: &str = "a p\u{e4}ssword, findable";

/// An application that only sends mail; it trusts the certificate in `ca`.
struct Sender {
    app: App,
    _folder: tempfile::TempDir,
}

async fn sender(ca: Option<&str>) -> Sender {
    sender_with(|config| {
        if let Some(pem) = ca {
            let file = config.data.join("ca.pem");
            std::fs::write(&file, pem).expect("a certificate");
            config.smtp_ca = Some(file);
        }
    })
    .await
}

async fn sender_with(change: impl FnOnce(&mut Config)) -> Sender {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::for_folder(folder.path());
    change(&mut config);
    let app = App::open(config, Clock::manual(START_MS), Random::system())
        .await
        .expect("an application");
    Sender { app, _folder: folder }
}

/// Gives up on silence after this long, and on everything else hardly ever.
fn impatient(app: &App, silence: Duration) {
    let patience = Patience {
        connect: Duration::from_secs(20),
        reply: silence,
        block: silence,
        end: silence,
        quit: Duration::from_millis(200),
    };
    relays::set_patience(app, patience);
}

fn relay(port: u16, tls: Tls, login: Option<Login>) -> Relay {
    Relay::new("localhost", port, tls, login).expect("a relay")
}

fn login(auth: Auth) -> Option<Login> {
    Some(Login {
        user: "user@example.com".to_owned(),
        password: Hidden(PASSWORD.to_owned()),
        auth,
    })
}

/// The mail numbered so, to this address.
fn outgoing(number: usize, to: &str, text: &str) -> OutgoingMail {
    OutgoingMail {
        from: Mailbox::new("Support", "support@example.com").expect("an address"),
        to: Mailbox::new("", to).expect("an address"),
        copies: Vec::new(),
        reply_to: None,
        subject: "A question".to_owned(),
        date_seconds: START_MS / 1000,
        message_id: MessageId::parse(&format!("mail-{number}@example.com")).expect("an id"),
        references: Vec::new(),
        text: text.to_owned(),
        html: format!("<p>{}</p>", text.replace('<', "&lt;")),
        unsubscribe: None,
        writer: Writer::Machine,
        files: Vec::new(),
        loop_mark: String::new(),
    }
}

fn a_mail(to: &str) -> ComposedMail {
    compose(&outgoing(1, to, "An answer."))
}
