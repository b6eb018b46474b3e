//! The key that mail is signed with is looked up in the DNS: a server on loopback answers as servers do.

use std::net::SocketAddr;

use helpdesky::admin::{self, Command};
use helpdesky::audit::By;
use helpdesky::config::Mailer;
use helpdesky::helpdesks;
use helpdesky::ids::HelpdeskId;
use helpdesky::mail_out::dkim_record::{self, InDns};
use helpdesky::mail_out::settings::{self, Change, Signing};
use simple_dns::rdata::{RData, TXT};
use simple_dns::{CLASS, Packet, PacketFlag, RCODE, ResourceRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use super::{Sender, sender_with};

/// What the server has under every name.
#[derive(Clone, Default)]
struct Zone {
    texts: Vec<String>,
    code: Option<RCODE>,
    /// What is said over UDP is cut off.
    truncates: bool,
    /// Somebody else's answer comes first.
    is_spoofed: bool,
    /// It says nothing that can be read.
    mumbles: bool,
}

impl Zone {
    fn answer(&self, question: &[u8], by_udp: bool) -> Vec<u8> {
        let asked = Packet::parse(question).expect("a question");
        let mut reply = Packet::new_reply(asked.id());
        reply.set_flags(PacketFlag::RESPONSE);
        reply.questions.clone_from(&asked.questions);
        *reply.rcode_mut() = self.code.unwrap_or(RCODE::NoError);
        if by_udp && self.truncates {
            reply.set_flags(PacketFlag::TRUNCATION);
            return reply.build_bytes_vec().expect("an answer");
        }
        for text in &self.texts {
            let mut record = TXT::new();
            // As zone files do: in pieces of 255 bytes.
            for piece in text.as_bytes().chunks(255) {
                let piece = std::str::from_utf8(piece).expect("ASCII");
                record.add_string(piece).expect("a piece");
            }
            let name = asked.questions[0].qname.clone();
            reply.answers.push(ResourceRecord::new(
                name,
                CLASS::IN,
                60,
                RData::TXT(record.into_owned()),
            ));
        }
        reply.build_bytes_vec().expect("an answer")
    }
}

async fn serve(zone: Zone) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let socket = UdpSocket::bind(address).await.expect("the same port");
    let by_udp = zone.clone();
    tokio::spawn(async move {
        let mut datagram = [0; 1500];
        while let Ok((length, peer)) = socket.recv_from(&mut datagram).await {
            let question = &datagram[..length];
            if by_udp.is_spoofed {
                let mut forged = Zone::default().answer(question, true);
                forged[0] ^= 0xff;
                socket.send_to(&forged, peer).await.expect("sent");
            }
            let mut answer = by_udp.answer(question, true);
            if by_udp.mumbles {
                answer.truncate(5);
            }
            socket.send_to(&answer, peer).await.expect("sent");
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let length = stream.read_u16().await.expect("a length");
            let mut question = vec![0; usize::from(length)];
            stream.read_exact(&mut question).await.expect("a question");
            let mut answer = zone.answer(&question, false);
            if zone.mumbles {
                answer.truncate(5);
            }
            stream
                .write_u16(u16::try_from(answer.len()).expect("short"))
                .await
                .expect("sent");
            stream.write_all(&answer).await.expect("sent");
        }
    });
    address
}

/// A helpdesk that signs, and asks this server.
async fn signing(server: SocketAddr, pem: &str) -> (Sender, HelpdeskId) {
    let sender = sender_with(|config| {
        config.dns_server = Some(server);
        config.mailer = Mailer::Smtp;
        config.mail_from = Some("support@example.com".to_owned());
    })
    .await;
    let id = helpdesks::add(&sender.app, &By::console(), "Acme")
        .await
        .expect("a helpdesk")
        .id;
    let selector = "helpdesky".to_owned();
    let dkim = if pem.is_empty() {
        Signing::New { selector }
    } else {
        Signing::Given {
            selector,
            pem: pem.to_owned().into(),
        }
    };
    let change = Change {
        dkim: Some(dkim),
        ..Change::default()
    };
    settings::set(&sender.app, id, &By::console(), change)
        .await
        .expect("it signs");
    (sender, id)
}

async fn record(sender: &Sender, id: HelpdeskId) -> String {
    let settings = settings::of(&sender.app, id).await.expect("settings");
    settings.dkim.expect("a key").record().value
}

#[tokio::test]
async fn what_the_dns_says_is_told() {
    for (zone, expected) in [
        (Zone::default(), InDns::Missing),
        (
            Zone {
                code: Some(RCODE::NameError),
                ..Zone::default()
            },
            InDns::Missing,
        ),
        (
            Zone {
                texts: vec!["v=DKIM1; p=".to_owned()],
                is_spoofed: true,
                ..Zone::default()
            },
            InDns::Other {
                text: "v=DKIM1; p=".to_owned(),
            },
        ),
        (
            Zone {
                texts: vec!["one".to_owned(), "two".to_owned()],
                ..Zone::default()
            },
            InDns::Several,
        ),
    ] {
        let (sender, id) = signing(serve(zone).await, "").await;
        let found = dkim_record::look_up(&sender.app, id).await.expect("an answer");
        assert_eq!(found, expected);
    }
    for zone in [
        Zone {
            code: Some(RCODE::ServerFailure),
            ..Zone::default()
        },
        Zone {
            mumbles: true,
            ..Zone::default()
        },
    ] {
        let (sender, id) = signing(serve(zone).await, "").await;
        let found = dkim_record::look_up(&sender.app, id).await.expect("an answer");
        assert!(matches!(found, InDns::Unanswered { .. }), "{found:?}");
    }
}

/// The key is known after the helpdesk is there, so the server learns it then.
#[tokio::test]
async fn a_key_is_found_also_a_long_one_in_pieces() {
    let rsa = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .expect("openssl");
    let rsa = String::from_utf8(rsa.stdout).expect("a key");
    for (pem, truncates) in [("", false), (rsa.as_str(), false), (rsa.as_str(), true)] {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        let (sender, id) = signing(nowhere, pem).await;
        let zone = Zone {
            texts: vec![record(&sender, id).await],
            truncates,
            ..Zone::default()
        };
        let pem = settings::of(&sender.app, id)
            .await
            .expect("settings")
            .dkim
            .expect("a key");
        let server = serve(zone).await;
        // The same data with another resolver.
        let mut config = sender.app.config().clone();
        config.dns_server = Some(server);
        let clock = helpdesky::clock::Clock::manual(super::START_MS);
        drop((pem, sender.app));
        let app = helpdesky::app::App::open(config, clock, helpdesky::ids::Random::system())
            .await
            .expect("the application again");
        assert_eq!(
            dkim_record::look_up(&app, id).await.expect("an answer"),
            InDns::Good
        );
        let doctor = admin::run(&app, Command::Doctor).await.expect("findings");
        assert!(doctor.text.contains("its key is in the DNS"), "{}", doctor.text);
    }
}

#[tokio::test]
async fn who_does_not_sign_is_told_so() {
    let sender = sender_with(|_| {}).await;
    let id = helpdesks::add(&sender.app, &By::console(), "Acme")
        .await
        .expect("a helpdesk")
        .id;
    let refused = dkim_record::look_up(&sender.app, id)
        .await
        .expect_err("nothing to look up");
    assert_eq!(refused.code, "not_signed");
}
