//! Helpdesky.
