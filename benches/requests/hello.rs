//! A bare "hello" on the same HTTP stack, in a process of its own: what all else is compared with.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// The argument with which this program is that server.
pub(super) const ARGUMENT: &str = "hello-server";

pub(super) struct Hello {
    child: Child,
    address: SocketAddr,
}

impl Hello {
    pub(super) async fn start() -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            child,
            address: line.trim().parse().unwrap(),
        }
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

/// The bare server: the same listener, runtime and router as ours, with one answer.
pub(super) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
        axum::serve(listener, router).await.unwrap();
    });
}
