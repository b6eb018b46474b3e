//! What whoever runs the program asks it: is it alive, is it ready, how much has it done.

use crate::app::App;
use crate::error::{Error, Kind};
use crate::web::error_page::ErrorPage;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;

/// `GET /healthz`: the process answers.
pub async fn health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: it can read and, as far as it knows, write.
pub async fn ready(State(app): State<App>) -> Response {
    if let Some(error) = app.db().stopped() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n")).into_response();
    }
    match app
        .db()
        .read(async |tx: &mut db::Tx| crate::installation::store::key_check(tx).await)
        .await
    {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: the database does not answer\n",
            )
                .into_response()
        }
    }
}

/// `GET /metrics`: counters in Prometheus' text format. They name no person and no address.
pub async fn metrics(State(app): State<App>) -> Response {
    let stats = app.db().stats();
    let mut text = String::new();
    for (name, help, value) in [
        (
            "statements",
            "SQL statements run for requests and jobs",
            stats.statements,
        ),
        (
            "commits",
            "Committed transactions; on SQLite each is one fsync",
            stats.commits,
        ),
        ("writes", "Write operations", stats.writes),
        ("reads", "Read operations", stats.reads),
        (
            "retries",
            "Transactions that PostgreSQL asked to repeat",
            stats.retries,
        ),
    ] {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "# HELP helpdesky_database_{name}_total {help}\n# TYPE helpdesky_database_{name}_total counter\nhelpdesky_database_{name}_total {value}\n"
        );
    }
    let stopped = i32::from(app.db().stopped().is_some());
    let _ = write!(
        text,
        "# HELP helpdesky_database_stopped 1 after the disk failed and writing stopped\n# TYPE helpdesky_database_stopped gauge\nhelpdesky_database_stopped {stopped}\n"
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// Any path that nothing answers.
pub async fn nothing_here() -> ErrorPage {
    ErrorPage(Error::not_found(
        "no_such_page",
        "There is nothing at this address",
    ))
}

/// A page that exists, asked in another way than its forms do: after a reload, say.
pub async fn only_for_forms() -> ErrorPage {
    ErrorPage(Error::new(
        Kind::MethodNotAllowed,
        "method_not_allowed",
        "Forms are sent to this address, and there is nothing to look at: go back to the page with the form",
    ))
}
