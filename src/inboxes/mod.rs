//! Where mail comes in: the address that a helpdesk's mail is forwarded to, and the addresses by which
//! the mails that go out are answered.

pub mod keys;
mod store;

use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::ids::{HelpdeskId, Random};
use db::Tx;
use mail::token::{Claim, Thread, TokenKey};

/// What stands before the token of an address by which a mail is answered.
const REPLY: &str = "reply";
const SLUG_CHARACTERS: usize = 20;
const CODE_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const CODE_LENGTH: usize = 12;
/// How long the former address works after a new one was made.
pub const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// An address that mail is forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardingAddress {
    /// The whole address.
    pub address: String,
    /// When it was made, epoch milliseconds.
    pub created_at: i64,
    /// Until when it works, once another has taken its place.
    pub ends_at: Option<i64>,
}

/// The key of the tokens in Message-IDs and addresses, made from the installation's.
pub fn token_key(app: &App) -> TokenKey {
    TokenKey::new(app.sealing_key().mac("tokens of mail threads", b""))
}

/// The address by which a mail of this thread is answered; `None` while no mail comes in.
pub fn reply_address(app: &App, thread: &Thread) -> Option<String> {
    let domain = app.config().mail_in.domain.as_deref()?;
    token_key(app).reply_address(thread, REPLY, domain)
}

/// The addresses of a helpdesk, the current one first; makes that one when there is none. Empty while no
/// mail comes in.
///
/// # Errors
/// When there is no such helpdesk, or the database refuses.
pub async fn forwarding_addresses(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<ForwardingAddress>> {
    let Some(domain) = app.config().mail_in.domain.clone() else {
        return Ok(Vec::new());
    };
    let now = app.now_ms();
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::of_helpdesk(tx, helpdesk_id, now).await)
        .await?;
    let found = if found.iter().any(|(_, _, ends_at)| ends_at.is_none()) {
        found
    } else {
        let local = new_local(app, helpdesk_id).await?;
        app.db()
            .write(async move |tx: &mut Tx| {
                store::insert_first(tx, helpdesk_id, &local, now).await?;
                store::of_helpdesk(tx, helpdesk_id, now).await
            })
            .await?
    };
    let whole = |(local, created_at, ends_at): (String, i64, Option<i64>)| ForwardingAddress {
        address: format!("{local}@{domain}"),
        created_at,
        ends_at,
    };
    Ok(found.into_iter().map(whole).collect())
}

/// Makes a new forwarding address. The former one works for [`KEPT_MS`] more, so that mail that is still
/// forwarded there is not lost; with `at_once` it stops now.
///
/// # Errors
/// When there is no such helpdesk, or the database refuses.
pub async fn renew(app: &App, helpdesk_id: HelpdeskId, by: &By, at_once: bool) -> Result<()> {
    let (now, local) = (app.now_ms(), new_local(app, helpdesk_id).await?);
    let ends_at = if at_once { now } else { now + KEPT_MS };
    let entry = Entry::new(app, helpdesk_id, by, "forwarding address renewed");
    app.db()
        .write(async move |tx: &mut Tx| {
            store::end_current(tx, helpdesk_id, ends_at).await?;
            store::insert_first(tx, helpdesk_id, &local, now).await?;
            entry
                .write(tx, if at_once { "the former one stopped" } else { "" })
                .await?;
            Ok(())
        })
        .await
}

/// Whether what is sent to this address arrives: mail comes in at this installation's own domain, which
/// then stands in every Reply-To, or the helpdesk fetches from the mailbox of the address. A mailbox is known
/// by its user name, which is an address at nearly all providers.
///
/// # Errors
/// When the database cannot be read.
pub async fn can_be_answered(app: &App, helpdesk_id: HelpdeskId, from: &str) -> Result<bool> {
    if app.config().mail_in.domain.is_some() {
        return Ok(true);
    }
    let from = from.to_owned();
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::is_fetched(tx, helpdesk_id, &from).await)
        .await?)
}

/// Whose mail goes to this address: a forwarding address, with or without a `+` part, or one by which a
/// mail is answered. `None` for all others.
///
/// # Errors
/// When the database cannot be read.
pub async fn helpdesk_of(app: &App, address: &str) -> Result<Option<HelpdeskId>> {
    let Some(own) = app.config().mail_in.domain.as_deref() else {
        return Ok(None);
    };
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Ok(None);
    };
    if !domain.trim_end_matches('.').eq_ignore_ascii_case(own) {
        return Ok(None);
    }
    let local = local.to_ascii_lowercase();
    let (base, _) = local.split_once('+').unwrap_or((&local, ""));
    let (base, now) = (base.to_owned(), app.now_ms());
    let is_reply = base == REPLY;
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::owner(tx, &base, now).await)
        .await?;
    if found.is_some() || !is_reply {
        return Ok(found);
    }
    let Some(claim) = Claim::in_address(address) else {
        return Ok(None);
    };
    let key = token_key(app);
    let helpdesks = app
        .db()
        .read(async |tx: &mut Tx| store::helpdesks(tx).await)
        .await?;
    Ok(helpdesks.into_iter().find(|id| key.may_be_of(&claim, id.0)))
}

async fn new_local(app: &App, helpdesk_id: HelpdeskId) -> Result<String> {
    let name = app
        .db()
        .read(async move |tx: &mut Tx| store::helpdesk_name(tx, helpdesk_id).await)
        .await?;
    let name = name.ok_or_else(|| Error::not_found("unknown_helpdesk", "There is no such helpdesk"))?;
    Ok(local(app.random(), &name))
}

/// `{name}-{code}`: the name so that people know it again, the code so that nobody guesses it.
fn local(random: &Random, name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_CHARACTERS {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() || slug == REPLY {
        "support"
    } else {
        slug
    };
    let code = random.bytes::<CODE_LENGTH>().map(|byte| {
        let letter = CODE_LETTERS.get(usize::from(byte % 32));
        letter.copied().map_or('a', char::from)
    });
    format!("{slug}-{}", code.iter().collect::<String>())
}
