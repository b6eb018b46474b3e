//! The words by which a contact is found: the beginnings of those of the name and of the address.

use super::{Contact, store};
use crate::app::App;
use crate::error::Result;
use crate::ids::{ContactId, HelpdeskId};
use crate::words::{self, Query};
use std::collections::BTreeSet;

/// Words of one contact.
const MOST: usize = 40;
/// Words that can be asked for together.
const ASKED: usize = 4;
/// Contacts that get their words in one transaction.
const BATCH: i64 = 200;

/// Every word of the name and the address, once.
pub(super) fn of(contact: &Contact) -> BTreeSet<String> {
    let name = contact.name.as_deref().unwrap_or_default();
    let words = words::of(name).into_iter().chain(words::of(&contact.email));
    words.take(MOST).collect()
}

/// All words with the same beginning: from `first` to before `end`.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) first: String,
    pub(super) end: String,
}

/// The words asked for, one to four of them.
#[derive(Clone, Debug)]
pub(super) struct Ranges(Vec<Range>);

/// What a query asks for, or `None` when it holds no word. One letter is a beginning here: contacts
/// are few beside messages.
pub(super) fn ranges(query: &Query) -> Option<Ranges> {
    let ranges = query.words().iter().take(ASKED).map(|wanted| Range {
        first: wanted.word.clone(),
        // No word holds this character, which is the last there is.
        end: format!("{}\u{10ffff}", wanted.word),
    });
    let ranges: Vec<Range> = ranges.collect();
    (!ranges.is_empty()).then_some(Ranges(ranges))
}

impl Ranges {
    /// Those that were asked for.
    pub(super) fn asked(&self) -> &[Range] {
        &self.0
    }

    /// The same with one of them in front.
    pub(super) fn beginning_with(&self, at: usize) -> Self {
        let mut ranges = self.0.clone();
        if at < ranges.len() {
            ranges.swap(0, at);
        }
        Self(ranges)
    }

    /// Always four: the last stands for those that were not asked for.
    pub(super) fn all(&self) -> [Range; ASKED] {
        std::array::from_fn(|at| {
            let range = self.0.get(at).or(self.0.last()).cloned();
            range.unwrap_or_else(|| Range {
                first: String::new(),
                end: String::new(),
            })
        })
    }
}

/// Writes the words of all contacts of a helpdesk: for those who were there before there were words.
///
/// # Errors
/// When the database refuses.
pub async fn write_all(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    let mut after = ContactId(uuid::Uuid::nil());
    loop {
        let last = app
            .db()
            .write(async move |tx: &mut db::Tx| {
                let held = store::hold_after(tx, helpdesk_id, after, BATCH).await?;
                for contact in &held {
                    store::add_words(tx, contact).await?;
                }
                Ok::<_, db::Error>(held.last().map(|contact| contact.id))
            })
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}
