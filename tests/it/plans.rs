//! What is asked all the time is one range of one index on both databases, however full they are.
//!
//! The conditions are those of the rooms' own SQL: each piece is looked up in the source first, so
//! that a condition that changes there is changed here too.

use db::Tx;

use crate::support::{Engine, TestApp};

mod filling;

use filling::fill;

both_engines!(
    hot_questions_are_ranges_of_their_index,
    search_reads_its_index_and_then_the_rows_found,
    looking_for_contacts_begins_with_the_rarest_word,
);

const EVENTS: &str = include_str!("../../src/conversations/store/events.rs");
const LISTS: &str = include_str!("../../src/conversations/store/lists.rs");
const ENTRIES: &str = include_str!("../../src/conversations/store/entries.rs");
const AUDIT: &str = include_str!("../../src/audit/store.rs");
const CONTACTS: &str = include_str!("../../src/contacts/store.rs");
const SEARCH: &str = include_str!("../../src/search/store/mod.rs");
const SEARCH_SQLITE: &str = include_str!("../../src/search/store/sqlite.rs");
const SEARCH_POSTGRES: &str = include_str!("../../src/search/store/postgres.rs");
const NOTIFICATIONS: &str = include_str!("../../src/notifications/store/mod.rs");
const OUTBOX: &str = include_str!("../../src/notifications/store/lists.rs");
const MAILBOXES: &str = include_str!("../../src/mail_in/imap/store/mod.rs");
const MAILBOX_WORK: &str = include_str!("../../src/mail_in/imap/store/work.rs");
const DESKS: &str = include_str!("../../src/conversations/store/desks.rs");
const SUBMISSIONS: &str = include_str!("../../src/conversations/store/submissions.rs");
const FILES: &str = include_str!("../../src/attachments/store/files.rs");
const BLOBS: &str = include_str!("../../src/attachments/store.rs");
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
const LAST_CONTACT: &str = "(SELECT id FROM contacts ORDER BY id DESC LIMIT 1)";
const HELPDESK: &str = "(SELECT id FROM helpdesks LIMIT 1)";
const CONVERSATION: &str = "(SELECT id FROM conversations LIMIT 1)";
const AUDIT_ENTRY: &str = "(SELECT id FROM audit_entries LIMIT 1)";
const NOTIFICATION: &str = "(SELECT id FROM notifications LIMIT 1)";
const TOKEN_HASH: &str = "CAST('1' AS BLOB)";
const TEXT_HASH: &str = "CAST('2' AS BLOB)";
const SENDER_HASH: &str = "CAST('3' AS BLOB)";
const OPERATOR: &str = "(SELECT operator_id FROM members LIMIT 1)";

const ATTACHMENT: &str = "(SELECT id FROM attachments LIMIT 1)";
const UPLOADER: &str = "(SELECT uploader_id FROM attachments LIMIT 1)";

const QUESTIONS: &[Question] = &[
    Question {
        source: FILES,
        table: "attachments",
        pieces: &["WHERE helpdesk_id = $1 AND id = $2"],
        index: "attachments",
        values: &[HELPDESK, ATTACHMENT],
    },
    Question {
        source: FILES,
        table: "attachments",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3 AND entry < $4",
            "ORDER BY entry, position",
        ],
        index: "attachments_by_entry",
        values: &[HELPDESK, CONVERSATION, "1", "100"],
    },
    Question {
        source: FILES,
        table: "attachments",
        pieces: &[
            "WHERE helpdesk_id = $1 AND uploader_id = $2 AND entry IS NULL",
            "ORDER BY position, created_at",
        ],
        index: "attachments_by_uploader",
        values: &[HELPDESK, UPLOADER],
    },
    Question {
        source: BLOBS,
        table: "blobs",
        pieces: &[
            "WHERE helpdesk_id = $1 AND created_at < $2 AND NOT is_kept",
            "ORDER BY created_at LIMIT $3",
        ],
        index: "blobs_unused",
        values: &[HELPDESK, "7", "100"],
    },
    Question {
        source: MAILBOXES,
        table: "mailboxes",
        pieces: &["WHERE helpdesk_id = $1 ORDER BY id LIMIT $2"],
        index: "mailboxes",
        values: &[HELPDESK, "50"],
    },
    Question {
        source: MAILBOX_WORK,
        table: "mailboxes",
        pieces: &["WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT 1"],
        index: "mailboxes_by_due_at",
        values: &["7"],
    },
    Question {
        source: MAILBOX_WORK,
        table: "mailbox_marks",
        pieces: &["WHERE helpdesk_id = $1 AND mailbox_id = $2 ORDER BY uid LIMIT $3"],
        index: "mailbox_marks",
        values: &[HELPDESK, CONVERSATION, "50"],
    },
    Question {
        source: SUBMISSIONS,
        table: "form_submissions",
        pieces: &["WHERE helpdesk_id = $1 AND token_hash = $2"],
        index: "form_submissions",
        values: &[HELPDESK, TOKEN_HASH],
    },
    Question {
        source: SUBMISSIONS,
        table: "form_submissions",
        pieces: &[
            "WHERE helpdesk_id = $1 AND text_hash = $2 AND created_at > $3 ORDER BY created_at LIMIT 1",
        ],
        index: "form_submissions_by_text",
        values: &[HELPDESK, TEXT_HASH, "7"],
    },
    Question {
        source: SUBMISSIONS,
        table: "form_submissions",
        pieces: &["WHERE helpdesk_id = $1 AND sender_hash = $2 AND created_at > $3 LIMIT $4"],
        index: "form_submissions_by_sender",
        values: &[HELPDESK, SENDER_HASH, "7", "10"],
    },
    Question {
        source: SUBMISSIONS,
        table: "conversation_answers",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2",
            "ORDER BY position",
        ],
        index: "conversation_answers",
        values: &[HELPDESK, CONVERSATION],
    },
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
            "AND c.status <> 'spam'",
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
        source: EVENTS,
        table: "events",
        pieces: &["WHERE helpdesk_id = $1 ORDER BY number DESC LIMIT $2"],
        index: "events",
        values: &[HELPDESK, "500"],
    },
    Question {
        source: CONTACTS,
        table: "contacts",
        pieces: &["WHERE helpdesk_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"],
        index: "contacts",
        values: &[HELPDESK, LAST_CONTACT, "51"],
    },
    Question {
        source: CONTACTS,
        table: "contact_words",
        pieces: &["WHERE helpdesk_id = $1 AND word >= $2 AND word < $3 LIMIT $4"],
        index: "contact_words_by_word",
        values: &[HELPDESK, "'user'", "'user~'", "2001"],
    },
    Question {
        source: CONTACTS,
        table: "contact_words",
        pieces: &["WHERE helpdesk_id = $1 AND contact_id = $2"],
        index: "contact_words",
        values: &[HELPDESK, CONTACT],
    },
    Question {
        source: SEARCH,
        table: "search_documents",
        pieces: &["WHERE helpdesk_id = $1 AND conversation_id = $2"],
        index: "search_documents",
        values: &[HELPDESK, CONVERSATION],
    },
    Question {
        source: SEARCH,
        table: "search_cursors",
        pieces: &["WHERE helpdesk_id = $1"],
        index: "search_cursors",
        values: &[HELPDESK],
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
    Question {
        source: NOTIFICATIONS,
        table: "notifications",
        pieces: &["WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT 1"],
        index: "notifications_by_due_at",
        values: &["7"],
    },
    Question {
        source: NOTIFICATIONS,
        table: "notifications",
        pieces: &[
            "WHERE ",
            "helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND recipient_id = $4",
            " AND state = 'held'",
        ],
        index: "notifications_held",
        values: &[HELPDESK, CONVERSATION, "TRUE", OPERATOR],
    },
    Question {
        source: NOTIFICATIONS,
        table: "notifications",
        pieces: &["WHERE helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND state = 'held'"],
        index: "notifications_held",
        values: &[HELPDESK, CONVERSATION, "TRUE"],
    },
    Question {
        source: NOTIFICATIONS,
        table: "notifications",
        pieces: &[
            "WHERE ",
            "helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND recipient_id = $4",
            " ORDER BY last_position DESC LIMIT 1",
        ],
        index: "notifications_by_recipient",
        values: &[HELPDESK, CONVERSATION, "TRUE", OPERATOR],
    },
    Question {
        source: NOTIFICATIONS,
        table: "notification_cursors",
        pieces: &["WHERE helpdesk_id = $1"],
        index: "notification_cursors",
        values: &[HELPDESK],
    },
    Question {
        source: OUTBOX,
        table: "notifications",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND recipient_id = $4",
            "ORDER BY last_position DESC LIMIT $5",
        ],
        index: "notifications_by_recipient",
        values: &[HELPDESK, CONVERSATION, "FALSE", CONTACT, "500"],
    },
    Question {
        source: OUTBOX,
        table: "notifications n",
        pieces: &[
            "WHERE n.helpdesk_id = $1 AND ",
            "n.id < $2 ORDER BY n.id DESC LIMIT $3",
        ],
        index: "notifications",
        values: &[HELPDESK, NOTIFICATION, "51"],
    },
    Question {
        source: OUTBOX,
        table: "notifications n",
        pieces: &[
            "WHERE n.helpdesk_id = $1 AND ",
            "n.state = $4 AND ",
            "n.id < $2 ORDER BY n.id DESC LIMIT $3",
        ],
        index: "notifications_by_state",
        values: &[HELPDESK, NOTIFICATION, "51", "'failed'"],
    },
    Question {
        source: AUDIT,
        table: "audit_entries",
        pieces: &["WHERE helpdesk_id = $1 AND ", "id < $2 ORDER BY id DESC LIMIT $3"],
        index: "audit_entries",
        values: &[HELPDESK, AUDIT_ENTRY, "51"],
    },
    Question {
        source: AUDIT,
        table: "audit_entries",
        pieces: &[
            "WHERE helpdesk_id = $1 AND ",
            "actor = $4 AND ",
            "id < $2 ORDER BY id DESC LIMIT $3",
        ],
        index: "audit_entries_by_actor",
        values: &[HELPDESK, AUDIT_ENTRY, "51", "'3@acme.example'"],
    },
    Question {
        source: AUDIT,
        table: "audit_entries",
        pieces: &[
            "WHERE helpdesk_id = $1 AND ",
            "action = $4 AND ",
            "id < $2 ORDER BY id DESC LIMIT $3",
        ],
        index: "audit_entries_by_action",
        values: &[HELPDESK, AUDIT_ENTRY, "51", "'7 done'"],
    },
    Question {
        source: AUDIT,
        table: "audit_entries",
        pieces: &[
            "WHERE helpdesk_id = $1 AND ",
            "actor = $4 AND action = $5 AND ",
            "id < $2 ORDER BY id DESC LIMIT $3",
        ],
        index: "audit_entries_by_both",
        values: &[HELPDESK, AUDIT_ENTRY, "51", "'3@acme.example'", "'7 done'"],
    },
];

async fn hot_questions_are_ranges_of_their_index(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    app.operator_note(&helpdesk, &conversation, "A note").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact.uploaded("waiting.txt", b"text").await;
    helpdesky::notifications::catch_up(&app.app).await.unwrap();
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

async fn search_reads_its_index_and_then_the_rows_found(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    helpdesky::search::indexing::catch_up(&app.app).await.unwrap();
    if app.engine == Engine::Postgres {
        fill(&app).await;
    }
    let (source, wanted) = match app.engine {
        Engine::Sqlite => (SEARCH_SQLITE, "'\"000001hello\"'"),
        Engine::Postgres => (SEARCH_POSTGRES, "'000001hello'"),
    };
    let begin = match app.engine {
        Engine::Sqlite => "SELECT d.conversation_id",
        Engine::Postgres => "WITH found",
    };
    let statement = source.split(begin).nth(1).and_then(|rest| rest.split('"').next());
    let values = match app.engine {
        Engine::Sqlite => vec![HELPDESK, wanted, "0", "9000000000", "21"],
        Engine::Postgres => vec![HELPDESK, wanted, "9000000000", "21"],
    };
    let plan = explain(&app, format!("{begin}{}", statement.unwrap()), &values).await;
    let expected = match app.engine {
        // The order is the full-text index's own, so that nothing is sorted.
        Engine::Sqlite => [
            "SCAN i VIRTUAL TABLE INDEX",
            "search_documents_by_number (helpdesk_id=? AND number=?)",
        ],
        Engine::Postgres => ["Bitmap Index Scan on search_index", "search_documents"],
    };
    assert!(expected.iter().all(|part| plan.contains(part)), "{plan}");
    assert!(
        !plan.contains("TEMP B-TREE") && !plan.contains("Seq Scan"),
        "{plan}"
    );
}

async fn looking_for_contacts_begins_with_the_rarest_word(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.contact(&helpdesk, "user@example.com").open("Hello").await;
    if app.engine == Engine::Postgres {
        fill(&app).await;
    }
    // The statement with its pieces put together, as the macro does.
    let has = |contact: &str, first: &str, end: &str| {
        format!(
            "EXISTS (SELECT 1 FROM contact_words x WHERE x.helpdesk_id = $1 AND x.contact_id = {contact}
             AND x.word >= {first} AND x.word < {end})"
        )
    };
    let from = "FROM (SELECT DISTINCT w.contact_id FROM contact_words w
                   WHERE w.helpdesk_id = $1 AND w.word >= $4 AND w.word < $5) AS found
             JOIN contacts p ON p.helpdesk_id = $1 AND p.id = found.contact_id
             WHERE p.id < $2 AND ";
    assert!(CONTACTS.contains(from), "the source says it otherwise");
    let sql = format!(
        "SELECT p.id, p.email {from} {} AND {} ORDER BY p.id DESC LIMIT $3",
        has("p.id", "$6", "$7"),
        has("p.id", "$8", "$9")
    );
    let last = "(SELECT id FROM contacts ORDER BY id DESC LIMIT 1)";
    let words = ["'user'", "'user~'", "'example'", "'example~'", "'com'", "'com~'"];
    let values: Vec<&str> = [HELPDESK, last, "51"].into_iter().chain(words).collect();
    let plan = explain(&app, sql, &values).await;
    assert!(plan.contains("contact_words_by_word"), "{plan}");
    assert!(
        !plan.contains("Seq Scan on contact") && !plan.contains("SCAN x") && !plan.contains("SCAN p"),
        "{plan}"
    );
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
    explain(app, sql, question.values).await
}

/// How the database answers a statement with these values.
async fn explain(app: &TestApp, mut sql: String, values: &[&str]) -> String {
    // From the last on, so that $1 does not take the beginning of $10.
    for (at, value) in values.iter().enumerate().rev() {
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
        let bytes = match app.engine {
            Engine::Sqlite => "BLOB",
            Engine::Postgres => "BYTEA",
        };
        return value.replace("BLOB", bytes);
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
