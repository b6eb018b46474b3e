//! The administration commands as they are typed, and as they cross the control socket.

mod mail;
mod mailbox;

pub use mail::{Delivery, Mail, MailChange, MailSettings};
pub use mailbox::{Mailbox, NewMailbox, Which};

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything that can be administered from a terminal.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Command {
    /// Add, list and show helpdesks
    #[command(subcommand)]
    Helpdesk(Helpdesk),
    /// Add, invite, list and remove operators, change their role, reset a password
    #[command(subcommand)]
    Operator(Operator),
    /// Generate, list, revoke and keep the HMAC secrets that host apps sign with
    #[command(subcommand)]
    Secret(Secret),
    /// Create, list and remove the keys by which programs hand mail in
    #[command(subcommand)]
    ApiKey(ApiKey),
    /// Show and set the Allowed Embed Domains
    #[command(subcommand)]
    Domains(Domains),
    /// List, show, answer and close conversations
    #[command(subcommand)]
    Conversation(Conversation),
    /// List the mails that tell of messages, retry and drop those that are stuck
    #[command(subcommand)]
    Notifications(Notifications),
    /// Set up outgoing mail, and try it out
    #[command(subcommand)]
    Mail(Mail),
    /// Set up mailboxes that mail is fetched from, and look after them
    #[command(subcommand)]
    Mailbox(Mailbox),
    /// Copy the whole installation into a new folder, while it is in use; start on it to restore
    Backup {
        /// The folder, which must not exist yet or be empty
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Check a living installation: settings, database, sealing key, helpdesks
    Doctor,
}

/// Helpdesks.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Helpdesk {
    /// Create a helpdesk; prints its Helpdesk ID
    Add {
        /// Its name
        #[arg(long)]
        name: String,
    },
    /// All helpdesks
    List,
    /// One helpdesk with its settings
    Show {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
}

/// Operators.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Operator {
    /// Add an operator; a helpdesk's first operator is its owner
    Add {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// E-mail address to sign in with
        #[arg(long)]
        email: String,
        /// Name that contacts see
        #[arg(long)]
        name: String,
        /// owner, admin or operator
        #[arg(long, default_value = "operator")]
        role: String,
        /// Where the password comes from
        #[command(flatten)]
        password: Password,
    },
    /// The operators of a helpdesk
    List {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Make a link by which a person joins a helpdesk; it is good once, for 7 days
    Invite {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// E-mail address of the person
        #[arg(long)]
        email: String,
        /// owner, admin or operator
        #[arg(long, default_value = "operator")]
        role: String,
    },
    /// Change what an operator may do in a helpdesk
    SetRole {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// E-mail address of the operator
        #[arg(long)]
        email: String,
        /// owner, admin or operator
        #[arg(long)]
        role: String,
    },
    /// Remove an operator from a helpdesk; their open conversations become unassigned
    Remove {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// E-mail address of the operator
        #[arg(long)]
        email: String,
    },
    /// Give an operator a new password; ends all their sessions
    ResetPassword {
        /// E-mail address
        #[arg(long)]
        email: String,
        /// Print a link, good once within an hour, by which they choose the password themselves
        #[arg(long, conflicts_with = "password_stdin")]
        link: bool,
        /// Where the password comes from
        #[command(flatten)]
        password: Password,
    },
}

/// Where a password comes from. It never stands on the command line, which others can read.
#[derive(Debug, Default, clap::Args, Serialize, Deserialize)]
// A command of the same name would be taken for the same group.
#[group(id = "where_from")]
pub struct Password {
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    pub password_stdin: bool,
    /// Filled in before the command is sent.
    #[arg(skip)]
    pub text: String,
}

/// HMAC secrets.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Secret {
    /// Generate a secret; it is printed once and never again
    Generate {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Fingerprints, ages and last uses
    List {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Stop accepting a secret, and every token made from it: at once, in a while or at a time
    Revoke {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Id of the secret
        #[arg(long)]
        secret: String,
        /// In a while, for example 30m, 24h or 7d
        #[arg(long = "in", value_name = "WHILE", conflicts_with = "at")]
        #[serde(default)]
        after: Option<String>,
        /// At a moment, for example 2030-12-01T10:00Z
        #[arg(long, value_name = "TIME")]
        #[serde(default)]
        at: Option<String>,
        /// Revoke at once although it was used in the last 24 hours
        #[arg(long)]
        yes: bool,
    },
    /// Keep a secret that was to be revoked later
    Keep {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Id of the secret
        #[arg(long)]
        secret: String,
    },
}

/// Allowed Embed Domains.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Domains {
    /// The list; empty means that every site may embed
    Show {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Replace the list
    Set {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Domains, for example example.com; none at all lets every site embed
        domains: Vec<String>,
    },
}

/// Keys by which programs hand mail in.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum ApiKey {
    /// Create a key; it is printed once and never again
    Create {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// What it is for
        #[arg(long)]
        name: String,
    },
    /// Names, ages and last uses
    List {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Stop accepting a key
    Remove {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Id of the key
        #[arg(long)]
        key: String,
    },
}

/// Conversations.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Conversation {
    /// The latest conversations of a helpdesk
    List {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Closed ones instead of open ones
        #[arg(long)]
        closed: bool,
    },
    /// One conversation with its messages, private notes and events
    Show {
        /// Conversation id
        #[arg(long)]
        conversation: String,
    },
    /// Answer the contact
    Reply {
        /// Which conversation, and who acts
        #[command(flatten)]
        by: By,
        /// The answer
        #[arg(long)]
        text: String,
    },
    /// Leave a private note
    Note {
        /// Which conversation, and who acts
        #[command(flatten)]
        by: By,
        /// The note
        #[arg(long)]
        text: String,
    },
    /// Close a conversation
    Close {
        /// Which conversation, and who acts
        #[command(flatten)]
        by: By,
    },
}

/// Which conversation, and who acts.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct By {
    /// Conversation id
    #[arg(long)]
    pub conversation: String,
    /// E-mail address of the operator who acts
    #[arg(long)]
    pub operator: String,
}

/// Mails that tell of messages.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Notifications {
    /// The newest mails of a helpdesk with their states
    List {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Only those in this state, for example failed
        #[arg(long)]
        state: Option<String>,
        /// Only those older than this one: the last of the page before
        #[arg(long, value_name = "NOTIFICATION")]
        before: Option<String>,
    },
    /// Show or set how long mails are held, in seconds
    Hold {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Mails to contacts, 0 to 3600
        #[arg(long, value_name = "SECONDS")]
        contacts: Option<i64>,
        /// Mails to operators, 0 to 3600
        #[arg(long, value_name = "SECONDS")]
        operators: Option<i64>,
    },
    /// Try an address again that a mail server refused for good
    Forgive {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// The contact's address
        #[arg(long)]
        contact: String,
    },
    /// Try a mail again that failed, is uncertain or unreachable, or waits for its next attempt
    Retry {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Id of the mail
        #[arg(long)]
        notification: String,
    },
    /// Give a mail up that was not sent; no other carries its messages
    Drop {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Id of the mail
        #[arg(long, required_unless_present = "waiting")]
        notification: Option<String>,
        /// All mails that are held
        #[arg(long, conflicts_with = "notification")]
        waiting: bool,
    },
}
