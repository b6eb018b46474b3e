//! The hosted page: the form for sites that only set a link or a frame, and for browsers without scripts.
//!
//! It is a plain form. A script of ours works out the proof where it may run; without it the form is sent
//! all the same, and less often. Which sites may frame it follows the Allowed Embed Domains.

use super::files;
use super::strings::Words;
use super::submission::{self, Typed};
use crate::app::App;
use crate::attachments;
use crate::embeds::framing::frame_ancestors;
use crate::embeds::{self, Visit};
use crate::error::{Error, Kind, Result};
use crate::forms::settings::{FormSettings, Select};
use crate::forms::{self, limits};
use crate::helpdesks::{self, Helpdesk};
use crate::ids::HelpdeskId;
use crate::web::client::ClientAddress;
use crate::web::error_page::ErrorPage;
use crate::web::form::FieldErrors;
use crate::web::multipart::Multipart;
use crate::web::{headers, page};
use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{REFERRER_POLICY, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; \
     form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
const LONGEST: usize = 256 * 1024;
const READ_FOR: Duration = Duration::from_secs(30);
/// The form's own fields are sent under their names with this before them.
const OWN: &str = "own-";

/// The id in the path; nothing when its bytes are no text.
pub(super) type PathId = std::result::Result<Path<String>, PathRejection>;

#[derive(Template)]
#[template(path = "contact_form/hosted.html")]
struct HostedPage<'a> {
    words: Words,
    theme: &'a str,
    accent: &'a str,
    helpdesk_name: &'a str,
    helpdesk_id: String,
    /// Nothing for a helpdesk that does not exist.
    shown: Option<Shown<'a>>,
}

/// What stands on the page.
struct Shown<'a> {
    settings: &'a FormSettings,
    messaging: bool,
    /// The address of a message that came in.
    sent_to: Option<&'a str>,
    token: String,
    proof_bits: Option<u8>,
    /// Turnstile checks the sender.
    is_checked: bool,
    values: Values,
    errors: FieldErrors,
    /// Why nothing was sent, as the key of a text.
    not_sent: Option<&'static str>,
    /// How many bytes a file may have; nothing when the form takes none.
    most_of_one: Option<u32>,
    /// Files were chosen, and a page cannot choose them again.
    has_lost_files: bool,
}

impl Shown<'_> {
    /// What is said of files below their field.
    fn files_hint(&self, words: &Words) -> String {
        let most = files::MOST.to_string();
        let text = words.with("files_hint", "{count}", &most);
        text.replacen("{size}", &attachments::size_in_words(files::MOST_BYTES), 1)
    }
}

/// What was typed.
#[derive(Default)]
struct Values(Vec<(String, String)>);

impl Values {
    fn of(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map_or("", |(_, value)| value)
    }

    fn own(&self, select: &Select) -> &str {
        self.of(&format!("{OWN}{}", select.name))
    }

    fn chosen(&self) -> Vec<(String, String)> {
        let own =
            |(name, value): &(String, String)| Some((name.strip_prefix(OWN)?.to_owned(), value.clone()));
        self.0.iter().filter_map(own).collect()
    }
}

/// `GET /form/{helpdesk}`. Whatever is no helpdesk's id gets one and the same refusal.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    id: PathId,
) -> std::result::Result<Response, ErrorPage> {
    let Some(helpdesk) = named(&app, id).await? else {
        return Ok(missing(&headers));
    };
    let settings = forms::get(&app, helpdesk.id).await?;
    let shown = fresh(&app, &helpdesk, &settings);
    Ok(answer(&headers, StatusCode::OK, &helpdesk, shown))
}

/// `POST /form/{helpdesk}`: the form as a browser sends it.
///
/// # Errors
/// When the body cannot be read, the page may not send, or the database refuses.
pub async fn create(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    id: PathId,
    body: Body,
) -> std::result::Result<Response, ErrorPage> {
    let Some(helpdesk) = named(&app, id).await? else {
        return Ok(missing(&headers));
    };
    let (values, mut form) = read(&headers, body).await?;
    let has_files = form.as_ref().is_some_and(|form| form.file.is_some());
    let visit = embeds::visit(&app, &headers, client, &helpdesk)?;
    let settings = forms::get(&app, helpdesk.id).await?;
    let sent = submit(&app, &helpdesk, &visit, &values, form.as_mut()).await;
    let mut shown = fresh(&app, &helpdesk, &settings);
    let error = match sent {
        Ok(()) => {
            shown.sent_to = Some(values.of("email"));
            return Ok(answer(&headers, StatusCode::OK, &helpdesk, shown));
        }
        // What was typed stays where nothing is wrong but the check.
        Err(error) if error.code == "check_unavailable" => error,
        Err(error) if matches!(error.kind, Kind::Internal | Kind::Unavailable) => return Err(error.into()),
        Err(error) => error,
    };
    refuse(&mut shown, &error, &settings);
    shown.has_lost_files = has_files && settings.asks_files;
    // The form that lay open stays good while nothing is wrong with it: it has waited already.
    if !matches!(error.code, "form_expired" | "form_used" | "proof_refused") {
        values.of("token").clone_into(&mut shown.token);
    }
    shown.values = values;
    let status = match error.kind {
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut response = answer(&headers, status, &helpdesk, shown);
    if let Kind::TooMany { retry_after_seconds } = error.kind {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds));
    }
    Ok(response)
}

async fn submit(
    app: &App,
    helpdesk: &Helpdesk,
    visit: &Visit,
    values: &Values,
    form: Option<&mut Multipart>,
) -> Result<()> {
    limits::call(app, visit.client)?;
    let (chosen, proof) = (values.chosen(), values.of("proof"));
    // Browsers send line ends as two characters, and the script one: a text is the same either way.
    let message = values.of("message").replace("\r\n", "\n");
    let typed = Typed {
        email: values.of("email"),
        message: &message,
        name: values.of("name"),
        subject: values.of("subject"),
        answers: &chosen,
        token: values.of("token"),
        proof: Some(proof).filter(|proof| !proof.is_empty()),
        check: Some(values.of("check")),
        honeypot: values.of("website"),
    };
    submission::submit(app, helpdesk, visit, &typed, form).await
}

/// Says at each field, or above the form, what was wrong.
fn refuse(shown: &mut Shown<'_>, error: &Error, settings: &FormSettings) {
    let (field, text) = match error.code {
        "invalid_email" => ("email", "email_bad"),
        "invalid_name" => ("name", "too_long"),
        "subject_too_long" => ("subject", "too_long"),
        "message_empty" => ("message", "message_missing"),
        "message_too_long" => ("message", "message_long"),
        "message_has_nul" => ("message", "bad_character"),
        "too_many_attachments" | "attachment_too_large" | "body_too_large" => ("files", "files_too_much"),
        "invalid_choice" if !settings.selects.is_empty() => ("choices", "choice_missing"),
        code => {
            shown.not_sent = Some(match code {
                "rate_limited" => "limited",
                "too_fast" => "wait",
                "messaging_off" => "off",
                "check_missing" | "check_refused" => "check",
                "check_unavailable" => "check_failed",
                _ => "failed",
            });
            return;
        }
    };
    shown.errors.add(field, text);
}

fn fresh<'a>(app: &App, helpdesk: &Helpdesk, settings: &'a FormSettings) -> Shown<'a> {
    let token = submission::fresh_token(app, helpdesk.id);
    Shown {
        settings,
        messaging: helpdesk.messaging,
        sent_to: None,
        token: token.encode(app.sealing_key()),
        proof_bits: settings.protection.looks_at_proof().then_some(token.bits),
        is_checked: settings.protection.turnstile.is_some(),
        values: Values::default(),
        errors: FieldErrors::default(),
        not_sent: None,
        most_of_one: settings.asks_files.then(|| files::most_of_one(app)),
        has_lost_files: false,
    }
}

pub(super) async fn named(app: &App, id: PathId) -> Result<Option<Arc<Helpdesk>>> {
    match id.ok().and_then(|Path(id)| id.parse::<HelpdeskId>().ok()) {
        Some(id) => helpdesks::find(app, id).await,
        None => Ok(None),
    }
}

/// What was typed, and the form with its files where there are some.
async fn read(headers: &HeaderMap, body: Body) -> Result<(Values, Option<Multipart>)> {
    if files::may_come(headers) {
        let mut form = files::read(headers, body).await?;
        return Ok((Values(std::mem::take(&mut form.fields)), Some(form)));
    }
    let body = tokio::time::timeout(READ_FOR, to_bytes(body, LONGEST))
        .await
        .map_err(|_| Error::invalid("form_too_slow", "This form did not arrive in time. Send it again"))?
        .map_err(|_| Error::new(Kind::TooLarge, "form_too_large", "This form is too large"))?;
    let typed = form_urlencoded::parse(&body).into_owned().collect();
    Ok((Values(typed), None))
}

pub(super) fn missing(headers: &HeaderMap) -> Response {
    let page = HostedPage {
        words: Words::of_request(headers),
        theme: "light",
        accent: "",
        helpdesk_name: "",
        helpdesk_id: String::new(),
        shown: None,
    };
    rendered(
        &page,
        StatusCode::NOT_FOUND,
        &format!("{POLICY}; frame-ancestors 'none'"),
    )
}

fn answer(headers: &HeaderMap, status: StatusCode, helpdesk: &Helpdesk, shown: Shown<'_>) -> Response {
    let page = HostedPage {
        words: Words::of_request(headers),
        theme: helpdesk.appearance.theme.as_deref().unwrap_or("light"),
        accent: helpdesk.appearance.accent.as_deref().unwrap_or_default(),
        helpdesk_name: &helpdesk.name,
        helpdesk_id: helpdesk.id.to_string(),
        shown: Some(shown),
    };
    framed(&page, status, POLICY, helpdesk)
}

/// A page that the helpdesk's Allowed Embed Domains may frame.
pub(super) fn framed(
    page: &impl Template,
    status: StatusCode,
    policy: &str,
    helpdesk: &Helpdesk,
) -> Response {
    let frames = frame_ancestors(&helpdesk.allowed_domains);
    rendered(page, status, &format!("{policy}{frames}"))
}

fn rendered(page: &impl Template, status: StatusCode, policy: &str) -> Response {
    let mut response = match page.render() {
        Ok(html) => page::html_response(status, html),
        Err(error) => return crate::web::error_page::broken(&error),
    };
    let headers = response.headers_mut();
    headers::allow_framing(headers, policy, None);
    // Else browsers would send the form with a hidden origin.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert(
        axum::http::header::VARY,
        HeaderValue::from_static("accept-language"),
    );
    response
}
