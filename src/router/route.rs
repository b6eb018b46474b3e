//! What a line of the table says: who may call, and what the route is.

use crate::app::App;
use crate::embeds;
use axum::routing::MethodRouter;

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
    pub(super) handler: MethodRouter<App>,
    /// Pages for people carry the headers that protect them.
    pub(super) is_page: bool,
}

/// Any route.
pub(super) fn route(
    method: &'static str,
    path: &'static str,
    caller: Caller,
    handler: MethodRouter<App>,
) -> Route {
    Route {
        method,
        path,
        caller,
        handler,
        is_page: false,
    }
}

/// A page for people.
pub(super) fn page(path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    Route {
        is_page: true,
        ..route("GET", path, caller, handler)
    }
}

/// A form of the dashboard.
pub(super) fn form(path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    Route {
        is_page: true,
        ..route("POST", path, caller, handler)
    }
}

/// A call of the embed API: POST, its preflight, and a readable refusal of everything else.
pub(super) fn embed(path: &'static str, caller: Caller, handler: MethodRouter<App>) -> Route {
    route(
        "POST",
        path,
        caller,
        handler
            .options(embeds::preflight)
            .fallback(embeds::method_not_allowed),
    )
}
