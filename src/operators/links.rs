//! One-time links: a random token of which only the hash is stored, and which its use deletes in
//! the same transaction, so that two uses at once cannot both succeed.

use super::{Operator, entries_by, store};
use crate::app::App;
use crate::audit::By;
use crate::error::{Error, Result};
use crate::ids::OperatorId;
use crate::installation;
use db::Tx;
use sha2::{Digest, Sha256};

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Setting up a fresh installation. One at a time: a new one replaces the old.
    Setup,
    /// Signing one operator in.
    SignIn,
    /// Choosing a new password. One at a time for each operator, and void after any change of it.
    NewPassword,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::SignIn => "sign_in",
            Self::NewPassword => "new_password",
        }
    }

    fn life_ms(self) -> i64 {
        match self {
            Self::Setup => 7 * 24 * 60 * 60 * 1000,
            Self::SignIn | Self::NewPassword => 60 * 60 * 1000,
        }
    }
}

/// SHA-256 of a link's token.
#[derive(Clone, Copy, Debug)]
pub struct LinkHash(pub(super) [u8; 32]);

impl LinkHash {
    /// The hash of a token as it came in.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

/// Makes a link and returns its token.
///
/// # Errors
/// When the database refuses.
pub async fn make(app: &App, purpose: Purpose, operator_id: Option<OperatorId>) -> Result<String> {
    let token = app.random().token();
    let (hash, expires_at) = (LinkHash::of(&token), app.now_ms() + purpose.life_ms());
    app.db()
        .write(async move |tx: &mut Tx| {
            if purpose == Purpose::Setup {
                // One after another, so that of several links only the last one lives.
                installation::store::lock(tx).await?;
                store::delete_links(tx, purpose.name()).await?;
            }
            store::insert_link(tx, &hash.0, purpose.name(), operator_id, expires_at).await
        })
        .await?;
    Ok(token)
}

/// Makes the link by which an operator chooses a new password, in place of an earlier one; the
/// operator and the whole address to open.
///
/// # Errors
/// When there is no operator with this address, or the database refuses.
pub async fn make_for_new_password(app: &App, by: &By, email: &str) -> Result<(Operator, String)> {
    let operator = super::by_email(app, email)
        .await?
        .ok_or_else(|| Error::not_found("unknown_operator", "There is no operator with this address"))?;
    let token = app.random().token();
    let purpose = Purpose::NewPassword;
    let (id, hash) = (operator.id, LinkHash::of(&token));
    let expires_at = app.now_ms() + purpose.life_ms();
    let entries = entries_by(app, operator.id, by, "password link made").await?;
    let detail = operator.email.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            store::delete_links_of(tx, id, purpose.name()).await?;
            store::insert_link(tx, &hash.0, purpose.name(), Some(id), expires_at).await?;
            entries.write(tx, &detail).await
        })
        .await?;
    Ok((operator, format!("{}/reset/{token}", app.config().base_url)))
}

/// Whose link this is, while it can be used.
///
/// # Errors
/// When the database cannot be read.
pub async fn owner(app: &App, purpose: Purpose, token: &str) -> Result<Option<Operator>> {
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::owner_of_link(tx, &hash.0, purpose.name(), now).await)
        .await?)
}

/// True while a link can be used.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_open(app: &App, purpose: Purpose, token: &str) -> Result<bool> {
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::link_is_open(tx, &hash.0, purpose.name(), now).await)
        .await?)
}

/// Uses a sign-in link: answers whom it signs in, once.
///
/// # Errors
/// When the database refuses.
pub async fn use_sign_in(app: &App, token: &str) -> Result<Option<OperatorId>> {
    let (hash, now) = (LinkHash::of(token), app.now_ms());
    let used = app
        .db()
        .write(async move |tx: &mut Tx| use_in(tx, Purpose::SignIn, hash, now).await)
        .await?;
    Ok(used.and_then(|link| link.operator_id))
}

/// A link that was just used.
pub(crate) struct UsedLink {
    pub(crate) operator_id: Option<OperatorId>,
}

/// Uses a link inside a larger transaction; `None` when it was used, has expired or never was.
pub(crate) async fn use_in(
    tx: &mut Tx,
    purpose: Purpose,
    hash: LinkHash,
    now_ms: i64,
) -> std::result::Result<Option<UsedLink>, db::Error> {
    let used = store::use_link(tx, &hash.0, purpose.name(), now_ms).await?;
    Ok(used.map(|operator_id| UsedLink { operator_id }))
}
