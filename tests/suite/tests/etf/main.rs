//! Erlang's external term format: a corpus of a real BEAM, bytes that are no term, order, text, serde.

mod bounds;
mod conventions;
mod corpus;
mod generated;
mod order;
mod text;
mod value;
