//! How a supervisor starts, and what is left when a child does not: SPEC §10, flags and specs, starting.

use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::supervisor::{ChildKind, FailedToStartChild, SpecError, check_childspecs};
use otp_suite::journal::journal;
use otp_suite::servers::{Act, First, Puppet, Script, boom, gate, inside};
use otp_suite::trees::{child, failing, ids, pid, starting, states, subtree, trapping};

const SECOND: Duration = Duration::from_secs(1);

// SUP-12
#[otp::test]
async fn children_start_in_the_order_of_their_specs(system: System) {
    let (journal, mut entries) = journal(&system);
    let specs = ["a", "b", "c"].map(|id| child(&journal, id));
    let supervisor = Supervisor::new(Strategy::OneForOne).children(specs).start(&system).await.unwrap();
    assert_eq!(entries.so_far(), ["a starts", "b starts", "c starts"]);
    assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
}

// SUP-12
#[otp::test]
async fn the_next_child_starts_when_the_one_before_is_ready(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let mut start = Supervisor::new(Strategy::OneForOne)
        .child(starting(&journal, "a", [First::Act(Act::Wait(closed))]))
        .child(child(&journal, "b"))
        .start(&system)
        .into_future();
    assert!((&mut start).now_or_never().is_none());
    assert_eq!(entries.until("a waits").await, ["a starts", "a waits"]);
    drop(open);
    start.await.unwrap();
    assert_eq!(entries.so_far(), ["b starts"]);
}

#[otp::test]
async fn a_supervisor_may_have_no_children(system: System) {
    let supervisor = Supervisor::new(Strategy::RestForOne).start(&system).await.unwrap();
    assert!(supervisor.which_children().await.unwrap().is_empty());
    assert_eq!(supervisor.count_children().await.unwrap(), otp::supervisor::Counts::default());
    supervisor.stop().await.unwrap();
}

// SUP-3
#[otp::test]
async fn a_spec_has_the_defaults_of_otp(system: System) {
    let (journal, _entries) = journal(&system);
    let worker = child(&journal, "worker");
    assert_eq!(worker.restart_type(), Restart::Permanent);
    assert_eq!(worker.shutdown_limit(), Shutdown::Timeout(5 * SECOND));
    assert_eq!(worker.kind(), ChildKind::Worker);
    assert!(!worker.is_significant());
    let tree = subtree("tree", || Supervisor::new(Strategy::OneForOne));
    assert_eq!(tree.restart_type(), Restart::Permanent);
    assert_eq!(tree.shutdown_limit(), Shutdown::Infinity);
    assert_eq!(tree.kind(), ChildKind::Supervisor);
    assert!(!tree.is_significant());
}

// SUP-2
#[otp::test]
async fn a_period_of_zero_is_refused(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne).intensity(1, Duration::ZERO).child(child(&journal, "a"));
    let error = supervisor.start(&system).await.unwrap_err();
    assert_eq!(SpecError::behind(&error), Some(&SpecError::Period));
    assert_eq!(
        error.to_string(),
        "supervisor was not started: crash: the period of the restart intensity must be greater than zero"
    );
    let error = DynamicSupervisor::new().intensity(1, Duration::ZERO).start(&system).await.unwrap_err();
    assert_eq!(SpecError::behind(&error), Some(&SpecError::Period));
    assert!(!entries.so_far().contains(&"a starts".to_owned()));
}

// SUP-6, SUP-7, SUP-8, SUP-9
#[otp::test]
async fn a_wrong_spec_is_refused_before_any_child_is_started(system: System) {
    use AutoShutdown::{AllSignificant, AnySignificant, Never};
    let (journal, mut entries) = journal(&system);
    let significant = |restart| child(&journal, "b").significant(true).restart(restart);
    let alone = || SpecError::SignificantWithoutAutoShutdown { id: "b".into() };
    let permanent = || SpecError::SignificantPermanent { id: "b".into() };
    let wrong = [
        (Never, child(&journal, "a"), SpecError::DuplicateId { id: "a".into() }),
        (Never, significant(Restart::Temporary), alone()),
        (Never, significant(Restart::Transient), alone()),
        (AnySignificant, significant(Restart::Permanent), permanent()),
        (AllSignificant, significant(Restart::Permanent), permanent()),
    ];
    for (auto_shutdown, spec, expected) in wrong {
        let specs = [child(&journal, "a"), spec];
        assert_eq!(check_childspecs(&specs, auto_shutdown), Err(expected.clone()));
        let supervisor = Supervisor::new(Strategy::OneForOne).auto_shutdown(auto_shutdown).children(specs);
        let error = supervisor.start(&system).await.unwrap_err();
        assert_eq!(SpecError::behind(&error), Some(&expected));
        assert_eq!(error.to_string(), format!("supervisor was not started: crash: {expected}"));
    }
    assert!(entries.so_far().iter().all(|entry| !entry.contains("starts")));
}

// SUP-9
#[otp::test]
async fn right_specs_pass_the_check(system: System) {
    let (journal, _entries) = journal(&system);
    let specs = [child(&journal, "a"), child(&journal, "b").significant(true).restart(Restart::Transient)];
    assert_eq!(check_childspecs(&specs, AutoShutdown::AnySignificant), Ok(()));
    assert_eq!(check_childspecs(&[], AutoShutdown::Never), Ok(()));
}

// SUP-10
#[otp::test]
async fn an_init_that_answers_ignore_is_no_failure_for_a_supervisor_above(system: System) {
    let ignoring = || Supervisor::deferred(|_| Err(StartError::Ignore("nobody".into())));
    assert_eq!(ignoring().start(&system).await.unwrap_err(), StartError::Ignore("supervisor".into()));
    let tree = ChildSpec::supervisor("tree", move |parent: Process| ignoring().start_link(&parent));
    let supervisor = Supervisor::new(Strategy::OneForOne).child(tree).start(&system).await.unwrap();
    assert_eq!(ids(&supervisor).await, ["(tree)"]);
}

// SUP-10
#[otp::test]
async fn an_init_that_fails_or_panics_is_told(system: System) {
    let failing = Supervisor::deferred(|_| Err(StartError::failed(boom())));
    assert_eq!(failing.start(&system).await.unwrap_err().reason(), Some(&boom()));
    let panicking = Supervisor::deferred(|_| panic!("no plan"));
    assert_eq!(panicking.start(&system).await.unwrap_err().reason(), Some(&ExitReason::crash("no plan")));
    assert_eq!(system.process_count(), 0);
}

#[otp::test]
async fn a_deferred_supervisor_is_made_in_its_own_process(system: System) {
    let (journal, _entries) = journal(&system);
    let (sender, made_in) = futures::channel::oneshot::channel();
    let supervisor = Supervisor::deferred(move |process: &Process| {
        sender.send(process.pid()).unwrap();
        Ok(Supervisor::new(Strategy::OneForOne).child(child(&journal, "a")))
    });
    let supervisor = supervisor.start(&system).await.unwrap();
    assert_eq!(Some(made_in.await.unwrap()), supervisor.pid());
    assert_eq!(ids(&supervisor).await, ["a"]);
}

// SUP-11
#[otp::test]
async fn a_supervisor_traps_exits(system: System) {
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    assert!(system.info(supervisor.pid().unwrap()).unwrap().traps_exits);
    let supervisor = DynamicSupervisor::new().start(&system).await.unwrap();
    assert!(system.info(supervisor.pid().unwrap()).unwrap().traps_exits);
}

// SUP-13
#[otp::test]
async fn a_child_may_be_any_process_that_its_start_links(system: System) {
    let sleeper =
        |supervisor: Process| supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    let (journal, _entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("reference", move |process: Process| std::future::ready(sleeper(process))))
        .child(ChildSpec::worker("pid", move |process: Process| std::future::ready(sleeper(process).pid())))
        .child(child(&journal, "server"))
        .child(subtree("tree", || Supervisor::new(Strategy::OneForOne)))
        .child(ChildSpec::supervisor("dynamic", |parent: Process| DynamicSupervisor::new().start_link(&parent)))
        .start(&system)
        .await
        .unwrap();
    assert_eq!(ids(&supervisor).await, ["reference", "pid", "server", "tree", "dynamic"]);
    let links = system.info(supervisor.pid().unwrap()).unwrap().links;
    let pids: Vec<_> = states(&supervisor).await.into_iter().filter_map(|(_, state)| state.running()).collect();
    assert_eq!(links, pids);
}

// SUP-13
#[otp::test]
async fn every_way_of_failing_to_start_is_told(system: System) {
    type Starting = futures::future::Ready<Result<Pid, StartError>>;
    let ways: [(ChildSpec, ExitReason); 4] = [
        (
            ChildSpec::worker("a", |_: Process| -> Starting { std::panic::panic_any("in the function") }),
            ExitReason::crash("in the function"),
        ),
        (
            ChildSpec::worker("a", |_: Process| {
                futures::future::lazy(|_| -> Result<Pid, StartError> { panic!("in the future") })
            }),
            ExitReason::crash("in the future"),
        ),
        (
            ChildSpec::worker("a", |_: Process| futures::future::ready(Err::<Pid, _>(StartError::failed(boom())))),
            boom(),
        ),
        (
            // A reference by a name that nobody holds has no pid.
            ChildSpec::worker("a", |process: Process| {
                let nobody: ServerRef<Puppet> = ServerRef::named(process.system(), ServerName::new("nobody"));
                futures::future::ready(nobody)
            })
            .untyped(),
            ExitReason::NoProc,
        ),
    ];
    for (spec, reason) in ways {
        let error = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap_err();
        let failed = FailedToStartChild::behind(&error).unwrap();
        assert_eq!((failed.child.as_str(), failed.error.reason()), ("a", Some(&reason)));
    }
}

// SUP-14
#[otp::test]
async fn if_a_child_fails_those_before_it_are_stopped_in_reverse_and_those_behind_never_start(system: System) {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let (journal, mut entries) = journal(&system);
        let error = Supervisor::new(strategy)
            .child(trapping(&journal, "a"))
            .child(child(&journal, "b"))
            .child(starting(&journal, "c", [failing()]))
            .child(child(&journal, "d"))
            .start(&system)
            .name(ServerName::new("top"))
            .await
            .unwrap_err();
        let failed = FailedToStartChild::behind(&error).unwrap();
        assert_eq!((failed.child.as_str(), failed.error.reason()), ("c", Some(&boom())));
        assert_eq!(error.to_string(), "top was not started: shutdown: failed to start c: c was not started: Boom");
        let seen = entries.so_far();
        let top = seen.last().unwrap();
        assert!(top.starts_with("top ended shutdown"), "{top}");
        assert_eq!(
            seen[..seen.len() - 1],
            [
                "a starts",
                "b starts",
                "c starts",
                "c ended Boom",
                "b ended shutdown",
                "a terminate shutdown",
                "a ended shutdown"
            ]
        );
        assert_eq!(system.process_count(), 0);
    }
}

// SUP-14
#[otp::test]
async fn a_child_that_fails_to_start_leaves_nothing_with_its_starter(system: System) {
    let (journal, _entries) = journal(&system);
    let mail = inside(&system, async move |mut ctx| {
        ctx.trap_exit(true);
        let supervisor = Supervisor::new(Strategy::OneForOne).child(starting(&journal, "a", [failing()]));
        assert!(supervisor.start_link(&ctx).await.is_err());
        ctx.try_receive_match(|_| true).is_some()
    });
    assert!(!mail.await);
}

// SUP-15
#[otp::test]
async fn a_failed_start_names_the_whole_path(system: System) {
    let (journal, mut entries) = journal(&system);
    let (top, inner) = (journal.clone(), journal);
    let error = Supervisor::new(Strategy::OneForOne)
        .child(child(&top, "before"))
        .child(subtree("db", move || {
            let pool = inner.clone();
            Supervisor::new(Strategy::OneForAll).child(child(&inner, "log")).child(subtree("pool", move || {
                Supervisor::new(Strategy::OneForOne).child(starting(&pool, "connection", [failing()]))
            }))
        }))
        .start(&system)
        .await
        .unwrap_err();
    let failed = FailedToStartChild::behind(&error).unwrap();
    assert_eq!(failed.path(), ["db", "pool", "connection"].map(otp::process::Label::from).iter().collect::<Vec<_>>());
    assert_eq!(failed.cause().reason(), Some(&boom()));
    let text = "failed to start db > pool > connection: connection was not started: Boom";
    assert_eq!(failed.to_string(), text);
    assert_eq!(error.to_string(), format!("supervisor was not started: shutdown: {text}"));
    let ended: Vec<_> = entries.so_far().into_iter().filter(|entry| entry.contains("ended")).collect();
    let starts = ["connection ended Boom", "pool ended", "log ended shutdown", "db ended", "before ended shutdown"];
    assert!(ended.iter().zip(starts).all(|(entry, start)| entry.starts_with(start)), "{ended:?}");
    assert_eq!(system.process_count(), 0);
}

// SUP-16
#[otp::test]
async fn a_child_that_answers_ignore_is_kept_stopped_unless_it_is_temporary(system: System) {
    let (journal, mut entries) = journal(&system);
    let ignoring = |id, restart| starting(&journal, id, [First::Ignore]).restart(restart);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child(ignoring("permanent", Restart::Permanent))
        .child(ignoring("transient", Restart::Transient))
        .child(ignoring("temporary", Restart::Temporary))
        .child(child(&journal, "after"))
        .start(&system)
        .await
        .unwrap();
    assert_eq!(ids(&supervisor).await, ["(permanent)", "(transient)", "after"]);
    assert_eq!(entries.so_far().last().unwrap(), "after starts");
}

// SUP-17
#[otp::test]
async fn a_taken_name_refuses_the_supervisor(system: System) {
    let (journal, mut entries) = journal(&system);
    let first = Supervisor::new(Strategy::OneForOne).start(&system).name(ServerName::new("top")).await.unwrap();
    let second =
        Supervisor::new(Strategy::OneForOne).child(child(&journal, "a")).start(&system).name(ServerName::new("top"));
    let taken = StartError::AlreadyStarted { name: "top".into(), pid: first.pid().unwrap() };
    assert_eq!(second.await.unwrap_err(), taken);
    assert!(entries.so_far().is_empty());
}

#[otp::test]
async fn a_supervisor_is_found_by_its_name_and_known_by_its_label(system: System) {
    let (journal, _entries) = journal(&system);
    let top = Supervisor::new(Strategy::OneForOne)
        .child(child(&journal, "a"))
        .start(&system)
        .name(ServerName::new("top"))
        .await
        .unwrap();
    let named = SupervisorRef::named(&system, SupervisorName::new("top"));
    assert_eq!(named.pid(), top.pid());
    assert_eq!(ids(&named).await, ["a"]);
    let label = |pid: Option<Pid>| system.info(pid.unwrap()).unwrap().label.unwrap().to_string();
    assert_eq!(label(top.pid()), "top");
    let other = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    assert_eq!(label(other.pid()), "supervisor");
    let labelled = DynamicSupervisor::new().start(&system).label("sockets").await.unwrap();
    assert_eq!(label(labelled.pid()), "sockets");
}

// SUP-62
#[otp::test]
async fn start_links_nobody_and_start_link_links_the_starter(system: System) {
    inside(&system, async |ctx| {
        Supervisor::new(Strategy::OneForOne).start(&ctx).await.unwrap();
        assert!(ctx.system().info(ctx.pid()).unwrap().links.is_empty());
        let linked = Supervisor::new(Strategy::OneForOne).start_link(&ctx).await.unwrap();
        assert_eq!(ctx.system().info(ctx.pid()).unwrap().links, [linked.pid().unwrap()]);
    })
    .await;
}

#[otp::test]
async fn children_know_their_supervisor_as_their_parent(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(child(&journal, "a")).start(&system).await.unwrap();
    let info = system.info(pid(&system, "a")).unwrap();
    assert_eq!(Some(info.parent), supervisor.pid());
    // Outside of any process a server is started by nobody.
    let root = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    assert_eq!(system.info(root.pid().unwrap()).unwrap().parent, Pid::SYSTEM);
}
