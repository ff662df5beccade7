//! The market on every backend; on the simulator in virtual time.

use std::time::Duration;

use otp::prelude::*;
use otp::topic::Slow;
use ticker::market::{Market, Report};

fn seen(report: &Report, policy: Slow) -> &ticker::consumer::Seen {
    &report.consumers.iter().find(|(_, slow, _)| *slow == policy).expect("each policy has its consumer").2
}

#[otp::test(seeds = 20)]
async fn each_consumer_sees_what_its_policy_promises(system: System) {
    let market = Market { prices: 60, every: Duration::from_millis(5) };
    let report = market.run(&system).await.unwrap();
    assert!(report.consumers.iter().all(|(_, _, seen)| seen.in_order && seen.ended), "{report}");
    let [ledger, board, chart, feed] =
        [Slow::Wait, Slow::DropOldest, Slow::DropNewest, Slow::Disconnect].map(|policy| seen(&report, policy));
    assert_eq!((ledger.prices, ledger.last), (60, Some(59)), "it has missed none");
    assert!(board.prices < 60 && board.last == Some(59), "it shows the latest: {report}");
    assert!(chart.prices < 60, "{report}");
    assert!(feed.prices < 60, "{report}");
    assert_eq!(report.topic.disconnected, 1);
    let lost = u64::from(60 - board.prices) + u64::from(60 - chart.prices);
    assert_eq!(report.topic.dropped, lost, "what a consumer has not seen is counted");
}

/// An hour of the market, which takes no time in a simulation.
#[otp::test(backends = [sim], seeds = 1)]
async fn an_hour_of_prices_costs_no_more_memory_than_a_second(system: System) {
    let market = Market { prices: 3_600, every: Duration::from_secs(1) };
    let report = market.run(&system).await.unwrap();
    assert_eq!(seen(&report, Slow::Wait).prices, 3_600);
    assert_eq!(seen(&report, Slow::DropOldest).last, Some(3_599));
}
