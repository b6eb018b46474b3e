//! The dashboard through the outside: a browser without scripts, played by an HTTP client that
//! keeps cookies and sends the forms it finds on the pages.

mod audit_log;
pub(crate) mod browser;
mod contact_form;
mod contacts;
mod conversations;
mod forms;
mod guide;
mod helpdesks;
mod inbox;
mod invitations;
mod live;
mod looks;
mod mail;
mod mail_answers;
mod mailboxes;
mod members;
mod page_check;
mod profile;
mod resets;
mod roles;
mod search;
mod secret_ends;
mod setup;
mod sign_in;
mod ticket_center;
mod verification_tool;
mod withdrawal;
