//! The demo's host site: a small shop with its own sign-in that embeds the Ticket Center the way
//! the set-up guide says, and a public page with the Contact Form. It knows two things of the help desk, the Helpdesk ID and the HMAC
//! secret, and computes the signature on its own server.

use super::mailbox;
use crate::app::App;
use crate::ids::Random;
use crate::sealing::hmac_sha256;
use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const COOKIE: &str = "fernway_session";

/// A user of the host site; the help desk has never heard of its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) email: &'static str,
    pub(super) name: &'static str,
    pub(super) company: &'static str,
}

/// The people who can sign in.
pub(super) const USERS: [User; 4] = [
    User {
        email: "priya@lumastudio.example",
        name: "Priya Raman",
        company: "Luma Studio",
    },
    User {
        email: "owen.clarke@northquay.example",
        name: "Owen Clarke",
        company: "North Quay",
    },
    User {
        email: "chloe@atelier-martin.example",
        name: "Chloé Martin",
        company: "Atelier Martin",
    },
    User {
        email: "new.customer@example.com",
        name: "Sam New",
        company: "No conversations yet",
    },
];

#[derive(Clone)]
pub(super) struct HostSite(Arc<Inner>);

struct Inner {
    app: App,
    script_url: String,
    form_url: String,
    helpdesk_id: String,
    hmac_secret: String,
    sessions: Mutex<HashMap<String, User>>,
}

impl HostSite {
    pub(super) fn new(app: App, helpdesky_url: &str, helpdesk_id: &str, hmac_secret: &str) -> Self {
        Self(Arc::new(Inner {
            app,
            script_url: format!("{helpdesky_url}/ticket-center.js"),
            form_url: format!("{helpdesky_url}/contact-form.js"),
            helpdesk_id: helpdesk_id.to_owned(),
            hmac_secret: hmac_secret.to_owned(),
            sessions: Mutex::default(),
        }))
    }

    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    fn user(&self, headers: &HeaderMap) -> Option<User> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        let token = cookies
            .split(';')
            .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
        self.0.sessions.lock().ok()?.get(token).copied()
    }

    /// HMAC-SHA256 of the user's address with the secret, as lower-case hex.
    fn signature(&self, email: &str) -> String {
        let tag = hmac_sha256(self.0.hmac_secret.as_bytes(), &[email.as_bytes()]);
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[derive(Template)]
#[template(path = "demo/sign_in.html")]
struct SignInPage {
    users: &'static [User],
}

#[derive(Template)]
#[template(path = "demo/support.html")]
struct SupportPage<'a> {
    user: User,
    script_url: &'a str,
    helpdesk_id: &'a str,
    signature: String,
}

#[derive(Template)]
#[template(path = "demo/contact.html")]
struct ContactPage<'a> {
    script_url: &'a str,
    helpdesk_id: &'a str,
}

#[derive(serde::Deserialize)]
struct SignIn {
    email: String,
}

/// Serves the site until `stopped` is done.
pub(super) async fn serve(
    listener: TcpListener,
    site: HostSite,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    let router = Router::new()
        .route("/", get(show))
        .route("/support", get(show))
        .route("/contact", get(contact))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/mailbox", get(mailbox::show))
        .route("/mailbox/{number}", get(mailbox::body))
        .with_state(site);
    if let Err(error) = axum::serve(listener, router)
        .with_graceful_shutdown(stopped)
        .await
    {
        tracing::warn!(%error, "the host site stopped");
    }
}

async fn show(State(site): State<HostSite>, headers: HeaderMap) -> Response {
    match site.user(&headers) {
        None => page(&SignInPage { users: &USERS }),
        Some(user) => page(&SupportPage {
            user,
            script_url: &site.0.script_url,
            helpdesk_id: &site.0.helpdesk_id,
            signature: site.signature(user.email),
        }),
    }
}

async fn contact(State(site): State<HostSite>) -> Response {
    page(&ContactPage {
        script_url: &site.0.form_url,
        helpdesk_id: &site.0.helpdesk_id,
    })
}

async fn sign_in(State(site): State<HostSite>, Form(form): Form<SignIn>) -> Response {
    let Some(user) = USERS.into_iter().find(|user| user.email == form.email) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let token = Random::system().token();
    if let Ok(mut sessions) = site.0.sessions.lock() {
        sessions.insert(token.clone(), user);
    }
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/support")).into_response()
}

async fn sign_out() -> Response {
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
