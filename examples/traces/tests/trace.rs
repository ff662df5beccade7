//! An order is traced, exported, collected, and read back.

use std::collections::BTreeSet;
use std::time::Duration;

use otp::prelude::*;
use otp::telemetry::Spans;
use traces::collector::{Arrived, Collected};
use traces::export;
use traces::shop::{self, *};
use tracing::Instrument;

/// The names from a span to its root.
fn ancestors<'a>(all: &'a [Arrived], of: &'a Arrived) -> Vec<&'a str> {
    let parent = |span: &&Arrived| all.iter().find(|other| other.id == span.parent);
    std::iter::successors(Some(of), parent).map(|span| &*span.name).collect()
}

#[otp::test(backends = [tokio])]
async fn an_order_is_one_trace_over_five_servers_a_task_and_a_timer(system: System) {
    export::install(&system, "shop");
    let collected = Collected::default();
    let tree = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let collector = tree.start_child(collected.supervised()).await.unwrap().unwrap();
    tree.start_child(export::supervised(collector.address().clone(), "shop")).await.unwrap();
    tree.start_child(Spans::new().roots(false).supervised()).await.unwrap();
    let desk = shop::open(&tree).await.unwrap();
    for book in [1, 2] {
        let request = tracing::info_span!("request", book);
        assert_eq!(desk.order(book).instrument(request).await.unwrap(), Ok(1200));
    }
    // Two requests, each with five servers and a task.
    while collected.all().len() < 14 {
        system.sleep(Duration::from_millis(1)).await;
    }

    let all = collected.all();
    let traces: BTreeSet<_> = all.iter().map(|span| &span.trace).collect();
    assert_eq!(traces.len(), 2, "each request is a trace");
    for trace in traces {
        let spans: Vec<_> = all.iter().filter(|span| span.trace == *trace).cloned().collect();
        assert_eq!(spans.len(), 7, "{spans:#?}");
        let last = spans.iter().find(|span| span.name.starts_with("Courier")).unwrap();
        let expected = [
            "Courier: handling a message",
            "task: starting",
            "Post: handling a cast",
            "Ledger: handling a call",
            "Stock: handling a call",
            "Desk: handling a call",
            "request",
        ];
        assert_eq!(ancestors(&spans, last), expected);
        assert_eq!(last.events, ["delivered"]);
        let pids: BTreeSet<_> = spans.iter().filter_map(|span| span.fields.get("pid")).collect();
        assert_eq!(pids.len(), 6, "each is another process");
    }
    tree.stop().await.unwrap();
}
