//! The guides, at `/docs`, out of the program itself. They are for everybody; whoever is signed in as
//! an admin finds the Helpdesk ID of a helpdesk of theirs filled in, and nobody learns another's.
//!
//! The texts are Markdown in `docs/guides`, read once. Nothing here writes to the database, and what
//! nobody is signed in for is answered without asking it.

mod answer;
mod blanks;
mod finder;
mod frame;
pub mod guide;
pub mod guides;
pub mod home;
pub mod library;
pub mod llms;
pub mod pages;
pub mod reader;
pub mod results;
