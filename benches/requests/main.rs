//! What a request costs. One command starts the release binary on a throw-away data folder, loads it
//! from this process over loopback, and prints for each job CPU milliseconds per request (of the
//! whole server process), requests per second, latencies, memory, statements and fsyncs per request,
//! and the ratio to a bare "hello" of the same HTTP stack measured in the same run.
//!
//!     cargo bench --bench requests                     SQLite, 1,000 conversations
//!     cargo bench --bench requests -- --seed 100000    more of them
//!     cargo bench --bench requests -- --postgres       on a throw-away PostgreSQL cluster
//!     cargo bench --bench requests -- --requests 5000  a longer run
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measuring program prints, and stops at the first thing that is wrong"
)]

mod client;
mod server;

use client::{Load, measure};
use server::{Hello, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CONNECTIONS: usize = 16;

struct Options {
    requests: usize,
    seed: usize,
    postgres: bool,
}

fn options() -> Options {
    let mut options = Options {
        requests: 3_000,
        seed: 1_000,
        postgres: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            arguments
                .next()
                .and_then(|text| text.parse().ok())
                .expect("a number after the option")
        };
        match argument.as_str() {
            "--requests" => options.requests = number(),
            "--seed" => options.seed = number(),
            "--postgres" => options.postgres = true,
            // Cargo adds this to every bench.
            "--bench" => {}
            other => panic!("unknown option {other}; see the head of benches/requests.rs"),
        }
    }
    options
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some(server::HELLO) {
        server::hello();
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(options()));
}

async fn run(options: Options) {
    let engine = if options.postgres { "PostgreSQL" } else { "SQLite" };
    println!(
        "{engine}, {} conversations, {CONNECTIONS} connections, {} requests each",
        options.seed, options.requests
    );
    let hello = Hello::start().await;
    let server = Server::start(options.postgres).await;
    server.seed(options.seed).await;

    let bare = measure(
        hello.process(),
        None,
        Load::get(hello.address(), "/", CONNECTIONS, options.requests),
    )
    .await;
    println!("{:<34} {}", "job", client::HEAD);
    bare.print("hello (bare)", &bare);

    let twenty = server.contact_with(20).await;
    let verify = server.call("verify", &twenty.signed(""));
    run_one(&server, &options, &bare, "verify, list of 20", move |_| {
        verify.clone()
    })
    .await;

    let count = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..100)
        .map(|n| server.contact(&format!("writer{n}@example.com")))
        .collect();
    let next = {
        let (writers, count, server) = (writers.clone(), Arc::clone(&count), server.caller());
        move |_| {
            let n = count.fetch_add(1, Ordering::Relaxed);
            let message = format!(
                r#","message":"Where is my order {n}? It was to come on Tuesday.","idempotencyKey":"n{n}""#
            );
            server.call("message", &writers[n % writers.len()].signed(&message))
        }
    };
    run_one(&server, &options, &bare, "new conversation (durable)", next).await;

    let open = server.open_conversations(&writers).await;
    let next = {
        let (writers, count, server) = (writers.clone(), Arc::clone(&count), server.caller());
        move |_| {
            let n = count.fetch_add(1, Ordering::Relaxed);
            let who = n % writers.len();
            let message = format!(
                r#","message":"And another thing, number {n}.","conversationId":"{}""#,
                open[who]
            );
            server.call("message", &writers[who].signed(&message))
        }
    };
    run_one(&server, &options, &bare, "reply (durable)", next).await;

    let (reader, conversation) = server.conversation_of(50).await;
    let one = server.call(
        &format!("conversations/{conversation}/messages"),
        &reader.signed(""),
    );
    run_one(
        &server,
        &options,
        &bare,
        "one conversation of 50 messages",
        move |_| one.clone(),
    )
    .await;

    let operator = server.operator().await;
    server
        .wait_for_index(&operator, &(options.seed - 1).to_string())
        .await;
    let rare = format!("search?q={}", options.seed / 2);
    for (name, path) in [
        ("inbox page, 50 rows", "conversations"),
        ("contacts page, 50 rows", "contacts"),
        ("search, a word that one has", rare.as_str()),
        ("search, a word that all have", "search?q=seeded"),
        ("search, a beginning that all have", "search?q=see"),
        ("search, three words", "search?q=seeded+question+begin"),
    ] {
        let page = operator.page(path);
        run_one(&server, &options, &bare, name, move |_| page.clone()).await;
    }
    server.stop().await;
}

async fn run_one(
    server: &Server,
    options: &Options,
    bare: &client::Measured,
    name: &str,
    request: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) {
    let load = Load::new(server.address(), CONNECTIONS, options.requests, request);
    measure(server.process(), Some(server.address()), load)
        .await
        .print(name, bare);
}
