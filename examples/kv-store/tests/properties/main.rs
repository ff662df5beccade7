//! What holds for any input.

mod decoder;
mod log;
