//! Payday: two payments at once, and what is on the accounts afterwards.

use otp::prelude::*;
use sim_bank::{CLOSING, Teller, payday};

#[otp::test(seeds = 1000)]
async fn the_careful_teller_keeps_every_cent(system: System) {
    assert_eq!(payday(&system, Teller::Careful).await.unwrap(), CLOSING);
}
