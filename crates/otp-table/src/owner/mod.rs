//! Who has a table: owners and heirs, names, and the tables of a system.
//!
//! | file | idea |
//! |---|---|
//! | `ownership` | the owner of a table, and what its end does |
//! | `heir`, `give` | the next owner: after this one's end, or now |
//! | `name` | tables that are found by a name |
//! | `tables`, `info` | the tables of a system |
//! | `custodian` | a process that keeps a table over a restart of its owner |

mod custodian;
mod give;
mod heir;
mod info;
mod name;
mod ownership;
mod tables;

pub use custodian::{Claim, Custodian};
pub use give::GiveAwayError;
pub use heir::Transfer;
pub use info::TableInfo;
pub use name::{FindError, NameTaken};
pub(crate) use ownership::{Owned, Ownership};
pub(crate) use tables::Tables;
pub use tables::{count, list};
