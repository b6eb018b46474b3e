//! The dashboard through the outside: a browser without scripts, played by an HTTP client that
//! keeps cookies and sends the forms it finds on the pages.

mod browser;
mod conversations;
mod inbox;
mod live;
mod looks;
mod page_check;
mod roles;
mod secret_ends;
mod setup;
mod sign_in;
mod ticket_center;
mod verification_tool;
