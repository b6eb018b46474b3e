//! The sessions of an operator: one is ended, or all but this one.

use super::Answer;
use super::access::Reader;
use super::profile::address;
use super::sign_out::Nothing;
use crate::app::App;
use crate::operators::sessions;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Which one.
#[derive(Debug, Deserialize)]
pub struct Field {
    #[serde(default)]
    session: String,
}

/// What a session is called on the page. It opens nothing.
pub(super) fn name(token_hash: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(token_hash)
}

/// `POST /h/{helpdesk}/profile/sessions/revocation`.
///
/// # Errors
/// When the database refuses.
pub async fn remove(State(app): State<App>, reader: Reader, view: View, Form(field): Form<Field>) -> Answer {
    let named = URL_SAFE_NO_PAD.decode(&field.session).ok();
    let ended = match named.and_then(|hash| <[u8; 32]>::try_from(hash).ok()) {
        Some(hash) => sessions::revoke(&app, &reader.member.operator, hash).await?,
        None => false,
    };
    let say = Flash::say(if ended {
        "That session is signed out"
    } else {
        "That session had ended already"
    });
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

/// `POST /h/{helpdesk}/profile/sessions/others/revocation`.
///
/// # Errors
/// When the database refuses.
pub async fn remove_others(
    State(app): State<App>,
    reader: Reader,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let ended = sessions::revoke_others(&app, &reader.signed_in.session).await?;
    let say = Flash::say(match ended {
        0 => "There was no other session".to_owned(),
        1 => "One other session is signed out".to_owned(),
        more => format!("{more} other sessions are signed out"),
    });
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}
