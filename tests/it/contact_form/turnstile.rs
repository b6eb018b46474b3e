//! Cloudflare Turnstile in front of the form: a server on loopback answers as Cloudflare's does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use serde_json::json;

use super::{A_WHILE_MS, PREFIX, received};
use crate::dashboard::browser::{Browser, PASSWORD, operator};
use crate::support::{Answer, TestApp, TestHelpdesk};
use helpdesky::operators::Role;

both_engines!(
    who_passed_is_taken_once_and_nobody_else,
    a_form_whose_answer_was_lost_is_sent_again_and_stands_once,
    pressing_the_button_before_the_check_is_through_counts_for_nothing,
    what_cannot_be_asked_is_not_taken,
    cloudflare_is_asked_about_nothing_that_is_refused_anyway,
    keys_are_tried_out_and_the_secret_is_never_shown,
    the_page_in_the_frame_holds_what_it_needs,
    the_hosted_page_keeps_what_was_typed,
);

const SITE_KEY: &str = "0x4AAAAAAABkMYinukE8nzYS";
const SECRET: &str = "0x4AAAAAAABkMYinukE8nzYS-secret";

type Fields = Vec<(String, String)>;

/// What Cloudflare was asked, and the tokens that it has seen.
#[derive(Default)]
struct Seen {
    asked: Vec<Fields>,
    /// With the key it was first asked about with: again with the same one, the answer is the same.
    used: HashMap<String, String>,
}

#[derive(Clone)]
struct Cloudflare {
    seen: Arc<Mutex<Seen>>,
    base: String,
}

impl Cloudflare {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let cloudflare = Self {
            seen: Arc::default(),
            base,
        };
        let router = Router::new()
            .route("/turnstile/v0/siteverify", post(verify))
            .with_state(cloudflare.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        cloudflare
    }

    fn asked(&self) -> Vec<Fields> {
        self.seen.lock().expect("the server").asked.clone()
    }
}

/// Tokens say what comes of them.
async fn verify(State(cloudflare): State<Cloudflare>, Form(fields): Form<Fields>) -> Response {
    let value = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (secret, token) = (value("secret"), value("response"));
    let is_good = {
        let mut seen = cloudflare.seen.lock().expect("the server");
        seen.asked.push(fields.clone());
        let key = value("idempotency_key");
        let first = seen.used.entry(token.clone()).or_insert_with(|| key.clone());
        *first == key
    };
    let no = |code: &str| axum::Json(json!({"success": false, "error-codes": [code]})).into_response();
    match token.split('-').next().unwrap_or_default() {
        _ if secret != SECRET => no("invalid-input-secret"),
        "good" if is_good => axum::Json(json!({"success": true, "hostname": "127.0.0.1"})).into_response(),
        "good" => no("timeout-or-duplicate"),
        "internal" => no("internal-error"),
        "html" => (StatusCode::BAD_GATEWAY, "<html>bad gateway</html>").into_response(),
        "redirect" => Redirect::temporary("http://127.0.0.1:9/").into_response(),
        "long" => format!("{{\"success\":true,\"x\":\"{}\"}}", "y".repeat(200_000)).into_response(),
        "hang" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            no("internal-error")
        }
        _ => no("invalid-input-response"),
    }
}

struct Desk<'app> {
    app: &'app TestApp,
    helpdesk: TestHelpdesk,
    browser: Browser<'app>,
}

impl<'app> Desk<'app> {
    async fn open(app: &'app TestApp) -> Self {
        let helpdesk = app.helpdesk_without_secret("Acme").await;
        operator(app, &helpdesk, "noor@acme.example", Role::Owner).await;
        let mut browser = Browser::new(app);
        browser.sign_in("noor@acme.example", PASSWORD).await;
        Self {
            app,
            helpdesk,
            browser,
        }
    }

    fn path(&self, page: &str) -> String {
        format!("/h/{}/contact-form{page}", self.helpdesk.id)
    }

    /// Types the keys into their form.
    async fn keys(
        &mut self,
        site_key: &str,
        secret_key: &str,
        then: &str,
    ) -> crate::dashboard::browser::Page {
        let csrf = self.browser.get(&self.path("")).await.hidden("csrf");
        let fields = [
            ("csrf", csrf.as_str()),
            ("site_key", site_key),
            ("secret_key", secret_key),
            ("then", then),
        ];
        let path = self.path("/turnstile");
        self.browser.post(&path, &fields).await
    }

    async fn switched_on(mut self) -> Self {
        let page = self.keys(SITE_KEY, SECRET, "on").await;
        assert_eq!(page.status, 303, "{}", page.html);
        self
    }

    /// Sends a message with a token of Turnstile.
    async fn send(&self, email: &str, token: Option<&str>) -> Answer {
        let more = token.map_or_else(|| json!({}), |token| json!({"check": token}));
        self.app
            .write_by_form(&self.helpdesk, email, &format!("Hello from {email}"), more)
            .await
    }

    async fn stored(&self) -> usize {
        self.app.open_list(&self.helpdesk).await.len()
    }
}

async fn who_passed_is_taken_once_and_nobody_else(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let desk = Desk::open(&app).await.switched_on().await;
    let form = app.form(&desk.helpdesk).await;
    assert_eq!(form["check"], "turnstile");
    assert!(form["proofBits"].is_null(), "one check is enough");
    assert!(
        !form.to_string().contains(SECRET) && !form.to_string().contains("ealed"),
        "{form}"
    );

    received(&desk.send("ann@x.example", Some("good-1")).await);
    assert_eq!(desk.stored().await, 1);
    let asked = cloudflare.asked();
    let fields: Vec<&str> = asked
        .last()
        .expect("a question")
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(fields, ["secret", "response", "idempotency_key", "remoteip"]);
    assert_eq!(asked.last().expect("a question")[3].1, "127.0.0.1");

    desk.send("bob@x.example", None)
        .await
        .refused(422, "check_missing");
    desk.send("bob@x.example", Some(""))
        .await
        .refused(422, "check_missing");
    for token in ["good-1", "bad", "good 2", "good-\u{e4}", &"x".repeat(2_049)] {
        desk.send("bob@x.example", Some(token))
            .await
            .refused(422, "check_refused");
    }
    assert_eq!(desk.stored().await, 1);
    let reasons = app.form_refusals(&desk.helpdesk).await;
    assert!(
        !reasons.is_empty() && reasons.iter().all(|reason| *reason == "check"),
        "{reasons:?}"
    );

    // Off again: the proof of work is back.
    let mut desk = desk;
    assert_eq!(desk.keys("", "", "off").await.status, 303);
    let form = app.form(&desk.helpdesk).await;
    assert!(form["check"].is_null() && form["proofBits"].is_u64());
    received(&desk.send("bob@x.example", None).await);
    assert_eq!(desk.stored().await, 2);
}

async fn a_form_whose_answer_was_lost_is_sent_again_and_stands_once(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let desk = Desk::open(&app).await.switched_on().await;
    let more = json!({"check": "good-1"});
    let filled = app.filled(&desk.helpdesk).await;
    let body = filled.with("ann@x.example", "Hello", &more);
    for _ in 0..3 {
        received(&app.send_form(&body).await);
    }
    assert_eq!(desk.stored().await, 1);
    let other = app
        .filled(&desk.helpdesk)
        .await
        .with("ann@x.example", "More", &more);
    app.send_form(&other).await.refused(422, "check_refused");
}

async fn pressing_the_button_before_the_check_is_through_counts_for_nothing(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let desk = Desk::open(&app).await.switched_on().await;
    app.set_form(&desk.helpdesk, |form| form.protection.per_network_an_hour = 1)
        .await;
    let filled = app.filled(&desk.helpdesk).await;
    let body = |more| filled.with("ann@x.example", "Hello", &more);
    for more in [json!({}), json!({"check": ""}), json!({"check": "good 1"})] {
        assert_eq!(app.send_form(&body(more)).await.status, 422);
    }
    received(&app.send_form(&body(json!({"check": "good-1"}))).await);
}

async fn what_cannot_be_asked_is_not_taken(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let desk = Desk::open(&app).await.switched_on().await;
    for token in ["internal-1", "html-1", "redirect-1", "long-1", "hang-1"] {
        desk.send("ann@x.example", Some(token))
            .await
            .refused(503, "check_unavailable");
    }
    assert_eq!(desk.stored().await, 0);
    let reasons = app.form_refusals(&desk.helpdesk).await;
    assert!(
        reasons.iter().all(|reason| *reason == "check_unavailable"),
        "{reasons:?}"
    );
    // It was no fault of the sender's: the same form goes through later.
    received(&desk.send("ann@x.example", Some("good-1")).await);
}

async fn cloudflare_is_asked_about_nothing_that_is_refused_anyway(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let desk = Desk::open(&app).await.switched_on().await;
    app.set_form(&desk.helpdesk, |form| {
        form.protection.per_network_an_hour = 2;
        form.protection.per_helpdesk_an_hour = 2;
    })
    .await;
    let before = cloudflare.asked().len();
    let bad = json!({"helpdeskId": desk.helpdesk.id, "email": "a@x.example", "message": "Hi", "token": "hdf_x", "check": "good-1"});
    app.post_with(&format!("{PREFIX}/message"), &bad, &[])
        .await
        .refused(422, "form_expired");
    desk.send("nobody", Some("good-2"))
        .await
        .refused(422, "invalid_email");
    assert_eq!(cloudflare.asked().len(), before);
    // Two of a network, whatever comes of them; the third is not asked about.
    for token in ["bad", "bad"] {
        desk.send("a@x.example", Some(token))
            .await
            .refused(422, "check_refused");
    }
    desk.send("a@x.example", Some("bad"))
        .await
        .refused(429, "rate_limited");
    assert_eq!(cloudflare.asked().len(), before + 2);
    // What was refused used up nothing of the helpdesk's limit.
    for number in 0..2 {
        let filled = app.filled(&desk.helpdesk).await;
        let more = json!({"check": format!("good-{number}x")});
        let body = filled.with(&format!("{number}@x.example"), "Hello", &more);
        received(
            &app.send_form_from(&body, &[("x-forwarded-for", "198.51.100.7")])
                .await,
        );
    }
}

async fn keys_are_tried_out_and_the_secret_is_never_shown(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let mut desk = Desk::open(&app).await;
    for (site_key, secret, why) in [
        ("", SECRET, "This is no site key"),
        ("<script>", SECRET, "This is no site key"),
        (SITE_KEY, "", "does not know this secret key"),
        (SITE_KEY, "0xanother", "does not know this secret key"),
        (SITE_KEY, "two words", "does not know this secret key"),
    ] {
        let page = desk.keys(site_key, secret, "on").await;
        assert_eq!(page.status, 422);
        assert!(page.html.contains(why), "{site_key} {secret}: {why}");
        assert!(
            secret.is_empty() || !page.html.contains(&format!("value=\"{secret}\"")),
            "{secret}"
        );
    }
    assert!(app.form(&desk.helpdesk).await["check"].is_null());
    assert_eq!(
        desk.keys(&format!(" {SITE_KEY} "), SECRET, "on").await.status,
        303
    );
    let path = desk.path("");
    let page = desk.browser.get(&path).await;
    assert!(page.html.contains(SITE_KEY) && !page.html.contains(SECRET));
    // Other protection is set without touching it.
    let csrf = page.hidden("csrf");
    let path = desk.path("/protection");
    let fields = [
        ("csrf", csrf.as_str()),
        ("minimum_seconds", "1"),
        ("per_network_an_hour", "20"),
        ("per_address_a_day", "10"),
        ("per_helpdesk_an_hour", "600"),
    ];
    assert_eq!(desk.browser.post(&path, &fields).await.status, 303);
    assert_eq!(app.form(&desk.helpdesk).await["check"], "turnstile");
    received(&desk.send("ann@x.example", Some("good-1")).await);

    // Nobody answers: nothing is switched on that could let nobody through.
    let lonely = app.checked_by("http://127.0.0.1:9").await;
    let mut desk = Desk::open(&lonely).await;
    let page = desk.keys(SITE_KEY, SECRET, "on").await;
    assert_eq!(page.status, 422);
    assert!(
        page.html.contains("Cloudflare could not be asked"),
        "{}",
        page.html
    );
    assert!(lonely.form(&desk.helpdesk).await["check"].is_null());
}

async fn the_page_in_the_frame_holds_what_it_needs(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let mut desk = Desk::open(&app).await.switched_on().await;
    let check = |look: &str| {
        app.http
            .get(format!("{}/form/{}/check{look}", app.base, desk.helpdesk.id))
    };
    let page = app.send(check("?theme=dark&locale=de")).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains(SITE_KEY) && !text.contains(SECRET));
    assert!(
        text.contains("data-theme=\"dark\"") && text.contains("lang=\"de\""),
        "{text}"
    );
    let script = format!("{}/turnstile/v0/api.js?render=explicit", cloudflare.base);
    assert!(text.contains(&format!("data-script=\"{script}\"")), "{text}");
    let policy = page.header("content-security-policy").expect("a policy");
    for part in [
        "default-src 'none'".to_owned(),
        format!("script-src 'self' {}", cloudflare.base),
        format!("frame-src {}", cloudflare.base),
    ] {
        assert!(policy.contains(&part), "{part}: {policy}");
    }
    for look in [
        "?theme=%22%3E&locale=%00",
        "?theme=%ff",
        "?theme[]=x&theme=a&theme=b",
        "",
    ] {
        let page = app.send(check(look)).await;
        assert_eq!(page.status, 200, "{look}");
        assert!(page.text().contains("data-theme=\"auto\""), "{look}");
    }
    // Who may frame it are those who may frame the form.
    app.set_domains(&desk.helpdesk, &["shop.example"])
        .await
        .expect("a list");
    let page = app.send(check("")).await;
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("frame-ancestors 'self' http://shop.example:*"),
        "{policy}"
    );

    let base = app.base.clone();
    assert_eq!(desk.keys("", "", "off").await.status, 303);
    for id in [desk.helpdesk.id.as_str(), "nothing", "%ff"] {
        assert_eq!(
            app.send(app.http.get(format!("{base}/form/{id}/check")))
                .await
                .status,
            404,
            "{id}"
        );
    }
}

async fn the_hosted_page_keeps_what_was_typed(app: TestApp) {
    let cloudflare = Cloudflare::start().await;
    let app = app.checked_by(&cloudflare.base).await;
    let desk = Desk::open(&app).await.switched_on().await;
    let url = format!("{}/form/{}", app.base, desk.helpdesk.id);
    let page = app.send(app.http.get(&url)).await.text();
    assert!(
        page.contains(&format!("/form/{}/check?theme=", desk.helpdesk.id))
            && page.contains("needs JavaScript")
    );
    let token = page
        .split("name=\"token\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let token = token.expect("a token").to_owned();
    app.advance(A_WHILE_MS);
    let send = async |check: &str| {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs([
            ("token", token.as_str()),
            ("email", "ann@x.example"),
            ("message", "What I typed"),
            ("check", check),
        ]);
        let request = app
            .http
            .post(&url)
            .header("content-type", "application/x-www-form-urlencoded");
        app.send(request.body(body.finish())).await
    };
    for (check, status, says) in [
        ("", 422, "Complete the check"),
        ("bad", 422, "Complete the check"),
        ("internal-1", 503, "could not be done"),
    ] {
        let page = send(check).await;
        assert_eq!(page.status, status, "{check}");
        let text = page.text();
        assert!(
            text.contains(says) && text.contains("What I typed") && text.contains(&token),
            "{check}: {text}"
        );
    }
    let page = send("good-1").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Message sent"));
    assert_eq!(desk.stored().await, 1);
}
