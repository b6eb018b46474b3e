//! Senders whose mail goes into spam, and senders whose mail never does.

use super::store;
use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use db::Tx;
use mail::Address;

/// Rules of a helpdesk; more are refused.
pub const MOST: i64 = 1_000;

/// What is to become of a sender's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It goes into spam.
    Block,
    /// It never does.
    Allow,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// An address, or a domain with an `@` before it.
    pub sender: String,
    /// What is done.
    pub treatment: Treatment,
    /// When it was made, epoch milliseconds.
    pub created_at: i64,
}

/// The rules of a helpdesk, by sender.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Rule>> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::rules(tx, helpdesk_id, MOST).await)
        .await?)
}

/// Sets what is done with a sender's mail: `someone@example.com`, or `@example.com` for a whole domain and
/// those below it. An address has precedence over its domain.
///
/// # Errors
/// When it is neither, there are too many rules, or the database refuses.
pub async fn set(
    app: &App,
    helpdesk_id: HelpdeskId,
    by: &By,
    sender: &str,
    treatment: Treatment,
) -> Result<String> {
    let sender = canonical(sender)?;
    let action = match treatment {
        Treatment::Block => "sender blocked",
        Treatment::Allow => "sender allowed",
    };
    let (now, entry, stored) = (
        app.now_ms(),
        Entry::new(app, helpdesk_id, by, action),
        sender.clone(),
    );
    app.db()
        .write(async move |tx: &mut Tx| {
            let rules = store::rules(tx, helpdesk_id, MOST).await?;
            let is_new = rules.iter().all(|rule| rule.sender != stored);
            if is_new && i64::try_from(rules.len()).unwrap_or(i64::MAX) >= MOST {
                return Err(Error::unprocessable(
                    "too_many_rules",
                    "There are 1,000 rules already; remove some, or block a whole domain",
                ));
            }
            store::upsert_rule(tx, helpdesk_id, &stored, treatment, now).await?;
            entry.write(tx, &stored).await?;
            Ok(())
        })
        .await?;
    Ok(sender)
}

/// Takes a rule away; nothing happens when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(app: &App, helpdesk_id: HelpdeskId, by: &By, sender: &str) -> Result<()> {
    let (sender, entry) = (
        sender.trim().to_owned(),
        Entry::new(app, helpdesk_id, by, "sender rule removed"),
    );
    app.db()
        .write(async move |tx: &mut Tx| {
            if store::delete_rule(tx, helpdesk_id, &sender).await? {
                entry.write(tx, &sender).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

fn canonical(sender: &str) -> Result<String> {
    let wrong = || {
        Error::unprocessable(
            "invalid_sender",
            "Write an address such as someone@example.com, or a domain such as @example.com",
        )
    };
    let sender = sender.trim();
    match sender.strip_prefix('@') {
        Some(domain) => {
            let probe = Address::parse(&format!("a@{domain}")).map_err(|_| wrong())?;
            let (_, domain) = probe.as_str().rsplit_once('@').ok_or_else(wrong)?;
            Ok(format!("@{domain}"))
        }
        None => Address::parse(sender)
            .map(|address| address.as_str().to_owned())
            .map_err(|_| wrong()),
    }
}

/// What is done with mail of this address: the rule of the address, else of the nearest domain.
pub(super) async fn treatment(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    address: &Address,
) -> std::result::Result<Option<Treatment>, db::Error> {
    let whole = address.as_str();
    if let Some(found) = store::rule(tx, helpdesk_id, whole).await? {
        return Ok(Some(found));
    }
    let mut domain = whole.rsplit_once('@').map(|(_, domain)| domain);
    while let Some(name) = domain {
        if let Some(found) = store::rule(tx, helpdesk_id, &format!("@{name}")).await? {
            return Ok(Some(found));
        }
        domain = name.split_once('.').map(|(_, parent)| parent);
    }
    Ok(None)
}
