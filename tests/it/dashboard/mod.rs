//! The dashboard through the outside: a browser without scripts, played by an HTTP client that
//! keeps cookies and sends the forms it finds on the pages.

mod browser;
mod contacts;
mod conversations;
mod guide;
mod inbox;
mod live;
mod roles;
mod search;
mod setup;
mod sign_in;
mod ticket_center;
