//! What all behaviours are made of, and what any process can be asked.

mod plain;
mod requests;
mod stop;
mod toy;
mod toy_behaviour;
