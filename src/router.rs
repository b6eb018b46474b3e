//! Every URL of the program on one page, with who may call it.

use crate::app::App;
use crate::web::{assets, headers};
use crate::{contact_form, dashboard, docs_site, embeds, mail_out, operations, ticket_center};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

mod mailboxes;

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
    [served(), embedded(), mailed(), documented(), dashboard()]
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
        route("GET", "/portal/{helpdesk}", Anyone, get(ticket_center::portal)),
        route(
            "GET",
            "/contact-form.js",
            Anyone,
            get(embeds::contact_form_script),
        ),
        route("GET", "/form/{helpdesk}", Anyone, get(contact_form::hosted::show)),
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

fn dashboard() -> Vec<Route> {
    [conversing(), administering(), mailboxes::routes(), own_account()]
        .into_iter()
        .flatten()
        .collect()
}

fn conversing() -> Vec<Route> {
    use Caller::*;
    use dashboard as d;
    vec![
        page("/", SignedIn, get(d::home::show)),
        page("/setup/{token}", LinkHolder, get(d::setup::show)),
        form("/setup/{token}", LinkHolder, post(d::setup::create)),
        page("/sign-in", Anyone, get(d::sign_in::show)),
        form("/sign-in", Anyone, post(d::sign_in::create)),
        page("/sign-in/{token}", LinkHolder, get(d::sign_in_link::show)),
        form("/sign-in/{token}", LinkHolder, post(d::sign_in_link::create)),
        form("/sign-out", SignedIn, post(d::sign_out::create)),
        page("/join/{helpdesk}/{token}", LinkHolder, get(d::join::show)),
        form("/join/{helpdesk}/{token}", LinkHolder, post(d::join::create)),
        page("/reset/{token}", LinkHolder, get(d::reset::show)),
        form("/reset/{token}", LinkHolder, post(d::reset::create)),
        page("/helpdesks/new", SignedIn, get(d::helpdesks::show)),
        form("/helpdesks", SignedIn, post(d::helpdesks::create)),
        page("/h/{helpdesk}/live", Operator, get(d::live::show)),
        page("/h/{helpdesk}/shortcuts", Operator, get(d::shortcuts::show)),
        page(
            "/h/{helpdesk}/conversations",
            Operator,
            get(d::conversations::list),
        ),
        page(
            "/h/{helpdesk}/conversations/{id}",
            Operator,
            get(d::conversations::show),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/replies",
            Operator,
            post(d::replies::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/notes",
            Operator,
            post(d::notes::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/assignment",
            Operator,
            post(d::assignment::update),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/closure",
            Operator,
            post(d::closure::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/reopening",
            Operator,
            post(d::closure::remove),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/spam",
            Operator,
            post(d::spam::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/spam/removal",
            Operator,
            post(d::spam::remove),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/seen",
            Operator,
            post(d::seen::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/draft",
            Operator,
            post(d::draft::update),
        ),
        page(
            "/h/{helpdesk}/conversations/{id}/viewers",
            Operator,
            get(d::viewers::show),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/viewers",
            Operator,
            post(d::viewers::update),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/replies/withdrawal",
            Operator,
            post(d::withdrawal::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/mail/dispatch",
            Operator,
            post(d::mail::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/mail/cancellation",
            Operator,
            post(d::mail::cancel),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/mail/restoration",
            Operator,
            post(d::mail::restore),
        ),
        page("/h/{helpdesk}/outbox", Operator, get(d::outbox::show)),
        form(
            "/h/{helpdesk}/outbox/{mail}/retry",
            Operator,
            post(d::outbox::retry),
        ),
        form(
            "/h/{helpdesk}/outbox/{mail}/removal",
            Operator,
            post(d::outbox::remove),
        ),
        form("/h/{helpdesk}/guide/dismissal", Operator, post(d::guide::remove)),
        page("/h/{helpdesk}/search", Operator, get(d::search::show)),
        page("/h/{helpdesk}/contacts", Operator, get(d::contacts::list)),
        page(
            "/h/{helpdesk}/contacts/{contact}",
            Operator,
            get(d::contacts::show),
        ),
        form(
            "/h/{helpdesk}/contacts/{contact}/name",
            Operator,
            post(d::contacts::update),
        ),
        form(
            "/h/{helpdesk}/contacts/{contact}/mail",
            Operator,
            post(d::contacts::forgive),
        ),
    ]
}

fn administering() -> Vec<Route> {
    use Caller::*;
    use dashboard as d;
    vec![
        page(
            "/h/{helpdesk}/ticket-center",
            Operator,
            get(d::ticket_center::show),
        ),
        form(
            "/h/{helpdesk}/ticket-center/secrets",
            Admin,
            post(d::secrets::create),
        ),
        page(
            "/h/{helpdesk}/ticket-center/secrets/{secret}",
            Admin,
            get(d::revocation::show),
        ),
        form(
            "/h/{helpdesk}/ticket-center/secrets/{secret}/revocation",
            Admin,
            post(d::revocation::create),
        ),
        form(
            "/h/{helpdesk}/ticket-center/secrets/{secret}/revocation/removal",
            Admin,
            post(d::revocation::remove),
        ),
        form(
            "/h/{helpdesk}/ticket-center/appearance",
            Admin,
            post(d::appearance::update),
        ),
        page(
            "/h/{helpdesk}/ticket-center/preview",
            Admin,
            get(d::preview::show),
        ),
        form(
            "/h/{helpdesk}/ticket-center/verification",
            Admin,
            post(d::verification::create),
        ),
        page("/h/{helpdesk}/contact-form", Operator, get(d::contact_form::show)),
        page(
            "/h/{helpdesk}/contact-form/preview",
            Admin,
            get(d::contact_form::preview),
        ),
        form(
            "/h/{helpdesk}/contact-form/fields",
            Admin,
            post(d::contact_form_settings::update),
        ),
        form(
            "/h/{helpdesk}/contact-form/protection",
            Admin,
            post(d::contact_form_settings::protect),
        ),
        page(
            "/h/{helpdesk}/settings/messages",
            Admin,
            get(d::messages_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/messages/messaging",
            Admin,
            post(d::messages_settings::update),
        ),
        form(
            "/h/{helpdesk}/settings/messages/domains",
            Admin,
            post(d::domains::create),
        ),
        form(
            "/h/{helpdesk}/settings/messages/domains/removal",
            Admin,
            post(d::domains::remove),
        ),
        page(
            "/h/{helpdesk}/settings/general",
            Admin,
            get(d::general_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/general",
            Admin,
            post(d::general_settings::update),
        ),
        page(
            "/h/{helpdesk}/settings/email",
            Admin,
            get(d::email_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/email/sender",
            Admin,
            post(d::email_settings::sender),
        ),
        form(
            "/h/{helpdesk}/settings/email/relay",
            Admin,
            post(d::email_settings::relay),
        ),
        form(
            "/h/{helpdesk}/settings/email/trial",
            Admin,
            post(d::email_settings::trial),
        ),
        form("/h/{helpdesk}/settings/email/dkim", Admin, post(d::signing::sign)),
        form(
            "/h/{helpdesk}/settings/email/dkim/check",
            Admin,
            post(d::signing::check),
        ),
        form(
            "/h/{helpdesk}/settings/email/dkim/removal",
            Admin,
            post(d::signing::unsign),
        ),
        page(
            "/h/{helpdesk}/settings/notifications",
            Operator,
            get(d::notification_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/notifications",
            Admin,
            post(d::notification_settings::update),
        ),
        form(
            "/h/{helpdesk}/settings/notifications/mine",
            Operator,
            post(d::notification_settings::switch),
        ),
        page("/h/{helpdesk}/settings/operators", Admin, get(d::members::list)),
        form(
            "/h/{helpdesk}/settings/operators/invitations",
            Admin,
            post(d::invitations::create),
        ),
        form(
            "/h/{helpdesk}/settings/operators/invitations/{invitation}/renewal",
            Admin,
            post(d::invitations::update),
        ),
        form(
            "/h/{helpdesk}/settings/operators/invitations/{invitation}/revocation",
            Admin,
            post(d::invitations::remove),
        ),
        page(
            "/h/{helpdesk}/settings/operators/{operator}",
            Admin,
            get(d::members::show),
        ),
        form(
            "/h/{helpdesk}/settings/operators/{operator}/role",
            Admin,
            post(d::members::update),
        ),
        form(
            "/h/{helpdesk}/settings/operators/{operator}/removal",
            Admin,
            post(d::members::remove),
        ),
        page("/h/{helpdesk}/settings/audit", Admin, get(d::audit_log::list)),
    ]
}

fn own_account() -> Vec<Route> {
    use Caller::*;
    use dashboard as d;
    vec![
        page("/h/{helpdesk}/profile", Operator, get(d::profile::show)),
        form("/h/{helpdesk}/profile/name", Operator, post(d::profile::update)),
        form(
            "/h/{helpdesk}/profile/password",
            Operator,
            post(d::profile::update_password),
        ),
        form(
            "/h/{helpdesk}/profile/shortcuts",
            Operator,
            post(d::profile::update_shortcuts),
        ),
        form(
            "/h/{helpdesk}/profile/sessions/revocation",
            Operator,
            post(d::profile_sessions::remove),
        ),
        form(
            "/h/{helpdesk}/profile/sessions/others/revocation",
            Operator,
            post(d::profile_sessions::remove_others),
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
                .layer(from_fn_with_state(app.clone(), headers::protect)),
        )
        .route("/api/messaging/{*rest}", axum::routing::any(embeds::not_found))
        .with_state(app)
}
