//! Every URL of the program on one page, with who may call it.

use crate::app::App;
use crate::web::assets;
use crate::{embeds, operations, ticket_center};
use axum::Router;
use axum::routing::{MethodRouter, get, post};

/// Who a route is for. A test holds every route against every kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anybody; the answer holds nothing personal.
    Anyone,
    /// A contact, by email and signature in the body.
    SignedContact,
    /// A contact, by a token from `verify`.
    ContactWithToken,
    /// Whoever holds a one-time link.
    LinkHolder,
    /// An operator of the helpdesk named in the path.
    Operator,
    /// An admin or owner of the helpdesk named in the path.
    Admin,
    /// A signed-in operator, whatever the helpdesk.
    SignedIn,
}

/// One line of the table below.
pub struct Route {
    /// GET or POST.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who it is for.
    pub caller: Caller,
    handler: MethodRouter<App>,
}

fn route(method: &'static str, path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    Route {
        method,
        path,
        caller,
        handler,
    }
}

/// The table.
pub fn routes() -> Vec<Route> {
    use Caller::*;
    vec![
        route("GET", "/healthz", Anyone, get(operations::health)),
        route("GET", "/readyz", Anyone, get(operations::ready)),
        route("GET", "/metrics", Anyone, get(operations::metrics)),
        route("GET", "/assets/{file}", Anyone, get(assets::show)),
        route(
            "GET",
            "/ticket-center.js",
            Anyone,
            get(embeds::ticket_center_script),
        ),
        embed(
            "/api/messaging/ticket-center/verify",
            SignedContact,
            post(ticket_center::verify),
        ),
        embed(
            "/api/messaging/ticket-center/message",
            SignedContact,
            post(ticket_center::message),
        ),
        embed(
            "/api/messaging/ticket-center/conversations/{id}/messages",
            SignedContact,
            post(ticket_center::messages),
        ),
        embed(
            "/api/messaging/ticket-center/conversations/{id}/close",
            SignedContact,
            post(ticket_center::close),
        ),
        embed(
            "/api/messaging/ticket-center/conversations",
            ContactWithToken,
            post(ticket_center::list),
        ),
        embed(
            "/api/messaging/ticket-center/conversations/{id}",
            ContactWithToken,
            post(ticket_center::show),
        ),
        embed(
            "/api/messaging/ticket-center/conversations/{id}/read",
            ContactWithToken,
            post(ticket_center::read),
        ),
        embed(
            "/api/messaging/ticket-center/stream",
            ContactWithToken,
            post(ticket_center::stream),
        ),
    ]
}

/// A call of the embed API: POST, its preflight, and a readable refusal of everything else.
fn embed(path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    route(
        "POST",
        path,
        caller,
        handler
            .options(embeds::preflight)
            .fallback(embeds::method_not_allowed),
    )
}

/// The service that answers all requests.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, route.handler);
    }
    router
        .route("/api/messaging/{*rest}", axum::routing::any(embeds::not_found))
        .fallback(operations::nothing_here)
        .with_state(app)
}
