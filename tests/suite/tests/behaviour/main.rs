//! What all behaviours are made of, and what any process can be asked.

mod plain;
mod requests;
mod stop;
mod texts;
mod toy;
mod toy_behaviour;
