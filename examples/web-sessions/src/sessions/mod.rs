//! The store: a server for each session, found by its token. It knows no HTTP and no executor.
//!
//! ```text
//! index     Registry: the sessions by token
//! sessions  DynamicSupervisor, at most --limit
//! └ …       Session: temporary, ends when nobody has used it for --idle-secs
//! ```
//!
//! A session is a process: its state is its own, its end is its expiry, and the registry forgets it with that. A session
//! that crashes is lost, as if it had expired, and no other notices.

mod session;
mod store;
mod token;

pub use session::{Contents, PutError, Session};
pub use store::{CreateError, SESSIONS, Sessions};
pub use token::{NoToken, Token};
