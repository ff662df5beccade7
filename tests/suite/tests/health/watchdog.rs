//! The watchdog: handlers that wait for ever, and handlers that hold their thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use otp::health::{HealthEvent, Watchdog, figures};
use otp::prelude::*;
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp::{ProcessContext, System};

use super::probes::{Clerk, ClerkClient as _, health};

const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(5);

#[otp::test]
async fn a_handler_that_waits_for_ever_is_reported_with_its_callback_and_since_when(system: System) {
    let mut events = system.subscribe();
    let _watchdog = Watchdog::new().limit(4 * MOMENT).interval(MOMENT).start(&system);
    let clerk = Clerk::start(&system, Duration::ZERO).await.unwrap();
    let pid = clerk.pid().unwrap();
    clerk.wait_for_ever();
    clerk.wait_for_ever();
    let mut last = Duration::ZERO;
    for _ in 0..2 {
        let HealthEvent::Stuck { process, doing, since, holds_thread, queue, .. } = health(&mut events).await else {
            panic!("nothing else happens")
        };
        assert_eq!((process.pid, process.label), (Some(pid), Some("Clerk".into())));
        assert_eq!((doing.as_str(), holds_thread, queue), ("handling a cast", false, 1));
        assert!(since >= 4 * MOMENT && since >= 2 * last, "{since:?} after {last:?}");
        last = since;
    }
    let figures = figures(&system);
    assert_eq!((figures.stuck, figures.holding, figures.total), (1, 0, 1));
    system.exit(pid, ExitReason::Kill);
    assert!(matches!(health(&mut events).await, HealthEvent::Over { pid: over, .. } if over == pid));
}

#[otp::test(backends = [sim])]
async fn who_waits_for_messages_or_has_announced_its_work_is_not_reported(system: System) {
    let mut events = system.subscribe();
    let _watchdog = Watchdog::new().start(&system);
    let clerk = Clerk::start(&system, Duration::ZERO).await.unwrap();
    let _plain = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    // Many short handlers.
    for _ in 0..100 {
        clerk.work(SECOND, Duration::ZERO);
    }
    clerk.work(3600 * SECOND, 3601 * SECOND);
    let report = system.timeout(3600 * SECOND, health(&mut events)).await;
    assert!(report.is_err(), "{report:?}");
    assert_eq!(figures(&system).total, 0);
    // It takes longer than it has said.
    clerk.work(3600 * SECOND, 60 * SECOND);
    assert!(matches!(health(&mut events).await, HealthEvent::Stuck { holds_thread: false, .. }));
}

#[otp::test(backends = [sim])]
async fn it_ends_with_its_tree(system: System) {
    let mut events = system.subscribe();
    let tree = Supervisor::new(Strategy::OneForOne).child(Watchdog::new().supervised()).start(&system).await.unwrap();
    let clerk = Clerk::start(&system, Duration::ZERO).await.unwrap();
    otp::sys::stop(&system, tree.pid().unwrap()).await.unwrap();
    clerk.wait_for_ever();
    assert!(system.timeout(3600 * SECOND, health(&mut events)).await.is_err());
}

/// A handler holds the only thread of an executor until it was reported: by a hook, as nobody else runs.
async fn hold_the_only_thread(system: System) {
    let (over, (tell, told)) = (Arc::new(AtomicBool::new(false)), mpsc::channel());
    let release = over.clone();
    let _hook = system.on_event(move |event| {
        if let Some(event @ HealthEvent::Stuck { holds_thread: true, .. }) = event.downcast_ref() {
            let _ = tell.send(event.clone());
            release.store(true, Ordering::Release);
        }
    });
    let _watchdog = Watchdog::new().limit(4 * MOMENT).interval(MOMENT).start(&system);
    let clerk = Clerk::start(&system, Duration::ZERO).await.unwrap();
    clerk.ready().await.unwrap();
    clerk.hold_the_thread(over);
    assert_eq!(clerk.ready().await, Ok(true));
    let HealthEvent::Stuck { process, doing, .. } = told.recv().unwrap() else { unreachable!("it is one") };
    assert_eq!((process.pid, doing.as_str()), (clerk.pid(), "handling a cast"));
}

#[test]
fn a_handler_that_holds_the_only_thread_of_tokio_is_reported() {
    TokioExecutor::current_thread().run(hold_the_only_thread).unwrap();
}

#[test]
fn a_handler_that_holds_the_only_thread_of_smol_is_reported() {
    SmolExecutor::with_workers(1).run(hold_the_only_thread).unwrap();
}

#[test]
fn a_handler_that_holds_one_of_several_threads_is_reported() {
    TokioExecutor::multi_thread().run(hold_the_only_thread).unwrap();
}
