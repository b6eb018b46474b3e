//! Texts in the DNS: one question to the resolver of this machine, over UDP, and over TCP when the
//! answer does not fit (RFC 1035 4.2; RFC 6891). The resolver is believed; whether an answer is the
//! domain's own (DNSSEC) is its business.

mod recent;

use crate::app::App;
use recent::Recent;
use simple_dns::rdata::{OPT, RData, TXT};
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

const PATIENCE: Duration = Duration::from_secs(4);
const TRIES: usize = 2;
/// What fits in a datagram on any road (the DNS flag day of 2020).
const DATAGRAM: u16 = 1232;

/// Why there is no answer, in words that follow "the DNS ".
pub(crate) type Unanswered = String;

/// The texts (TXT records) of a name, which may be some minutes old; none when there is no such name.
pub(crate) async fn recent_texts(app: &App, name: &str) -> Result<Vec<String>, Unanswered> {
    let recent = app.room(|_| Recent::default());
    if let Some(texts) = recent.get(name, app.now_ms()) {
        return Ok(texts);
    }
    let texts = texts(app, name).await?;
    recent.keep(name, &texts, app.now_ms());
    Ok(texts)
}

/// The texts of a name as they are now, for somebody who has just changed them.
pub(crate) async fn texts(app: &App, name: &str) -> Result<Vec<String>, Unanswered> {
    let server = match app.config().dns_server {
        Some(server) => server,
        None => system_server(),
    };
    let id = u16::from_be_bytes(app.random().bytes());
    let question = question(id, name).ok_or_else(|| format!("has no names such as {name}"))?;
    let mut last = String::new();
    for _ in 0..TRIES {
        match tokio::time::timeout(PATIENCE, ask(server, &question, id)).await {
            Ok(Ok(answer)) => return read(&answer),
            Ok(Err(error)) => last = format!("server {server} cannot be asked: {error}"),
            Err(_) => last = format!("server {server} did not answer within {} s", PATIENCE.as_secs()),
        }
    }
    Err(last)
}

/// The first server of `/etc/resolv.conf`; the one on this machine where nothing is said.
fn system_server() -> SocketAddr {
    let said = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let servers = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"));
    let address: Option<IpAddr> = servers.filter_map(|server| server.trim().parse().ok()).next();
    SocketAddr::new(address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), 53)
}

fn question(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).ok()?;
    packet
        .questions
        .push(Question::new(name, TYPE::TXT.into(), CLASS::IN.into(), false));
    *packet.opt_mut() = Some(OPT {
        opt_codes: Vec::new(),
        udp_packet_size: DATAGRAM,
        version: 0,
    });
    packet.build_bytes_vec().ok()
}

async fn ask(server: SocketAddr, question: &[u8], id: u16) -> std::io::Result<Vec<u8>> {
    let any: IpAddr = if server.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        std::net::Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // From here on only this server is heard.
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut datagram = [0; DATAGRAM as usize];
    loop {
        let length = socket.recv(&mut datagram).await?;
        let Some(answer) = datagram.get(..length) else {
            continue;
        };
        match Packet::parse(answer) {
            Ok(packet) if packet.id() == id && is_about(&packet, question) => {
                if packet.has_flags(PacketFlag::TRUNCATION) {
                    return ask_by_tcp(server, question).await;
                }
                return Ok(answer.to_vec());
            }
            // Cut off in the middle of a record, or not for us.
            Err(_) if answer.starts_with(&id.to_be_bytes()) => return ask_by_tcp(server, question).await,
            _ => {}
        }
    }
}

/// Whether this is a response to the question: whoever guesses the number must know the name as well.
fn is_about(answer: &Packet<'_>, question: &[u8]) -> bool {
    let Ok(asked) = Packet::parse(question) else {
        return false;
    };
    let names = |packet: &Packet<'_>| -> Vec<String> {
        let names = packet.questions.iter().map(|question| question.qname.to_string());
        names.map(|name| name.to_ascii_lowercase()).collect()
    };
    answer.has_flags(PacketFlag::RESPONSE) && names(answer) == names(&asked)
}

async fn ask_by_tcp(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(std::io::Error::other)?;
    stream
        .write_all(&[&length.to_be_bytes(), question].concat())
        .await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

fn read(answer: &[u8]) -> Result<Vec<String>, Unanswered> {
    let packet = Packet::parse(answer).map_err(|_| "server gave an answer that cannot be read".to_owned())?;
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Vec::new()),
        other => return Err(format!("server answered: {other:?}")),
    }
    let texts = packet.answers.iter().filter_map(|record| match &record.rdata {
        RData::TXT(text) => Some(joined(text)),
        _ => None,
    });
    Ok(texts.collect())
}

/// A long text is kept in pieces, which belong together without anything between them
/// (RFC 6376 3.6.2.2).
fn joined(text: &TXT<'_>) -> String {
    String::try_from(text.clone()).unwrap_or_default()
}
