//! A mail server that takes mail strictly, and fails where it is told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a slow server lets pass between two bytes.
const SLOWNESS: Duration = Duration::from_millis(300);

/// Where it fails. `Body` is in the middle of a mail, `End` after its final dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Connect,
    Banner,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    Body,
    End,
    Quit,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It answers this line in place of the right one.
    Says(&'static str),
    /// It cuts the connection.
    Resets,
    /// It does nothing any more.
    Stalls,
    /// It goes on, a byte at a time.
    Crawls,
}

/// A mail it took over, as it stood before its dots were doubled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    /// The last recipient that it took.
    pub(crate) to: String,
    /// All of them.
    pub(crate) all: Vec<String>,
    pub(crate) bytes: Vec<u8>,
}

/// What it saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) mails: Vec<Taken>,
    /// Every command, in the order of all connections; what was said by STARTTLS begins with `tls `.
    pub(crate) lines: Vec<String>,
    pub(crate) connections: usize,
    /// Connections that are open, and the most there were at once.
    pub(crate) open: usize,
    pub(crate) most_open: usize,
}

/// How it behaves.
#[derive(Clone, Default)]
pub(crate) struct Script {
    pub(crate) fault: Option<(At, Fault)>,
    /// The lines of its answer to EHLO after the first.
    pub(crate) offers: Vec<&'static str>,
    /// The same under TLS, when they differ.
    pub(crate) offers_in_tls: Option<Vec<&'static str>>,
    pub(crate) acceptor: Option<TlsAcceptor>,
    /// TLS from the first byte.
    pub(crate) implicit: bool,
    /// What somebody on the way adds to the answer to STARTTLS.
    pub(crate) injected: &'static str,
    /// It takes no mail without a sender in its envelope.
    pub(crate) wants_sender: bool,
    /// Recipients it does not know begin with this.
    pub(crate) unknown: Option<&'static str>,
    /// It hangs up after so many mails on one connection.
    pub(crate) mails_each: Option<usize>,
    /// How long it thinks after the final dot, with the mail in its hands.
    pub(crate) thinks: Option<Duration>,
    /// The right last line of a sign-in.
    pub(crate) sign_in: Option<String>,
}

pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A certificate for these names, in PEM, and what a server needs to show it.
pub(crate) fn certificate(names: &[&str], expired: bool) -> (String, TlsAcceptor) {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(names).expect("names");
    if expired {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    }
    let made = params.self_signed(&key).expect("a certificate");
    let private = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], private)
        .expect("a server's certificate");
    (made.pem(), TlsAcceptor::from(Arc::new(config)))
}

impl SmtpServer {
    pub(crate) async fn start(script: Script) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // What a client pours must not all fit into buffers.
        socket.set_recv_buffer_size(16 * 1024).expect("a small buffer");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let listener = socket.listen(64).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let task = tokio::spawn(accept(listener, Arc::new(script), Arc::clone(&seen)));
        Self { port, seen, task }
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().expect("what was seen"))
    }

    pub(crate) fn mails(&self) -> Vec<Taken> {
        self.seen(|seen| seen.mails.clone())
    }
}

async fn accept(listener: TcpListener, script: Arc<Script>, seen: Arc<Mutex<Seen>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
        tokio::spawn(async move {
            note(&seen, |seen| {
                seen.connections += 1;
                seen.open += 1;
                seen.most_open = seen.most_open.max(seen.open);
            });
            // An error is a connection that ended, here or there.
            drop(serve(stream, &script, &seen).await);
            note(&seen, |seen| seen.open -= 1);
        });
    }
}

fn note(seen: &Mutex<Seen>, change: impl FnOnce(&mut Seen)) {
    change(&mut seen.lock().expect("what was seen"));
}

/// The connection is over.
struct Gone;

impl From<std::io::Error> for Gone {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

type Step<T> = Result<T, Gone>;

async fn serve(stream: TcpStream, script: &Script, seen: &Mutex<Seen>) -> Step<()> {
    if let Some((at, Fault::Resets)) = script.fault {
        // Whenever it is dropped, it ends with RST.
        stream.set_zero_linger()?;
        if at == At::Connect {
            return Ok(());
        }
    }
    if script.implicit {
        let acceptor = script.acceptor.as_ref().expect("a certificate");
        let stream = acceptor.accept(stream).await?;
        let mut line = Line::new(stream, script, true);
        line.say(At::Banner, "220 test").await?;
        return converse(&mut line, seen).await.map(drop);
    }
    let mut line = Line::new(stream, script, false);
    line.say(At::Banner, "220 test").await?;
    if converse(&mut line, seen).await? {
        let acceptor = script.acceptor.as_ref().expect("a certificate");
        let stream = acceptor.accept(line.stream).await?;
        let mut line = Line::new(stream, script, true);
        converse(&mut line, seen).await?;
    }
    Ok(())
}

struct Line<'a, S> {
    stream: S,
    script: &'a Script,
    in_tls: bool,
    received: Vec<u8>,
}

/// Answers commands until the connection ends, or is to go on under TLS (`true`).
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<'_, S>,
    seen: &Mutex<Seen>,
) -> Step<bool> {
    let (mut from, mut all, mut mails) = (String::new(), Vec::new(), 0);
    loop {
        let command = line.hear().await?;
        let shown = if line.in_tls {
            format!("tls {command}")
        } else {
            command.clone()
        };
        note(seen, |seen| seen.lines.push(shown));
        let verb = command.split(' ').next().unwrap_or_default();
        match verb {
            "EHLO" => {
                let offers = line.script.offers_in_tls.as_ref().filter(|_| line.in_tls);
                let offers = offers.unwrap_or(&line.script.offers);
                let mut answer = String::new();
                for offer in std::iter::once(&"test").chain(offers) {
                    answer.push_str(&format!("250-{offer}\r\n"));
                }
                line.say(At::Ehlo, &format!("{answer}250 HELP")).await?;
            }
            "STARTTLS" => {
                let answer = format!("220 go on\r\n{}", line.script.injected);
                line.stream.write_all(answer.as_bytes()).await?;
                return Ok(true);
            }
            "AUTH" => sign_in(line, &command, seen).await?,
            "MAIL" => {
                from = path(&command);
                all.clear();
                let answer = if from.is_empty() && line.script.wants_sender {
                    "501 5.1.7 a sender is needed"
                } else {
                    "250 2.1.0 ok"
                };
                line.say(At::Mail, answer).await?;
            }
            "RCPT" => {
                let to = path(&command);
                let knows = line.script.unknown.is_none_or(|unknown| !to.starts_with(unknown));
                let answer = if knows {
                    all.push(to);
                    "250 2.1.5 ok"
                } else {
                    "550 5.1.1 no such user"
                };
                line.say(At::Rcpt, answer).await?;
            }
            "DATA" => {
                line.say(At::Data, "354 go on").await?;
                let bytes = line.mail().await?;
                let taken = Taken {
                    from: from.clone(),
                    to: all.last().cloned().unwrap_or_default(),
                    all: std::mem::take(&mut all),
                    bytes,
                };
                note(seen, |seen| seen.mails.push(taken));
                if let Some(thinks) = line.script.thinks {
                    tokio::time::sleep(thinks).await;
                }
                line.say(At::End, "250 2.0.0 taken").await?;
                mails += 1;
                if line.script.mails_each == Some(mails) {
                    return Ok(false);
                }
            }
            "QUIT" => {
                line.say(At::Quit, "221 bye").await?;
                return Ok(false);
            }
            _ => line.write("500 what?").await?,
        }
    }
}

async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<'_, S>,
    command: &str,
    seen: &Mutex<Seen>,
) -> Step<()> {
    let mut last = command.to_owned();
    if command == "AUTH LOGIN" {
        for challenge in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
            line.write(challenge).await?;
            last = line.hear().await?;
            note(seen, |seen| seen.lines.push(last.clone()));
        }
    }
    let good = line.script.sign_in.as_ref().is_none_or(|wanted| *wanted == last);
    if !good && command.starts_with("AUTH XOAUTH2") {
        line.write("334 eyJzdGF0dXMiOiI0MDEifQ==").await?;
        line.hear().await?;
    }
    let answer = if good {
        "235 2.7.0 welcome".to_owned()
    } else {
        // It repeats what it was told, as some do.
        format!("535 5.7.8 wrong: {last}")
    };
    line.say(At::Auth, &answer).await
}

fn path(command: &str) -> String {
    let inside = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(path, _)| path.to_owned()).unwrap_or_default()
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Line<'a, S> {
    fn new(stream: S, script: &'a Script, in_tls: bool) -> Self {
        Self {
            stream,
            script,
            in_tls,
            received: Vec::new(),
        }
    }

    /// Says a line, or fails when this is the place.
    async fn say(&mut self, at: At, line: &str) -> Step<()> {
        match self.script.fault.filter(|(place, _)| *place == at) {
            None => self.write(line).await,
            // Whoever was refused may still say QUIT.
            Some((_, fault)) => self.fail(fault, line).await,
        }
    }

    async fn fail(&mut self, fault: Fault, line: &str) -> Step<()> {
        match fault {
            Fault::Says(other) => self.write(other).await,
            Fault::Resets => Err(Gone),
            Fault::Stalls => {
                // Until the other side has had enough.
                let mut nothing = [0; 1];
                while self.stream.read(&mut nothing).await? > 0 {}
                Err(Gone)
            }
            Fault::Crawls => {
                for byte in line.bytes().chain(*b"\r\n") {
                    self.stream.write_all(&[byte]).await?;
                    self.stream.flush().await?;
                    tokio::time::sleep(SLOWNESS).await;
                }
                Ok(())
            }
        }
    }

    async fn write(&mut self, line: &str) -> Step<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.stream.flush().await?)
    }

    async fn hear(&mut self) -> Step<String> {
        let bytes = self.line().await?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    }

    async fn line(&mut self) -> Step<Vec<u8>> {
        let mut looked = 0;
        loop {
            let found = self
                .received
                .get(looked..)
                .and_then(|new| new.iter().position(|b| *b == b'\n'));
            if let Some(end) = found {
                return Ok(self.received.drain(..=looked + end).collect());
            }
            looked = self.received.len();
            let mut block = vec![0; 16 * 1024];
            match self.stream.read(&mut block).await? {
                0 => return Err(Gone),
                read => self.received.extend_from_slice(&block[..read]),
            }
        }
    }

    /// A mail up to the final dot. A lone CR or LF ends nothing here, and shows in the bytes.
    async fn mail(&mut self) -> Step<Vec<u8>> {
        let mut mail: Vec<u8> = Vec::new();
        loop {
            let line = self.line().await?;
            let begins = mail.is_empty() || mail.ends_with(b"\r\n");
            if begins && line == b".\r\n" {
                return Ok(mail);
            }
            let stuffed = begins && line.starts_with(b".");
            mail.extend_from_slice(&line[usize::from(stuffed)..]);
            if let Some((At::Body, fault)) = self.script.fault
                && mail.len() == line.len()
            {
                match fault {
                    Fault::Says(_) => self.fail(fault, "").await?,
                    Fault::Stalls => {
                        // It reads no more; what was poured fills the buffers.
                        std::future::pending::<()>().await;
                    }
                    Fault::Crawls => loop {
                        let mut byte = [0; 1];
                        self.stream.read_exact(&mut byte).await?;
                        tokio::time::sleep(SLOWNESS).await;
                    },
                    Fault::Resets => self.fail(fault, "").await?,
                }
            }
        }
    }
}
