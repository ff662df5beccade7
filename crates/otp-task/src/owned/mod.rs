//! The tasks of a server or another process, whose outcome comes back as messages of its own type.
//!
//! | file | idea |
//! |---|---|
//! | `set` | which tasks of one owner run and which wait; what they do when one of them or their owner ends |
//! | `tasks` | the owner's view: limits, list, cancel |
//! | `spawn` | how an owner starts one, and why it is refused |

mod set;
mod spawn;
mod tasks;

pub(crate) use set::Member;
pub use spawn::{SpawnTask, TaskRefused};
pub use tasks::{TaskInfo, TaskState, Tasks};
