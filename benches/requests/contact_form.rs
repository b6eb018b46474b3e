//! The Contact Form under a flood: what a message that is taken costs, what each kind of refusal costs, and
//! how honest senders fare while four in five posts are abuse.

use super::client;
use super::server::{self, Server};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const HONEST: usize = 1_000;
/// Of each kind, alone; and all together in the flood.
const ABUSIVE: usize = 2_000;
const CONNECTIONS: usize = 16;
/// A refusal costs at most this part of a message that is taken.
const LIMIT: f64 = 0.1;

/// What somebody sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Honest,
    /// A token that nobody gave out.
    NoToken,
    /// A good token with a number that proves nothing.
    WrongProof,
    /// A form that was sent before, with another text.
    UsedForm,
    /// One network far above its limit.
    OneNetwork,
    /// No address.
    NoAddress,
}

const ABUSE: [Kind; 5] = [
    Kind::NoToken,
    Kind::WrongProof,
    Kind::UsedForm,
    Kind::OneNetwork,
    Kind::NoAddress,
];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Honest => "taken",
            Self::NoToken => "refused: no token of ours",
            Self::WrongProof => "refused: wrong proof",
            Self::UsedForm => "refused: form used before",
            Self::OneNetwork => "refused: network above its limit",
            Self::NoAddress => "refused: no address",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Honest => 200,
            Self::NoToken | Self::WrongProof | Self::NoAddress => 422,
            Self::UsedForm => 409,
            Self::OneNetwork => 429,
        }
    }
}

pub(super) async fn run(engine: db::Engine) {
    let settings = vec![("HELPDESKY_TRUSTED_PROXIES", "127.0.0.1".to_owned())];
    let server = Server::start_with(engine, settings).await;
    server.open_the_form().await;
    println!("\n# {}: the Contact Form\n", server::name(engine));
    let forms = Forms::get(&server, 3 * HONEST + 1).await;

    // Statements are prepared, pages are cached.
    let warm: Vec<Kind> = ABUSE
        .into_iter()
        .chain([Kind::Honest])
        .cycle()
        .take(600)
        .collect();
    send(&server, &forms, &warm).await;

    println!(
        "{:<36} {:>10} {:>10} {:>9} {:>9} {:>11} {:>7}",
        "each alone", "CPU-ms", "x taken", "p50 ms", "p99 ms", "statements", "fsyncs"
    );
    let mut taken = None;
    for kind in [Kind::Honest].into_iter().chain(ABUSE) {
        let count = if kind == Kind::Honest { HONEST } else { ABUSIVE };
        let (before, cpu) = (
            server::counters(server.address()).await,
            client::cpu_ms(server.process()),
        );
        let sent = send(&server, &forms, &vec![kind; count]).await;
        let cpu = (client::cpu_ms(server.process()) - cpu) / count as f64;
        let after = server::counters(server.address()).await;
        let each = |name: &str| (after[name] - before[name]) / count as f64;
        let of_taken = cpu / *taken.get_or_insert(cpu);
        println!(
            "{:<36} {cpu:>10.3} {of_taken:>10.3} {:>9.2} {:>9.2} {:>11.2} {:>7.2}{}",
            kind.name(),
            sent.at(kind, 50),
            sent.at(kind, 99),
            each("helpdesky_database_statements_total"),
            each("helpdesky_database_commits_total"),
            if kind != Kind::Honest && of_taken > LIMIT {
                "  above the limit of 0.1"
            } else {
                ""
            },
        );
    }

    let mut mixed = Vec::new();
    for n in 0..HONEST {
        mixed.push(Kind::Honest);
        mixed.extend((0..4).map(|more| ABUSE[(4 * n + more) % ABUSE.len()]));
    }
    let (began, cpu) = (Instant::now(), client::cpu_ms(server.process()));
    let sent = send(&server, &forms, &mixed).await;
    let (elapsed, cpu) = (began.elapsed(), client::cpu_ms(server.process()) - cpu);
    println!(
        "\nflood of {} posts over {CONNECTIONS} connections, one in five honest: {:.0} a second, {:.0} honest ones a second taken, \
         all {HONEST} of them; honest p50 {:.1} ms, p99 {:.1} ms; refused p99 {:.1} ms; {:.3} CPU-ms for each post; {:.1} MiB",
        mixed.len(),
        mixed.len() as f64 / elapsed.as_secs_f64(),
        HONEST as f64 / elapsed.as_secs_f64(),
        sent.at(Kind::Honest, 50),
        sent.at(Kind::Honest, 99),
        ABUSE
            .into_iter()
            .map(|kind| sent.at(kind, 99))
            .fold(0.0, f64::max),
        cpu / mixed.len() as f64,
        client::memory_mib(server.process()),
    );
    server.stop().await;
}

/// Forms that were asked for, each with the proof of its work.
struct Forms {
    /// Token and number; the last one is used up first, by abuse.
    good: Vec<(String, String)>,
    next: AtomicUsize,
    networks: AtomicUsize,
    helpdesk: String,
}

impl Forms {
    async fn get(server: &Server, count: usize) -> Arc<Self> {
        let (helpdesk, mut good) = (server.helpdesk().to_owned(), Vec::new());
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let mut buffer = Vec::new();
        for n in 0..count {
            let body = format!(r#"{{"helpdeskId":"{helpdesk}"}}"#);
            stream.write_all(&post("form", network(n), &body)).await.unwrap();
            let (status, _) = client::any_answer(&mut stream, &mut buffer).await;
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&buffer));
            let text = String::from_utf8_lossy(&buffer).into_owned();
            let (_, json) = text.split_once("\r\n\r\n").unwrap();
            let form: serde_json::Value = serde_json::from_str(json).unwrap();
            let token = form["token"].as_str().unwrap().to_owned();
            let bits = u8::try_from(form["proofBits"].as_u64().unwrap()).unwrap();
            let proves = |n: &u64| helpdesky::forms::proof::is_proof(&token, &n.to_string(), bits);
            let number = (0..).find(proves).unwrap().to_string();
            good.push((token, number));
        }
        // No form is sent as fast as a robot would.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let forms = Arc::new(Self {
            good,
            next: AtomicUsize::new(0),
            networks: AtomicUsize::new(0),
            helpdesk,
        });
        let mut used = TcpStream::connect(server.address()).await.unwrap();
        used.write_all(&forms.message(
            &forms.good[count - 1],
            "used@example.com",
            "The first text",
            network(1),
        ))
        .await
        .unwrap();
        assert_eq!(client::any_answer(&mut used, &mut buffer).await.0, 200);
        forms
    }

    /// The bytes of a post of a kind.
    fn make(&self, kind: Kind) -> Vec<u8> {
        let n = self.networks.fetch_add(1, Ordering::Relaxed);
        let (email, text) = (
            format!("visitor{n}@customers.example"),
            format!("Do you ship to Norway? Number {n}"),
        );
        let used = &self.good[self.good.len() - 1];
        match kind {
            Kind::Honest => {
                let at = self.next.fetch_add(1, Ordering::Relaxed);
                self.message(&self.good[at], &email, &text, network(n))
            }
            Kind::NoToken => self.message(
                &("x".repeat(used.0.len()), "1".to_owned()),
                &email,
                &text,
                network(n),
            ),
            Kind::WrongProof => self.message(&(used.0.clone(), "x".to_owned()), &email, &text, network(n)),
            Kind::UsedForm => self.message(used, &email, &text, network(n)),
            Kind::OneNetwork => self.message(used, &email, &text, Ipv4Addr::new(203, 0, 113, 9)),
            Kind::NoAddress => self.message(used, "visitor@localhost", &text, network(n)),
        }
    }

    fn message(&self, (token, proof): &(String, String), email: &str, text: &str, from: Ipv4Addr) -> Vec<u8> {
        let body = format!(
            r#"{{"helpdeskId":"{}","email":"{email}","name":"Visitor","subject":"A question","message":"{text}","token":"{token}","proof":"{proof}"}}"#,
            self.helpdesk
        );
        post("message", from, &body)
    }
}

/// Each one of another network.
fn network(n: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(n).unwrap())
}

fn post(call: &str, from: Ipv4Addr, body: &str) -> Vec<u8> {
    format!(
        "POST /api/messaging/contact-form/{call} HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: {from}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// How long the answers took, shortest first, by kind.
struct Sent(BTreeMap<Kind, Vec<Duration>>);

impl Sent {
    /// Milliseconds within which so many of a hundred were answered.
    fn at(&self, kind: Kind, of_hundred: usize) -> f64 {
        let all = &self.0[&kind];
        all[all.len() * of_hundred / 100].as_secs_f64() * 1e3
    }
}

/// Sends posts in this order; each must be answered as its kind deserves.
async fn send(server: &Server, forms: &Arc<Forms>, kinds: &[Kind]) -> Sent {
    if kinds.contains(&Kind::OneNetwork) {
        exhaust(server.address(), forms).await;
    }
    let (kinds, next): (Arc<[Kind]>, _) = (kinds.into(), Arc::new(AtomicUsize::new(0)));
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (forms, kinds, next, address) = (
                Arc::clone(forms),
                Arc::clone(&kinds),
                Arc::clone(&next),
                server.address(),
            );
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut latencies, mut buffer) = (Vec::new(), Vec::with_capacity(16 * 1024));
                while let Some(kind) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let request = forms.make(*kind);
                    let began = Instant::now();
                    stream.write_all(&request).await.unwrap();
                    let (status, _) = client::any_answer(&mut stream, &mut buffer).await;
                    latencies.push((*kind, began.elapsed()));
                    assert_eq!(
                        status,
                        kind.status(),
                        "{kind:?}: {}",
                        String::from_utf8_lossy(&buffer)
                    );
                }
                latencies
            })
        })
        .collect();
    let mut all: BTreeMap<Kind, Vec<Duration>> = BTreeMap::new();
    for worker in workers {
        for (kind, took) in worker.await.unwrap() {
            all.entry(kind).or_default().push(took);
        }
    }
    all.values_mut().for_each(|latencies| latencies.sort_unstable());
    Sent(all)
}

/// Sends from the one network until it is above its limit.
async fn exhaust(address: SocketAddr, forms: &Forms) {
    let (mut stream, mut buffer) = (TcpStream::connect(address).await.unwrap(), Vec::new());
    for _ in 0..2_000 {
        stream.write_all(&forms.make(Kind::OneNetwork)).await.unwrap();
        if client::any_answer(&mut stream, &mut buffer).await.0 == 429 {
            return;
        }
    }
    panic!("a network has no limit");
}
