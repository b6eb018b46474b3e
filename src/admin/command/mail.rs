//! The commands about mail.

use super::Password;
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Mail, out and in.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum Mail {
    /// Send a test mail and print the dialogue with the mail server, without passwords
    Test {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
        /// Address to send it to
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// How mail of a helpdesk goes out
    #[command(subcommand)]
    Settings(MailSettings),
    /// Hand in a mail as it came, read from standard input; for pipes of a mail server
    Deliver(Delivery),
    /// The mails that came in and wait for somebody
    Quarantine {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
}

/// A mail that is handed in.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct Delivery {
    /// Helpdesk ID [default: whose address --to is, or the only helpdesk]
    #[arg(long)]
    pub helpdesk: Option<String>,
    /// Who it was sent to in the envelope, one or several
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub to: Vec<String>,
    /// Who it is from in the envelope; empty or MAILER-DAEMON for a report of non-delivery
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// The mail in base64; filled in from standard input
    #[arg(skip)]
    pub raw: String,
}

/// How mail of a helpdesk goes out.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub enum MailSettings {
    /// The settings; never a password or a key
    Show {
        /// Helpdesk ID
        #[arg(long)]
        helpdesk: String,
    },
    /// Change some; what is not named stays as it is, an empty value takes one away
    Set(Box<MailChange>),
}

/// What is to be different.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub struct MailChange {
    /// Helpdesk ID
    #[arg(long)]
    pub helpdesk: String,
    /// Name that mail is from [default: the helpdesk's]
    #[arg(long, value_name = "NAME")]
    pub from_name: Option<String>,
    /// Address that mail is from [default: the setting mail_from]
    #[arg(long, value_name = "ADDRESS")]
    pub from_address: Option<String>,
    /// Page of your app with the Ticket Center, which mail leads to
    #[arg(long, value_name = "URL")]
    pub support_url: Option<String>,
    /// Mail server, as smtps://user@host or smtp://user@host:587; no password [default: the setting smtp_url]
    #[arg(long, value_name = "URL")]
    pub relay: Option<String>,
    /// The mail server's password: read it from standard input
    #[command(flatten)]
    pub password: Password,
    /// Mails in a minute; 0 for as many as the server takes
    #[arg(long, value_name = "NUMBER")]
    pub per_minute: Option<u32>,
    /// Connections to the mail server at once; 0 for 4
    #[arg(long, value_name = "NUMBER")]
    pub connections: Option<u32>,
    /// Sign with DKIM under this selector; makes a new Ed25519 key and prints the record for the DNS
    #[arg(long, value_name = "NAME")]
    pub dkim_selector: Option<String>,
    /// Sign with this RSA key, a file in PEM, instead of a new one
    #[arg(long, value_name = "FILE", requires = "dkim_selector")]
    pub dkim_key: Option<PathBuf>,
    /// Filled in before the command is sent.
    #[arg(skip)]
    pub dkim_pem: String,
}
