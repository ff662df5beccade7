//! A stream of events is bounded, and says what it lost.

use std::fmt;
use std::sync::Arc;

use futures::{FutureExt, StreamExt};
use otp::event::{Event, Events, Occurrence};
use otp::{ExitReason, Pid, ProcessContext, System};
use otp_suite::{Drops, Guard, until};

/// An event with a number.
#[derive(Debug)]
struct Numbered(u64);

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number {}", self.0)
    }
}

impl Occurrence for Numbered {
    fn pid(&self) -> Option<Pid> {
        None
    }
}

/// The number of an event; of lost ones, how many.
fn number(event: &Event) -> Result<u64, u64> {
    match event {
        Event::Lost(lost) => Err(*lost),
        other => Ok(other.downcast_ref::<Numbered>().expect("it has a number").0),
    }
}

fn so_far(events: &mut Events) -> Vec<Event> {
    std::iter::from_fn(|| events.try_next()).collect()
}

#[otp::test]
async fn a_subscriber_that_never_reads_keeps_no_more_than_its_capacity_and_is_told_what_it_lost(system: System) {
    let drops = Drops::default();
    let mut events = system.subscribe_with_capacity(4);
    for _ in 0..50 {
        let kept = Kept(Arc::new(drops.guard()));
        system.spawn(async move |_: ProcessContext<()>| ExitReason::shutdown_with(kept)).exited().await;
    }
    // Who waits for an end may go on before the process has let go of the reason.
    until(|| drops.count() == 48).await;
    assert_eq!(events.lost(), 96, "each is an event of its start and one of its end");
    let read = so_far(&mut events);
    assert!(matches!(read[0], Event::Spawned { .. }), "the oldest are kept");
    assert!(matches!(read[3], Event::Exited { .. }));
    assert_eq!(read[4..], [Event::Lost(96)]);
    drop(read);
    assert_eq!(drops.count(), 50);

    let late = system.spawn(async |_: ProcessContext<()>| {});
    late.exited().await;
    let spawned = Event::Spawned { pid: late.pid(), label: None, parent: Pid::SYSTEM };
    assert_eq!(events.next().await, spawned, "what was lost is told once");
    assert_eq!(events.lost(), 96);
}

/// A value in an exit reason.
#[derive(Clone, Debug)]
struct Kept(#[expect(dead_code, reason = "it is there to be dropped")] Arc<Guard>);

impl PartialEq for Kept {
    fn eq(&self, _: &Kept) -> bool {
        false
    }
}

#[otp::test]
async fn a_subscriber_is_told_what_it_lost_where_it_is_missing(system: System) {
    let report = |n| system.report(|| Numbered(n));
    let mut events = system.subscribe_with_capacity(2);
    (0..5).for_each(report);
    assert_eq!(number(&events.next().await), Ok(0));
    report(5);
    assert_eq!(number(&StreamExt::next(&mut events).await.unwrap()), Ok(1));
    assert_eq!(number(&events.next().await), Err(3));
    (6..9).for_each(report);
    assert_eq!(events.lost(), 4, "there was room for two more");
    assert_eq!(number(&StreamExt::next(&mut events).await.unwrap()), Ok(5));
    assert_eq!(number(&events.try_next().unwrap()), Ok(6));
    assert_eq!(number(&events.try_next().unwrap()), Ok(7));
    assert_eq!(number(&events.next().await), Err(1));
    assert_eq!(events.try_next(), None);
    assert!(events.next().now_or_never().is_none());
    report(9);
    assert_eq!(number(&events.next().await), Ok(9));
}

#[otp::test]
async fn a_capacity_of_nothing_is_one_and_without_a_wish_it_is_a_thousand(system: System) {
    let (mut least, mut most) = (system.subscribe_with_capacity(0), system.subscribe());
    let beyond = Events::CAPACITY as u64 + 7;
    (0..beyond).for_each(|n| system.report(|| Numbered(n)));
    assert_eq!((least.lost(), most.lost()), (beyond - 1, 7));
    assert_eq!(so_far(&mut least).iter().map(number).collect::<Vec<_>>(), [Ok(0), Err(beyond - 1)]);
    let kept: Vec<_> = so_far(&mut most).iter().map(number).collect();
    assert_eq!((kept.len(), kept.last()), (Events::CAPACITY + 1, Some(&Err(7))));
}

#[otp::test]
async fn what_several_processes_report_at_once_is_read_in_order_or_counted(system: System) {
    const EACH: u64 = 500;
    const REPORTERS: u64 = 4;
    let mut events = system.subscribe_with_capacity(16);
    let report = |reporter| {
        async move |ctx: ProcessContext<()>| {
            for n in 0..EACH {
                ctx.system().report(|| Numbered(reporter * EACH + n));
                if n % 8 == 0 {
                    otp::process::yield_now().await;
                }
            }
        }
    };
    let reporters: Vec<_> = (0..REPORTERS).map(|reporter| system.spawn(report(reporter))).collect();
    let (mut read, mut lost, mut last) = (0, 0, vec![None; REPORTERS as usize]);
    let mut look = |event: Event| match event {
        Event::Lost(more) => lost += more,
        event => {
            read += 1;
            if let Some(Numbered(n)) = event.downcast_ref() {
                let last = &mut last[(n / EACH) as usize];
                assert!(last.is_none_or(|last| last < *n), "{n} came after {last:?}");
                *last = Some(*n);
            }
        }
    };
    while reporters.iter().any(|reporter| reporter.is_alive()) {
        match events.try_next() {
            Some(event) => look(event),
            None => otp::process::yield_now().await,
        }
    }
    so_far(&mut events).into_iter().for_each(look);
    assert_eq!((lost, read + lost), (events.lost(), REPORTERS * (EACH + 2)), "each is started, and ends");
}
