//! What has been seen to fail elsewhere, each as a test of ours.

use std::time::Duration;

use futures::FutureExt;
use otp::event::Event;
use otp::prelude::*;
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::{Act, Ask, First, Puppet, Script, boom, gate, inside};
use otp_suite::trees::{
    child, end, failing, ids, pid, puppet, scripted, starting, states, strike, subtree, tell, trapping,
};

const HOUR: Duration = Duration::from_secs(3600);
const SIX: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

async fn six(system: &System, strategy: Strategy, journal: &Journal) -> SupervisorRef {
    let specs = SIX.map(|id| child(journal, id));
    Supervisor::new(strategy).intensity(1000, HOUR).children(specs).start(system).label("top").await.unwrap()
}

#[otp::test]
async fn two_children_that_crash_one_after_the_other_are_each_restarted_once(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = six(&system, Strategy::OneForOne, &journal).await;
    entries.so_far();
    for round in 1..=20 {
        let (b, e) = (pid(&system, "b"), pid(&system, "e"));
        let gone = futures::future::join(system.exited(b), system.exited(e));
        tell(&system, "b", Act::Panic("first"));
        tell(&system, "e", Act::Panic("second"));
        gone.await;
        let children = supervisor.which_children().await.unwrap();
        let restarts: Vec<_> = children.iter().rev().map(|child| child.restarts).collect();
        assert_eq!(restarts, [0, round, 0, 0, round, 0]);
        let seen = entries.so_far();
        for id in ["b", "e"] {
            assert_eq!(seen.iter().filter(|entry| **entry == format!("{id} starts")).count(), 1, "{seen:?}");
            assert!(pid(&system, id) > b.max(e));
        }
    }
    assert_eq!(ids(&supervisor).await, SIX);
    assert_eq!(supervisor.count_children().await.unwrap().active, 6);
}

#[otp::test]
async fn a_child_that_is_killed_or_ends_with_a_reason_of_its_own_is_restarted_as_its_type_says(system: System) {
    let ways: [fn() -> ExitReason; 2] = [|| ExitReason::Kill, || ExitReason::other(("disk", 17))];
    for way in ways {
        let (journal, _entries) = journal(&system);
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .intensity(1000, HOUR)
            .child(child(&journal, "permanent"))
            .child(child(&journal, "transient").restart(Restart::Transient))
            .child(child(&journal, "temporary").restart(Restart::Temporary))
            .start(&system)
            .await
            .unwrap();
        let before = states(&supervisor).await;
        for id in ["permanent", "transient", "temporary"] {
            assert!(strike(&system, id, way()).await.is_abnormal());
        }
        assert_eq!(ids(&supervisor).await, ["permanent", "transient"]);
        let after = states(&supervisor).await;
        assert!(before.iter().zip(&after).all(|(before, after)| before != after));
        supervisor.stop().await.unwrap();
    }
}

#[otp::test]
async fn a_group_of_six_is_stopped_in_reverse_and_started_in_order_every_time(system: System) {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let (journal, mut entries) = journal(&system);
        let supervisor = six(&system, strategy, &journal).await;
        entries.so_far();
        for round in 0..60 {
            let place = round % 6;
            end(&system, SIX[place], Act::Stop(boom())).await;
            assert_eq!(ids(&supervisor).await, SIX);
            let group = if strategy == Strategy::OneForAll { &SIX[..] } else { &SIX[place..] };
            let others = group.iter().rev().filter(|id| **id != SIX[place]).map(|id| format!("{id} ended shutdown"));
            let expected: Vec<_> = others.chain(group.iter().map(|id| format!("{id} starts"))).collect();
            assert_eq!(entries.so_far()[2..], expected, "{strategy:?}, {}", SIX[place]);
        }
        supervisor.stop().await.unwrap();
    }
}

#[otp::test]
async fn an_init_that_fails_at_a_restart_is_tried_again_counted_and_escalates_as_shutdown(system: System) {
    let (journal, mut entries) = journal(&system);
    let inner = journal.clone();
    let tree = subtree("tree", move || {
        let hopeless = std::iter::once(First::Act(Act::Nothing)).chain((0..100).map(|_| failing()));
        Supervisor::new(Strategy::OneForOne).intensity(5, HOUR).child(starting(&inner, "a", hopeless))
    });
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child(child(&journal, "before"))
        .child(tree.restart(Restart::Transient))
        .start(&system)
        .await
        .unwrap();
    entries.so_far();
    let tree = <SupervisorRef>::named(&system, SupervisorName::new("tree"));
    let exited = system.exited(tree.pid().unwrap());
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
    let seen = entries.so_far();
    assert_eq!(seen.iter().filter(|entry| *entry == "a starts").count(), 5);
    // It is a quiet end, with which a transient child is done.
    assert_eq!(ids(&supervisor).await, ["before", "(tree)"]);
}

/// Two levels with plain, trapping and stuck children, all of whom are in the journal.
fn forest(journal: &Journal, limit: Duration) -> Supervisor {
    let inner = journal.clone();
    Supervisor::new(Strategy::OneForOne)
        .child(trapping(journal, "first"))
        .child(subtree("tree", move || {
            let stuck = scripted(&inner, "stuck", |script| script.trap_exit = true);
            Supervisor::new(Strategy::OneForOne)
                .child(child(&inner, "plain"))
                .child(stuck.shutdown(Shutdown::Timeout(limit)))
                .child(trapping(&inner, "good"))
        }))
        .child(child(journal, "last"))
}

const FALL: [&str; 9] = [
    "last ended shutdown",
    "good terminate shutdown",
    "good ended shutdown",
    "stuck ended killed",
    "plain ended shutdown",
    "tree ended shutdown",
    "first terminate shutdown",
    "first ended shutdown",
    "top ended shutdown",
];

#[otp::test]
async fn shutdown_of_a_supervisor_takes_the_whole_tree_down_in_reverse_within_its_limits(system: System) {
    let (journal, mut entries) = journal(&system);
    let limit = Duration::from_millis(30);
    let supervisor = forest(&journal, limit).start(&system).label("top").await.unwrap();
    tell(&system, "stuck", Act::Hang);
    entries.until("stuck hangs").await;
    let exited = system.exited(supervisor.pid().unwrap());
    let began = system.now();
    system.exit(supervisor.pid().unwrap(), ExitReason::Shutdown);
    assert_eq!(exited.await, ExitReason::Shutdown);
    assert!(system.now() - began >= limit);
    assert_eq!(entries.so_far(), FALL);
    assert_eq!(system.processes(), []);
}

#[otp::test]
async fn the_death_of_its_parent_takes_the_whole_tree_down_in_reverse_within_its_limits(system: System) {
    let (journal, mut entries) = journal(&system);
    let limit = Duration::from_millis(30);
    let theirs = journal.clone();
    let (open, closed) = gate();
    let parent = system.spawn(async move |ctx: ProcessContext<()>| {
        forest(&theirs, limit).start_link(&ctx).label("top").await.unwrap();
        tell(Spawner::system(&ctx), "stuck", Act::Hang);
        let _ = closed.await;
        ExitReason::Shutdown
    });
    entries.until("stuck hangs").await;
    drop(open);
    parent.exited().await;
    assert_eq!(entries.until("top ended shutdown").await, FALL);
}

#[otp::test]
async fn the_intensity_is_a_sliding_window_over_the_supervisor(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(3, Duration::from_millis(300))
        .children(["a", "b"].map(|id| child(&journal, id)))
        .start(&system)
        .await
        .unwrap();
    // Two crashes are never closer than this, however slow the machine is: no window holds more than two.
    let apart = Duration::from_millis(205);
    for id in ["a", "b", "a", "a", "b", "b", "a"] {
        end(&system, id, Act::Panic("again")).await;
        assert_eq!(ids(&supervisor).await, ["a", "b"]);
        system.sleep(apart).await;
    }
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
}

#[otp::test]
async fn all_significant_waits_for_all(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = SIX.map(|id| child(&journal, id).restart(Restart::Transient).significant(true));
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children(specs)
        .start(&system)
        .label("top")
        .await
        .unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    for id in ["c", "a", "f", "b", "e"] {
        end(&system, id, Act::Stop(ExitReason::Normal)).await;
        assert!(ids(&supervisor).await.contains(&"d".to_owned()));
    }
    end(&system, "d", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
    assert_eq!(entries.so_far().last().unwrap(), "top ended shutdown");
}

#[otp::test]
async fn a_call_to_a_dead_server_returns_at_once(system: System) {
    let (journal, _entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    server.stop().await.unwrap();
    let call = server.call(|from| Ask::Echo("lost", from)).no_timeout();
    // Without waiting for anything.
    assert!(matches!(call.now_or_never(), Some(Err(CallError::NoProc(_)))));
}

#[otp::test]
async fn a_call_to_a_dying_server_returns_with_its_reason_when_that_is_gone(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let script = Script { terminate: Act::Wait(closed), ..Script::new(&journal) };
    let server = Puppet::start(&system, script).await.unwrap();
    server.cast(Act::Stop(boom()));
    entries.until("waits").await;
    let call = server.call(|from| Ask::Echo("lost", from)).no_timeout();
    let call = inside(&system, async move |_| {
        let mut call = call;
        assert!((&mut call).now_or_never().is_none());
        drop(open);
        call.await
    });
    assert!(matches!(call.await, Err(CallError::Exited { reason, .. }) if reason == boom()));
}

#[otp::test]
async fn a_call_to_a_crashing_server_returns_with_the_crash(system: System) {
    for _ in 0..20 {
        let (journal, _entries) = journal(&system);
        let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
        let asked = server.clone();
        let inside =
            inside(&system, async move |_| asked.call(|from| Ask::Do(Act::Panic("oh"), from)).no_timeout().await);
        let answer = inside.await;
        assert!(matches!(answer, Err(CallError::Exited { reason, .. }) if reason == ExitReason::crash("oh")));
        let after = server.call(|from| Ask::Echo("lost", from)).no_timeout().await;
        assert!(matches!(after, Err(CallError::NoProc(_))));
    }
}

#[otp::test]
async fn a_late_reply_is_never_seen_as_mail(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let mail = inside(&system, async move |mut ctx| {
        for _ in 0..10 {
            let late = server.call(Ask::Keep).timeout(Duration::from_millis(1)).await;
            assert!(matches!(late, Err(CallError::Timeout { .. })));
            server.cast(Act::AnswerAll);
        }
        assert_eq!(server.call(|from| Ask::Echo("last", from)).await, Ok("last"));
        ctx.try_receive_match(|_| true).is_some()
    });
    assert!(!mail.await);
    assert_eq!(entries.so_far(), ["starts", "call last"]);
}

#[otp::test]
async fn terminate_runs_after_an_error_and_at_shutdown(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(trapping(&journal, "a")).start(&system).await.unwrap();
    end(&system, "a", Act::Panic("oh")).await;
    assert_eq!(ids(&supervisor).await, ["a"]);
    supervisor.stop().await.unwrap();
    let seen = entries.so_far();
    let expected = [
        "a starts",
        "a terminate crash: oh",
        "a ended crash: oh",
        "a starts",
        "a terminate shutdown",
        "a ended shutdown",
    ];
    assert_eq!(seen[..6], expected);
}

#[otp::test]
async fn a_panic_in_terminate_in_drop_or_in_a_task_of_a_server_harms_nobody_else(system: System) {
    struct Reckless;

    impl GenServer for Reckless {
        type Args = ();
        type Call = ReplyTo<()>;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Reckless))
        }

        async fn handle_call(&mut self, from: ReplyTo<()>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            ctx.scope().spawn(async { panic!("in a task") });
            from.reply(());
            Ok(Next::Receive)
        }
    }

    let (journal, _entries) = journal(&system);
    let bad_end = scripted(&journal, "terminate", |script| script.terminate = Act::Panic("in terminate"));
    let bad_drop = scripted(&journal, "drop", |script| script.on_drop = Act::Panic("in drop"));
    let tasks = ChildSpec::worker("tasks", |supervisor: Process| {
        Reckless::start_link(&supervisor, ()).name(ServerName::new("tasks"))
    });
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .intensity(100, HOUR)
        .child(child(&journal, "neighbour"))
        .children([bad_end, bad_drop, tasks.untyped()])
        .start(&system)
        .await
        .unwrap();
    let neighbour = pid(&system, "neighbour");
    let mut events = system.subscribe();

    let ended = end(&system, "terminate", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(ended, ExitReason::crash("in terminate"));
    let ended = end(&system, "drop", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(ended, ExitReason::crash("in drop"));
    let server = ServerRef::<Reckless>::named(&system, ServerName::new("tasks"));
    let before = server.pid();
    assert_eq!(server.call(|from| from).await, Ok(()));
    let mut crashes = Vec::new();
    while crashes.len() < 3 {
        if let Event::Crashed(report) = events.next().await {
            crashes.push(report.reason.to_string());
        }
    }
    assert_eq!(crashes, ["crash: in terminate", "crash: in drop", "crash: in a task"]);

    assert_eq!(ids(&supervisor).await, ["neighbour", "terminate", "drop", "tasks"]);
    assert_eq!(server.pid(), before);
    assert_eq!(server.call(|from| from).await, Ok(()));
    assert_eq!(pid(&system, "neighbour"), neighbour);
    let answer = puppet(&system, "neighbour").call(|from| Ask::Echo("well", from)).await;
    assert_eq!(answer, Ok("well"));
    // The stop of the others is not held up by them.
    supervisor.stop().await.unwrap();
}

#[otp::test]
async fn messages_from_one_sender_keep_their_order(system: System) {
    struct Order(u64);

    enum Ask {
        Seen(ReplyTo<u64>),
    }

    impl GenServer for Order {
        type Args = ();
        type Call = Ask;
        type Cast = u64;
        type Info = u64;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Order(0)))
        }

        async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let Ask::Seen(from) = call;
            from.reply(self.0);
            Ok(Next::Receive)
        }

        async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            assert_eq!(n, self.0);
            self.0 += 1;
            Ok(Next::Receive)
        }

        async fn handle_info(&mut self, info: Info<u64>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            let Info::Message(n) = info else { return Err(boom()) };
            self.handle_cast(n, ctx).await
        }
    }

    let server = Order::start(&system, ()).name(ServerName::new("order")).await.unwrap();
    let named = ServerRef::<Order>::named(&system, ServerName::new("order"));
    let seen = inside(&system, async move |ctx| {
        for n in 0..5000_u64 {
            // By name and by pid, as a cast and as an info: all are in one line.
            match n % 4 {
                0 => server.cast(n),
                1 => named.cast(n),
                2 => server.info(n),
                _ => named.info(n),
            }
            if n % 1000 == 999 {
                assert_eq!(server.call(Ask::Seen).await, Ok(n + 1));
                ctx.yield_now().await;
            }
        }
        named.call(Ask::Seen).await
    });
    assert_eq!(seen.await, Ok(5000));
}

#[otp::test]
async fn a_shutdown_by_a_supervisor_and_a_kill_are_not_queued_behind_a_backlog(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = ["stopped", "killed"].map(|id| child(&journal, id).restart(Restart::Temporary));
    let supervisor = Supervisor::new(Strategy::OneForOne).children(specs).start(&system).await.unwrap();
    let gates = ["stopped", "killed"].map(|id| {
        let (open, closed) = gate();
        tell(&system, id, Act::Wait(closed));
        for _ in 0..1000 {
            tell(&system, id, Act::Note("handled"));
        }
        open
    });
    entries.until("stopped waits").await;
    let killed = system.exited(pid(&system, "killed"));
    system.exit(pid(&system, "killed"), ExitReason::Kill);
    supervisor.terminate_child("stopped").await.unwrap();
    assert_eq!(killed.await, ExitReason::Killed);
    drop(gates);
    assert!(ids(&supervisor).await.is_empty());
    assert!(!entries.so_far().iter().any(|entry| entry.contains("handled")));
}

#[otp::test]
async fn no_crash_is_silent(system: System) {
    let (journal, _entries) = journal(&system);
    let mut events = system.subscribe();
    let mut expected = Vec::new();
    let mut expect = |crash: &str| expected.push(format!("crash: {crash}"));

    // In each callback and in init; a panic, and an error that nobody handled.
    let error = || ExitReason::from(std::io::Error::other("unhandled"));
    for act in [Act::Panic("in a cast"), Act::continuing(Act::Panic("in continue")), Act::Fail(error())] {
        let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
        let exited = system.exited(server.pid().unwrap());
        server.cast(act);
        exited.await;
    }
    expect("in a cast");
    expect("in continue");
    expect("unhandled");
    let first = First::Act(Act::Panic("in init"));
    assert!(Puppet::start(&system, Script::init(&journal, first)).await.is_err());
    expect("in init");

    // One after the other, of which only the last one is the reason.
    let script =
        Script { terminate: Act::Panic("in terminate"), on_drop: Act::Panic("in drop"), ..Script::new(&journal) };
    let server = Puppet::start(&system, script).await.unwrap();
    let exited = system.exited(server.pid().unwrap());
    server.cast(Act::Panic("in the callback before"));
    assert_eq!(exited.await, ExitReason::crash("in drop"));
    expect("in the callback before");
    expect("in terminate");
    expect("in drop");

    // In code that others run in a server, and in the start function of a child: they do not end.
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let looked = otp::sys::get_state(&system, &server, |_| panic!("in a system request")).await;
    assert!(matches!(looked, Err(otp::sys::SysError::Panicked { .. })));
    expect("in a system request");
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let bad = scripted(&journal, "bad", |_| panic!("in a start function"));
    assert!(supervisor.start_child(bad).await.is_err());
    expect("in a start function");

    // In a process, a task, and a job.
    system.spawn(async |_: ProcessContext<()>| -> ExitReason { panic!("in a process") }).exited().await;
    expect("in a process");
    let job = system.spawn_blocking(|| panic!("in a job"));
    assert!(job.await.is_err());
    expect("in a job");

    let mut crashes = Vec::new();
    while crashes.len() < expected.len() {
        if let Event::Crashed(report) = events.next().await {
            crashes.push(report.reason.to_string());
        }
    }
    assert_eq!(crashes, expected);
    assert!(std::iter::from_fn(|| events.try_next()).all(|event| !matches!(event, Event::Crashed(_))));
}
