//! Files that belong to messages and private notes, and the bytes of mails as they came.

pub mod blobs;
mod store;
