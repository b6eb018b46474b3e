//! The load: a fixed number of keep-alive connections, each sending its next request when the
//! answer to the last one is complete. Small on purpose, because it shares the machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) struct Load {
    address: SocketAddr,
    connections: usize,
    requests: usize,
    make: Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>,
}

impl Load {
    pub(super) fn new(
        address: SocketAddr,
        connections: usize,
        requests: usize,
        make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self {
            address,
            connections,
            requests,
            make: Arc::new(make),
        }
    }

    pub(super) fn get(address: SocketAddr, path: &str, connections: usize, requests: usize) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes();
        Self::new(address, connections, requests, move |_| request.clone())
    }
}

pub(super) struct Measured {
    cpu_ms: f64,
    per_second: f64,
    p50: Duration,
    p99: Duration,
    memory_mib: f64,
    bytes: usize,
    statements: Option<f64>,
    fsyncs: Option<f64>,
}

pub(super) const HEAD: &str =
    "CPU-ms/req  limit  x hello     req/s   p50 ms   p99 ms   RSS MiB  bytes/answer  statements  fsyncs";

impl Measured {
    pub(super) fn print(&self, name: &str, limit: Option<f64>, bare: &Self) {
        let optional =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        println!(
            "{name:<36} {:>10.3}  {:>5} {:>8.1} {:>9.0} {:>8.2} {:>8.2} {:>9.1} {:>13} {:>11} {:>7}",
            self.cpu_ms,
            optional(limit),
            self.ratio(bare),
            self.per_second,
            self.p50.as_secs_f64() * 1e3,
            self.p99.as_secs_f64() * 1e3,
            self.memory_mib,
            self.bytes,
            optional(self.statements),
            optional(self.fsyncs)
        );
    }

    /// CPU time over that of the bare server.
    pub(super) fn ratio(&self, bare: &Self) -> f64 {
        self.cpu_ms / bare.cpu_ms
    }
}

/// Runs the load once to warm up, with a tenth of the requests, and once to measure.
pub(super) async fn measure(process: u32, metrics: Option<SocketAddr>, load: Load) -> Measured {
    run(&load, load.requests / 10).await;
    let counters = || async {
        match metrics {
            Some(address) => Some(super::server::counters(address).await),
            None => None,
        }
    };
    let before = (cpu_ms(process), counters().await);
    let started = Instant::now();
    let (mut latencies, bytes) = run(&load, load.requests).await;
    let elapsed = started.elapsed();
    let after = (cpu_ms(process), counters().await);
    latencies.sort_unstable();
    let requests = latencies.len();
    let per_request = |name: &str| {
        let (before, after) = (before.1.as_ref()?, after.1.as_ref()?);
        Some((after[name] - before[name]) / requests as f64)
    };
    Measured {
        cpu_ms: (after.0 - before.0) / requests as f64,
        per_second: requests as f64 / elapsed.as_secs_f64(),
        p50: latencies[requests / 2],
        p99: latencies[requests * 99 / 100],
        memory_mib: memory_mib(process),
        bytes,
        statements: per_request("helpdesky_database_statements_total"),
        fsyncs: per_request("helpdesky_database_commits_total"),
    }
}

async fn run(load: &Load, requests: usize) -> (Vec<Duration>, usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..load.connections)
        .map(|_| {
            let (next, make, address) = (Arc::clone(&next), Arc::clone(&load.make), load.address);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut latencies, mut buffer, mut bytes) = (Vec::new(), Vec::with_capacity(256 * 1024), 0);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= requests {
                        return (latencies, bytes);
                    }
                    let request = make(number);
                    let started = Instant::now();
                    stream.write_all(&request).await.unwrap();
                    bytes = answer(&mut stream, &mut buffer).await;
                    latencies.push(started.elapsed());
                }
            })
        })
        .collect();
    let (mut all, mut size) = (Vec::new(), 0);
    for worker in workers {
        let (latencies, bytes) = worker.await.unwrap();
        all.extend(latencies);
        size = size.max(bytes);
    }
    (all, size)
}

/// Reads one whole answer and returns its size; anything but 200 ends the run.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> usize {
    let (status, bytes) = any_answer(stream, buffer).await;
    assert!(status == 200, "{}", String::from_utf8_lossy(buffer));
    bytes
}

/// Reads one whole answer: its status and its size.
pub(super) async fn any_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> (u16, usize) {
    buffer.clear();
    loop {
        assert!(
            stream.read_buf(buffer).await.unwrap() > 0,
            "the server closed the connection"
        );
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let total = head + 4 + length.expect("an answer with its length");
        while buffer.len() < total {
            assert!(stream.read_buf(buffer).await.unwrap() > 0, "the answer broke off");
        }
        return (status.expect("a status"), total);
    }
}

/// Time on a processor of all threads of a process so far, to the nanosecond (the first field of
/// schedstat; Documentation/scheduler/sched-stats in the kernel's source). A thread that ends takes its
/// share with it, so a server's pool of workers must live through the measurement, as it does.
pub(super) fn cpu_ms(process: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let ns: f64 = threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<f64>().ok())
        .sum();
    ns / 1e6
}

pub(super) fn memory_mib(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// Sends the load once, and returns how long each answer took, shortest first.
pub(super) async fn fill(load: Load) -> Vec<Duration> {
    let (mut latencies, _) = run(&load, load.requests).await;
    latencies.sort_unstable();
    latencies
}
