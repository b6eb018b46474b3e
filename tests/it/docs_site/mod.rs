//! The docs site: the guides hold together, everybody may read them, and a Helpdesk ID is shown to
//! its own admins alone.

mod guides;
mod readers;
mod reading;
