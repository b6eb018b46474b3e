//! The operators' screens. One kind of caller: somebody who signed in with a password and has a
//! session cookie. Pages are complete HTML; every change is a form post that answers with a
//! redirect, so that all of it works without scripts.

pub mod access;
pub mod acknowledgement;
pub mod admission;
pub mod appearance;
pub mod assignment;
pub mod attachments;
pub mod audit_log;
pub mod closure;
pub mod contact_form;
pub mod contact_form_settings;
pub mod contacts;
pub mod conversations;
pub mod domains;
pub mod draft;
pub mod email_settings;
pub mod frame;
pub mod general_settings;
pub mod guide;
pub mod helpdesks;
pub mod home;
pub mod incoming;
pub mod invitations;
pub mod join;
pub mod live;
pub mod mail;
pub mod mailbox_steps;
pub mod mailboxes;
pub mod mails;
pub mod members;
pub mod messages_settings;
pub mod notes;
pub mod notification_settings;
pub mod outbox;
mod page_check;
pub mod pages;
pub mod preview;
pub mod profile;
pub mod profile_sessions;
pub mod replies;
pub mod reset;
pub mod revocation;
pub mod search;
pub mod secrets;
pub mod seen;
pub mod setup;
pub mod shortcuts;
pub mod sign_in;
pub mod sign_in_link;
pub mod sign_out;
pub mod signing;
pub mod snippets;
pub mod spam;
pub mod ticket_center;
mod tries;
pub mod verification;
pub mod viewers;
pub mod withdrawal;

use crate::web::error_page::ErrorPage;
use axum::response::Response;

/// What every handler answers.
pub type Answer = Result<Response, ErrorPage>;
