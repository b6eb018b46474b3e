//! The jobs: one kind of request each, with few conversations in the database and with many.

use super::client::{self, Load, Measured, measure};
use super::hello::Hello;
use super::server::{Caller, Contact, Operator, Server};
use super::{CONNECTIONS, Options, bare};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes the bytes of the n-th request.
type Make = Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>;

struct Job {
    name: &'static str,
    /// CPU milliseconds that a request may cost on SQLite, where a limit was set.
    budget: Option<f64>,
    connections: usize,
    make: Make,
}

impl Job {
    fn new(
        name: &'static str,
        budget: Option<f64>,
        make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            budget,
            connections: CONNECTIONS,
            make: Arc::new(make),
        }
    }

    /// The same from one caller alone, for its latency.
    fn alone(self, name: &'static str) -> Self {
        Self {
            name,
            budget: None,
            connections: 1,
            ..self
        }
    }
}

/// Grows the database to each size and measures every job there.
pub(super) async fn run(server: &Server, hello: &Hello, options: &Options) {
    let (mut costs, mut seeded): (Vec<Vec<(&str, f64)>>, _) = (Vec::new(), 0);
    let people = People::new(server).await;
    for size in &options.sizes {
        let seconds = server.seed(seeded, *size).await;
        seeded = *size;
        let index_ms = server
            .wait_for_index(&people.operator, &(size - 1).to_string())
            .await;
        println!(
            "\n{size} conversations (filled in {seconds:.0} s; the search index was ready {index_ms} ms later), {} requests each",
            options.requests
        );
        println!("{:<36} {}", "job", client::HEAD);
        let bare = bare(hello, options).await;
        bare.print("hello (bare)", None, &bare);
        let mut costs_here = Vec::new();
        for job in people.jobs(server.caller(), *size) {
            let measured = one(server, options, &job).await;
            measured.print(job.name, job.budget, &bare);
            costs_here.push((job.name, measured.ratio(&bare)));
        }
        costs.push(costs_here);
    }
    flatness(&options.sizes, &costs);
}

async fn one(server: &Server, options: &Options, job: &Job) -> Measured {
    let make = Arc::clone(&job.make);
    let requests = if job.connections == 1 {
        options.requests / 4
    } else {
        options.requests
    };
    let load = Load::new(server.address(), job.connections, requests, move |n| make(n));
    measure(server.process(), Some(server.address()), load).await
}

/// How the cost, as a multiple of the bare server's at that time, grows with the conversations.
fn flatness(sizes: &[usize], costs: &[Vec<(&str, f64)>]) {
    let ([first, .., last], [few, .., many]) = (sizes, costs) else {
        return;
    };
    println!("\ncost with {last} conversations against {first} (CPU time over that of hello)");
    for ((name, few), (_, many)) in few.iter().zip(many) {
        println!("{name:<36} {:>6.2}", many / few);
    }
}

/// Those who ask, the same at every size.
struct People {
    twenty: Contact,
    writers: Vec<Contact>,
    open: Vec<String>,
    reader: Contact,
    conversation: String,
    operator: Operator,
}

impl People {
    async fn new(server: &Server) -> Self {
        let twenty = server.contact_with(20).await;
        let writers: Vec<_> = (0..100)
            .map(|n| server.contact(&format!("writer{n}@example.com")))
            .collect();
        let open = server.open_conversations(&writers).await;
        let (reader, conversation) = server.conversation_of(50).await;
        Self {
            twenty,
            writers,
            open,
            reader,
            conversation,
            operator: server.operator().await,
        }
    }

    fn jobs(&self, caller: Caller, size: usize) -> Vec<Job> {
        let verify = caller.call("verify", &self.twenty.signed(""));
        let one = caller.call(
            &format!("conversations/{}/messages", self.conversation),
            &self.reader.signed(""),
        );
        let page = |name, budget, path: &str| {
            let page = self.operator.page(path);
            Job::new(name, budget, move |_| page.clone())
        };
        let rare = format!("search?q={}", size / 2);
        // A page may cost a little more when there are very many.
        let inbox_budget = if size > 100_000 { 0.6 } else { 0.5 };
        vec![
            Job::new("verify, list of 20", Some(0.25), move |_| verify.clone()),
            Job::new(
                "new conversation (durable)",
                Some(0.33),
                self.opening(caller.clone(), size),
            ),
            Job::new("reply (durable)", None, self.replying(caller)),
            Job::new("one conversation of 50 messages", Some(0.25), move |_| {
                one.clone()
            }),
            page("inbox page, 50 rows", Some(inbox_budget), "conversations"),
            page("contacts page, 50 rows", None, "contacts"),
            page("search, a word that one has", None, &rare),
            page("search, a word that all have", None, "search?q=seeded"),
            page("search, a beginning that all have", None, "search?q=see"),
            page("search, three words", None, "search?q=seeded+question+begin"),
            page("", None, &rare).alone("search, a rare word, one caller"),
            page("", None, "search?q=seeded").alone("search, a common word, one caller"),
            page("", None, "conversations").alone("inbox page, one caller"),
        ]
    }

    fn opening(&self, caller: Caller, size: usize) -> impl Fn(usize) -> Vec<u8> + Send + Sync + 'static {
        let (writers, count) = (self.writers.clone(), AtomicUsize::new(0));
        move |_| {
            let n = count.fetch_add(1, Ordering::Relaxed);
            let message = format!(
                r#","message":"Where is my order {n}? It was to come on Tuesday.","idempotencyKey":"{size}-{n}""#
            );
            caller.call("message", &writers[n % writers.len()].signed(&message))
        }
    }

    fn replying(&self, caller: Caller) -> impl Fn(usize) -> Vec<u8> + Send + Sync + 'static {
        let (writers, open, count) = (self.writers.clone(), self.open.clone(), AtomicUsize::new(0));
        move |_| {
            let n = count.fetch_add(1, Ordering::Relaxed);
            let who = n % writers.len();
            let message = format!(
                r#","message":"And another thing, number {n}.","conversationId":"{}""#,
                open[who]
            );
            caller.call("message", &writers[who].signed(&message))
        }
    }
}
