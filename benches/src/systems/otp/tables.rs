//! Tables.

use otp::table::{Public, Set, Write};

use super::Otp;
use crate::backends::Backend;
use crate::workloads::table::Tabled;

/// A table of the client, which is a process.
impl<B: Backend> Tabled for Otp<B> {
    type Table = Set<u64, u64, Write>;

    async fn make(&self) -> Set<u64, u64, Write> {
        let owner = otp::Process::current().expect("a client is a process");
        Set::<u64, u64, Public>::new(&owner).writer()
    }

    fn insert(table: &Set<u64, u64, Write>, key: u64, value: u64) {
        table.insert(key, value).expect("the table is there");
    }

    fn lookup(table: &Set<u64, u64, Write>, key: u64) -> Option<u64> {
        table.lookup(&key).expect("the table is there")
    }

    fn count(table: &Set<u64, u64, Write>, key: u64) {
        table.update_counter(key, 1).expect("the row is there");
    }
}
