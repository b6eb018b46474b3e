//! What is asked all the time is one range of one index on both databases, however full they are.
//!
//! The conditions are those of the rooms' own SQL: each piece is looked up in the source first, so
//! that a condition that changes there is changed here too.

use db::Tx;

use crate::support::{Engine, TestApp};

mod filling;
mod questions;

use filling::fill;
use questions::{CONTACTS, HELPDESK, QUESTIONS, Question, SEARCH_POSTGRES, SEARCH_SQLITE};

both_engines!(
    hot_questions_are_ranges_of_their_index,
    search_reads_its_index_and_then_the_rows_found,
    looking_for_contacts_begins_with_the_rarest_word,
);

async fn hot_questions_are_ranges_of_their_index(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    app.operator_note(&helpdesk, &conversation, "A note").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact.uploaded("waiting.txt", b"text").await;
    app.deliver(&helpdesk, "From: a@x.example\nSubject: Hi\n\nHi")
        .await;
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
