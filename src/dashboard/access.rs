//! Who is asking, and what they may do. A handler that takes one of these runs only for somebody
//! who passed the check; there is no second place where it is made.

use crate::app::App;
use crate::error::{Error, Kind};
use crate::helpdesks;
use crate::ids::HelpdeskId;
use crate::operators::sessions::{self, Session};
use crate::operators::{self, Member, Role};
use crate::web::error_page::ErrorPage;
use crate::web::session::Token;
use axum::extract::{FromRequestParts, Path};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::collections::HashMap;

/// Somebody with a live session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// What opened it.
    pub token: Token,
}

/// A member of the helpdesk that the address names.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The membership; the core asks for it.
    pub member: Member,
    /// The same person's other memberships.
    pub others: Vec<Member>,
    /// The session.
    pub signed_in: SignedIn,
}

/// A member who may see and change settings and secrets.
#[derive(Clone, Debug)]
pub struct Administrator(pub Reader);

/// Somebody who owns a helpdesk, whichever; the address names none.
#[derive(Clone, Debug)]
pub struct OwnerSomewhere(pub SignedIn);

/// The session behind a request, if there is a live one.
///
/// # Errors
/// When the database cannot be read.
pub async fn session_of(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, Error> {
    let Some(token) = Token::of_request(app, headers) else {
        return Ok(None);
    };
    let session = sessions::find(app, token.as_str()).await?;
    Ok(session.map(|session| SignedIn { session, token }))
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorPage> {
        let wanted = parts
            .uri
            .path_and_query()
            .map(|wanted| wanted.as_str().to_owned());
        let reading = parts.method == axum::http::Method::GET;
        session_of(app, &parts.headers).await?.ok_or_else(|| {
            // The address wanted rides along, so that signing in leads there.
            let wanted = wanted.filter(|_| reading).unwrap_or_default();
            ErrorPage(Error::new(Kind::Unauthorized, "signed_out", wanted))
        })
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorPage> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let Path(named) = Path::<HashMap<String, String>>::from_request_parts(parts, app)
            .await
            .map_err(|_| no_page())?;
        let id = named
            .get("helpdesk")
            .and_then(|id| id.parse::<HelpdeskId>().ok())
            .ok_or_else(no_page)?;
        let mut others = operators::memberships(app, signed_in.session.operator.id).await?;
        let place = others
            .iter()
            .position(|member| member.helpdesk_id == id)
            .ok_or_else(no_page)?;
        let member = others.remove(place);
        if helpdesks::find(app, id).await?.is_none() {
            return Err(no_page());
        }
        Ok(Self {
            member,
            others,
            signed_in,
        })
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorPage> {
        let reader = Reader::from_request_parts(parts, app).await?;
        if !reader.member.is_admin() {
            return Err(ErrorPage(Error::forbidden(
                "not_an_admin",
                "Only owners and admins of this helpdesk can do this",
            )));
        }
        Ok(Self(reader))
    }
}

impl FromRequestParts<App> for OwnerSomewhere {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorPage> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let memberships = operators::memberships(app, signed_in.session.operator.id).await?;
        if !memberships.iter().any(|member| member.role == Role::Owner) {
            return Err(ErrorPage(Error::forbidden(
                "owners_only",
                "Only somebody who owns a helpdesk can create another one",
            )));
        }
        Ok(Self(signed_in))
    }
}

/// The answer for what is not there, or not for this reader: the same for both.
pub fn no_page() -> ErrorPage {
    ErrorPage(Error::not_found(
        "no_such_page",
        "There is no such page, or you may not see it",
    ))
}

/// An id out of the address.
///
/// # Errors
/// When it is not an id: then there is no such page.
pub fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, ErrorPage> {
    text.parse().map_err(|_| no_page())
}
