//! What is asked all the time, in the very words of the rooms' SQL.

pub(super) const EVENTS: &str = include_str!("../../../src/conversations/store/events.rs");
pub(super) const LISTS: &str = include_str!("../../../src/conversations/store/lists.rs");
pub(super) const ENTRIES: &str = include_str!("../../../src/conversations/store/entries.rs");
pub(super) const AUDIT: &str = include_str!("../../../src/audit/store.rs");
pub(super) const CONTACTS: &str = include_str!("../../../src/contacts/store.rs");
pub(super) const SEARCH: &str = include_str!("../../../src/search/store/mod.rs");
pub(super) const SEARCH_SQLITE: &str = include_str!("../../../src/search/store/sqlite.rs");
pub(super) const SEARCH_POSTGRES: &str = include_str!("../../../src/search/store/postgres.rs");
pub(super) const NOTIFICATIONS: &str = concat!(
    include_str!("../../../src/notifications/store/mod.rs"),
    include_str!("../../../src/notifications/store/holding.rs"),
    include_str!("../../../src/notifications/store/claims.rs"),
);
pub(super) const COPIES: &str = include_str!("../../../src/conversations/store/copies.rs");
pub(super) const ACKNOWLEDGEMENTS: &str =
    include_str!("../../../src/notifications/store/acknowledgements.rs");
pub(super) const OUTBOX: &str = include_str!("../../../src/notifications/store/lists.rs");
pub(super) const MAILS: &str = include_str!("../../../src/mail_in/store.rs");
pub(super) const MAILBOXES: &str = include_str!("../../../src/mail_in/imap/store/mod.rs");
pub(super) const MAILBOX_WORK: &str = include_str!("../../../src/mail_in/imap/store/work.rs");
pub(super) const DESKS: &str = include_str!("../../../src/conversations/store/desks.rs");
pub(super) const SUBMISSIONS: &str = include_str!("../../../src/conversations/store/submissions.rs");
pub(super) const FILES: &str = include_str!("../../../src/attachments/store/files.rs");
pub(super) const BLOBS: &str = include_str!("../../../src/attachments/store.rs");
pub(super) const MARKS: &str = include_str!("../../../src/conversations/store/marks.rs");

/// A question: where it stands, its table, its pieces in order, and the index (SQLite's name of a
/// primary key is the table's, PostgreSQL's ends in `_pkey`).
pub(super) struct Question {
    pub(super) source: &'static str,
    pub(super) table: &'static str,
    pub(super) pieces: &'static [&'static str],
    pub(super) index: &'static str,
    /// What each of $1, $2 … is: a table and its column.
    pub(super) values: &'static [&'static str],
}

pub(super) const CONTACT: &str = "(SELECT contact_id FROM conversations LIMIT 1)";
pub(super) const LAST_CONTACT: &str = "(SELECT id FROM contacts ORDER BY id DESC LIMIT 1)";
pub(super) const HELPDESK: &str = "(SELECT id FROM helpdesks LIMIT 1)";
pub(super) const CONVERSATION: &str = "(SELECT id FROM conversations LIMIT 1)";
pub(super) const AUDIT_ENTRY: &str = "(SELECT id FROM audit_entries LIMIT 1)";
pub(super) const NOTIFICATION: &str = "(SELECT id FROM notifications LIMIT 1)";
pub(super) const TOKEN_HASH: &str = "CAST('1' AS BLOB)";
pub(super) const TEXT_HASH: &str = "CAST('2' AS BLOB)";
pub(super) const SENDER_HASH: &str = "CAST('3' AS BLOB)";
pub(super) const OPERATOR: &str = "(SELECT operator_id FROM members LIMIT 1)";

pub(super) const ATTACHMENT: &str = "(SELECT id FROM attachments LIMIT 1)";
pub(super) const UPLOADER: &str = "(SELECT uploader_id FROM attachments LIMIT 1)";

pub(super) const MAIL: &str = "(SELECT id FROM mails ORDER BY id DESC LIMIT 1)";

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        source: MAILS,
        table: "mails",
        pieces: &["WHERE helpdesk_id = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4"],
        index: "mails_by_state",
        values: &[HELPDESK, "'quarantined'", MAIL, "50"],
    },
    Question {
        source: MAILS,
        table: "mails",
        pieces: &["WHERE helpdesk_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"],
        index: "mails",
        values: &[HELPDESK, MAIL, "50"],
    },
    Question {
        source: MAILS,
        table: "mails",
        pieces: &["WHERE helpdesk_id = $1 AND door = $2 ORDER BY id DESC LIMIT 1"],
        index: "mails_by_door",
        values: &[HELPDESK, "'imap'"],
    },
    Question {
        source: MAILS,
        table: "mails",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2 AND conversation_id IS NOT NULL",
            "AND entry >= $3 AND entry < $4 ORDER BY entry",
        ],
        index: "mails_by_entry",
        values: &[HELPDESK, CONVERSATION, "1", "200"],
    },
    Question {
        source: MAILS,
        table: "mails",
        pieces: &["WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $3"],
        index: "mails_by_due_at",
        values: &["7", "8", "64"],
    },
    Question {
        source: MAILS,
        table: "mails",
        pieces: &["WHERE helpdesk_id = $1 AND content_hash = $2 AND (state = 'filed' OR state = 'noted')"],
        index: "mails_by_content",
        values: &[HELPDESK, TOKEN_HASH],
    },
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
            "AND c.status <> 'spam' AND c.status <> 'waiting'",
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
            " AND state = 'held' AND acknowledged IS NULL",
        ],
        index: "notifications_held",
        values: &[HELPDESK, CONVERSATION, "TRUE", OPERATOR],
    },
    Question {
        source: NOTIFICATIONS,
        table: "notifications",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND state = 'held'",
            "AND acknowledged IS NULL",
        ],
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
        source: COPIES,
        table: "addressees",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2",
            "ORDER BY entry DESC, address DESC LIMIT $3",
        ],
        index: "addressees",
        values: &[HELPDESK, CONVERSATION, "500"],
    },
    Question {
        source: COPIES,
        table: "message_copies",
        pieces: &[
            "WHERE helpdesk_id = $1 AND conversation_id = $2",
            "AND position >= $3 AND position <= $4 ORDER BY position, address",
        ],
        index: "message_copies",
        values: &[HELPDESK, CONVERSATION, "1", "9"],
    },
    Question {
        source: ACKNOWLEDGEMENTS,
        table: "notifications",
        pieces: &[
            "WHERE helpdesk_id = $1 AND acknowledged = $2 AND acknowledged IS NOT NULL AND created_at > $3",
            "ORDER BY created_at DESC LIMIT $4",
        ],
        index: "notifications_by_mailbox",
        values: &[HELPDESK, "'7@x.example'", "7", "4"],
    },
    Question {
        source: ACKNOWLEDGEMENTS,
        table: "notifications",
        pieces: &[
            "WHERE helpdesk_id = $1 AND acknowledged IS NOT NULL AND created_at > $2",
            "ORDER BY created_at DESC LIMIT $3",
        ],
        index: "notifications_acknowledged_at",
        values: &[HELPDESK, "7", "300"],
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
