//! Groups of processes; Erlang's `pg`.

mod change;
mod child;
mod discard;
mod error;
mod event;
mod group;
mod handle;
mod member;
mod monitor;
mod owner;
mod scope;
mod send;
mod start;
mod table;

pub use error::{JoinError, LeaveError, NoScope};
pub use event::{GroupChange, GroupEvent, GroupMonitor};
pub use handle::{Groups, GroupsName};
pub use member::Member;
pub use scope::ScopeMessage;
pub use send::Broadcast;
pub use start::StartGroups;
