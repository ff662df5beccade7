//! How children are stopped, and how a supervisor ends: SPEC §10, shutdown of children, end of the supervisor.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::MessageRef;
use otp::supervisor::Started;
use otp_suite::forever;
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::{Act, Gate, boom, gate, inside};
use otp_suite::trees::{child, end, ids, pid, scripted, tell, trapping};

const LIMIT: Duration = Duration::from_millis(30);

/// A child that traps exits and, when it is shut down the first time, does this.
fn ending(journal: &Journal, id: &'static str, terminate: Act) -> ChildSpec {
    let terminate = Mutex::new(Some(terminate));
    scripted(journal, id, move |script| {
        script.trap_exit = true;
        script.terminate = terminate.lock().unwrap().take().unwrap_or(Act::Nothing);
    })
}

async fn top<T: Started>(system: &System, specs: impl IntoIterator<Item = ChildSpec<T>>) -> SupervisorRef {
    Supervisor::new(Strategy::OneForOne).children(specs).start(system).label("top").await.unwrap()
}

// SUP-54
#[otp::test]
async fn brutal_kill_kills_without_terminate(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = top(&system, [trapping(&journal, "a").shutdown(Shutdown::BrutalKill)]).await;
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["a starts", "a ended killed", "top ended normal"]);
}

// SUP-55, SIG-19
#[otp::test]
async fn a_child_that_takes_too_long_is_killed_at_its_limit(system: System) {
    let (journal, mut entries) = journal(&system);
    let stuck = ending(&journal, "a", Act::Hang).shutdown(Shutdown::Timeout(LIMIT));
    let supervisor = top(&system, [stuck]).await;
    let began = system.now();
    supervisor.stop().await.unwrap();
    assert!(system.now() - began >= LIMIT);
    let seen = entries.so_far();
    assert_eq!(seen, ["a starts", "a terminate shutdown", "a hangs", "a ended killed", "top ended normal"]);
}

// SUP-55
#[otp::test]
async fn a_child_that_never_looks_at_its_exit_is_killed_at_its_limit(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = [trapping(&journal, "a").shutdown(Shutdown::Timeout(LIMIT))];
    let supervisor = top(&system, specs).await;
    tell(&system, "a", Act::Hang);
    entries.until("a hangs").await;
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["a ended killed", "top ended normal"]);
}

// SUP-55
#[otp::test]
async fn a_raw_process_that_ignores_its_shutdown_is_killed_at_its_limit(system: System) {
    let stubborn = |supervisor: Process| {
        // From the beginning: the shutdown may come before it runs.
        let options = SpawnOptions::new().link().trap_exit(true);
        let spawned = supervisor.spawn_with(options, forever::<()>);
        std::future::ready(spawned.unwrap().process)
    };
    let supervisor = top(&system, [ChildSpec::worker("a", stubborn).shutdown(Shutdown::Timeout(LIMIT))]).await;
    let children = supervisor.which_children().await.unwrap();
    let exited = system.exited(children[0].state.running().unwrap());
    supervisor.stop().await.unwrap();
    assert_eq!(exited.now_or_never(), Some(ExitReason::Killed));
}

// SUP-55, SIG-18
#[otp::test]
async fn a_limit_of_zero_asks_and_kills_at_once(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = [
        child(&journal, "plain").shutdown(Shutdown::Timeout(Duration::ZERO)),
        ending(&journal, "stuck", Act::Hang).shutdown(Shutdown::Timeout(Duration::ZERO)),
    ];
    let supervisor = top(&system, specs).await;
    tell(&system, "stuck", Act::Hang);
    entries.until("stuck hangs").await;
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["stuck ended killed", "plain ended shutdown", "top ended normal"]);
}

// SUP-56
#[otp::test]
async fn without_a_limit_the_supervisor_waits(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let supervisor = top(&system, [ending(&journal, "a", Act::Wait(closed)).shutdown(Shutdown::Infinity)]).await;
    let mut stop = supervisor.stop().into_future();
    assert!((&mut stop).now_or_never().is_none());
    entries.until("a waits").await;
    assert!((&mut stop).now_or_never().is_none());
    drop(open);
    stop.await.unwrap();
    assert_eq!(entries.so_far(), ["a ended shutdown", "top ended normal"]);
}

// SUP-57
#[otp::test]
async fn a_plain_child_ends_at_once_without_terminate_also_inside_a_callback(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = [child(&journal, "idle"), child(&journal, "busy").shutdown(Shutdown::Infinity)];
    let supervisor = top(&system, specs).await;
    tell(&system, "busy", Act::Hang);
    entries.until("busy hangs").await;
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["busy ended shutdown", "idle ended shutdown", "top ended normal"]);
}

// SUP-57, ORD-5
#[otp::test]
async fn a_trapping_child_that_is_busy_finishes_first(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let supervisor = top(&system, [trapping(&journal, "a").shutdown(Shutdown::Infinity)]).await;
    tell(&system, "a", Act::Wait(closed).then(Act::Note("finished")));
    entries.until("a waits").await;
    let mut stop = supervisor.stop().into_future();
    assert!((&mut stop).now_or_never().is_none());
    drop(open);
    stop.await.unwrap();
    let seen = entries.so_far();
    assert_eq!(seen, ["a finished", "a terminate shutdown", "a ended shutdown", "top ended normal"]);
}

// SUP-58, GS-39
#[otp::test]
async fn how_a_child_ends_when_it_is_stopped_is_its_own_affair(system: System) {
    let ends = [(Act::Panic("no end"), "crash: no end"), (Act::Fail(boom()), "Boom"), (Act::Nothing, "shutdown")];
    for (act, reason) in ends {
        let (journal, mut entries) = journal(&system);
        let specs = [trapping(&journal, "before"), ending(&journal, "a", act)];
        let supervisor = top(&system, specs).await;
        entries.so_far();
        assert_eq!(supervisor.stop().await, Ok(()));
        let end = format!("a ended {reason}");
        let before = ["before terminate shutdown", "before ended shutdown", "top ended normal"];
        assert_eq!(entries.so_far(), [&["a terminate shutdown", &end][..], &before].concat());
    }
}

// SUP-59
#[otp::test]
async fn a_child_that_has_cut_its_link_is_stopped_and_cannot_hold_the_supervisor_up(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = top(&system, ["a", "b"].map(|id| child(&journal, id).shutdown(Shutdown::Infinity))).await;
    let (a, b) = (pid(&system, "a"), pid(&system, "b"));
    let cut = move |_: &mut _| [a, b].map(|pid| Process::current().unwrap().unlink(pid));
    otp::sys::replace_state(&system, &supervisor, cut).await.unwrap();
    end(&system, "a", Act::Stop(boom())).await;
    entries.until("a ended Boom").await;
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far(), ["b ended shutdown", "top ended normal"]);
}

// SUP-60
#[otp::test]
async fn the_children_of_a_supervisor_that_is_killed_end_through_their_links(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = top(&system, [child(&journal, "plain"), trapping(&journal, "trapping")]).await;
    let both = futures::future::join(system.exited(pid(&system, "plain")), system.exited(pid(&system, "trapping")));
    let top = supervisor.pid().unwrap();
    inside(&system, async move |ctx| ctx.system().exit(top, ExitReason::Kill)).await;
    assert_eq!(both.await, (ExitReason::Killed, ExitReason::Killed));
    assert!(entries.so_far().contains(&"trapping terminate killed".to_owned()));
}

// SUP-61
#[otp::test]
async fn children_that_end_while_the_supervisor_stops_are_not_started_again(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let specs = [
        child(&journal, "a"),
        child(&journal, "b"),
        ending(&journal, "c", Act::Wait(closed)).shutdown(Shutdown::Infinity),
    ];
    let supervisor = top(&system, specs).await;
    let mut stop = supervisor.stop().into_future();
    assert!((&mut stop).now_or_never().is_none());
    entries.until("c waits").await;
    end(&system, "a", Act::Stop(boom())).await;
    end(&system, "b", Act::Stop(boom())).await;
    drop(open);
    stop.await.unwrap();
    let seen = entries.so_far();
    let expected = [
        "a terminate Boom",
        "a ended Boom",
        "b terminate Boom",
        "b ended Boom",
        "c ended shutdown",
        "top ended normal",
    ];
    assert_eq!(seen, expected);
}

fn reasons() -> [ExitReason; 4] {
    [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("late"), boom()]
}

/// What is noted of three trapping children and their supervisor when that ends.
fn all_stopped(reason: &ExitReason) -> Vec<String> {
    let child = |id| [format!("{id} terminate shutdown"), format!("{id} ended shutdown")];
    ["c", "b", "a"].into_iter().flat_map(child).chain([format!("top ended {reason}")]).collect()
}

fn abc(journal: &Journal) -> [ChildSpec; 3] {
    ["a", "b", "c"].map(|id| trapping(journal, id))
}

// SUP-62, SUP-65
#[otp::test]
async fn a_supervisor_stops_its_children_in_reverse_when_its_parent_ends_and_ends_with_the_same_reason(system: System) {
    for reason in reasons() {
        let (journal, mut entries) = journal(&system);
        let end = reason.clone();
        let parent = system.spawn(async move |ctx: ProcessContext<()>| {
            let supervisor = Supervisor::new(Strategy::OneForOne).children(abc(&journal));
            supervisor.start_link(&ctx).label("top").await.unwrap();
            end
        });
        assert_eq!(parent.exited().await, reason);
        let seen = entries.until(format!("top ended {reason}")).await;
        assert_eq!(seen[3..], all_stopped(&reason));
    }
}

// SUP-62, SUP-65
#[otp::test]
async fn a_supervisor_obeys_the_exit_signal_of_its_parent(system: System) {
    for reason in reasons() {
        let (theirs, mut entries) = journal(&system);
        let sent = reason.clone();
        inside(&system, async move |ctx| {
            ctx.trap_exit(true);
            let supervisor = Supervisor::new(Strategy::OneForOne).children(abc(&theirs));
            let top = supervisor.start_link(&ctx).label("top").await.unwrap().pid().unwrap();
            ctx.system().exit(top, sent);
            ctx.system().exited(top).await;
        })
        .await;
        assert_eq!(entries.so_far()[3..], all_stopped(&reason));

        // From outside any process, the system is the parent.
        let (ours, mut entries) = journal(&system);
        let supervisor = top(&system, abc(&ours)).await;
        let exited = system.exited(supervisor.pid().unwrap());
        system.exit(supervisor.pid().unwrap(), reason.clone());
        assert_eq!(exited.await, reason);
        assert_eq!(entries.so_far()[3..], all_stopped(&reason));
    }
}

// SUP-63
#[otp::test]
async fn a_supervisor_ignores_the_exit_signals_of_strangers(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = top(&system, abc(&journal)).await;
    let top = supervisor.pid().unwrap();
    for reason in reasons() {
        inside(&system, async move |ctx| ctx.system().exit(top, reason)).await;
    }
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
}

// SUP-64, SUP-65
#[otp::test]
async fn stop_stops_the_children_and_ends_the_supervisor_with_its_reason(system: System) {
    for reason in reasons() {
        let (journal, mut entries) = journal(&system);
        let supervisor = top(&system, abc(&journal)).await;
        entries.so_far();
        assert_eq!(supervisor.stop().reason(reason.clone()).await, Ok(()));
        assert_eq!(entries.so_far(), all_stopped(&reason));
    }
}

// SUP-62
#[otp::test]
async fn a_system_that_shuts_down_has_its_supervisors_stop_their_children_in_reverse(system: System) {
    let (journal, mut entries) = journal(&system);
    top(&system, abc(&journal)).await;
    entries.so_far();
    let report = system.shutdown(Duration::from_secs(60)).await;
    assert_eq!(entries.so_far(), all_stopped(&ExitReason::Shutdown));
    assert_eq!(report.killed().count(), 0);
}

// SUP-65, SUP-22
#[otp::test]
async fn each_limit_counts_for_its_own_child(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = ["a", "b"].map(|id| ending(&journal, id, Act::Hang).shutdown(Shutdown::Timeout(LIMIT)));
    let supervisor = top(&system, specs).await;
    let began = system.now();
    supervisor.stop().await.unwrap();
    assert!(system.now() - began >= 2 * LIMIT);
    let ends: Vec<_> = entries.so_far().into_iter().filter(|entry| entry.contains("ended")).collect();
    assert_eq!(ends, ["b ended killed", "a ended killed", "top ended normal"]);
}

#[otp::test]
async fn what_a_supervisor_stops_leaves_nothing_in_its_mailbox(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = top(&system, abc(&journal)).await;
    for _ in 0..5 {
        supervisor.terminate_child("b").await.unwrap();
        supervisor.restart_child("b").await.unwrap();
    }
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    assert_eq!(system.info(supervisor.pid().unwrap()).unwrap().queue, 0);
    assert_eq!(system.info(supervisor.pid().unwrap()).unwrap().links.len(), 3);
}

// SUP-60
#[otp::test]
async fn a_child_that_outlives_its_killed_supervisor_hears_of_it(system: System) {
    let (sender, told) = futures::channel::oneshot::channel();
    let sender = Arc::new(Mutex::new(Some(sender)));
    let (open, closed): (_, Gate) = gate();
    let closed = Arc::new(Mutex::new(Some(closed)));
    let survivor = ChildSpec::worker("a", move |supervisor: Process| {
        let (sender, closed) = (sender.lock().unwrap().take().unwrap(), closed.lock().unwrap().take().unwrap());
        // From the beginning: its supervisor may be killed before it runs.
        let options = SpawnOptions::new().link().trap_exit(true);
        let spawned = supervisor.spawn_with(options, async move |mut ctx: ProcessContext<()>| {
            let exit = ctx.receive_match(|message| matches!(message, MessageRef::Exit(_))).await;
            let _ = sender.send(exit);
            let _ = closed.await;
        });
        std::future::ready(spawned.expect("it has no name").process)
    });
    let supervisor = top(&system, [survivor]).await;
    let top = supervisor.pid().unwrap();
    let child = supervisor.which_children().await.unwrap()[0].state.running().unwrap();
    system.exit(top, ExitReason::Kill);
    let Message::Exit(exit) = told.await.unwrap() else { panic!("it was an exit") };
    assert_eq!((exit.from, exit.reason), (top, ExitReason::Killed));
    assert!(system.is_alive(child));
    let exited = system.exited(child);
    drop(open);
    assert_eq!(exited.await, ExitReason::Normal);
}

const BLOCKER: ServerName<Blocker> = ServerName::new("blocker");

/// A server that waits by blocking the thread.
struct Blocker(oneshot::Sender<()>);

#[otp::gen_server]
impl Blocker {
    #[init]
    fn init(blocked: oneshot::Sender<()>) -> Self {
        Blocker(blocked)
    }

    #[cast]
    fn block(&mut self, on: ProcessRef<ReplyTo<()>>, again: bool) {
        let (never, _) = oneshot::channel();
        std::mem::replace(&mut self.0, never).send(()).unwrap();
        while futures::executor::block_on(Call::new(&on, |from| from).no_timeout()).is_err() && again {}
    }
}

/// Stops a supervisor whose child is blocked in a call.
async fn stop_blocked(system: System, again: bool, shutdown: Shutdown) {
    let (tell, blocked) = oneshot::channel();
    let tell = Arc::new(Mutex::new(Some(tell)));
    let spec = ChildSpec::worker("blocker", move |sup: Process| {
        Blocker::start_link(&sup, tell.lock().unwrap().take().unwrap()).name(BLOCKER)
    });
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec.shutdown(shutdown)).start(&system).await.unwrap();
    let blocker = ServerRef::named(&system, BLOCKER);
    blocker.block(system.spawn(forever), again);
    blocked.await.unwrap();
    let exited = blocker.exited();
    supervisor.stop().await.unwrap();
    let is_killed = matches!(shutdown, Shutdown::BrutalKill);
    assert_eq!(exited.await, if is_killed { ExitReason::Killed } else { ExitReason::Shutdown });
}

// A thread that is blocked can do nothing else: the supervisor needs another one, and so does who stops it. That is the
// test's own thread on tokio, where a blocked thread keeps what it has just woken; on smol it runs processes, too.
#[otp::test(backends = [tokio, smol])]
async fn a_child_that_is_blocked_in_a_call_is_stopped(system: System) {
    const LIMIT: Shutdown = Shutdown::Timeout(Duration::from_secs(60));
    let is_tokio = system.runtime().name() == "tokio";
    for (again, shutdown) in [(false, LIMIT), (true, LIMIT), (false, Shutdown::BrutalKill), (true, Shutdown::Infinity)]
    {
        match is_tokio {
            true => stop_blocked(system.clone(), again, shutdown).await,
            false => inside(&system, async move |ctx| stop_blocked(ctx.system().clone(), again, shutdown).await).await,
        }
    }
}
