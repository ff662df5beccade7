//! The end of a whole system.

use std::time::Duration;

use futures::channel::oneshot;
use otp::process::{Ended, ShutdownReport, SpawnOptions};
use otp::{ExitReason, Message, Pid, ProcessContext, ProcessRef, System};
use otp_suite::{exit, forever, idle};

/// Longer than any test takes.
const AGES: Duration = Duration::from_secs(3600);

fn told(report: &ShutdownReport) -> Vec<(Pid, ExitReason, bool)> {
    report.ended.iter().map(|Ended { pid, reason, killed, .. }| (*pid, reason.clone(), *killed)).collect()
}

/// Ends when it is asked to, after it has told its number.
fn root(system: &System, number: u32, tell: &async_channel::Sender<u32>) -> ProcessRef<()> {
    let tell = tell.clone();
    let body = async move |mut ctx: ProcessContext<()>| {
        let reason = exit(ctx.receive().await).reason;
        ctx.yield_now().await;
        tell.try_send(number).unwrap();
        reason
    };
    system.spawn_with(SpawnOptions::new().trap_exit(true).label(format!("root {number}")), body).unwrap().process
}

#[otp::test]
async fn roots_are_asked_one_after_the_other_the_youngest_first(system: System) {
    let (tell, ends) = async_channel::unbounded();
    let roots: Vec<_> = (0..10).map(|n| root(&system, n, &tell)).collect();
    let report = system.shutdown(AGES).await;
    let expected: Vec<_> = roots.iter().rev().map(|root| (root.pid(), ExitReason::Shutdown, false)).collect();
    assert_eq!(told(&report), expected);
    assert_eq!(report.ended[0].label, Some("root 9".into()));
    assert_eq!(std::iter::from_fn(|| ends.try_recv().ok()).collect::<Vec<_>>(), (0..10).rev().collect::<Vec<_>>());
    assert_eq!((report.killed().count(), system.process_count()), (0, 0));
}

#[otp::test]
async fn a_root_ends_what_it_supervises_before_the_next_root_is_asked(system: System) {
    let (tell, ends) = async_channel::unbounded();
    let elder = root(&system, 1, &tell);
    let last = tell.clone();
    let parent = system.spawn_with(SpawnOptions::new().trap_exit(true), async move |mut ctx: ProcessContext<()>| {
        let child =
            ctx.spawn_with(SpawnOptions::new().link().trap_exit(true), async move |mut ctx: ProcessContext<()>| {
                ctx.receive().await;
                tell.try_send(3).unwrap();
            });
        let child = child.unwrap().process;
        let reason = exit(ctx.receive().await).reason;
        child.exit(ExitReason::Shutdown);
        assert_eq!(exit(ctx.receive().await).from, child.pid());
        last.try_send(2).unwrap();
        reason
    });
    let parent = parent.unwrap().process;
    idle(&parent).await;
    let report = system.shutdown(AGES).await;
    assert_eq!(
        told(&report),
        [(parent.pid(), ExitReason::Shutdown, false), (elder.pid(), ExitReason::Shutdown, false)]
    );
    assert_eq!(std::iter::from_fn(|| ends.try_recv().ok()).collect::<Vec<_>>(), [3, 2, 1]);
}

#[otp::test]
async fn whatever_has_not_ended_in_time_is_killed(system: System) {
    let patient = system.spawn(forever::<()>);
    let deaf = system.spawn_with(SpawnOptions::new().trap_exit(true), forever::<()>).unwrap().process;
    let prompt = system.spawn(forever::<()>);
    let (limit, start) = (Duration::from_millis(500), system.now());
    let report = system.shutdown(limit).await;
    assert!(system.now() - start >= limit);
    let expected = [
        (prompt.pid(), ExitReason::Shutdown, false),
        (deaf.pid(), ExitReason::Killed, true),
        (patient.pid(), ExitReason::Killed, true),
    ];
    assert_eq!(told(&report), expected);
    let killed: Vec<_> = report.killed().map(|ended| ended.pid).collect();
    assert_eq!(killed, [deaf.pid(), patient.pid()]);
    assert_eq!(system.process_count(), 0);
}

#[otp::test]
async fn children_that_their_parents_left_behind_are_killed(system: System) {
    let (tell, child) = oneshot::channel();
    let parent = system.spawn(async |ctx: ProcessContext<()>| {
        let _ = tell.send(ctx.spawn(forever::<()>).pid());
        forever(ctx).await;
    });
    let child = child.await.unwrap();
    let report = system.shutdown(AGES).await;
    assert_eq!(told(&report), [(parent.pid(), ExitReason::Shutdown, false), (child, ExitReason::Killed, true)]);
}

#[otp::test]
async fn processes_that_are_started_meanwhile_are_ended_too(system: System) {
    // A root that starts another process when it is told to end, and one that the event of its end starts.
    let parent = system.spawn_with(SpawnOptions::new().trap_exit(true), async |mut ctx: ProcessContext<()>| {
        exit(ctx.receive().await);
        ctx.spawn(forever::<()>);
    });
    let parent = parent.unwrap().process;
    let world = system.clone();
    let once = std::sync::atomic::AtomicBool::new(false);
    let _hook = system.on_event(move |event| {
        let exited = matches!(event, otp::event::Event::Exited { pid, .. } if *pid == parent.pid());
        if exited && !once.swap(true, std::sync::atomic::Ordering::SeqCst) {
            world.spawn(forever::<()>);
        }
    });
    let report = system.shutdown(AGES).await;
    assert_eq!((report.ended.len(), system.process_count()), (3, 0));
    assert_eq!(report.ended[0].reason, ExitReason::Normal);
    assert_eq!(report.killed().count(), 2, "both were started by a process, and left behind by it");
}

#[otp::test]
async fn roots_that_are_started_meanwhile_are_asked_as_the_others_are(system: System) {
    let (tell, ends) = async_channel::unbounded();
    let (starts, started) = async_channel::unbounded::<()>();
    let slow = system.spawn_with(SpawnOptions::new().trap_exit(true), async move |mut ctx: ProcessContext<()>| {
        exit(ctx.receive().await);
        starts.close();
        // Until the other root is there.
        until_there(ctx.system(), 2).await;
    });
    let slow = slow.unwrap().process;
    let starter = async {
        assert!(started.recv().await.is_err());
        root(&system, 7, &tell).pid()
    };
    let (report, late) = futures::join!(system.shutdown(AGES), starter);
    assert_eq!(told(&report), [(slow.pid(), ExitReason::Normal, false), (late, ExitReason::Shutdown, false)]);
    assert_eq!(ends.recv().await, Ok(7));
}

async fn until_there(system: &System, count: usize) {
    otp_suite::until(|| system.process_count() >= count).await;
}

#[otp::test]
async fn a_root_that_another_one_takes_with_it_is_not_asked(system: System) {
    let first = system.spawn(forever::<()>);
    let (pid, (tell, linked)) = (first.pid(), oneshot::channel());
    let second = system.spawn(async move |ctx: ProcessContext<()>| {
        ctx.link(pid).unwrap();
        let _ = tell.send(());
        forever(ctx).await;
    });
    linked.await.unwrap();
    let report = system.shutdown(AGES).await;
    assert_eq!(first.exited().await, ExitReason::Shutdown);
    // Links fire before the end is told, and the first one ends where it waits: it may be asked before that.
    assert_eq!(report.ended[0], report.ended.iter().find(|ended| ended.pid == second.pid()).cloned().unwrap());
    assert!(report.ended.iter().all(|ended| ended.reason == ExitReason::Shutdown && !ended.killed));
}

#[otp::test]
async fn an_empty_system_is_shut_down_at_once_and_can_go_on(system: System) {
    assert_eq!(system.shutdown(AGES).await, ShutdownReport::default());
    let process = system.spawn(async |mut ctx: ProcessContext<u8>| {
        assert_eq!(ctx.receive().await, Message::User(1));
    });
    process.send(1).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn many_roots_are_shut_down_in_linear_time(system: System) {
    let (tell, ends) = async_channel::unbounded();
    for n in 0..5_000 {
        root(&system, n, &tell);
    }
    assert_eq!(system.shutdown(AGES).await.ended.len(), 5_000);
    assert_eq!(ends.len(), 5_000);
}
