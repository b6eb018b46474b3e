//! The operators' screens. One kind of caller: somebody who signed in with a password and has a
//! session cookie. Pages are complete HTML; every change is a form post that answers with a
//! redirect, so that all of it works without scripts.

pub mod access;
pub mod appearance;
pub mod assignment;
pub mod closure;
pub mod conversations;
pub mod domains;
pub mod draft;
pub mod frame;
pub mod home;
pub mod live;
pub mod messages_settings;
pub mod notes;
mod page_check;
pub mod pages;
pub mod preview;
pub mod replies;
pub mod revocation;
pub mod secrets;
pub mod seen;
pub mod setup;
pub mod shortcuts;
pub mod sign_in;
pub mod sign_in_link;
pub mod sign_out;
pub mod snippets;
pub mod ticket_center;
pub mod verification;
pub mod viewers;

use crate::web::error_page::ErrorPage;
use axum::response::Response;

/// What every handler answers.
pub type Answer = Result<Response, ErrorPage>;
