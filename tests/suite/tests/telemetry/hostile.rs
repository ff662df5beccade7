//! Recorders and subscribers that panic, and that call back into the library.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use otp::event::{CallSeen, Handling, Seen, Spectator};
use otp::prelude::*;
use otp::telemetry::Metrics;
use otp::{ExitReason, ProcessContext};
use otp_suite::forever;
use tracing::Span;

use super::servers::*;

/// A recorder that does something each time that it is called.
struct Acting(Arc<dyn Fn() + Send + Sync>);

impl CounterFn for Acting {
    fn increment(&self, _: u64) {
        (self.0)();
    }

    fn absolute(&self, _: u64) {
        (self.0)();
    }
}

impl Recorder for Acting {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Acting(self.0.clone())))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        (self.0)();
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        (self.0)();
        Histogram::noop()
    }
}

fn acting(act: impl Fn() + Send + Sync + 'static) -> Metrics {
    Metrics::new().recorder(Acting(Arc::new(act))).interval(Duration::from_millis(1)).time_one_in(1)
}

async fn use_a_clerk(system: &System) {
    let clerk = Clerk::start(system, ()).await.unwrap();
    for n in (1..20).step_by(2) {
        assert_eq!(clerk.work().await, Ok(n));
        clerk.note();
    }
    clerk.stop().await.unwrap();
}

#[otp::test]
async fn a_recorder_that_panics_harms_nobody(system: System) {
    let armed = Arc::new(AtomicU64::new(0));
    let of = armed.clone();
    let reporting = acting(move || {
        // Not while it is set up: then nothing is reported at all.
        if of.load(Ordering::Relaxed) > 0 {
            of.fetch_add(1, Ordering::Relaxed);
            panic!("the recorder is broken");
        }
    })
    .start(&system);
    armed.store(1, Ordering::Relaxed);
    use_a_clerk(&system).await;
    system.sleep(Duration::from_millis(20)).await;
    assert!(reporting.is_alive());
    assert!(armed.load(Ordering::Relaxed) > 10, "it was asked nevertheless");
    let end = reporting.exited();
    reporting.exit(ExitReason::Shutdown);
    assert_eq!(end.await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_recorder_that_panics_from_the_beginning_ends_no_tree(system: System) {
    let tree =
        Supervisor::new(Strategy::OneForOne).child(acting(|| panic!("broken")).supervised()).child(Clerk::child(()));
    let tree = tree.start(&system).await.unwrap();
    use_a_clerk(&system).await;
    tree.stop().await.unwrap();
}

#[otp::test]
async fn a_recorder_may_call_back_and_what_it_does_is_not_counted(system: System) {
    let (clerk, count) = (Clerk::start(&system, ()).await.unwrap(), Arc::new(AtomicU64::new(0)));
    let (of, counted, helper) = (system.clone(), count.clone(), clerk.clone());
    let reporting = acting(move || {
        if counted.fetch_add(1, Ordering::Relaxed) < 1000 {
            drop(of.spawn(async |_: ProcessContext<()>| {}));
            helper.note();
            assert!(of.process_count() > 0);
        }
    })
    .start(&system);
    clerk.work().await.unwrap();
    use_a_clerk(&system).await;
    reporting.exit(ExitReason::Shutdown);
    reporting.exited().await;
    assert!(count.load(Ordering::Relaxed) > 0);
}

/// A spectator that panics in all that it does.
struct Panicking(AtomicU64);

impl Panicking {
    fn panic(&self) -> ! {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("the spectator is broken")
    }
}

impl Spectator for Panicking {
    fn times(&self) -> bool {
        self.panic()
    }

    fn cause(&self) -> Option<Span> {
        self.panic()
    }

    fn opens(&self, _: &Seen<'_>, _: &Handling<'_>, _: Option<&Span>) -> Option<Span> {
        self.panic()
    }

    fn waited(&self, _: &Seen<'_>, _: Duration) {
        self.panic()
    }

    fn ran(&self, _: &Seen<'_>, _: u64, _: Duration) {
        self.panic()
    }

    fn called(&self, _: &CallSeen<'_>) {
        self.panic()
    }
}

impl Drop for Panicking {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("also its drop is broken");
        }
    }
}

#[otp::test]
async fn a_spectator_that_panics_harms_nobody_and_others_see_what_it_does_not(system: System) {
    #[derive(Default)]
    struct Calls(AtomicU64);

    impl Spectator for Calls {
        fn called(&self, _: &CallSeen<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let (broken, calls) = (system.spectate(Arc::new(Panicking(AtomicU64::new(0)))), Arc::new(Calls::default()));
    let seat = system.spectate(calls.clone());
    use_a_clerk(&system).await;
    assert!(calls.0.load(Ordering::Relaxed) >= 10);
    drop(broken);
    drop(seat);
    let before = calls.0.load(Ordering::Relaxed);
    use_a_clerk(&system).await;
    assert_eq!(calls.0.load(Ordering::Relaxed), before);
}

#[otp::test]
async fn a_spectator_may_come_and_go_while_others_run(system: System) {
    struct Quiet;
    impl Spectator for Quiet {
        fn times(&self) -> bool {
            true
        }
    }
    let clerk = Clerk::start(&system, ()).await.unwrap();
    let lone = system.spawn(forever::<u32>);
    for n in 0..50 {
        let seat = system.spectate(Arc::new(Quiet));
        clerk.note();
        lone.try_send(n).unwrap();
        if n % 2 == 0 {
            drop(seat);
            clerk.work().await.unwrap();
        } else {
            clerk.work().await.unwrap();
            drop(seat);
        }
    }
    assert_eq!(clerk.work().await, Ok(101));
    assert_eq!(system.info(lone.pid()).unwrap().queue, 50);
}
