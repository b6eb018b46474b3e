//! What holds for every address, signature and domain list, tried on many made-up ones.

mod addresses;
mod domains;
mod texts;
mod words;
