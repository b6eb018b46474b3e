//! A server of the DNS on loopback, which answers as servers do, or as they should not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use simple_dns::rdata::{RData, TXT};
use simple_dns::{CLASS, Packet, PacketFlag, RCODE, ResourceRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// What the server has.
#[derive(Clone, Default)]
pub(crate) struct Zone {
    /// Under every name.
    pub(crate) texts: Vec<String>,
    /// Under some names more.
    pub(crate) named: Vec<(String, String)>,
    pub(crate) code: Option<RCODE>,
    /// What is said over UDP is cut off.
    pub(crate) truncates: bool,
    /// Other answers come first: with another number, and about another name.
    pub(crate) is_spoofed: bool,
    /// It says nothing that can be read.
    pub(crate) mumbles: bool,
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
        let name = asked.questions[0].qname.clone();
        let named = self.named.iter().filter(|(known, _)| *known == name.to_string());
        for text in self.texts.iter().chain(named.map(|(_, text)| text)) {
            let mut record = TXT::new();
            // As zone files do: in pieces of 255 bytes.
            for piece in text.as_bytes().chunks(255) {
                let piece = std::str::from_utf8(piece).expect("ASCII");
                record.add_string(piece).expect("a piece");
            }
            let data = RData::TXT(record.into_owned());
            reply
                .answers
                .push(ResourceRecord::new(name.clone(), CLASS::IN, 60, data));
        }
        reply.build_bytes_vec().expect("an answer")
    }

    fn forged(&self, question: &[u8]) -> [Vec<u8>; 2] {
        let texts = vec!["v=DKIM1; p=forged".to_owned()];
        let zone = Self {
            texts,
            ..Self::default()
        };
        let mut other_number = zone.answer(question, true);
        other_number[0] ^= 0xff;
        let mut other_name = zone.answer(question, true);
        // The first letter of the name asked for, behind the header and a length.
        other_name[13] ^= 1;
        [other_number, other_name]
    }
}

/// A server that runs.
pub(crate) struct DnsServer {
    pub(crate) address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl DnsServer {
    /// From now on it has something else.
    pub(crate) fn set(&self, zone: Zone) {
        *self.zone.lock().expect("the zone") = zone;
    }

    /// The names it was asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("the names"))
    }
}

/// Starts a server.
pub(crate) async fn serve(zone: Zone) -> DnsServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let socket = UdpSocket::bind(address).await.expect("the same port");
    let server = DnsServer {
        address,
        zone: Arc::new(Mutex::new(zone)),
        asked: Arc::default(),
    };
    let (zone, asked) = (Arc::clone(&server.zone), Arc::clone(&server.asked));
    tokio::spawn(async move {
        let mut datagram = [0; 1500];
        while let Ok((length, peer)) = socket.recv_from(&mut datagram).await {
            let question = &datagram[..length];
            let zone = zone.lock().expect("the zone").clone();
            let name = Packet::parse(question).expect("a question").questions[0]
                .qname
                .to_string();
            asked.lock().expect("the names").push(name);
            if zone.is_spoofed {
                for forged in zone.forged(question) {
                    socket.send_to(&forged, peer).await.expect("sent");
                }
            }
            let mut answer = zone.answer(question, true);
            if zone.mumbles {
                answer.truncate(5);
            }
            socket.send_to(&answer, peer).await.expect("sent");
        }
    });
    let zone = Arc::clone(&server.zone);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let length = stream.read_u16().await.expect("a length");
            let mut question = vec![0; usize::from(length)];
            stream.read_exact(&mut question).await.expect("a question");
            let zone = zone.lock().expect("the zone").clone();
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
    server
}
