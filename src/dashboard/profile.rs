//! What an operator changes about themselves: name, password, single keys.

use super::access::Reader;
use super::pages::profile::{ProfilePage, Session};
use super::{Answer, frame, profile_sessions, tries};
use crate::app::App;
use crate::error::{Kind, Result};
use crate::operators::{password, profile, sessions};
use crate::web::client::ClientAddress;
use crate::web::csrf::{Form, Seal};
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::{View, redirect};
use crate::web::session::Token;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// The name.
#[derive(Debug, Deserialize)]
pub struct NameField {
    name: String,
}

/// The present password and the new one.
#[derive(Debug, Deserialize)]
pub struct Passwords {
    #[serde(default)]
    current: String,
    password: String,
}

/// The switch: a browser leaves an unticked box out.
#[derive(Debug, Deserialize)]
pub struct Switch {
    single_keys: Option<String>,
}

/// `GET /h/{helpdesk}/profile`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, reader: Reader, view: View) -> Answer {
    let page = page(&app, &reader, view, FieldErrors::default()).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/profile/name`.
///
/// # Errors
/// When the database refuses.
pub async fn update(
    State(app): State<App>,
    reader: Reader,
    view: View,
    Form(field): Form<NameField>,
) -> Answer {
    match profile::rename(&app, &reader.member.operator, &field.name).await {
        Ok(_) => Ok(view.redirect(&app, &address(&reader), Some(&Flash::say("Name saved")))),
        Err(error) if error.kind == Kind::Unprocessable => {
            let errors = FieldErrors::one("name", error.sentence);
            let mut page = page(&app, &reader, view, errors).await?;
            page.name = field.name;
            Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /h/{helpdesk}/profile/password`.
///
/// # Errors
/// When the database refuses.
pub async fn update_password(
    State(app): State<App>,
    reader: Reader,
    client: ClientAddress,
    view: View,
    Form(given): Form<Passwords>,
) -> Answer {
    let (status, errors) = match change_password(&app, &reader, client, &given).await? {
        Ok(token) => return Ok(signed_in_anew(&app, &reader, &token)),
        Err(refusal) => refusal,
    };
    let page = page(&app, &reader, view, errors).await?;
    Ok(page.shell.view.show_as(status, &page))
}

/// `POST /h/{helpdesk}/profile/shortcuts`.
///
/// # Errors
/// When the database refuses.
pub async fn update_shortcuts(
    State(app): State<App>,
    reader: Reader,
    view: View,
    Form(switch): Form<Switch>,
) -> Answer {
    let on = switch.single_keys.is_some();
    profile::set_single_keys(&app, reader.member.operator.id, on).await?;
    let say = Flash::say(if on {
        "Single keys are on"
    } else {
        "Single keys are off"
    });
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

async fn change_password(
    app: &App,
    reader: &Reader,
    client: ClientAddress,
    given: &Passwords,
) -> Result<std::result::Result<String, (StatusCode, FieldErrors)>> {
    let refused = |status, field, sentence: String| Ok(Err((status, FieldErrors::one(field, sentence))));
    if let Err(error) = password::check_new(&given.password) {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "password", error.sentence);
    }
    let session = &reader.signed_in.session;
    if let Err(sentence) = tries::count(app, client, &session.operator.email) {
        return refused(StatusCode::TOO_MANY_REQUESTS, "current", sentence);
    }
    let address = client.0.to_string();
    let changed = profile::change_password(app, session, &given.current, &given.password, &address).await?;
    let Some(token) = changed else {
        let sentence = "This is not your present password".to_owned();
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "current", sentence);
    };
    tries::succeeded(app, client, &session.operator.email);
    Ok(Ok(token))
}

/// The browser goes on with its new session, until it is closed.
fn signed_in_anew(app: &App, reader: &Reader, token: &str) -> axum::response::Response {
    let token = Token::parse(token);
    let say = Flash::say("Password changed. All other sessions were signed out");
    let flash = token
        .clone()
        .and_then(|token| say.cookie(app, &Seal::of_token(token)));
    let cookie = token.and_then(|token| token.cookie(app.config(), false));
    redirect(&address(reader), cookie.into_iter().chain(flash))
}

pub(super) fn address(reader: &Reader) -> String {
    format!("{}/profile", frame::base(reader.member.helpdesk_id))
}

async fn page(app: &App, reader: &Reader, view: View, errors: FieldErrors) -> Result<ProfilePage> {
    let present = &reader.signed_in.session;
    let mut listed = sessions::list(app, present.operator.id).await?;
    listed.sort_by_key(|session| session.token_hash != present.token_hash);
    let shown = |session: &sessions::Session| Session {
        id: profile_sessions::name(&session.token_hash),
        browser: session.browser(),
        address: session.address.clone(),
        since_ms: session.created_at,
        last_seen_ms: session.last_seen_at,
        is_this: session.token_hash == present.token_hash,
    };
    Ok(ProfilePage {
        shell: frame::build(app, reader, view, "profile").await?,
        name: present.operator.name.clone(),
        email: present.operator.email.clone(),
        sessions: listed.iter().map(shown).collect(),
        errors,
    })
}
