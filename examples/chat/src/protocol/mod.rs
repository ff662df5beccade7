//! What clients send: lines of text, some of which are commands. Plain functions, without sockets and processes.

mod command;
mod lines;

pub use command::{BadCommand, Command, HELP};
pub use lines::{BadLine, Lines};
