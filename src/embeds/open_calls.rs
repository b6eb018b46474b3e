//! Calls of the Contact Form: nobody proves anything, so that the page they come from is asked for more
//! strictly. A server without an origin would have a signature to show; here there is none.

use super::calls;
use super::cors::Refusal;
use super::fields::Fields;
use super::origins::{Page, Refused};
use super::{body, origin};
use crate::app::App;
use crate::error::{Error, Result};
use crate::helpdesks::Helpdesk;
use crate::web::client::ClientAddress;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::sync::Arc;

/// A call that passed the gates of the page.
pub struct OpenCall {
    /// The helpdesk, with its settings.
    pub helpdesk: Arc<Helpdesk>,
    /// What the call says.
    pub fields: Fields,
    /// Where it comes from.
    pub visit: Visit,
}

/// From which page and which network somebody comes who proved nothing.
pub struct Visit {
    /// The client's address.
    pub client: ClientAddress,
    page: Page,
}

impl Visit {
    /// The origin of the page as it was sent; empty when there is none.
    pub fn origin(&self) -> &str {
        self.page.origin()
    }

    /// Refuses writing while messaging is off.
    ///
    /// # Errors
    /// `messaging_off`.
    pub fn may_write(&self, helpdesk: &Helpdesk) -> Result<()> {
        if helpdesk.messaging {
            return Ok(());
        }
        self.page.refused(Refused::MessagingOff);
        Err(Error::forbidden(
            "messaging_off",
            "Messaging is switched off: nothing can be sent for now",
        ))
    }
}

/// Opens a call that names a helpdesk and nobody, with these fields.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn open(
    app: &App,
    request: Request,
    known: &'static [&'static str],
) -> std::result::Result<OpenCall, Refusal> {
    let (parts, body) = request.into_parts();
    let body = body::read(&parts.headers, body).await?;
    let fields = Fields::parse_known(&body, known)?;
    opened(app, parts, fields).await
}

/// The same for a form (`multipart/form-data`) whose texts were read: each is a field, and the one named
/// `fields` an object in JSON.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn open_form(
    app: &App,
    parts: Parts,
    known: &'static [&'static str],
    texts: Vec<(String, String)>,
) -> std::result::Result<OpenCall, Refusal> {
    let fields = Fields::of_form(texts, known, "fields")?;
    opened(app, parts, fields).await
}

async fn opened(app: &App, mut parts: Parts, fields: Fields) -> std::result::Result<OpenCall, Refusal> {
    let Ok(client) = ClientAddress::from_request_parts(&mut parts, app).await;
    let helpdesk = calls::helpdesk(app, fields.required("helpdeskId")?, &parts.headers).await?;
    let visit = visit(app, &parts.headers, client, &helpdesk)?;
    Ok(OpenCall {
        helpdesk,
        fields,
        visit,
    })
}

/// The visit that a request belongs to, once the Allowed Embed Domains have let its page through.
///
/// # Errors
/// `origin_not_allowed`.
pub fn visit(app: &App, headers: &HeaderMap, client: ClientAddress, helpdesk: &Helpdesk) -> Result<Visit> {
    let page = Page::new(app, helpdesk.id, origin::text(headers));
    let anonymous = !helpdesk.allowed_domains.is_empty() && !headers.contains_key(header::ORIGIN);
    let checked = if anonymous {
        Err(Error::forbidden(
            "origin_not_allowed",
            "Origin not allowed: the call names none, and this helpdesk lists the sites that may send",
        ))
    } else {
        origin::check(headers, helpdesk, &app.config().base_url)
    };
    checked.inspect_err(|_| page.refused(Refused::Origin))?;
    page.good();
    Ok(Visit { client, page })
}
