//! What is not a rate: how long a start takes, and how much things weigh.

use super::client;
use super::server::{Server, binary};
use std::io::Write as _;

const STARTS: usize = 5;

pub(super) async fn run(mut server: Server) {
    let memory = client::memory_mib(server.process());
    println!("\nmemory at the end of all this: {memory:.1} MiB");
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(server.start_again().await);
    }
    starts.sort_unstable();
    let idle = client::memory_mib(server.process());
    println!(
        "cold start on these data, to the first 200: {:.0} ms (median of {STARTS}), then {idle:.1} MiB",
        starts[STARTS / 2].as_secs_f64() * 1e3
    );
    let bytes = std::fs::metadata(binary()).unwrap().len();
    println!("binary: {:.2} MB", bytes as f64 / 1e6);
    println!("\n{:<28} {:>9} {:>9} {:>9}", "bytes", "plain", "gzip", "brotli");
    let operator = server.operator().await;
    for path in [
        "conversations",
        "contacts",
        "search?q=seeded",
        "ticket-center",
        "settings/messages",
    ] {
        let text = server.text(&operator.path(path), Some(&operator)).await;
        weigh(path, text.as_bytes());
    }
    let page = server
        .text(&operator.path("conversations"), Some(&operator))
        .await;
    for asset in page.split('"').filter(|part| part.starts_with("/assets/")) {
        weigh(asset, server.text(asset, None).await.as_bytes());
    }
    weigh(
        "/ticket-center.js",
        server.text("/ticket-center.js", None).await.as_bytes(),
    );
    server.stop().await;
}

fn weigh(name: &str, bytes: &[u8]) {
    let name: String = name.chars().take(28).collect();
    println!(
        "{name:<28} {:>9} {:>9} {:>9}",
        bytes.len(),
        gzip(bytes),
        brotli(bytes)
    );
}

fn gzip(bytes: &[u8]) -> usize {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap().len()
}

fn brotli(bytes: &[u8]) -> usize {
    let mut packed = Vec::new();
    let mut packer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    packer.write_all(bytes).unwrap();
    drop(packer);
    packed.len()
}
