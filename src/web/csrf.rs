//! Forms that only our own pages can send. A handler that changes something takes its fields as
//! [`Form`], or as [`FileForm`] where files come along; neither can be had without the check, and there is
//! no other way to read a form.
//!
//! The check is twofold: the browser must say that the request comes from our own pages
//! (`Sec-Fetch-Site`, else `Origin`), and the form must carry a token derived from the browser's
//! own secret cookie: the sign-in cookie, or before sign-in a cookie made for this.

use crate::app::App;
use crate::error::{Error, Kind};
use crate::ids::Random;
use crate::sealing::hmac_sha256;
use crate::web::cookies::{self, Keep};
use crate::web::error_page::ErrorPage;
use crate::web::multipart::Multipart;
use crate::web::session::Token;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The hidden field of every form.
pub const FIELD: &str = "csrf";
const BEFORE_SIGN_IN: &str = "helpdesky-form";
/// The longest message is 120,000 bytes when each character needs twelve in a form; one that is
/// twice too long can still be shown again to whoever wrote it.
const LONGEST: usize = 256 * 1024;
/// A browser that sends slower than this holds a connection and nothing else.
const READ_FOR: Duration = Duration::from_secs(30);

/// What one browser's secret cookie proves: makes and checks the values bound to it.
#[derive(Clone, Debug)]
pub struct Seal {
    token: Token,
    fresh: bool,
}

impl Seal {
    /// The seal of the browser behind this request; a new one when it has no cookie yet.
    pub fn of_request(app: &App, headers: &HeaderMap) -> Self {
        match Self::existing(app, headers) {
            Some(seal) => seal,
            None => Self {
                token: Token::new(app.random()),
                fresh: true,
            },
        }
    }

    fn existing(app: &App, headers: &HeaderMap) -> Option<Self> {
        let before =
            || cookies::read(headers, &cookies::name(app.config(), BEFORE_SIGN_IN)).and_then(Token::parse);
        Token::of_request(app, headers)
            .or_else(before)
            .map(|token| Self { token, fresh: false })
    }

    /// The seal of a given sign-in token.
    pub fn of_token(token: Token) -> Self {
        Self { token, fresh: false }
    }

    /// A seal for sample pages.
    pub fn sample() -> Self {
        Self {
            token: Token::new(&Random::system()),
            fresh: false,
        }
    }

    /// The `Set-Cookie` a new seal needs to be recognised again.
    pub fn cookie(&self, app: &App) -> Option<HeaderValue> {
        self.fresh
            .then(|| cookies::set(app.config(), BEFORE_SIGN_IN, self.token.as_str(), Keep::Session))
            .flatten()
    }

    /// The token that forms of this browser carry.
    pub fn form_token(&self) -> String {
        self.sign("form", b"")
    }

    /// A signature over `message` that is good for this browser and this purpose.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> String {
        let key = hmac_sha256(self.token.as_str().as_bytes(), &[purpose.as_bytes()]);
        URL_SAFE_NO_PAD.encode(hmac_sha256(&key, &[message]))
    }

    /// Whether [`Seal::sign`] made this signature; takes the same time for every wrong one.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &str) -> bool {
        self.sign(purpose, message)
            .as_bytes()
            .ct_eq(signature.as_bytes())
            .into()
    }
}

/// The fields of a form that our own page sent.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = ErrorPage;

    async fn from_request(request: Request, app: &App) -> Result<Self, ErrorPage> {
        let (parts, body) = request.into_parts();
        if !comes_from_us(app, &parts.headers) {
            return Err(refused());
        }
        let seal = Seal::existing(app, &parts.headers).ok_or_else(refused)?;
        let body = read(body, READ_FOR).await?;
        let body = grouped(body);
        let given = url::form_urlencoded::parse(&body).find(|(name, _)| name == FIELD);
        let proved = given.is_some_and(|(_, token)| seal.verify("form", b"", &token));
        if !proved {
            return Err(refused());
        }
        let axum::Form(fields) = axum::Form::from_request(Request::from_parts(parts, Body::from(body)), app)
            .await
            .map_err(|_| {
                Error::invalid(
                    "form_incomplete",
                    "This form is incomplete. Go back, reload the page and try again",
                )
            })?;
        Ok(Self(fields))
    }
}

/// A form with a file that our own page sent; the token comes before the file.
pub struct FileForm(pub Multipart);

impl FromRequest<App> for FileForm {
    type Rejection = ErrorPage;

    async fn from_request(request: Request, app: &App) -> Result<Self, ErrorPage> {
        let (parts, body) = request.into_parts();
        if !comes_from_us(app, &parts.headers) {
            return Err(refused());
        }
        let seal = Seal::existing(app, &parts.headers).ok_or_else(refused)?;
        let read = Multipart::read(&parts.headers, body, app.config().attachment_bytes).await;
        // No page of ours sends such a form in another way.
        let form = read.map_err(|error| match error.kind {
            Kind::UnsupportedMediaType => refused(),
            _ => ErrorPage::from(error),
        })?;
        let given = form.field(FIELD);
        if !given.is_some_and(|token| seal.verify("form", b"", token)) {
            return Err(refused());
        }
        Ok(Self(form))
    }
}

/// Boxes of one group have a name that ends in `[]`, and each that is ticked stands in the form by itself: they
/// become one field, with blanks between what they say.
fn grouped(body: Bytes) -> Bytes {
    let is_group = |name: &str| name.ends_with("[]");
    if !url::form_urlencoded::parse(&body).any(|(name, _)| is_group(&name)) {
        return body;
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(&body) {
        match fields
            .iter_mut()
            .find(|(other, _)| is_group(&name) && *other == name)
        {
            Some((_, all)) => {
                all.push(' ');
                all.push_str(&value);
            }
            None => fields.push((name.into_owned(), value.into_owned())),
        }
    }
    let mut joined = url::form_urlencoded::Serializer::new(String::new());
    joined.extend_pairs(&fields);
    joined.finish().into()
}

async fn read(body: Body, within: Duration) -> Result<Bytes, Error> {
    tokio::time::timeout(within, to_bytes(body, LONGEST))
        .await
        .map_err(|_| Error::invalid("form_too_slow", "This form did not arrive in time. Send it again"))?
        .map_err(|_| Error::new(Kind::TooLarge, "form_too_large", "This form is too large"))
}

fn refused() -> ErrorPage {
    ErrorPage::from(Error::forbidden(
        "form_refused",
        "This form is out of date or was not sent from this page. Go back, reload the page and send it again",
    ))
}

/// Whether a request may come from our own pages. Browsers say where a request comes from. One that
/// says nothing is no browser, or a very old one; then something else must decide.
pub fn comes_from_us(app: &App, headers: &HeaderMap) -> bool {
    let text = |value: Option<&HeaderValue>| value.and_then(|value| value.to_str().ok()).map(str::to_owned);
    if let Some(site) = text(headers.get("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = text(headers.get(ORIGIN)) else {
        return !headers.contains_key(ORIGIN);
    };
    let host = text(headers.get(HOST));
    let reached_as = origin.split_once("://").map(|(_, host)| host);
    origin == app.config().base_url || (reached_as.is_some() && reached_as == host.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_a_group_are_one_field_and_nothing_else_is() {
        for (sent, read) in [
            ("a=1&a=2", "a=1&a=2"),
            ("a=1&b%5B%5D=x%40y", "a=1&b%5B%5D=x%40y"),
            ("b%5B%5D=x%40y&a=1&b[]=z&b%5B%5D=", "b%5B%5D=x%40y+z+&a=1"),
            ("b%5B%5D=x&c%5B%5D=y&a=1&a=2", "b%5B%5D=x&c%5B%5D=y&a=1&a=2"),
        ] {
            assert_eq!(grouped(Bytes::from(sent)), read.as_bytes(), "{sent}");
        }
    }

    #[tokio::test]
    async fn a_form_that_does_not_end_is_not_waited_for() {
        let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let refused = read(Body::from_stream(endless), Duration::from_millis(20)).await;
        assert_eq!(refused.map_err(|error| error.code), Err("form_too_slow"));
        let read = read(Body::from("a=b"), Duration::from_secs(60)).await;
        assert_eq!(read.ok().as_deref(), Some(b"a=b".as_slice()));
    }

    #[test]
    fn a_signature_is_good_for_one_browser_and_one_purpose() {
        let (one, other) = (Seal::sample(), Seal::sample());
        let signature = one.sign("flash", b"text");
        assert!(one.verify("flash", b"text", &signature));
        assert!(!one.verify("form", b"text", &signature));
        assert!(!one.verify("flash", b"other", &signature));
        assert!(!other.verify("flash", b"text", &signature));
        assert!(!one.verify("flash", b"text", ""));
    }
}
