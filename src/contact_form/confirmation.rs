//! The page behind the link by which an address is confirmed. Whoever holds the link reads the mail of that
//! address. Opening the page confirms nothing, because scanners open links; the button does. The page shows
//! whose address it is and whose form, and nothing of what was sent: that may have been somebody else's.

use super::strings::Words;
use crate::app::App;
use crate::contacts;
use crate::conversations::waiting;
use crate::helpdesks;
use crate::notifications;
use crate::web::error_page::ErrorPage;
use crate::web::page;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// The token in the path; nothing when its bytes are no text.
type PathToken = std::result::Result<Path<String>, PathRejection>;

/// The page.
#[derive(Template)]
#[template(path = "contact_form/confirmation.html")]
struct ConfirmationPage {
    words: Words,
    /// Nothing when the link is none of ours, or too old.
    shown: Option<Shown>,
}

struct Shown {
    helpdesk: String,
    email: String,
    is_confirmed: bool,
}

/// `GET /confirm/{token}`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    token: PathToken,
) -> std::result::Result<Response, ErrorPage> {
    answer(&app, &headers, token, false).await
}

/// `POST /confirm/{token}`: confirms the address, and lets in what waited for it. It takes no form token: the
/// link itself says who may.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    token: PathToken,
) -> std::result::Result<Response, ErrorPage> {
    answer(&app, &headers, token, true).await
}

async fn answer(
    app: &App,
    headers: &HeaderMap,
    token: PathToken,
    confirms: bool,
) -> std::result::Result<Response, ErrorPage> {
    let mut page = ConfirmationPage {
        words: Words::of_request(headers),
        shown: None,
    };
    let named = token
        .ok()
        .and_then(|Path(token)| notifications::confirms(app, &token));
    if let Some((helpdesk_id, contact_id)) = named
        && let Some(contact) = contacts::find(app, helpdesk_id, contact_id).await?
    {
        if confirms {
            waiting::confirm(app, helpdesk_id, contact_id).await?;
        }
        page.shown = Some(Shown {
            helpdesk: helpdesks::get(app, helpdesk_id).await?.name.clone(),
            email: contact.email,
            is_confirmed: confirms,
        });
    }
    let status = if page.shown.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    Ok(match page.render() {
        Ok(html) => page::html_response(status, html),
        Err(error) => crate::web::error_page::broken(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::{ConfirmationPage, Shown};
    use crate::contact_form::strings::Words;
    use crate::web::page_rules::offences;
    use askama::Template;
    use axum::http::HeaderMap;

    #[test]
    fn the_page_keeps_the_rules_in_each_state() {
        for state in [None, Some(false), Some(true)] {
            let page = ConfirmationPage {
                words: Words::of_request(&HeaderMap::new()),
                shown: state.map(|is_confirmed| Shown {
                    helpdesk: "<b>Fernway</b>".to_owned(),
                    email: "priya@lumastudio.example".to_owned(),
                    is_confirmed,
                }),
            };
            let html = page.render().unwrap();
            let mut offences = offences(&html);
            // The link is what says who may.
            offences.retain(|offence| !offence.starts_with("form without token"));
            assert_eq!(offences, Vec::<String>::new());
            assert!(!html.contains("<b>Fernway"));
        }
    }
}
