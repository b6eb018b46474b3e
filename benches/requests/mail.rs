//! Mail out: what pages cost while ten thousand mails wait, and what it costs to send them.

use super::client::{self, Load, measure};
use super::hello::Hello;
use super::server::{self, Server};
use super::{CONNECTIONS, Options, bare};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const MAILS: usize = 10_000;
/// What a page may cost on SQLite, CPU milliseconds.
const PAGE_BUDGET: f64 = 0.5;

pub(super) async fn run(engine: db::Engine, hello: &Hello, options: &Options) {
    let (port, taken) = sink();
    let settings = |delivery: &str| {
        vec![
            ("HELPDESKY_SMTP_URL", format!("smtp://127.0.0.1:{port}?tls=off")),
            ("HELPDESKY_MAIL_FROM", "support@example.com".to_owned()),
            ("HELPDESKY_MAIL_DELIVERY", delivery.to_owned()),
        ]
    };
    let mut server = Server::start_with(engine, settings("off")).await;
    let hold = [
        "notifications",
        "hold",
        "--operators",
        "0",
        "--helpdesk",
        server.helpdesk(),
    ];
    server.command(&hold, "");
    let conversation = server
        .open(&server.contact("first@example.com"), "The first")
        .await;
    server.seed(1, MAILS).await;
    let operator = server.operator().await;
    let outbox = operator.path("outbox?state=held");
    // The outbox is followed within a second or so; the newest conversation is on it then.
    let newest = format!("Seeded question {}:", MAILS - 1);
    while !server.text(&outbox, Some(&operator)).await.contains(&newest) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "\n# {}: {MAILS} mails that wait\n\n{:<36} {}",
        server::name(engine),
        "page",
        client::HEAD
    );
    let bare = bare(hello, options).await;
    bare.print("hello (bare)", None, &bare);
    for (name, path) in [
        ("inbox page, 50 rows", "conversations".to_owned()),
        (
            "conversation whose mail waits",
            format!("conversations/{conversation}"),
        ),
        ("outbox, all", "outbox".to_owned()),
        ("outbox, what waits", "outbox?state=held".to_owned()),
    ] {
        let page = operator.page(&path);
        let load = Load::new(server.address(), CONNECTIONS, options.requests, move |_| {
            page.clone()
        });
        let measured = measure(server.process(), Some(server.address()), load).await;
        measured.print(name, Some(PAGE_BUDGET), &bare);
    }
    server.restart_with(settings("on"));
    let (began, cpu) = (Instant::now(), client::cpu_ms(server.process()));
    let before = server::counters(server.address()).await;
    while taken.load(Ordering::Relaxed) < MAILS {
        assert!(
            began.elapsed() < Duration::from_secs(600),
            "the mails do not leave"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (elapsed, cpu) = (began.elapsed(), client::cpu_ms(server.process()) - cpu);
    let after = server::counters(server.address()).await;
    let each = |name: &str| (after[name] - before[name]) / MAILS as f64;
    println!(
        "\n{MAILS} mails that were due, over a relay on loopback with the connections it gets by default: {:.0} a second, \
         {:.3} CPU-ms, {:.1} statements and {:.2} fsyncs each; {:.1} MiB",
        MAILS as f64 / elapsed.as_secs_f64(),
        cpu / MAILS as f64,
        each("helpdesky_database_statements_total"),
        each("helpdesky_database_commits_total"),
        client::memory_mib(server.process()),
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(taken.load(Ordering::Relaxed), MAILS, "no mail twice");
    server.stop().await;
}

/// A relay that takes every mail, and how many it took.
fn sink() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, taken) = (
        listener.local_addr().unwrap().port(),
        Arc::<AtomicUsize>::default(),
    );
    let counted = Arc::clone(&taken);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, taken) = (stream.unwrap(), Arc::clone(&counted));
            // The server goes away when it likes.
            std::thread::spawn(move || drop(take(stream, &taken)));
        }
    });
    (port, taken)
}

fn take(stream: TcpStream, taken: &AtomicUsize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut answers, mut lines) = (stream.try_clone()?, BufReader::new(stream));
    let (mut line, mut in_mail) = (Vec::new(), false);
    answers.write_all(b"220 sink\r\n")?;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match (in_mail, line.as_slice()) {
            (true, b".\r\n") => {
                in_mail = false;
                taken.fetch_add(1, Ordering::Relaxed);
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, command) if command.starts_with(b"EHLO") => b"250-sink\r\n250 PIPELINING\r\n",
            (false, command) if command.starts_with(b"DATA") => {
                in_mail = true;
                b"354 go on\r\n"
            }
            (false, _) => b"250 ok\r\n",
        };
        answers.write_all(answer)?;
    }
}
