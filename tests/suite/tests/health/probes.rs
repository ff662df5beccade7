//! Probes: a child that does not answer ends as unresponsive, and is restarted; who has a reason for its silence is left
//! alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use otp::event::Events;
use otp::health::{HealthEvent, MayTake, Probe, Probed, Unresponsive};
use otp::prelude::*;
use otp::supervisor::SupervisorEvent;
use otp::tokio::TokioExecutor;
use otp::{ExitReason, System, sys};

const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(5);

pub(crate) struct Clerk;

#[gen_server]
impl Clerk {
    #[init]
    async fn init(start: Duration, ctx: &mut Context<Self>) -> Self {
        let system = ctx.system().clone();
        system.sleep(start).await;
        ctx.trap_exit(true);
        Clerk
    }

    #[call]
    fn ready(&self) -> bool {
        true
    }

    #[cast]
    async fn wait_for_ever(&mut self) {
        std::future::pending::<()>().await;
    }

    #[cast]
    async fn work(&mut self, time: Duration, announced: Duration, ctx: &mut Context<Self>) {
        let _busy = ctx.may_take(announced);
        let system = ctx.system().clone();
        system.sleep(time).await;
    }

    #[cast]
    fn hold_the_thread(&mut self, until: Arc<AtomicBool>) {
        while !until.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
    }
}

pub(crate) const CLERK: ServerName<Clerk> = ServerName::new("clerk");

async fn office(system: &System, start: Duration, probe: Probe<ServerRef<Clerk>>) -> ServerRef<Clerk> {
    let clerk = Clerk::child(start).name(CLERK).probe(probe);
    Supervisor::new(Strategy::OneForOne).intensity(10, SECOND).child(clerk).start(system).await.unwrap();
    ServerRef::named(system, CLERK)
}

/// The next health event.
pub(crate) async fn health(events: &mut Events) -> HealthEvent {
    loop {
        if let Some(event) = events.next().await.downcast_ref::<HealthEvent>() {
            return event.clone();
        }
    }
}

fn unresponsive(reason: &ExitReason) -> &Unresponsive {
    let ExitReason::Other(term) = reason else { panic!("another reason: {reason}") };
    term.downcast_ref().unwrap_or_else(|| panic!("another reason: {reason}"))
}

#[otp::test]
async fn a_child_that_does_not_answer_ends_as_unresponsive_and_is_restarted(system: System) {
    let mut events = system.subscribe();
    let probe = Probe::new().interval(MOMENT).timeout(4 * MOMENT).misses(2);
    let clerk = office(&system, Duration::ZERO, probe).await;
    let old = clerk.pid().unwrap();
    clerk.wait_for_ever();
    let HealthEvent::Unresponsive(told) = health(&mut events).await else { panic!("it is the first") };
    assert_eq!((told.process.pid, told.process.label.clone(), told.misses), (Some(old), Some("clerk".into()), 2));
    assert!(told.after >= 8 * MOMENT, "{told}");
    assert_eq!(told.doing.as_str(), "handling a cast");
    let restarted = loop {
        if let Some(SupervisorEvent::Restarted { child, reason, .. }) = events.next().await.downcast_ref() {
            break (child.clone(), reason.clone());
        }
    };
    assert_eq!(restarted.0.as_str(), "clerk");
    assert_eq!(*unresponsive(&restarted.1), told);
    let text = restarted.1.to_string();
    assert!(text.starts_with(&format!("unresponsive: clerk {} failed 2 probes in ", old)), "{text}");
    assert_eq!(clerk.ready().await, Ok(true), "the new one answers");
}

#[otp::test]
async fn a_check_gets_the_handle_of_the_child_and_its_error_is_told(system: System) {
    let mut events = system.subscribe();
    let checks = Arc::new(AtomicU32::new(0));
    let count = checks.clone();
    let probe = Probe::new().interval(MOMENT).timeout(SECOND).check(move |clerk: ServerRef<Clerk>| {
        let count = count.clone();
        async move {
            assert_eq!(clerk.ready().await, Ok(true));
            match count.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(()),
                1 => panic!("a check may panic"),
                _ => Err("out of ink"),
            }
        }
    });
    office(&system, Duration::ZERO, probe).await;
    let HealthEvent::Unresponsive(told) = health(&mut events).await else { panic!("it is the first") };
    assert_eq!((told.misses, told.error.as_deref()), (3, Some("out of ink")));
    assert!(checks.load(Ordering::Relaxed) >= 4);
}

/// Lets time pass, in which nothing may be reported and the process stays the same.
async fn stays(system: &System, clerk: &ServerRef<Clerk>, time: Duration) {
    let (before, mut events) = (clerk.pid(), system.subscribe());
    let report = system.timeout(time, health(&mut events)).await;
    assert!(report.is_err(), "{report:?}");
    assert_eq!(clerk.pid(), before);
}

#[otp::test(backends = [sim])]
async fn a_child_that_is_healthy_or_suspended_or_has_announced_its_work_is_left_alone(system: System) {
    let day = Duration::from_secs(24 * 3600);
    // The defaults: every 30 seconds, 5 seconds, 3 misses.
    let clerk = office(&system, Duration::ZERO, Probe::new()).await;
    stays(&system, &clerk, day).await;
    let pid = clerk.pid().unwrap();
    sys::suspend(&system, pid).await.unwrap();
    stays(&system, &clerk, day).await;
    sys::resume(&system, pid).await.unwrap();
    clerk.work(day, day + SECOND);
    stays(&system, &clerk, day).await;
    // Two misses are no reason.
    clerk.work(70 * SECOND, Duration::ZERO);
    stays(&system, &clerk, day).await;

    let mut events = system.subscribe();
    let began = system.now();
    clerk.work(day, SECOND * 3600);
    let HealthEvent::Unresponsive(told) = health(&mut events).await else { panic!("it is the first") };
    assert!(system.now() - began >= 3600 * SECOND, "it took longer than it had announced");
    assert!(system.now() - began <= 3600 * SECOND + 4 * 35 * SECOND, "{told}");
}

#[otp::test(backends = [sim])]
async fn a_suspended_child_is_not_blamed_for_a_check_that_it_cannot_answer(system: System) {
    let probe = Probe::new().check(async |clerk: ServerRef<Clerk>| clerk.ready().await.map(drop));
    let clerk = office(&system, Duration::ZERO, probe).await;
    sys::suspend(&system, clerk.pid().unwrap()).await.unwrap();
    stays(&system, &clerk, 3600 * SECOND).await;
    let mut events = system.subscribe();
    sys::resume(&system, clerk.pid().unwrap()).await.unwrap();
    clerk.wait_for_ever();
    assert!(matches!(health(&mut events).await, HealthEvent::Unresponsive(_)));
}

#[otp::test(backends = [sim])]
async fn a_slow_starter_is_left_alone_until_it_has_started(system: System) {
    let clerk = office(&system, 3600 * SECOND, Probe::new().interval(SECOND).timeout(SECOND)).await;
    assert!(system.now() - otp::runtime::Instant::ORIGIN >= 3600 * SECOND);
    stays(&system, &clerk, 3600 * SECOND).await;
}

#[otp::test(backends = [sim])]
async fn who_probes_ends_with_the_child(system: System) {
    let before = system.process_count();
    let clerk = Clerk::child(Duration::ZERO).name(CLERK).probe(Probe::new());
    let tree = Supervisor::new(Strategy::OneForOne).child(clerk).start(&system).await.unwrap();
    assert_eq!(system.process_count(), before + 3);
    sys::stop(&system, tree.pid().unwrap()).await.unwrap();
    system.sleep(MOMENT).await;
    assert_eq!(system.process_count(), before);
}

#[test]
fn a_child_that_holds_its_thread_is_told_to_be_unstoppable_and_restarted_when_it_is_over() {
    let (report, ran) = (Arc::new(AtomicBool::new(false)), TokioExecutor::multi_thread());
    let run = ran.run(async move |system: System| {
        let mut events = system.subscribe();
        let probe = Probe::new().interval(MOMENT).timeout(MOMENT).misses(1);
        let clerk = office(&system, Duration::ZERO, probe).await;
        clerk.hold_the_thread(report.clone());
        let HealthEvent::Unresponsive(told) = health(&mut events).await else { panic!("it is the first") };
        let HealthEvent::Unstoppable(still) = health(&mut events).await else { panic!("it is the second") };
        assert_eq!(told.process, still.process);
        report.store(true, Ordering::Release);
        loop {
            if let Some(SupervisorEvent::Restarted { reason, .. }) = events.next().await.downcast_ref() {
                break assert_eq!(*unresponsive(reason), told);
            }
        }
    });
    run.unwrap();
}
