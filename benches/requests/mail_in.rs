//! Mail in: what a mail costs from the sender's greeting to its conversation in the inbox, and the memory
//! that long ones take.

use super::client;
use super::server::{self, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

const MAILS: usize = 10_000;
const CONNECTIONS: usize = 32;
/// Mails over one connection, as busy servers send them.
const PER_SESSION: usize = 50;
/// Mails a second that a node on SQLite is to keep up with, kept and filed.
const LEAST: f64 = 1_000.0;
/// A long mail, and how many come at once.
const LONG_BYTES: usize = 50 * 1024 * 1024;
const LONG_AT_ONCE: usize = 4;

pub(super) async fn run(engine: db::Engine) {
    let listen = free_address();
    let settings = vec![
        ("HELPDESKY_MAIL_DOMAIN", "in.example.com".to_owned()),
        ("HELPDESKY_SMTP_LISTEN", listen.clone()),
        ("HELPDESKY_MAIL_BYTES", (LONG_BYTES + LONG_BYTES / 8).to_string()),
    ];
    let server = Server::start_with(engine, settings).await;
    let door = Door {
        listen,
        recipient: server.forwarding_address().await,
    };
    let idle = client::memory_mib(server.process());
    println!("\n# {}: mail in\n\nidle: {idle:.1} MiB", server::name(engine));
    // Statements are prepared, pages are cached.
    door.send(&server, 0..MAILS / 10).await;

    let before = server::counters(server.address()).await;
    let (began, cpu) = (Instant::now(), client::cpu_ms(server.process()));
    let taken = door.send(&server, MAILS / 10..MAILS / 10 + MAILS).await;
    let (filed, cpu) = (began.elapsed(), client::cpu_ms(server.process()) - cpu);
    let after = server::counters(server.address()).await;
    let each = |name: &str| (after[name] - before[name]) / MAILS as f64;
    let a_second = |time: Duration| MAILS as f64 / time.as_secs_f64();
    println!(
        "{MAILS} mails of 2 kB over {CONNECTIONS} connections: {:.0} a second acknowledged, {:.0} a second with their \
         conversation{}; {:.3} CPU-ms, {:.1} statements and {:.2} fsyncs each; {:.1} MiB",
        a_second(taken),
        a_second(filed),
        if engine == db::Engine::Sqlite {
            format!(" (at least {LEAST:.0})")
        } else {
            String::new()
        },
        cpu / MAILS as f64,
        each("helpdesky_database_statements_total"),
        each("helpdesky_database_commits_total"),
        client::memory_mib(server.process()),
    );

    let watch = Highest::watch(server.process());
    let before = client::memory_mib(server.process());
    door.send_long(&server).await;
    println!(
        "{LONG_AT_ONCE} mails of {} MiB at once: {:.1} MiB before, {:.1} MiB at most, {:.1} MiB at the end",
        LONG_BYTES / 1024 / 1024,
        before,
        watch.stop().await,
        client::memory_mib(server.process()),
    );
    server.stop().await;
}

/// A port that was free a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The listener, as senders know it.
struct Door {
    listen: String,
    recipient: String,
}

impl Door {
    /// Sends the mails of these numbers, each from another sender, and waits until none waits any more.
    /// Returns when the last one was acknowledged.
    async fn send(&self, server: &Server, numbers: std::ops::Range<usize>) -> Duration {
        let (began, next, end) = (
            Instant::now(),
            Arc::new(AtomicUsize::new(numbers.start)),
            numbers.end,
        );
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (next, listen, to) = (Arc::clone(&next), self.listen.clone(), self.recipient.clone());
                tokio::spawn(async move {
                    loop {
                        let mut session = Session::open(&listen).await;
                        for _ in 0..PER_SESSION {
                            let n = next.fetch_add(1, Ordering::Relaxed);
                            if n >= end {
                                return;
                            }
                            session.deliver(&from(n), &to, &mail(n, &to)).await;
                        }
                    }
                })
            })
            .collect();
        for sender in senders {
            sender.await.unwrap();
        }
        let taken = began.elapsed();
        settled(server).await;
        taken
    }

    async fn send_long(&self, server: &Server) {
        let senders: Vec<_> = (0..LONG_AT_ONCE)
            .map(|n| {
                let (listen, to) = (self.listen.clone(), self.recipient.clone());
                tokio::spawn(async move {
                    let mail = long_mail(n, &to);
                    let mut session = Session::open(&listen).await;
                    session.deliver(&from(n), &to, &mail).await;
                })
            })
            .collect();
        for sender in senders {
            sender.await.unwrap();
        }
        settled(server).await;
    }
}

async fn settled(server: &Server) {
    let operator = server.operator().await;
    let path = operator.path("mails?state=waiting");
    let row = operator.path("mails/");
    while server.text(&path, Some(&operator)).await.contains(&row) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn from(n: usize) -> String {
    format!("sender{n}@customers.example")
}

/// A mail as people send it: two parts, an answer with the text it answers, a signature.
fn mail(n: usize, to: &str) -> Vec<u8> {
    let text = "I have looked at the page that you named, and the export still stops at line 4,000. \
        Could you look at it once more? The file is the same as before, and so is the browser.";
    let quoted = "> Thank you for writing. Would you try it once more and tell us the file's name?";
    format!(
        "From: Sender {n} <{from}>\r\nTo: {to}\r\nSubject: The export stops, number {n}\r\n\
         Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{n}.bench@customers.example>\r\n\
         In-Reply-To: <other.{n}@customers.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"part{n}\"\r\n\r\n\
         --part{n}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         {text}\r\n\r\nOn Thu, 26 Nov 2026 at 09:12, Support wrote:\r\n{quoted}\r\n{quoted}\r\n\r\n-- \r\nSender {n}\r\n\
         --part{n}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <div dir=\"ltr\"><p>{text}</p></div><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Thu, 26 Nov 2026 at 09:12, Support wrote:<br></div>\
         <blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex;border-left:1px solid #ccc\"><p>{quoted}</p><p>{quoted}</p></blockquote></div>\r\n\
         --part{n}--\r\n.\r\n",
        from = from(n),
    )
    .into_bytes()
}

/// A mail with one long file.
fn long_mail(n: usize, to: &str) -> Vec<u8> {
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\r\n";
    let mut mail = format!(
        "From: Sender {n} <{from}>\r\nTo: {to}\r\nSubject: A long file, number {n}\r\nMessage-ID: <long.{n}@customers.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n\r\n\
         --part\r\n\r\nHere it is.\r\n--part\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename=long.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        from = from(n),
    )
    .into_bytes();
    while mail.len() < LONG_BYTES {
        mail.extend_from_slice(line.as_bytes());
    }
    mail.extend_from_slice(b"--part--\r\n.\r\n");
    mail
}

/// One connection of a sender, which waits for each answer but for those that may be pipelined.
struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    async fn open(listen: &str) -> Self {
        let stream = TcpStream::connect(listen).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut session = Self {
            stream: BufReader::new(stream),
        };
        session.expect("220").await;
        session.say(b"EHLO bench.example\r\n").await;
        session.expect("250").await;
        session
    }

    async fn deliver(&mut self, from: &str, to: &str, mail: &[u8]) {
        self.say(format!("MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n").as_bytes())
            .await;
        self.expect("250").await;
        self.expect("250").await;
        self.expect("354").await;
        self.say(mail).await;
        self.expect("250").await;
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// Reads one answer, of several lines perhaps.
    async fn expect(&mut self, code: &str) {
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(code), "{code} was expected: {line}");
            if line.as_bytes().get(3) == Some(&b' ') {
                return;
            }
        }
    }
}

/// The most memory that a process had while it was watched.
struct Highest {
    is_over: Arc<AtomicBool>,
    watcher: JoinHandle<f64>,
}

impl Highest {
    fn watch(process: u32) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&is_over);
        let watcher = tokio::spawn(async move {
            let mut highest = 0.0_f64;
            while !end.load(Ordering::Relaxed) {
                highest = highest.max(client::memory_mib(process));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            highest
        });
        Self { is_over, watcher }
    }

    async fn stop(self) -> f64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.watcher.await.unwrap()
    }
}
