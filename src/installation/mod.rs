//! Facts about the installation itself, which belongs to no helpdesk.

pub(crate) mod store;
