//! Tables, and what processes do with them.
//!
//! | file | idea |
//! |---|---|
//! | `handle` | [`Table`], the handle, and how a table is made |
//! | `right` | who may do what, as types |
//! | `shared` | what all handles of a table share |
//! | `gone` | the error of a table that has ended |
//! | `read` | what all kinds of tables can be asked |
//! | `lookup`, `insert`, `change` | the rows of a set |
//! | `ordered`, `bag` | what the other kinds have of their own |
//! | `step` | counters |
//! | `keys` | a walk over the keys, while others write and delete |

mod bag;
mod change;
mod gone;
mod handle;
mod insert;
mod keys;
mod lookup;
mod ordered;
mod read;
mod right;
mod shared;
mod step;

pub use change::CounterError;
pub use gone::{Ending, Gone};
pub use handle::{Bag, DuplicateBag, OrderedSet, Set, Table, TableId};
pub use insert::InsertError;
pub use keys::Keys;
pub use right::{Access, Granted, Owns, Private, Protected, Public, Read, Right, Shares, Write, Writes};
pub(crate) use shared::Shared;
pub use step::{Counter, Step};
