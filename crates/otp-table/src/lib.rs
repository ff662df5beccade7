//! Tables that processes own and share: ETS for async Rust.
//!
//! * [`Set`] and [`OrderedSet`] have one row for each key, [`Bag`] and [`DuplicateBag`] any number: each is a [`Table`],
//!   whose second type parameter is the right of the handle.
//! * A table has an owner, perhaps an [heir](Table::set_heir), and perhaps a [name](Table::named). [`Custodian`] keeps a
//!   table over restarts of its owner.
//! * [`Step`] says how a counter changes; [`Keys`] walks over a table while others write and delete.
//! * [`list`] has the tables of a system.

#![forbid(unsafe_code)]

mod owner;
mod rows;
mod table;

pub use owner::{Claim, Custodian, FindError, GiveAwayError, NameTaken, TableInfo, Transfer, count, list};
pub use rows::{BagRows, Bags, FoundBy, Kind, Once, OrderedRows, Repeated, Rows, SetRows, Single};
pub use table::{
    Access, Bag, Counter, CounterError, DuplicateBag, Ending, Gone, Granted, InsertError, Keys, OrderedSet, Owns,
    Private, Protected, Public, Read, Right, Set, Shares, Step, Table, TableId, Write, Writes,
};
