//! Helpdesky: a self-hosted help desk whose heart is the Ticket Center, a signed-in support portal
//! that companies embed in their own app.
//!
//! Read in this order: surfaces call rooms, rooms write facts in one transaction, workers react.

pub mod app;
pub mod audit;
pub mod clock;
pub mod config;
pub(crate) mod dns;
pub mod error;
pub(crate) mod following;
pub mod ids;
pub mod installation;
mod kept;
mod migrations;
pub mod node;
pub mod outbound;
pub mod sealing;
pub mod web;
pub mod words;

pub mod attachments;
pub mod contacts;
pub mod helpdesks;
pub mod inboxes;
pub mod operators;
pub mod secrets;

pub mod conversations;
pub mod setup;

pub mod notifications;
pub mod search;

pub mod api;
pub mod dashboard;
pub mod docs_site;
pub mod embeds;
pub mod forms;
pub mod mail_in;
pub mod mail_out;

pub mod contact_form;
pub mod ticket_center;

pub mod operations;
pub mod router;
mod worker;

pub mod admin;
pub mod cli;
pub mod demo;
pub mod serve;
