//! Durable job queue on the database.
