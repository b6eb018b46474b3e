//! Who reads. Anybody may; a session adds the helpdesks that the reader administers.

use super::blanks::Values;
use crate::app::App;
use crate::error::Result;
use crate::helpdesks;
use crate::operators;
use crate::operators::sessions;
use crate::web::page::theme;
use crate::web::session::Token;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;

/// A helpdesk whose id the reader may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// The public id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Somebody who reads.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// `light`, `dark`, or nothing for the system's.
    pub theme: Option<&'static str>,
    /// Whether there is a live session.
    pub is_signed_in: bool,
    /// Whether the answer is for this reader alone.
    pub is_private: bool,
    /// The helpdesks they administer.
    pub desks: Vec<Desk>,
    /// Which of them the guides are filled in for.
    pub chosen: usize,
    pub(super) base_url: String,
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<App> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, Infallible> {
        let mut reader = Self {
            theme: theme(&parts.headers),
            base_url: app.config().base_url.clone(),
            headers: parts.headers.clone(),
            ..Self::default()
        };
        let Some(token) = Token::of_request(app, &parts.headers) else {
            return Ok(reader);
        };
        // Even when the session is over: what was asked for with a sign-in is never shared.
        reader.is_private = true;
        match administered(app, &token).await {
            Ok(None) => {}
            Ok(Some(desks)) => {
                reader.is_signed_in = true;
                reader.chosen = wanted(parts.uri.query(), &desks);
                reader.desks = desks;
            }
            // Guides are needed most when something is broken.
            Err(error) => tracing::warn!(%error, "a guide is shown without its reader's helpdesk"),
        }
        Ok(reader)
    }
}

/// The helpdesks that the holder of a session administers; nothing without a live session.
async fn administered(app: &App, token: &Token) -> Result<Option<Vec<Desk>>> {
    let Some(session) = sessions::find(app, token.as_str()).await? else {
        return Ok(None);
    };
    let mut desks = Vec::new();
    for member in operators::memberships(app, session.operator.id).await? {
        if !member.is_admin() {
            continue;
        }
        if let Some(helpdesk) = helpdesks::find(app, member.helpdesk_id).await? {
            desks.push(Desk {
                id: helpdesk.id.to_string(),
                name: helpdesk.name.clone(),
            });
        }
    }
    Ok(Some(desks))
}

/// The one that the address names, if it is among these. Any other name is as good as none, so that
/// nobody learns whether it exists.
fn wanted(query: Option<&str>, desks: &[Desk]) -> usize {
    let named = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "helpdesk")
        .map(|(_, id)| id);
    let place = named.and_then(|id| desks.iter().position(|desk| desk.id == id));
    place.unwrap_or_default()
}

impl Reader {
    /// The helpdesk that the guides are filled in for.
    pub fn desk(&self) -> Option<&Desk> {
        self.desks.get(self.chosen)
    }

    /// What links between guides carry on, so that the choice stays.
    pub fn query(&self) -> String {
        match self.desk() {
            Some(desk) if self.chosen > 0 => format!("?helpdesk={}", desk.id),
            _ => String::new(),
        }
    }

    pub(super) fn values(&self) -> Values {
        Values::new(&self.base_url, self.desk().map(|desk| desk.id.clone()))
    }
}
