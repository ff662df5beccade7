//! Payday: two payments at once, and what is on the accounts afterwards.

use otp::prelude::*;
use otp::sim::{Config, Explore, Failure, Policy, explore, try_check, try_explore};
use sim_bank::account::{Account, AccountClient};
use sim_bank::{LEFT, Teller, payday};

async fn pays(system: System, teller: Teller) {
    assert_eq!(payday(&system, teller).await.unwrap(), LEFT);
}

/// The test that the chapter begins with: right on tokio and smol, on all but one run in many thousands.
#[otp::test]
#[ignore = "it fails on the simulator, as docs/simulation.md shows"]
async fn ada_has_paid_for_both(system: System) {
    assert_eq!(payday(&system, Teller::Hasty).await.unwrap(), LEFT);
}

#[otp::test(seeds = 1000)]
async fn the_careful_teller_keeps_every_cent(system: System) {
    pays(system, Teller::Careful).await;
}

#[test]
fn the_simulator_finds_the_update_that_the_hasty_teller_loses() {
    for policy in [Policy::Random, Policy::Pct { depth: 2, steps: 40 }] {
        let config = Config::new().seeds(100).policy(policy.clone());
        let failed = try_check(config, |system| pays(system, Teller::Hasty)).unwrap_err();
        assert!(failed.repeatable, "{policy:?}: {failed}");
        assert!(matches!(failed.failure, Failure::Panicked(_)), "{policy:?}: {failed}");
        assert!(failed.trace.iter().any(|line| line.ends_with("ada handles SetBalance(70, ReplyTo)")), "{failed}");
    }
}

/// Two transfers from one account, and nothing else.
async fn two_transfers(system: System, teller: Teller) {
    let (from, to) = (Account::start(&system, 10).await.unwrap(), Account::start(&system, 0).await.unwrap());
    let payers = [3, 4].map(|amount| {
        let (from, to) = (from.clone(), to.clone());
        system.spawn(async move |_: ProcessContext<()>| teller.transfer(&from, &to, amount).await.unwrap())
    });
    for payer in payers {
        assert_eq!(payer.exited().await, ExitReason::Normal);
    }
    assert_eq!((from.balance().await, to.balance().await), (Ok(3), Ok(7)));
}

#[test]
fn the_careful_teller_is_right_in_every_order_of_two_transfers_with_one_preemption() {
    let explored = explore(Explore::new().preemptions(1), |system| two_transfers(system, Teller::Careful));
    assert!(explored.complete, "{explored:?}");
}

#[test]
fn the_hasty_teller_is_not() {
    let failed = try_explore(Explore::new().preemptions(0), |system| two_transfers(system, Teller::Hasty)).unwrap_err();
    assert!(matches!(failed.failure, Failure::Panicked(_)), "{failed}");
}
