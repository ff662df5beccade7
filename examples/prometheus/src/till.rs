//! The till: takes money, and crashes when it is asked to.

use otp::gen_server::ServerName;
use otp::prelude::*;

/// The till of the shop.
pub const TILL: ServerName<Till> = ServerName::new("till");

/// Counts what was taken.
pub struct Till {
    taken: u64,
}

#[gen_server]
impl Till {
    #[init]
    fn init((): ()) -> Self {
        Till { taken: 0 }
    }

    /// Takes cents; returns what is in the till.
    #[call]
    fn take(&mut self, cents: u64) -> u64 {
        self.taken += cents;
        // A metric of the service's own, beside those of the library.
        metrics::counter!("shop_sales_total").increment(1);
        self.taken
    }

    /// What happens if somebody drops a bottle into it.
    #[call]
    fn drown(&mut self) {
        panic!("the till is wet");
    }
}
