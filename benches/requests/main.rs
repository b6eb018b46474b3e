//! What requests cost. One command starts the release binary on throw-away data, loads it from this
//! process over loopback with a bounded number of requests, and prints for each job the CPU
//! milliseconds per request (of the whole server process), requests per second, latencies, memory,
//! statements and fsyncs per request, and the ratio to a bare "hello" of the same HTTP stack measured
//! in the same run. Then what each job costs with many conversations against with few; what a live
//! message costs with two thousand listeners; a storm of writes under a backup and long readers; ten
//! thousand mails that wait, and leave; ten thousand that come in, and long ones; the Contact Form under a
//! flood; a cold start; and the sizes of the binary, the pages and the embed.
//!
//!     cargo bench --bench requests                             both databases, 1,000 and 100,000
//!     cargo bench --bench requests -- --engine sqlite          one of them
//!     cargo bench --bench requests -- --sizes 1000,1000000     other numbers of conversations
//!     cargo bench --bench requests -- --requests 20000         a longer run of each job
//!     cargo bench --bench requests -- --only storm             one part: jobs, fanout, storm, mail,
//!                                                              mail-in, contact-form, facts
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measuring program prints, and stops at the first thing that is wrong"
)]

mod client;
mod contact_form;
mod facts;
mod fanout;
mod hello;
mod jobs;
mod mail;
mod mail_in;
mod server;
mod storm;

use client::{Load, Measured, measure};
use hello::Hello;
use server::Server;

const CONNECTIONS: usize = 16;

pub(crate) struct Options {
    requests: usize,
    sizes: Vec<usize>,
    engines: Vec<db::Engine>,
    only: Option<String>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            requests: 3_000,
            sizes: vec![1_000, 100_000],
            engines: vec![db::Engine::Sqlite, db::Engine::Postgres],
            only: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            // Cargo adds this to every bench.
            if argument == "--bench" {
                continue;
            }
            let value = arguments.next().expect("a value after the option");
            match argument.as_str() {
                "--requests" => options.requests = value.parse().expect("a number"),
                "--sizes" => {
                    let sizes = value.split(',').map(|size| size.parse().expect("numbers"));
                    options.sizes = sizes.collect();
                    options.sizes.sort_unstable();
                }
                "--engine" => {
                    options.engines = vec![match value.as_str() {
                        "sqlite" => db::Engine::Sqlite,
                        "postgres" => db::Engine::Postgres,
                        other => panic!("no engine {other}; sqlite or postgres"),
                    }];
                }
                "--only" => options.only = Some(value),
                other => panic!("unknown option {other}; see the head of benches/requests/main.rs"),
            }
        }
        options
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some(hello::ARGUMENT) {
        hello::serve();
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(Options::read()));
}

async fn run(options: Options) {
    let hello = Hello::start().await;
    for engine in options.engines.clone() {
        if options.wants("mail") {
            mail::run(engine, &hello, &options).await;
        }
        if options.wants("mail-in") {
            mail_in::run(engine).await;
        }
        if options.wants("contact-form") {
            contact_form::run(engine).await;
        }
        if matches!(options.only.as_deref(), Some("mail" | "mail-in" | "contact-form")) {
            continue;
        }
        let server = Server::start(engine).await;
        println!("\n# {}\n", server::name(engine));
        println!(
            "idle after the start: {:.1} MiB",
            client::memory_mib(server.process())
        );
        if options.wants("jobs") {
            jobs::run(&server, &hello, &options).await;
        } else {
            server.seed(0, options.sizes[0]).await;
        }
        if options.wants("fanout") {
            fanout::run(&server).await;
        }
        if options.wants("storm") {
            storm::run(&server).await;
        }
        if options.wants("facts") {
            facts::run(server).await;
        }
    }
}

/// The bare server, measured now: what a machine gives changes from minute to minute.
async fn bare(hello: &Hello, options: &Options) -> Measured {
    let load = Load::get(hello.address(), "/", CONNECTIONS, options.requests * 3);
    measure(hello.process(), None, load).await
}
