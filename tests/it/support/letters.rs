//! Mail to an installation that takes it: by a plain SMTP client, and what became of it.

use std::net::SocketAddr;
use std::time::Duration;

use helpdesky::ids::{HelpdeskId, MailId};
use helpdesky::inboxes;
use helpdesky::mail_in::mails::{self, Listed};
use helpdesky::mail_in::{self, Door, Received, Sender, State};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{TestApp, TestHelpdesk};

/// A session that is begun: lines out, answers in.
pub(crate) struct SmtpClient {
    stream: BufReader<TcpStream>,
}

impl SmtpClient {
    /// Connects and reads the greeting.
    pub(crate) async fn connect(app: &TestApp) -> Self {
        let mut client = Self::silent(app).await;
        let greeting = client.answer().await;
        assert!(greeting.starts_with("220 "), "{greeting}");
        client
    }

    /// Connects and reads nothing.
    pub(crate) async fn silent(app: &TestApp) -> Self {
        Self::silent_to(app.smtp.expect("a listener for mail")).await
    }

    /// The same with another server.
    pub(crate) async fn silent_to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream
            .get_mut()
            .write_all(bytes)
            .await
            .expect("a connection");
    }

    /// The next answer, all its lines; empty when the server hung up.
    pub(crate) async fn answer(&mut self) -> String {
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line);
            let read = tokio::time::timeout(Duration::from_secs(20), read).await;
            if read.expect("an answer in time").unwrap_or(0) == 0 {
                return answer;
            }
            let is_last = line.as_bytes().get(3) != Some(&b'-');
            answer.push_str(&line);
            if is_last {
                return answer;
            }
        }
    }

    /// Everything up to the end of the connection, however it ends.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut self.stream, &mut rest);
        let read = tokio::time::timeout(Duration::from_secs(20), read).await;
        drop(read.expect("the server hangs up"));
        rest
    }

    /// The connection, and what was received and not read yet.
    pub(crate) fn into_stream(self) -> (TcpStream, Vec<u8>) {
        let ahead = self.stream.buffer().to_vec();
        (self.stream.into_inner(), ahead)
    }

    /// One command and its answer.
    pub(crate) async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.answer().await
    }

    /// A whole mail; the answer to its end.
    pub(crate) async fn mail(&mut self, from: &str, to: &[&str], raw: impl AsRef<[u8]>) -> String {
        assert!(self.say(&format!("MAIL FROM:<{from}>")).await.starts_with("250"));
        for to in to {
            let answer = self.say(&format!("RCPT TO:<{to}>")).await;
            assert!(answer.starts_with("250"), "{to}: {answer}");
        }
        assert!(self.say("DATA").await.starts_with("354"));
        self.send(&stuffed(raw.as_ref())).await;
        self.say(".").await
    }
}

/// With CRLF and doubled dots.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(raw.len());
    for line in raw
        .strip_suffix(b"\n")
        .unwrap_or(raw)
        .split(|byte| *byte == b'\n')
    {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

impl TestApp {
    /// The address that a helpdesk's mail is forwarded to.
    pub(crate) async fn forwarding_address(&self, helpdesk: &TestHelpdesk) -> String {
        let addresses = inboxes::forwarding_addresses(&self.app, key(helpdesk)).await;
        addresses.expect("addresses").remove(0).address
    }

    /// Sends a mail to a helpdesk by SMTP and waits until it is settled.
    pub(crate) async fn smtp_mail(&self, from: &str, to: &str, raw: &str) {
        let mut client = SmtpClient::connect(self).await;
        assert!(client.say("EHLO mx.sender.example").await.starts_with("250"));
        let answer = client.mail(from, &[to], raw).await;
        assert!(answer.starts_with("250 "), "{answer}");
        self.settled().await;
    }

    /// Hands a mail to a helpdesk as a program does, and says what became of it.
    pub(crate) async fn deliver(&self, helpdesk: &TestHelpdesk, raw: impl AsRef<[u8]>) -> Listed {
        self.deliver_from(helpdesk, Sender::Unknown, raw).await
    }

    /// The same with an envelope.
    pub(crate) async fn deliver_from(
        &self,
        helpdesk: &TestHelpdesk,
        sender: Sender,
        raw: impl AsRef<[u8]>,
    ) -> Listed {
        let received = Received {
            helpdesk_id: key(helpdesk),
            door: Door::Api,
            sender,
            recipients: Vec::new(),
            client: "a test".to_owned(),
            raw: raw.as_ref().to_vec(),
        };
        let id = mail_in::receive(&self.app, received).await.expect("a mail");
        self.settled().await;
        self.mail(helpdesk, id).await
    }

    /// A mail that came in.
    pub(crate) async fn mail(&self, helpdesk: &TestHelpdesk, id: MailId) -> Listed {
        mails::get(&self.app, key(helpdesk), id).await.expect("a mail")
    }

    /// All mails of a helpdesk, the oldest first.
    pub(crate) async fn mails(&self, helpdesk: &TestHelpdesk) -> Vec<Listed> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = mails::list(&self.app, key(helpdesk), None, before)
                .await
                .expect("mails");
            all.extend(page.items);
            before = page.next;
            if before.is_none() {
                all.reverse();
                return all;
            }
        }
    }

    /// Waits until no mail waits to be read.
    pub(crate) async fn settled(&self) {
        for _ in 0..2_000 {
            // Two may read at once: what this call does not find may be in the server's hands.
            mail_in::settle_due(&self.app).await.expect("the pipeline");
            let mut waits = false;
            for helpdesk in helpdesky::helpdesks::list(&self.app).await.expect("helpdesks") {
                let page = mails::list(&self.app, helpdesk.id, Some(State::Waiting), None).await;
                waits |= !page.expect("mails").items.is_empty();
            }
            if !waits {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("mails wait for ever");
    }
}

fn key(helpdesk: &TestHelpdesk) -> HelpdeskId {
    HelpdeskId(helpdesk.id.parse::<Uuid>().expect("an id"))
}
