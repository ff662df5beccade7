//! What all behaviours are made of, and what any process can be asked.

mod plain;
mod requests;
