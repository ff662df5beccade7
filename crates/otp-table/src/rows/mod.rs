//! What a table stores its rows in.
//!
//! | file | idea |
//! |---|---|
//! | `store` | what a table needs of it |
//! | `set`, `ordered`, `bag` | the four kinds of tables |
//! | `hashed` | something for each key, in a concurrent map |
//! | `tree` | rows in the order of their keys, in one immutable tree after the other |
//! | `batch` | several rows that become visible together |
//! | `quiet` | rows that are dropped by whoever was the last to see them |

mod bag;
mod batch;
mod hashed;
mod ordered;
mod quiet;
mod set;
mod store;
mod tree;

pub(crate) use bag::Bunch;
pub use bag::{BagRows, Bags, Once, Repeated};
pub(crate) use hashed::Change;
pub use ordered::OrderedRows;
pub(crate) use quiet::{Quiet, quietly};
pub use set::SetRows;
pub use store::{FoundBy, Kind, Rows, Single};
pub(crate) use store::{Pair, Store};
pub(crate) use tree::Row;
pub(crate) use tree::{after, before};
