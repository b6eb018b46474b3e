//! One session: the socket around the state machine of `mail::smtp_in`. The answer to the end of a mail is
//! given after the transaction that keeps it.

use super::Place;
use super::tls::Certificate;
use crate::app::App;
use crate::ids::HelpdeskId;
use crate::mail_in::doors::{self, Door, Sender, Taking};
use crate::{helpdesks, inboxes};
use mail::proxy::{self, Proxied};
use mail::smtp_in::{Event, Limits, Reply, Session, Tls};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// RFC 5321, 4.5.3.2.7.
const SILENCE: Duration = Duration::from_secs(5 * 60);
/// A whole session; whoever sends a byte now and then ends here.
const SESSION: Duration = Duration::from_secs(30 * 60);
const WRITING: Duration = Duration::from_secs(60);
const HANDSHAKE: Duration = Duration::from_secs(30);
const PROXY: Duration = Duration::from_secs(10);
const BLOCK: usize = 16 * 1024;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Says that there is no room and hangs up.
pub(super) async fn refuse(app: &App, mut stream: TcpStream) {
    let say = stream.write_all(b"421 4.7.0 Too many sessions; come back later\r\n");
    drop(app.clock().within(WRITING, say).await);
}

/// Serves a session to its end.
pub(super) async fn serve(
    app: &App,
    stream: TcpStream,
    peer: SocketAddr,
    certificate: Option<Arc<Certificate>>,
    mut place: Place,
) {
    let served = app.clock().within(SESSION, async {
        let mut stream = stream;
        let Some((peer, ahead)) = proxied(app, &mut stream, peer).await? else {
            return Ok(());
        };
        if !place.is_granted_to(peer.ip()) {
            refuse(app, stream).await;
            return Ok(());
        }
        let connection = Connection::new(app, Box::new(stream), peer, certificate);
        connection.run(ahead).await
    });
    match served.await {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::debug!(%peer, %error, "a session for mail broke off"),
        None => tracing::debug!(%peer, "a session for mail took too long"),
    }
}

/// Who the client is, and what it sent after the balancer's header. `None`: hang up.
async fn proxied(
    app: &App,
    stream: &mut TcpStream,
    peer: SocketAddr,
) -> io::Result<Option<(SocketAddr, Vec<u8>)>> {
    if !app.config().mail_in.is_proxied {
        return Ok(Some((peer, Vec::new())));
    }
    // Anybody else could send such a header.
    if !app.config().trusted_proxies.contains(&peer.ip()) {
        tracing::warn!(%peer, "smtp_proxy is on, and this client is none of trusted_proxies");
        return Ok(None);
    }
    let reading = async {
        let mut ahead = Vec::new();
        loop {
            match proxy::read(&ahead) {
                Proxied::Header { bytes, client } => {
                    ahead.drain(..bytes);
                    let mut client = client.unwrap_or(peer);
                    client.set_ip(client.ip().to_canonical());
                    return Ok(Some((client, ahead)));
                }
                Proxied::Invalid => return Ok(None),
                Proxied::Incomplete => {}
            }
            let mut block = [0; 512];
            let read = stream.read(&mut block).await?;
            if read == 0 {
                return Ok(None);
            }
            ahead.extend_from_slice(block.get(..read).unwrap_or_default());
        }
    };
    app.clock().within(PROXY, reading).await.unwrap_or(Ok(None))
}

/// A mail that is being taken.
#[derive(Default)]
struct Transaction {
    sender: Option<Sender>,
    /// The recipients of each helpdesk.
    recipients: Vec<(HelpdeskId, Vec<String>)>,
    takings: Vec<Taking>,
    /// The database refused something: the mail is not acknowledged.
    has_failed: bool,
}

struct Connection<'a> {
    app: &'a App,
    stream: Box<dyn Stream>,
    session: Session,
    certificate: Option<Arc<Certificate>>,
    peer: SocketAddr,
    hostname: String,
    is_encrypted: bool,
    /// The mail that is being taken may hold UTF-8 everywhere.
    is_utf8: bool,
    mail: Transaction,
}

impl<'a> Connection<'a> {
    fn new(
        app: &'a App,
        stream: Box<dyn Stream>,
        peer: SocketAddr,
        certificate: Option<Arc<Certificate>>,
    ) -> Self {
        let hostname = app.config().mail_in.domain.clone().unwrap_or_default();
        let limits = Limits {
            message_bytes: app.config().mail_in.most_bytes,
            ..Limits::default()
        };
        let tls = if certificate.is_some() {
            Tls::Offered
        } else {
            Tls::None
        };
        Self {
            app,
            stream,
            session: Session::new(&hostname, limits, tls),
            certificate,
            peer,
            hostname,
            is_encrypted: false,
            is_utf8: false,
            mail: Transaction::default(),
        }
    }

    async fn run(mut self, ahead: Vec<u8>) -> io::Result<()> {
        self.flush().await?;
        if !self.take(&ahead).await? {
            return Ok(());
        }
        let mut block = vec![0; BLOCK];
        loop {
            let is_idle = self.mail.takings.is_empty();
            let read = tokio::select! {
                read = self.app.clock().within(SILENCE, self.stream.read(&mut block)) => match read {
                    Some(read) => read?,
                    None => {
                        self.session.time_out();
                        self.take(&[]).await?;
                        return Ok(());
                    }
                },
                // A mail that has begun may come to its end.
                () = self.app.stopping(), if is_idle => {
                    self.session.shut_down();
                    self.take(&[]).await?;
                    return Ok(());
                }
            };
            if read == 0 {
                return Ok(());
            }
            let bytes = block.get(..read).unwrap_or_default().to_vec();
            if !self.take(&bytes).await? {
                return Ok(());
            }
        }
    }

    /// Gives bytes to the session and does what it asks for. False at the end.
    async fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let mut rest = bytes;
        loop {
            let taken = self.session.feed(rest);
            rest = rest.get(taken..).unwrap_or_default();
            while let Some(event) = self.session.next_event() {
                match event {
                    Event::StartTls => {
                        // What came after it in plain text is nobody's (RFC 3207, 5).
                        rest = &[];
                        self.encrypt().await?;
                    }
                    Event::Closed => {
                        self.flush().await?;
                        drop(self.app.clock().within(WRITING, self.stream.shutdown()).await);
                        return Ok(false);
                    }
                    other => self.on(other).await,
                }
            }
            if rest.is_empty() {
                break;
            }
        }
        self.flush().await?;
        Ok(true)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let output = self.session.take_output();
        if output.is_empty() {
            return Ok(());
        }
        let written = async {
            self.stream.write_all(&output).await?;
            self.stream.flush().await
        };
        let clock = self.app.clock();
        clock
            .within(WRITING, written)
            .await
            .unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn encrypt(&mut self) -> io::Result<()> {
        self.flush().await?;
        let Some(certificate) = &self.certificate else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let acceptor = certificate.acceptor();
        // Nobody is at the other end of this one; a handshake that fails ends the session.
        let (nobody, _) = tokio::io::duplex(1);
        let plain = std::mem::replace(&mut self.stream, Box::new(nobody));
        let clock = self.app.clock();
        let encrypted = clock
            .within(HANDSHAKE, acceptor.accept(plain))
            .await
            .unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))?;
        self.stream = Box::new(encrypted);
        self.is_encrypted = true;
        self.mail = Transaction::default();
        self.session.tls_started();
        Ok(())
    }

    async fn on(&mut self, event: Event) {
        match event {
            Event::MailFrom { sender, is_utf8, .. } => {
                self.is_utf8 = is_utf8;
                self.mail = Transaction {
                    sender: Some(sender.map_or(Sender::Null, Sender::Address)),
                    ..Transaction::default()
                };
                self.session.accept();
            }
            Event::RcptTo(recipient) => self.recipient(recipient).await,
            Event::Data(bytes) => self.data(&bytes).await,
            Event::Discard | Event::Reset => self.mail = Transaction::default(),
            Event::EndOfMessage => self.end().await,
            Event::StartTls | Event::Closed => {}
        }
    }

    async fn recipient(&mut self, recipient: String) {
        let found = match recipient.contains('@') {
            true => inboxes::helpdesk_of(self.app, &recipient).await,
            // RFC 5321, 4.5.1: postmaster is somebody everywhere.
            false => helpdesks::list(self.app)
                .await
                .map(|all| all.first().map(|helpdesk| helpdesk.id)),
        };
        match found {
            Ok(Some(helpdesk_id)) => {
                let known = self.mail.recipients.iter_mut().find(|(id, _)| *id == helpdesk_id);
                match known {
                    Some((_, recipients)) => recipients.push(recipient),
                    None => self.mail.recipients.push((helpdesk_id, vec![recipient])),
                }
                self.session.accept();
            }
            Ok(None) => {
                let domain = recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
                let refusal = if domain.eq_ignore_ascii_case(&self.hostname) {
                    Reply::never(550, "5.1.1", "There is no such address here")
                } else {
                    Reply::never(550, "5.7.1", "Mail for other domains is not carried on")
                };
                self.session.refuse(&refusal);
            }
            Err(_) => self.session.refuse(&for_now()),
        }
    }

    async fn data(&mut self, bytes: &[u8]) {
        if self.mail.has_failed {
            return;
        }
        if self.mail.takings.is_empty() {
            let trace = self.trace();
            for (helpdesk_id, _) in &self.mail.recipients {
                let mut taking = Taking::new(self.app, *helpdesk_id);
                self.mail.has_failed |= taking.write(trace.as_bytes()).await.is_err();
                self.mail.takings.push(taking);
            }
        }
        for taking in &mut self.mail.takings {
            self.mail.has_failed |= taking.write(bytes).await.is_err();
        }
    }

    /// The mail is whole: it is acknowledged once it is kept for everybody.
    async fn end(&mut self) {
        if self.mail.takings.is_empty() {
            // A mail without a byte.
            self.data(&[]).await;
        }
        let mail = std::mem::take(&mut self.mail);
        if mail.has_failed {
            self.session.refuse(&for_now());
            return;
        }
        let name = self.session.client().unwrap_or_default();
        let client = format!("{} {name}", self.peer.ip());
        let sender = mail.sender.unwrap_or(Sender::Unknown);
        for (taking, (_, recipients)) in mail.takings.into_iter().zip(&mail.recipients) {
            let prepared = taking.finish(Door::Smtp, &sender, recipients, &client);
            if let Err(error) = doors::keep(self.app, prepared).await {
                tracing::warn!(%error, "a mail could not be kept");
                // What was kept for others comes again and is known by its content.
                self.session.refuse(&for_now());
                return;
            }
        }
        self.session.accept();
    }

    /// The line that every server adds (RFC 5321, 4.4; RFC 6531, 4.3).
    fn trace(&self) -> String {
        let now = jiff::Timestamp::from_millisecond(self.app.now_ms()).unwrap_or_default();
        let date = jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default();
        let plain = |c: &char| c.is_ascii_graphic() && !"()<>;\\\"".contains(*c);
        let name: String = self
            .session
            .client()
            .unwrap_or("unknown")
            .chars()
            .filter(plain)
            .take(100)
            .collect();
        let with = match (self.is_utf8, self.is_encrypted) {
            (false, false) => "ESMTP",
            (false, true) => "ESMTPS",
            (true, false) => "UTF8SMTP",
            (true, true) => "UTF8SMTPS",
        };
        let address = match self.peer.ip() {
            IpAddr::V4(four) => four.to_string(),
            IpAddr::V6(six) => format!("IPv6:{six}"),
        };
        format!(
            "Received: from {name} ([{address}])\r\n\tby {} with {with}; {date}\r\n",
            self.hostname
        )
    }
}

fn for_now() -> Reply {
    Reply::later(
        451,
        "4.3.0",
        "The mail cannot be stored right now; try again later",
    )
}
