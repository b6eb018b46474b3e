//! The commands about mailboxes.

use super::Password;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

/// Mailboxes that mail is fetched from.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Mailbox {
    /// The mailboxes of a helpdesk, with their states
    List {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Add a mailbox; mail is fetched that arrives from now on
    Add(Box<NewMailbox>),
    /// Replace the password or access token of a mailbox
    Password {
        /// Which mailbox
        #[command(flatten)]
        which: Which,
        /// Where it comes from
        #[command(flatten)]
        password: Password,
    },
    /// Connect to a mailbox and print the dialogue, without the password
    Test {
        /// Which mailbox
        #[command(flatten)]
        which: Which,
    },
    /// Stop fetching from a mailbox
    Pause {
        /// Which mailbox
        #[command(flatten)]
        which: Which,
    },
    /// Fetch again, at once
    Resume {
        /// Which mailbox
        #[command(flatten)]
        which: Which,
    },
    /// Go through a mailbox again; what is here already does not appear twice
    Rescan {
        /// Which mailbox
        #[command(flatten)]
        which: Which,
        /// All mail that arrived since this day, for example 2026-01-31
        #[arg(long, value_name = "DATE")]
        since: String,
    },
    /// Remove a mailbox; what was fetched stays
    Remove {
        /// Which mailbox
        #[command(flatten)]
        which: Which,
    },
}

/// Which mailbox.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct Which {
    /// Helpdesk ID
    #[arg(long)]
    pub helpdesk: String,
    /// Id of the mailbox
    #[arg(long)]
    pub mailbox: String,
}

/// A mailbox to be added.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct NewMailbox {
    /// Helpdesk ID
    #[arg(long)]
    pub helpdesk: String,
    /// Server, as imap.example.com or with its port
    #[arg(long, value_name = "HOST")]
    pub server: String,
    /// tls, starttls, or off for a server on this machine
    #[arg(long, value_name = "MODE", default_value = "tls")]
    pub tls: String,
    /// User to sign in as
    #[arg(long)]
    pub user: String,
    /// Where the password or access token comes from
    #[command(flatten)]
    pub password: Password,
    /// The password is an OAuth 2 access token (XOAUTH2)
    #[arg(long)]
    pub token: bool,
    /// Name for operators [default: the user]
    #[arg(long, default_value = "", hide_default_value = true)]
    pub name: String,
    /// Folder to fetch from
    #[arg(long, default_value = "INBOX")]
    pub folder: String,
    /// Move mails to this folder once they are here [default: they are marked as read]
    #[arg(long, value_name = "FOLDER", conflicts_with = "leave")]
    pub move_to: Option<String>,
    /// Leave mails as they are once they are here
    #[arg(long)]
    pub leave: bool,
    /// Also mail that arrived since this day, for example 2026-01-31
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
}
