//! What all behaviours are made of, and what any process can be asked.

mod at_once;
mod plain;
mod requests;
mod stop;
mod texts;
mod toy;
mod toy_behaviour;
