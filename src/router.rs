//! Every URL of the program on one page, with who may call it.

use crate::app::App;
use crate::web::{assets, headers};
use crate::{api, contact_form, docs_site, embeds, mail_out, operations, ticket_center};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

mod dashboard;

/// Who a route is for. A test holds every route against every kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anybody; the answer holds nothing personal.
    Anyone,
    /// A contact, by email and signature in the body.
    SignedContact,
    /// A contact, by a token from `verify`.
    ContactWithToken,
    /// A program of a helpdesk, by a key in a header.
    Program,
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
    /// Pages for people carry the headers that protect them.
    is_page: bool,
}

fn route(method: &'static str, path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    Route {
        method,
        path,
        caller,
        handler,
        is_page: false,
    }
}

/// A page for people.
fn page(path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    Route {
        is_page: true,
        ..route("GET", path, caller, handler)
    }
}

/// A form of the dashboard.
fn form(path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    Route {
        is_page: true,
        ..route("POST", path, caller, handler)
    }
}

/// The table.
pub fn routes() -> Vec<Route> {
    [served(), embedded(), mailed(), documented(), dashboard::routes()]
        .into_iter()
        .flatten()
        .collect()
}

fn served() -> Vec<Route> {
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
        route(
            "GET",
            "/ticket-center-files.js",
            Anyone,
            get(embeds::ticket_center_files_script),
        ),
        route("GET", "/portal/{helpdesk}", Anyone, get(ticket_center::portal)),
        route(
            "GET",
            "/contact-form.js",
            Anyone,
            get(embeds::contact_form_script),
        ),
        route(
            "GET",
            "/contact-form-files.js",
            Anyone,
            get(embeds::contact_form_files_script),
        ),
        route("GET", "/form/{helpdesk}", Anyone, get(contact_form::hosted::show)),
        route(
            "GET",
            "/form/{helpdesk}/check",
            Anyone,
            get(contact_form::check::show),
        ),
        route(
            "POST",
            "/form/{helpdesk}",
            Anyone,
            post(contact_form::hosted::create),
        ),
    ]
}

fn embedded() -> Vec<Route> {
    use Caller::*;
    vec![
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
        embed(
            "/api/messaging/ticket-center/attachments",
            ContactWithToken,
            post(ticket_center::upload),
        ),
        embed(
            "/api/messaging/ticket-center/attachments/{attachment}",
            ContactWithToken,
            post(ticket_center::download),
        ),
        embed(
            "/api/messaging/ticket-center/attachments/{attachment}/removal",
            ContactWithToken,
            post(ticket_center::remove_upload),
        ),
        embed(
            "/api/messaging/contact-form/form",
            Anyone,
            post(contact_form::form),
        ),
        embed(
            "/api/messaging/contact-form/message",
            Anyone,
            post(contact_form::message),
        ),
    ]
}

fn mailed() -> Vec<Route> {
    use Caller::*;
    vec![
        route("POST", "/api/v1/mail", Program, post(api::create)),
        page(
            "/confirm/{token}",
            LinkHolder,
            get(contact_form::confirmation::show),
        ),
        form(
            "/confirm/{token}",
            LinkHolder,
            post(contact_form::confirmation::create),
        ),
        page(
            "/unsubscribe/{token}",
            LinkHolder,
            get(mail_out::unsubscribe::show),
        ),
        form(
            "/unsubscribe/{token}",
            LinkHolder,
            post(mail_out::unsubscribe::create),
        ),
        form(
            "/unsubscribe/{token}/removal",
            LinkHolder,
            post(mail_out::unsubscribe::remove),
        ),
    ]
}

fn documented() -> Vec<Route> {
    use Caller::*;
    vec![
        page("/docs", Anyone, get(docs_site::home::show)),
        page("/docs/search", Anyone, get(docs_site::results::show)),
        page("/docs/{guide}", Anyone, get(docs_site::guide::show)),
        page("/llms.txt", Anyone, get(docs_site::llms::show)),
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
    let (mut router, mut pages) = (Router::new(), Router::new());
    for route in routes() {
        if route.is_page {
            pages = pages.route(route.path, route.handler);
        } else {
            router = router.route(route.path, route.handler);
        }
    }
    router
        .merge(
            pages
                .fallback(operations::nothing_here)
                .method_not_allowed_fallback(operations::only_for_forms)
                .layer(from_fn_with_state(app.clone(), headers::protect)),
        )
        .route("/api/messaging/{*rest}", axum::routing::any(embeds::not_found))
        .with_state(app)
}
