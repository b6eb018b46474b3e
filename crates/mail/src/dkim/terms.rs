//! What a DKIM-Signature header says (RFC 6376, 3.5).

use super::Algorithm;
use super::canonical::Form;
use super::public_key::BASE64;
use super::tags::Tags;
use super::verify::Fault;
use base64::Engine;

const MOST_NAMES: usize = 200;
const NAME_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// A signature that can hold.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) algorithm: Algorithm,
    pub(super) header_form: Form,
    pub(super) body_form: Form,
    /// The headers that are signed, in order.
    pub(super) names: Vec<String>,
    pub(super) body_hash: Vec<u8>,
    /// Up to where the text is signed; all of it when that is not said.
    pub(super) body_length: Option<u64>,
    pub(super) signature: Vec<u8>,
    pub(super) signed_seconds: Option<i64>,
    pub(super) expires_seconds: Option<i64>,
    /// The domain of whom the signature speaks for.
    pub(super) identity_domain: String,
}

impl Terms {
    /// Reads a whole header: domain and selector (empty when they are no names), and the rest.
    pub(super) fn read(header: &[u8]) -> (String, String, Result<Self, Fault>) {
        let tags = std::str::from_utf8(header)
            .ok()
            .and_then(|header| header.split_once(':'))
            .and_then(|(_, list)| Tags::read(list));
        let Some(tags) = tags else {
            return (String::new(), String::new(), Err(Fault::Malformed));
        };
        let name = |tag| {
            let packed = tags.packed(tag)?;
            domain_name(&packed)
        };
        let (domain, selector) = (name("d").unwrap_or_default(), name("s").unwrap_or_default());
        let is_named = !domain.is_empty()
            && !selector.is_empty()
            && selector.len() + "._domainkey.".len() + domain.len() <= NAME_BYTES;
        let terms = if is_named {
            Self::of(&tags, &domain)
        } else {
            Err(Fault::Malformed)
        };
        (domain, selector, terms)
    }

    fn of(tags: &Tags<'_>, domain: &str) -> Result<Self, Fault> {
        let packed = |tag| tags.packed(tag).ok_or(Fault::Malformed);
        let decoded = |tag| BASE64.decode(packed(tag)?).map_err(|_| Fault::Malformed);
        if packed("v")? != "1" || tags.lists("q", &["dns/txt", "dns"]) == Some(false) {
            return Err(Fault::Unknown);
        }
        let algorithm = match packed("a")?.to_ascii_lowercase().as_str() {
            "rsa-sha256" => Algorithm::Rsa,
            "ed25519-sha256" => Algorithm::Ed25519,
            "rsa-sha1" => return Err(Fault::Sha1),
            _ => return Err(Fault::Unknown),
        };
        let (header_form, body_form) = forms(tags)?;
        let (signed_seconds, expires_seconds) = (number(tags, "t")?, number(tags, "x")?);
        if matches!((signed_seconds, expires_seconds), (Some(t), Some(x)) if x <= t) {
            return Err(Fault::Malformed);
        }
        Ok(Self {
            algorithm,
            header_form,
            body_form,
            names: names(&packed("h")?)?,
            body_hash: decoded("bh")?,
            body_length: number(tags, "l")?,
            signature: decoded("b")?,
            signed_seconds,
            expires_seconds,
            identity_domain: identity(tags, domain)?,
        })
    }
}

/// For the headers and for the text: simple where nothing is said.
fn forms(tags: &Tags<'_>) -> Result<(Form, Form), Fault> {
    let said = tags.packed("c").unwrap_or_default().to_ascii_lowercase();
    let form = |name: &str| match name {
        "" | "simple" => Ok(Form::Simple),
        "relaxed" => Ok(Form::Relaxed),
        _ => Err(Fault::Unknown),
    };
    let (header, body) = said.split_once('/').unwrap_or((&said, ""));
    Ok((form(header)?, form(body)?))
}

/// A number of digits only; too large a one is as bad as none.
fn number<T: std::str::FromStr>(tags: &Tags<'_>, tag: &str) -> Result<Option<T>, Fault> {
    let Some(digits) = tags.packed(tag) else {
        return Ok(None);
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number);
    number.map(Some).ok_or(Fault::Malformed)
}

fn names(list: &str) -> Result<Vec<String>, Fault> {
    let names: Vec<String> = list.split(':').map(str::to_ascii_lowercase).collect();
    let is_name = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    if names.len() > MOST_NAMES || !names.iter().all(is_name) {
        return Err(Fault::Malformed);
    }
    if !names.iter().any(|name| name == "from") {
        return Err(Fault::AuthorNotSigned);
    }
    Ok(names)
}

/// The domain of `i=`, which is the signing one or within it.
fn identity(tags: &Tags<'_>, domain: &str) -> Result<String, Fault> {
    let Some(identity) = tags.packed("i") else {
        return Ok(domain.to_owned());
    };
    let (_, of) = identity.rsplit_once('@').ok_or(Fault::Malformed)?;
    let of = domain_name(of).ok_or(Fault::Malformed)?;
    let outside = of.strip_suffix(domain).ok_or(Fault::OtherIdentity)?;
    if outside.is_empty() || outside.ends_with('.') {
        Ok(of)
    } else {
        Err(Fault::OtherIdentity)
    }
}

/// A name as the DNS has it: in ASCII (RFC 8616, 4) and lower case.
fn domain_name(text: &str) -> Option<String> {
    let name = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii_strict(text).ok()?
    };
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| (1..=LABEL_BYTES).contains(&label.len()) && label.bytes().all(is_letter);
    (name.len() <= NAME_BYTES && name.split('.').all(is_label)).then_some(name)
}
