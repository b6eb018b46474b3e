//! Commands about conversations.

use super::command::{By, Conversation};
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::clock::iso8601;
use crate::conversations::by_operator::{self, Entry, Mailing, Opened};
use crate::conversations::inbox::{self, Filter, List};
use crate::conversations::text::Body;
use crate::conversations::{self, not_found};
use crate::error::{Error, Result};
use crate::helpdesks;
use crate::ids::{ConversationId, OperatorId};
use crate::operators::{self, Member, Operator, Role};
use serde_json::{Value, json};

pub(super) async fn run(app: &App, command: Conversation) -> Result<Answer> {
    match command {
        Conversation::List { helpdesk, closed } => list(app, &helpdesk, closed).await,
        Conversation::Show { conversation } => show(app, &conversation).await,
        Conversation::Reply { by, text } => {
            let (member, id) = acting(app, &by).await?;
            let body = Body::parse(&text)?;
            let written = by_operator::reply(app, &member, id, body, None, Mailing::Held).await?;
            let json = json!({"conversationId": id, "messageId": written.message.id});
            Ok(Answer::new(
                json,
                format!("Answered as {}.", member.operator.name),
            ))
        }
        Conversation::Note { by, text } => {
            let (member, id) = acting(app, &by).await?;
            let note = by_operator::note(app, &member, id, Body::parse(&text)?, None).await?;
            let json = json!({"conversationId": id, "noteId": note.id});
            Ok(Answer::new(
                json,
                "Left a private note: only operators can read it.",
            ))
        }
        Conversation::Close { by } => {
            let (member, id) = acting(app, &by).await?;
            let conversation = by_operator::close(app, &member, id).await?;
            let json = json!({"conversationId": id, "status": conversation.status.name()});
            Ok(Answer::new(json, "Closed."))
        }
    }
}

async fn list(app: &App, helpdesk: &str, closed: bool) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let list = if closed { List::Closed } else { List::AllOpen };
    let page = inbox::list(app, &onlooker(helpdesk.id), list, Filter::default(), None).await?;
    let rows: Vec<_> = page
        .items
        .iter()
        .map(|row| {
            let c = &row.conversation;
            vec![
                c.id.to_string(),
                time(c.last_message_at),
                row.contact.email.clone(),
                c.subject.clone(),
            ]
        })
        .collect();
    let mut text = if rows.is_empty() {
        "No such conversations.".to_owned()
    } else {
        table(&["CONVERSATION", "LAST MESSAGE", "CONTACT", "SUBJECT"], &rows)
    };
    if page.next.is_some() {
        text.push_str("\nThere are more; the dashboard shows them all.");
    }
    let json = page.items.iter().map(|row| {
        let mut value = summary(&row.conversation);
        insert(
            &mut value,
            "contact",
            json!({"id": row.contact.id, "email": row.contact.email}),
        );
        value
    });
    Ok(Answer::new(json!(json.collect::<Vec<_>>()), text))
}

async fn show(app: &App, id: &str) -> Result<Answer> {
    let id = parse(id)?;
    let opened = locate(app, id).await?;
    let c = &opened.conversation;
    let mut lines = vec![
        c.subject.clone(),
        format!(
            "{} · {} · {}",
            opened.contact.email,
            c.status.name(),
            c.channel.name()
        ),
    ];
    for entry in &opened.entries {
        lines.push(String::new());
        match entry {
            Entry::Message(m) => lines.push(format!("{}  {}\n{}", time(m.created_at), m.author_name, m.body)),
            Entry::Note(n) => {
                lines.push(format!(
                    "{}  {} (private note)\n{}",
                    time(n.created_at),
                    n.author_name,
                    n.body
                ));
            }
            Entry::Event(e) => lines.push(format!(
                "{}  {} {} {}",
                time(e.created_at),
                e.actor_name,
                e.kind.name(),
                e.detail
            )),
        }
    }
    let mut value = summary(c);
    insert(
        &mut value,
        "contact",
        json!({"id": opened.contact.id, "email": opened.contact.email}),
    );
    insert(&mut value, "assignee", json!(opened.assignee_name));
    insert(
        &mut value,
        "entries",
        json!(opened.entries.iter().map(entry_json).collect::<Vec<_>>()),
    );
    Ok(Answer::new(value, lines.join("\n")))
}

fn summary(c: &conversations::Conversation) -> Value {
    json!({"id": c.id, "helpdeskId": c.helpdesk_id, "subject": c.subject, "preview": c.preview, "status": c.status.name(),
        "channel": c.channel.name(), "messageCount": c.message_count, "createdAt": iso8601(c.created_at),
        "lastMessageAt": iso8601(c.last_message_at)})
}

fn entry_json(entry: &Entry) -> Value {
    match entry {
        Entry::Message(m) => json!({"kind": "message", "id": m.id, "author": m.author.name(),
            "authorName": m.author_name, "body": m.body, "createdAt": iso8601(m.created_at)}),
        Entry::Note(n) => {
            json!({"kind": "private_note", "id": n.id, "authorName": n.author_name, "body": n.body,
            "createdAt": iso8601(n.created_at)})
        }
        Entry::Event(e) => json!({"kind": e.kind.name(), "actorName": e.actor_name, "detail": e.detail,
            "createdAt": iso8601(e.created_at)}),
    }
}

fn insert(value: &mut Value, name: &str, field: Value) {
    if let Value::Object(object) = value {
        object.insert(name.to_owned(), field);
    }
}

fn parse(id: &str) -> Result<ConversationId> {
    id.parse().map_err(|_| not_found())
}

/// A conversation is named without its helpdesk: an installation has few, so each is asked.
async fn locate(app: &App, id: ConversationId) -> Result<Opened> {
    for helpdesk in helpdesks::list(app).await? {
        match by_operator::show(app, &onlooker(helpdesk.id), id, None).await {
            Err(error) if error.code == not_found().code => {}
            found => return found,
        }
    }
    Err(not_found())
}

async fn acting(app: &App, by: &By) -> Result<(Member, ConversationId)> {
    let id = parse(&by.conversation)?;
    let helpdesk_id = locate(app, id).await?.conversation.helpdesk_id;
    let member = operators::member_by_email(app, helpdesk_id, &by.operator).await?;
    let member = member.ok_or_else(|| {
        Error::not_found(
            "unknown_operator",
            format!("{} is no operator of this conversation's helpdesk", by.operator),
        )
    })?;
    Ok((member, id))
}

/// Whoever administers the data folder may look at everything, without being an operator.
fn onlooker(helpdesk_id: crate::ids::HelpdeskId) -> Member {
    let operator = Operator {
        id: OperatorId(uuid::Uuid::nil()),
        email: String::new(),
        name: String::new(),
    };
    Member {
        helpdesk_id,
        operator,
        role: Role::Owner,
    }
}
