//! Another node, as it is known here.
//!
//! | file | idea |
//! |---|---|
//! | `state` | what is known of it, behind its lock |
//! | `connection` | the attempts to connect, the connection, and its end |
//! | `sending` | messages to it, and what waits for the connection |
//! | `ties` | what ties processes there to processes here |
//! | `names` | names of processes there, with pids that stand for them |
//! | `monitors` | those who are told that it is lost |
//! | `calls` | its calls that wait for answers |

mod calls;
mod connection;
mod monitors;
mod names;
mod sending;
mod state;
mod ties;

pub(crate) use connection::GIVEN_UP;
pub(crate) use sending::{NotMade, Posted};
pub(crate) use state::PeerNode;
pub(super) use state::{Forgotten, State};
pub(super) use ties::{Monitored, Ties};
