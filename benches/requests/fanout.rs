//! Live fan-out: two thousand open streams of one helpdesk, and what a message costs that some of them
//! must hear.

use super::client;
use super::server::Server;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

const CONTACTS: usize = 100;
const STREAMS_EACH: usize = 20;
const MESSAGES: usize = 300;
/// An event that takes longer is lost, and the run ends.
const LONGEST: Duration = Duration::from_secs(20);

pub(super) async fn run(server: &Server) {
    let before_mib = client::memory_mib(server.process());
    let heard = Arc::new(AtomicUsize::new(0));
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let mut contacts = Vec::new();
    for n in 0..CONTACTS {
        let contact = server.contact(&format!("listener{n}@example.com"));
        let token = server.token(&contact).await;
        let call = server.token_call("stream", &token);
        for _ in 0..STREAMS_EACH {
            let stream = open(server.address(), &call).await;
            tokio::spawn(listen(stream, sender.clone(), Arc::clone(&heard)));
        }
        contacts.push(contact);
    }
    let listeners = CONTACTS * STREAMS_EACH;
    let with_mib = client::memory_mib(server.process());
    let (cpu, began) = (client::cpu_ms(server.process()), Instant::now());
    let mut latencies = Vec::with_capacity(MESSAGES * STREAMS_EACH);
    for n in 0..MESSAGES {
        let contact = &contacts[n % CONTACTS];
        server.open(contact, &format!("Live question {n}")).await;
        let answered = Instant::now();
        for _ in 0..STREAMS_EACH {
            let arrived: Instant = tokio::time::timeout(LONGEST, arrivals.recv())
                .await
                .expect("an event for every stream of the contact")
                .unwrap();
            latencies.push(arrived.saturating_duration_since(answered));
        }
    }
    let cpu = (client::cpu_ms(server.process()) - cpu) / MESSAGES as f64;
    let elapsed = began.elapsed().as_secs_f64();
    latencies.sort_unstable();
    println!(
        "\nlive, {listeners} listeners ({:.1} KiB each): a message that {STREAMS_EACH} of them hear costs {cpu:.3} CPU-ms, \
         {:.0} messages and {:.0} deliveries a second one after another; heard {:.2} ms (p50), {:.2} ms (p99) after its answer",
        (with_mib - before_mib) * 1024.0 / listeners as f64,
        MESSAGES as f64 / elapsed,
        (MESSAGES * STREAMS_EACH) as f64 / elapsed,
        latencies[latencies.len() / 2].as_secs_f64() * 1e3,
        latencies[latencies.len() * 99 / 100].as_secs_f64() * 1e3,
    );
    assert_eq!(
        heard.load(Ordering::Relaxed),
        MESSAGES * STREAMS_EACH,
        "each event once, and nobody else's"
    );
}

/// Opens a stream and reads its head.
async fn open(address: SocketAddr, call: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(call).await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut head).await.unwrap() > 0, "no answer");
    }
    let text = String::from_utf8_lossy(&head);
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    stream
}

/// Reports each event as it comes. An event is short, so one read brings it whole or its rest follows.
async fn listen(mut stream: TcpStream, arrivals: mpsc::UnboundedSender<Instant>, heard: Arc<AtomicUsize>) {
    let mut text = Vec::new();
    while stream.read_buf(&mut text).await.is_ok_and(|read| read > 0) {
        while let Some(end) = text.windows(2).position(|window| window == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            if String::from_utf8_lossy(&event).contains("\"message\"") {
                heard.fetch_add(1, Ordering::Relaxed);
                if arrivals.send(Instant::now()).is_err() {
                    return;
                }
            }
        }
    }
}
