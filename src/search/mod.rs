//! Search: finds conversations of a helpdesk by words in their subject, messages, private notes and
//! contact. For its operators only: private notes are in the index, so nothing that a contact calls
//! may come here.
//!
//! It is a reaction: it reads events that were committed ([`indexing`]), and the core knows nothing
//! of it. What is found is loaded anew for the member who asks.

pub mod indexing;
mod store;

use crate::app::App;
use crate::contacts::Contact;
use crate::conversations::written::{self, Text};
use crate::conversations::{Conversation, Status};
use crate::error::Result;
use crate::operators::Member;
use crate::words::Query;
use crate::words::excerpt::Excerpt;
use db::Tx;
use std::collections::HashMap;

/// Conversations on one page.
pub const FOUND: usize = 20;
/// How far back a conversation is looked through for the words that were found.
const LOOKED_THROUGH: i64 = 60;
/// Bytes of messages that are looked through for one page.
const READ: usize = 500_000;

/// A conversation that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The conversation.
    pub conversation: Conversation,
    /// Whose it is.
    pub contact: Contact,
    /// When something was last written in it, notes included.
    pub written_at: i64,
    /// Where the words stand, when they stand in one of the latest messages or notes.
    pub place: Option<Place>,
}

/// A message or note with the words.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its number in the conversation.
    pub entry: i64,
    /// Who wrote it.
    pub author: String,
    /// Whether it is a private note.
    pub is_note: bool,
    /// The text around the first of the words.
    pub excerpt: Excerpt,
}

/// One page of what was found, latest first.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The conversations.
    pub hits: Vec<Hit>,
    /// Where the next page begins, or `None` at the end.
    pub next: Option<i64>,
}

/// Conversations of the member's helpdesk that hold all words of a query.
///
/// # Errors
/// When the database cannot be read.
pub async fn conversations(
    app: &App,
    member: &Member,
    query: &Query,
    status: Option<Status>,
    before: Option<i64>,
) -> Result<Found> {
    if query.is_empty() {
        return Ok(Found::default());
    }
    let (member, query) = (member.clone(), query.clone());
    let most = i64::try_from(FOUND + 1).unwrap_or(i64::MAX);
    app.db()
        .read(async move |tx: &mut Tx| {
            // Nothing was indexed yet.
            let Some(cursor) = store::cursor(tx, member.helpdesk_id).await? else {
                return Ok(Found::default());
            };
            let mut matches =
                store::matching(tx, member.helpdesk_id, &cursor, &query, status, before, most).await?;
            let goes_on = matches.len() > FOUND;
            matches.truncate(FOUND);
            let next = matches.last().map(|last| last.number).filter(|_| goes_on);
            let ids: Vec<_> = matches.iter().map(|found| found.conversation_id).collect();
            let mut shown: HashMap<_, _> = written::shown(tx, &member, &ids)
                .await?
                .into_iter()
                .map(|(conversation, contact)| (conversation.id, (conversation, contact)))
                .collect();
            let (mut hits, mut left) = (Vec::with_capacity(matches.len()), READ);
            for found in matches {
                let Some((conversation, contact)) = shown.remove(&found.conversation_id) else {
                    continue;
                };
                // Spam stands in its own list alone, and so does what waits for its sender.
                if conversation.status.is_hidden() {
                    continue;
                }
                let texts = if left > 0 {
                    written::newest_texts(tx, &conversation, LOOKED_THROUGH).await?
                } else {
                    Vec::new()
                };
                hits.push(Hit {
                    place: place(&query, texts, &mut left),
                    conversation,
                    contact,
                    written_at: found.written_at,
                });
            }
            Ok(Found { hits, next })
        })
        .await
}

/// The latest message or note with one of the words.
fn place(query: &Query, texts: Vec<Text>, left: &mut usize) -> Option<Place> {
    for text in texts {
        if *left == 0 {
            return None;
        }
        *left = left.saturating_sub(text.body.len());
        if let Some(excerpt) = Excerpt::around(query, &text.body) {
            return Some(Place {
                entry: text.entry,
                author: text.author,
                is_note: text.is_note,
                excerpt,
            });
        }
    }
    None
}
