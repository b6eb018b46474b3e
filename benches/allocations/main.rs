//! How often a request asks for memory, and for how much: the same requests as in `requests`, answered
//! in this process on one thread, so that every allocation of the router, the room and SQLite's
//! driver is counted. (SQLite's own are made in C and are not.)
//!
//!     cargo bench --bench allocations
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measuring program prints, and stops at the first thing that is wrong"
)]

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use helpdesky::app::App;
use helpdesky::audit::By;
use helpdesky::clock::Clock;
use helpdesky::config::Config;
use helpdesky::ids::Random;
use helpdesky::{helpdesks, router, secrets};
use http_body_util::BodyExt;
use std::net::SocketAddr;
use tower::ServiceExt;

const TIMES: u64 = 200;

struct Host {
    helpdesk: String,
    secret: String,
}

impl Host {
    fn call(&self, path: &str, email: &str, more: &str) -> Request<Body> {
        let tag = helpdesky::sealing::hmac_sha256(self.secret.as_bytes(), &[email.as_bytes()]);
        let signature: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = format!(
            r#"{{"helpdeskId":"{}","email":"{email}","signature":"{signature}"{more}}}"#,
            self.helpdesk
        );
        let caller = SocketAddr::from(([127, 0, 0, 1], 40_000));
        Request::post(format!("/api/messaging/ticket-center/{path}"))
            .header("content-type", "application/json")
            .header("content-length", body.len())
            .extension(ConnectInfo(caller))
            .body(Body::from(body))
            .unwrap()
    }
}

impl Host {
    /// A call of the Contact Form, which nobody signs.
    fn form(&self, path: &str, more: &str) -> Request<Body> {
        let caller = SocketAddr::from(([127, 0, 0, 1], 40_000));
        Request::post(format!("/api/messaging/contact-form/{path}"))
            .header("content-type", "application/json")
            .extension(ConnectInfo(caller))
            .body(Body::from(format!(
                r#"{{"helpdeskId":"{}"{more}}}"#,
                self.helpdesk
            )))
            .unwrap()
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (router, host) = runtime.block_on(prepare(folder.path()));
    println!(
        "{:<36} {:>12} {:>12} {:>12}",
        "job", "allocations", "bytes", "most at once"
    );
    count(&runtime, &router, "an answer without anything", || {
        Request::get("/healthz").body(Body::empty()).unwrap()
    });
    count(&runtime, &router, "verify, list of 20", || {
        host.call("verify", "twenty@example.com", "")
    });
    count(&runtime, &router, "verify, empty list", || {
        host.call("verify", "nobody@example.com", "")
    });
    let mut n = 0;
    count(&runtime, &router, "verify, wrong signature", || {
        n += 1;
        let mut wrong = host.call("verify", "twenty@example.com", "");
        *wrong.body_mut() = Body::from(format!(
            r#"{{"helpdeskId":"{}","email":"twenty@example.com","signature":"{n:064x}"}}"#,
            host.helpdesk
        ));
        wrong.headers_mut().remove("content-length");
        wrong
    });
    // What a flood of forms is answered with must stay cheap. The network's limit is met on the way.
    let form = host.form("form", "");
    let answer = runtime.block_on(async {
        let answer = router.clone().oneshot(form).await.unwrap();
        answer.into_body().collect().await.unwrap().to_bytes()
    });
    let form: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let token = form["token"].as_str().unwrap().to_owned();
    count(&runtime, &router, "a form, sent too fast or too often", || {
        n += 1;
        host.form(
            "message",
            &format!(r#","email":"{n}@example.com","message":"Buy {n}","token":"{token}""#),
        )
    });
}

/// Counts what answering takes, reading the answer included, making the request not.
fn count(
    runtime: &tokio::runtime::Runtime,
    router: &Router,
    name: &str,
    mut make: impl FnMut() -> Request<Body>,
) {
    let answer = |request| {
        runtime.block_on(async {
            let answer: Response<Body> = router.clone().oneshot(request).await.unwrap();
            let status = answer.status();
            drop(answer.into_body().collect().await.unwrap());
            status
        })
    };
    for _ in 0..10 {
        assert_ne!(answer(make()), StatusCode::INTERNAL_SERVER_ERROR);
    }
    let (mut times, mut bytes, mut most) = (0, 0, 0);
    for _ in 0..TIMES {
        let request = make();
        let counted = allocation_counter::measure(|| {
            answer(request);
        });
        times += counted.count_total;
        bytes += counted.bytes_total;
        most = most.max(counted.bytes_max);
    }
    println!(
        "{name:<36} {:>12} {:>12} {most:>12}",
        times / TIMES,
        bytes / TIMES
    );
}

async fn prepare(folder: &std::path::Path) -> (Router, Host) {
    let mut config = Config::for_folder(folder);
    config.contact_calls_per_minute = 1_000_000;
    config.contact_burst = 1_000_000;
    let app = App::open(config, Clock::system(), Random::system())
        .await
        .unwrap();
    let helpdesk = helpdesks::add(&app, &By::console(), "Bench").await.unwrap();
    let secret = secrets::generate(&app, helpdesk.id, &By::console())
        .await
        .unwrap();
    let host = Host {
        helpdesk: helpdesk.id.to_string(),
        secret: secret.text.to_string(),
    };
    let router = router::router(app);
    for n in 0..20 {
        let message = format!(r#","message":"Question {n} of somebody who asks a lot""#);
        let request = host.call("message", "twenty@example.com", &message);
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    (router, host)
}
