//! What is asked all the time is one range of one index on both databases, however full they are.
//!
//! The conditions are those of the rooms' own SQL: each piece is looked up in the source first, so
//! that a condition that changes there is changed here too.

use db::Tx;

use crate::support::{Engine, TestApp};

both_engines!(hot_questions_are_ranges_of_their_index);

const EVENTS: &str = include_str!("../../src/conversations/store/events.rs");
const LISTS: &str = include_str!("../../src/conversations/store/lists.rs");
const ENTRIES: &str = include_str!("../../src/conversations/store/entries.rs");
const DESKS: &str = include_str!("../../src/conversations/store/desks.rs");
const MARKS: &str = include_str!("../../src/conversations/store/marks.rs");

/// A question: where it stands, its table, its pieces in order, and the index (SQLite's name of a
/// primary key is the table's, PostgreSQL's ends in `_pkey`).
struct Question {
    source: &'static str,
    table: &'static str,
    pieces: &'static [&'static str],
    index: &'static str,
    /// What each of $1, $2 … is: a table and its column.
    values: &'static [&'static str],
}

const CONTACT: &str = "(SELECT contact_id FROM conversations LIMIT 1)";
const HELPDESK: &str = "(SELECT id FROM helpdesks LIMIT 1)";
const CONVERSATION: &str = "(SELECT id FROM conversations LIMIT 1)";
const OPERATOR: &str = "(SELECT operator_id FROM members LIMIT 1)";

const QUESTIONS: &[Question] = &[
    Question {
        source: EVENTS,
        table: "events",
        pieces: &[
            "WHERE helpdesk_id = $1 AND contact_id = $2 AND is_public",
            "ORDER BY number DESC LIMIT 1",
        ],
        index: "events_public_by_contact",
        values: &[HELPDESK, CONTACT],
    },
    Question {
        source: EVENTS,
        table: "events",
        pieces: &[
            "WHERE helpdesk_id = $1 AND contact_id = $2 AND number > $3 AND is_public",
            "ORDER BY number LIMIT $4",
        ],
        index: "events_public_by_contact",
        values: &[HELPDESK, CONTACT, "7", "100"],
    },
    Question {
        source: EVENTS,
        table: "events",
        pieces: &["WHERE helpdesk_id = $1 AND number > $2 ORDER BY number LIMIT $3"],
        index: "events",
        values: &[HELPDESK, "7", "100"],
    },
    Question {
        source: LISTS,
        table: "conversations c",
        pieces: &[
            "WHERE c.helpdesk_id = $1 AND c.contact_id = $2",
            "ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3",
        ],
        index: "conversations_by_contact",
        values: &[HELPDESK, CONTACT, "51"],
    },
    Question {
        source: LISTS,
        table: "conversations c",
        pieces: &[
            "WHERE c.helpdesk_id = $1 AND ",
            "c.status = $6 AND c.assignee_id = $7",
            " AND (c.last_message_at, c.id) < ($4, $5) ORDER BY c.last_message_at DESC, c.id DESC LIMIT ",
            "$3",
        ],
        index: "conversations_by_assignee",
        values: &[
            HELPDESK,
            "0",
            "51",
            "9000000000",
            CONVERSATION,
            "'open'",
            OPERATOR,
        ],
    },
    Question {
        source: LISTS,
        table: "conversations c",
        pieces: &[
            "WHERE c.helpdesk_id = $1 AND ",
            "c.status = $6 AND c.assignee_id IS NULL",
            " AND (c.last_message_at, c.id) < ($4, $5) ORDER BY c.last_message_at DESC, c.id DESC LIMIT ",
            "$3",
        ],
        index: "conversations_unassigned",
        values: &[HELPDESK, "0", "51", "9000000000", CONVERSATION, "'open'"],
    },
    Question {
        source: LISTS,
        table: "conversations c",
        pieces: &[
            "WHERE c.helpdesk_id = $1 AND ",
            "c.status = $6",
            " AND (c.last_message_at, c.id) < ($4, $5) ORDER BY c.last_message_at DESC, c.id DESC LIMIT ",
            "$3",
        ],
        index: "conversations_by_status",
        values: &[HELPDESK, "0", "51", "9000000000", CONVERSATION, "'open'"],
    },
    Question {
        source: ENTRIES,
        table: "messages",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2 AND position < $3",
            "ORDER BY position DESC LIMIT $4",
        ],
        index: "messages",
        values: &[HELPDESK, CONVERSATION, "90", "100"],
    },
    Question {
        source: ENTRIES,
        table: "messages",
        pieces: &[
            "FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3 AND entry < $4",
        ],
        index: "messages_by_entry",
        values: &[HELPDESK, CONVERSATION, "1", "100"],
    },
    Question {
        source: ENTRIES,
        table: "private_notes",
        pieces: &["WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3 AND entry < $4"],
        index: "private_notes",
        values: &[HELPDESK, CONVERSATION, "1", "100"],
    },
    Question {
        source: ENTRIES,
        table: "events",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry IS NOT NULL",
            "AND entry >= $3 AND entry < $4",
        ],
        index: "events_shown",
        values: &[HELPDESK, CONVERSATION, "1", "100"],
    },
    Question {
        source: DESKS,
        table: "drafts",
        pieces: &["WHERE helpdesk_id = $1 AND operator_id = $2 AND conversation_id = $3"],
        index: "drafts",
        values: &[HELPDESK, OPERATOR, CONVERSATION],
    },
    Question {
        source: MARKS,
        table: "idempotency_keys",
        pieces: &["WHERE helpdesk_id = $1 AND contact_id = $2 AND key = $3"],
        index: "idempotency_keys",
        values: &[HELPDESK, CONTACT, "'k'"],
    },
];

async fn hot_questions_are_ranges_of_their_index(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    app.operator_note(&helpdesk, &conversation, "A note").await;
    if app.engine == Engine::Postgres {
        fill(&app).await;
    }
    for question in QUESTIONS {
        let plan = plan(&app, question).await;
        let index = match app.engine {
            // To SQLite, being nobody's is a value like any other.
            Engine::Sqlite if question.index == "conversations_unassigned" => {
                "conversations_by_assignee".to_owned()
            }
            Engine::Postgres if question.index == table_name(question) => {
                format!("{}_pkey", question.index)
            }
            _ => question.index.to_owned(),
        };
        // SQLite calls the key of a table WITHOUT ROWID its primary key.
        let expected = match app.engine {
            Engine::Sqlite if question.index == table_name(question) => "USING PRIMARY KEY (".to_owned(),
            Engine::Sqlite => format!("INDEX {index} ("),
            Engine::Postgres => format!(" {index} "),
        };
        let columns = question.pieces.concat();
        assert!(
            plan.contains(&expected),
            "{columns}: {expected} is not in\n{plan}"
        );
        let sorts = plan.contains("TEMP B-TREE") || plan.contains("Sort");
        let scans = plan.contains("SCAN") || plan.contains("Seq Scan on") || plan.contains("Filter:");
        assert!(!sorts && !scans, "{columns}:\n{plan}");
    }
}

fn table_name(question: &Question) -> &str {
    question.table.split(' ').next().unwrap()
}

async fn plan(app: &TestApp, question: &Question) -> String {
    let mut sql = format!("SELECT * FROM {} ", question.table);
    for piece in question.pieces {
        assert!(
            question.source.contains(piece),
            "the source says it otherwise: {piece}"
        );
        sql.push_str(piece.trim_start_matches("FROM messages "));
        sql.push(' ');
    }
    for (at, value) in question.values.iter().enumerate() {
        let value = constant(app, value).await;
        sql = sql.replace(&format!("${}", at + 1), &value);
    }
    match app.engine {
        Engine::Sqlite => read(app, format!("EXPLAIN QUERY PLAN {sql}"), 3).await,
        Engine::Postgres => read(app, format!("EXPLAIN {sql}"), 0).await,
    }
    .join("\n")
}

/// A value as a literal, as a planner sees it when a statement is run.
async fn constant(app: &TestApp, value: &str) -> String {
    if !value.starts_with("(SELECT ") {
        return value.to_owned();
    }
    let inner = value.trim_start_matches("(SELECT ").trim_end_matches(')');
    let (column, rest) = inner.split_once(' ').unwrap();
    let (call, prefix) = match app.engine {
        Engine::Sqlite => (format!("hex({column})"), "X"),
        Engine::Postgres => (format!("CAST({column} AS TEXT)"), ""),
    };
    let text = read(app, format!("SELECT {call} {rest}"), 0).await.remove(0);
    format!("{prefix}'{text}'")
}

async fn read(app: &TestApp, sql: String, column: usize) -> Vec<String> {
    // Statements are texts of the program; a test may leak the few it makes.
    let sql: &'static str = Box::leak(sql.into_boxed_str());
    let read = app
        .app
        .db()
        .read(async move |tx: &mut Tx| tx.all(sql, &[], |row| row.get(column)).await);
    let rows: Result<Vec<String>, db::Error> = read.await;
    rows.unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// So much that PostgreSQL has a reason for each index, in many conversations of many contacts.
async fn fill(app: &TestApp) {
    const FILL: [&str; 10] = [
        // Rows made here need no check of their references, one by one.
        "SET LOCAL session_replication_role = replica",
        "INSERT INTO contacts (helpdesk_id, id, email, created_at)
         SELECT h.id, gen_random_uuid(), n || '@example.org', 1 FROM helpdesks h, generate_series(1, 300) n",
        "INSERT INTO conversations (helpdesk_id, id, contact_id, channel, subject, status, assignee_id, preview,
             last_author, last_author_name, last_message_at, message_count, entry_count, last_visitor_entry,
             contact_unread, contact_seen_position, created_at)
         SELECT p.helpdesk_id, gen_random_uuid(), p.id, 'ticket_center', 's',
             CASE WHEN n % 2 = 0 THEN 'open' ELSE 'closed' END,
             CASE WHEN n % 10 < 8 THEN m.operator_id END, 'p', 'visitor', 'n',
             CAST(random() * 1000000000 AS BIGINT), 1, 1, 1, 0, 1, 1
         FROM contacts p, members m, generate_series(1, 20) n",
        "INSERT INTO messages (helpdesk_id, conversation_id, position, entry, id, author, author_name, body, created_at)
         SELECT helpdesk_id, id, n, n, gen_random_uuid(), 'visitor', 'n', 'b', 1
         FROM conversations, generate_series(101, 102) n",
        "INSERT INTO private_notes (helpdesk_id, conversation_id, entry, id, operator_id, author_name, body, created_at)
         SELECT c.helpdesk_id, c.id, 500, gen_random_uuid(), m.operator_id, 'n', 'b', 1 FROM conversations c, members m",
        "INSERT INTO events (helpdesk_id, number, conversation_id, contact_id, kind, is_public, entry, actor_name,
             detail, created_at)
         SELECT helpdesk_id, 1000 + row_number() OVER (), id, contact_id, 'closed', n = 1,
             CASE WHEN n = 1 THEN 500 END, 'n', '', 1
         FROM conversations, generate_series(1, 2) n",
        "INSERT INTO idempotency_keys (helpdesk_id, contact_id, key, body_hash, conversation_id, position, created_at)
         SELECT helpdesk_id, contact_id, CAST(id AS TEXT), '', id, 1, 1 FROM conversations",
        "INSERT INTO drafts (helpdesk_id, operator_id, conversation_id, is_note, body, updated_at)
         SELECT c.helpdesk_id, m.operator_id, c.id, FALSE, 'b', 1 FROM conversations c, members m",
        "UPDATE event_counters SET last_number = 1000000",
        "ANALYZE",
    ];
    let filled: Result<(), db::Error> = app
        .app
        .db()
        .write(async move |tx: &mut Tx| {
            for sql in FILL {
                tx.execute(sql, &[]).await?;
            }
            Ok(())
        })
        .await;
    filled.unwrap();
}
