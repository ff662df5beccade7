//! Supervisors whose children come and go: SPEC §11 and §12.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::FutureExt;
use otp::prelude::*;
use otp::supervisor::{ChildError, ChildState, Counts, Kind, SpecError, StartChildError};
use otp_suite::forever;
use otp_suite::journal::{Journal, Recorder, journal};
use otp_suite::servers::{Act, First, boom, gate, inside};
use otp_suite::trees::{child, end, failing, pid, scripted, starting, strike, subtree, tell, trapping};

const HOUR: Duration = Duration::from_secs(3600);
const LIMIT: Duration = Duration::from_millis(30);

/// A supervisor whose children bring their specs.
async fn dynamic(system: &System) -> (SupervisorRef<Dynamic>, Journal, Recorder) {
    let (journal, entries) = journal(system);
    let supervisor = DynamicSupervisor::new().intensity(100, HOUR).start(system).label("top").await.unwrap();
    (supervisor, journal, entries)
}

/// A supervisor whose children are puppets of the names that they are started with.
async fn template(
    system: &System,
    spec: impl Fn(&Journal, &'static str) -> ChildSpec + Send + Sync + 'static,
) -> (SupervisorRef<fn(&'static str) -> Pid>, Journal, Recorder) {
    let (journal, entries) = journal(system);
    let theirs = journal.clone();
    let supervisor = DynamicSupervisor::template(move |name| spec(&theirs, name)).intensity(100, HOUR);
    (supervisor.start(system).label("top").await.unwrap(), journal, entries)
}

async fn ids<K: Kind>(supervisor: &SupervisorRef<K>) -> Vec<String> {
    let children = supervisor.which_children().await.unwrap();
    children.iter().rev().map(|child| child.id.to_string()).collect()
}

fn counts(specs: usize, active: usize, supervisors: usize, workers: usize) -> impl Fn(&Counts) -> bool {
    move |counts| {
        (counts.specs, counts.active, counts.supervisors, counts.workers) == (specs, active, supervisors, workers)
    }
}

// DYN-1, DYN-2
#[otp::test]
async fn a_template_makes_each_child_from_what_it_is_started_with(system: System) {
    let (supervisor, _journal, mut entries) = template(&system, child).await;
    assert!(supervisor.which_children().await.unwrap().is_empty());
    for name in ["a", "b"] {
        assert_eq!(supervisor.start_child(name).await, Ok(Some(pid(&system, name))));
    }
    assert_eq!(entries.so_far(), ["a starts", "b starts"]);
}

// DYN-2
#[otp::test]
async fn a_child_is_started_again_with_the_same_arguments(system: System) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let (supervisor, _journal, mut entries) = template(&system, move |journal, name| {
        counted.fetch_add(1, Ordering::Relaxed);
        child(journal, name)
    })
    .await;
    supervisor.start_child("a").await.unwrap();
    supervisor.start_child("b").await.unwrap();
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["a", "b"]);
    assert_eq!(entries.so_far(), ["a starts", "b starts", "a terminate Boom", "a ended Boom", "a starts"]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

// DYN-3, DSUP-5
#[otp::test]
async fn a_child_that_does_not_start_or_answers_ignore_is_not_kept(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    let error = supervisor.start_child(starting(&journal, "a", [failing()])).await.unwrap_err();
    assert_eq!(error, StartChildError::Failed { id: "a".into(), error: StartError::failed(boom()).of("a") });
    assert_eq!(supervisor.start_child(starting(&journal, "a", [First::Ignore])).await, Ok(None));
    assert!(supervisor.which_children().await.unwrap().is_empty());
    assert!(counts(0, 0, 0, 0)(&supervisor.count_children().await.unwrap()));
}

#[otp::test]
async fn a_template_that_panics_fails_that_start_alone(system: System) {
    let (supervisor, _journal, _entries) = template(&system, |journal, name| {
        assert_ne!(name, "unlucky", "not this one");
        child(journal, name)
    })
    .await;
    supervisor.start_child("a").await.unwrap();
    let error = supervisor.start_child("unlucky").await.unwrap_err();
    assert!(matches!(error, StartChildError::Failed { .. }) && error.to_string().contains("not this one"), "{error}");
    assert_eq!(ids(&supervisor).await, ["a"]);
}

// DYN-4, DYN-5, DSUP-6
#[otp::test]
async fn the_restart_type_and_the_reason_decide_and_who_is_not_started_again_is_forgotten(system: System) {
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for reason in [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("late"), boom()] {
            let (supervisor, journal, _entries) = dynamic(&system).await;
            for id in ["a", "b"] {
                supervisor.start_child(child(&journal, id).restart(restart)).await.unwrap();
            }
            let b = pid(&system, "b");
            end(&system, "a", Act::Stop(reason.clone())).await;
            let again = match restart {
                Restart::Permanent => true,
                Restart::Transient => reason.is_abnormal(),
                _ => false,
            };
            let expected: &[&str] = if again { &["a", "b"] } else { &["b"] };
            assert_eq!(ids(&supervisor).await, expected, "{restart:?} {reason}");
            assert_eq!(pid(&system, "b"), b);
            supervisor.stop().await.unwrap();
        }
    }
}

// DYN-4, SUP-32
#[otp::test]
async fn a_transient_child_that_is_killed_is_started_again(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    supervisor.start_child(child(&journal, "a").restart(Restart::Transient)).await.unwrap();
    assert_eq!(strike(&system, "a", ExitReason::Kill).await, ExitReason::Killed);
    assert_eq!(ids(&supervisor).await, ["a"]);
}

// DYN-4, SUP-44, SUP-46
#[otp::test]
async fn the_restarts_of_all_children_count_together(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = DynamicSupervisor::new().intensity(2, HOUR).start(&system).label("top").await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    for id in ["a", "b", "c"] {
        supervisor.start_child(child(&journal, id)).await.unwrap();
    }
    for id in ["a", "b"] {
        end(&system, id, Act::Stop(boom())).await;
        assert_eq!(ids(&supervisor).await, ["a", "b", "c"]);
    }
    end(&system, "c", Act::Stop(boom())).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
    assert_eq!(entries.so_far().last().unwrap(), "top ended shutdown");
    assert_eq!(system.process_count(), 0);
}

// SUP-1, DSUP-7
#[otp::test]
async fn a_template_allows_one_restart_and_specs_allow_three_if_nothing_is_said(system: System) {
    /// Ends the child until it is too often.
    async fn allows<K: Kind>(supervisor: SupervisorRef<K>, restarts: u32) {
        let system = supervisor.system();
        let exited = system.exited(supervisor.pid().unwrap());
        let began = system.now();
        for _ in 0..restarts {
            end(system, "a", Act::Stop(boom())).await;
            assert_eq!(ids(&supervisor).await, ["a"]);
        }
        end(system, "a", Act::Stop(boom())).await;
        // On a machine that needs five seconds for this, one more is allowed.
        if system.now() - began < Duration::from_secs(5) {
            assert_eq!(exited.await, ExitReason::Shutdown);
        } else {
            supervisor.stop().await.unwrap();
        }
    }

    let (journal, _entries) = journal(&system);
    let template = DynamicSupervisor::template(|spec: ChildSpec| spec).start(&system).await.unwrap();
    template.start_child(child(&journal, "a")).await.unwrap();
    allows(template, 1).await;
    let specs = DynamicSupervisor::new().start(&system).await.unwrap();
    specs.start_child(child(&journal, "a")).await.unwrap();
    allows(specs, 3).await;
}

// DYN-6
#[otp::test]
async fn terminate_child_of_a_template_takes_a_pid_and_forgives_a_dead_one(system: System) {
    let (supervisor, _journal, mut entries) = template(&system, trapping).await;
    supervisor.start_child("a").await.unwrap();
    let a = pid(&system, "a");
    assert_eq!(supervisor.terminate_child(a).await, Ok(()));
    assert_eq!(entries.so_far(), ["a starts", "a terminate shutdown", "a ended shutdown"]);
    assert!(supervisor.which_children().await.unwrap().is_empty());
    assert_eq!(supervisor.terminate_child(a).await, Ok(()));
    // A process that lives and is no child.
    let own = supervisor.pid().unwrap();
    let error = supervisor.terminate_child(own).await.unwrap_err();
    assert_eq!(error, ChildError::NotFound { child: own.to_string().into() });
}

// DSUP-4
#[otp::test]
async fn terminate_child_of_a_dead_process_is_an_error_where_children_bring_their_specs(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    supervisor.start_child(child(&journal, "a")).await.unwrap();
    let a = pid(&system, "a");
    assert_eq!(supervisor.terminate_child(a).await, Ok(()));
    assert_eq!(supervisor.terminate_child(a).await, Err(ChildError::NotFound { child: a.to_string().into() }));
}

// DYN-8, DSUP-1, DSUP-8
#[otp::test]
async fn children_are_counted_by_kind_and_ids_may_repeat(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    let sleeper = || ChildSpec::worker("same", async |supervisor: Process| supervisor.spawn_link(forever::<()>));
    let one = supervisor.start_child(sleeper()).await.unwrap().unwrap();
    let two = supervisor.start_child(sleeper()).await.unwrap().unwrap();
    assert_ne!(one, two);
    supervisor.start_child(subtree("tree", || Supervisor::new(Strategy::OneForOne))).await.unwrap();
    supervisor.start_child(child(&journal, "a")).await.unwrap();
    assert_eq!(ids(&supervisor).await, ["same", "same", "tree", "a"]);
    assert!(counts(4, 4, 1, 3)(&supervisor.count_children().await.unwrap()));
    supervisor.terminate_child(one.pid()).await.unwrap();
    assert_eq!(ids(&supervisor).await, ["same", "tree", "a"]);
    assert!(two.is_alive());
}

// SUP-30
#[otp::test]
async fn childspec_finds_the_spec_by_pid(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    supervisor.start_child(child(&journal, "a").restart(Restart::Transient)).await.unwrap();
    let a = pid(&system, "a");
    let spec = supervisor.childspec(a).await.unwrap();
    assert_eq!((spec.id().as_str(), spec.restart_type()), ("a", Restart::Transient));
    supervisor.terminate_child(a).await.unwrap();
    assert!(matches!(supervisor.childspec(a).await, Err(ChildError::NotFound { .. })));
}

// DSUP-11, SUP-6
#[otp::test]
async fn a_wrong_spec_is_refused(system: System) {
    let (supervisor, journal, mut entries) = dynamic(&system).await;
    let wrong = child(&journal, "a").restart(Restart::Temporary).significant(true);
    let refused = SpecError::SignificantWithoutAutoShutdown { id: "a".into() };
    assert_eq!(supervisor.start_child(wrong).await, Err(StartChildError::Spec(refused)));
    assert!(entries.so_far().is_empty());
}

// DSUP-2
#[otp::test]
async fn there_are_never_more_children_than_the_limit(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = DynamicSupervisor::new().max_children(2).start(&system).await.unwrap();
    for id in ["a", "b"] {
        supervisor.start_child(child(&journal, id).restart(Restart::Temporary)).await.unwrap();
    }
    let full = supervisor.start_child(child(&journal, "c")).await.unwrap_err();
    assert_eq!(full, StartChildError::MaxChildren { limit: 2 });
    assert_eq!(full.to_string(), "the supervisor has 2 children already, and may not have more");
    end(&system, "a", Act::Stop(ExitReason::Normal)).await;
    assert!(supervisor.start_child(child(&journal, "c")).await.is_ok());
    let none = DynamicSupervisor::new().max_children(0).start(&system).await.unwrap();
    let full = none.start_child(child(&journal, "d")).await;
    assert_eq!(full, Err(StartChildError::MaxChildren { limit: 0 }));
}

// DYN-10, DSUP-2, DSUP-8, DSUP-10
#[otp::test]
async fn a_child_that_waits_for_its_next_start_keeps_its_place_and_can_be_stopped_by_its_old_pid(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor = DynamicSupervisor::new().intensity(100, HOUR).max_children(2).start(&system).await.unwrap();
    let (open, closed) = gate();
    let starts = [First::Act(Act::Nothing), First::Act(Act::Wait(closed).then(Act::Fail(boom())))];
    supervisor.start_child(starting(&journal, "a", starts)).await.unwrap();
    supervisor.start_child(child(&journal, "b")).await.unwrap();
    let old = pid(&system, "a");
    end(&system, "a", Act::Stop(boom())).await;
    entries.until("a waits").await;
    let mut which = Box::pin(supervisor.which_children());
    assert!((&mut which).now_or_never().is_none());
    let mut count = Box::pin(supervisor.count_children());
    assert!((&mut count).now_or_never().is_none());
    let mut full = Box::pin(supervisor.start_child(child(&journal, "c")));
    assert!((&mut full).now_or_never().is_none());
    let mut terminate = Box::pin(supervisor.terminate_child(old));
    assert!((&mut terminate).now_or_never().is_none());
    drop(open);
    assert_eq!(which.await.unwrap()[1].state, ChildState::Restarting(Some(old)));
    assert!(counts(2, 1, 0, 2)(&count.await.unwrap()));
    assert_eq!(full.await, Err(StartChildError::MaxChildren { limit: 2 }));
    assert_eq!(terminate.await, Ok(()));
    assert_eq!(ids(&supervisor).await, ["b"]);
    assert!(!entries.so_far().contains(&"a starts".to_owned()));
}

// DYN-10
#[otp::test]
async fn a_restart_that_fails_is_tried_again_and_counts(system: System) {
    for (failures, survives) in [(2, true), (3, false)] {
        let (journal, mut entries) = journal(&system);
        let supervisor = DynamicSupervisor::new().intensity(3, HOUR).start(&system).await.unwrap();
        let exited = system.exited(supervisor.pid().unwrap());
        let starts = std::iter::once(First::Act(Act::Nothing)).chain((0..failures).map(|_| failing()));
        supervisor.start_child(starting(&journal, "a", starts)).await.unwrap();
        end(&system, "a", Act::Stop(boom())).await;
        if survives {
            for _ in 0..4 {
                entries.until("a starts").await;
            }
            assert_eq!(ids(&supervisor).await, ["a"]);
            supervisor.stop().await.unwrap();
        } else {
            assert_eq!(exited.await, ExitReason::Shutdown);
        }
    }
}

// DYN-12
#[otp::test]
async fn a_restart_that_answers_ignore_removes_the_child(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    let starts = [First::Act(Act::Nothing), First::Ignore];
    supervisor.start_child(starting(&journal, "a", starts)).await.unwrap();
    end(&system, "a", Act::Stop(boom())).await;
    assert!(supervisor.which_children().await.unwrap().is_empty());
    assert!(counts(0, 0, 0, 0)(&supervisor.count_children().await.unwrap()));
    assert_eq!(supervisor.stop().await, Ok(()));
}

/// A child that waits at the gate when it is shut down.
fn waiting(journal: &Journal, id: &'static str, gate: futures::channel::oneshot::Receiver<()>) -> ChildSpec {
    let gate = std::sync::Mutex::new(Some(gate));
    scripted(journal, id, move |script| {
        script.trap_exit = true;
        script.terminate = gate.lock().unwrap().take().map_or(Act::Nothing, Act::Wait);
    })
}

// DYN-9
#[otp::test]
async fn all_children_are_told_at_once_when_the_supervisor_stops(system: System) {
    let (supervisor, journal, mut entries) = dynamic(&system).await;
    let (open, closed): (Vec<_>, Vec<_>) = (0..3).map(|_| gate()).unzip();
    for (id, gate) in ["a", "b", "c"].into_iter().zip(closed) {
        supervisor.start_child(waiting(&journal, id, gate).shutdown(Shutdown::Infinity)).await.unwrap();
    }
    entries.so_far();
    let mut stop = supervisor.stop().into_future();
    assert!((&mut stop).now_or_never().is_none());
    let mut waits = Vec::new();
    while waits.len() < 3 {
        waits.extend(Some(entries.next().await).filter(|entry| entry.ends_with("waits")));
    }
    drop(open);
    assert_eq!(stop.await, Ok(()));
    let seen = entries.so_far();
    assert_eq!((seen.len(), seen.last().unwrap().as_str()), (4, "top ended normal"));
}

// DYN-9, DSUP-9
#[otp::test]
async fn each_child_has_its_own_limit_and_all_run_at_the_same_time(system: System) {
    let (supervisor, journal, mut entries) = dynamic(&system).await;
    let stuck = |id, shutdown| {
        scripted(&journal, id, |script| {
            script.trap_exit = true;
            script.terminate = Act::Hang;
        })
        .shutdown(shutdown)
    };
    supervisor.start_child(stuck("a", Shutdown::Timeout(LIMIT))).await.unwrap();
    supervisor.start_child(stuck("b", Shutdown::Timeout(2 * LIMIT))).await.unwrap();
    supervisor.start_child(stuck("c", Shutdown::BrutalKill)).await.unwrap();
    supervisor.start_child(child(&journal, "d")).await.unwrap();
    entries.so_far();
    let began = system.now();
    supervisor.stop().await.unwrap();
    assert!(system.now() - began >= 2 * LIMIT);
    let mut ended: Vec<_> = entries.so_far().into_iter().filter(|entry| entry.contains("ended")).collect();
    assert_eq!(ended.pop().unwrap(), "top ended normal");
    ended.sort_unstable();
    assert_eq!(ended, ["a ended killed", "b ended killed", "c ended killed", "d ended shutdown"]);
}

// DYN-9, SUP-62, SUP-65
#[otp::test]
async fn a_dynamic_supervisor_ends_with_its_parent_and_tells_its_children_shutdown(system: System) {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
        let (journal, mut entries) = journal(&system);
        let end = reason.clone();
        let parent = system.spawn(async move |ctx: ProcessContext<()>| {
            let supervisor = DynamicSupervisor::new().start_link(&ctx).label("top").await.unwrap();
            supervisor.start_child(trapping(&journal, "a")).await.unwrap();
            end
        });
        assert_eq!(parent.exited().await, reason);
        let seen = entries.until(format!("top ended {reason}")).await;
        assert_eq!(seen[..3], ["a starts", "a terminate shutdown", "a ended shutdown"]);
    }
}

// SUP-63
#[otp::test]
async fn a_dynamic_supervisor_ignores_the_exit_signals_of_strangers(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    supervisor.start_child(child(&journal, "a")).await.unwrap();
    let top = supervisor.pid().unwrap();
    inside(&system, async move |ctx| ctx.system().exit(top, boom())).await;
    assert_eq!(ids(&supervisor).await, ["a"]);
}

// DYN-11, SUP-67
#[otp::test]
async fn the_end_of_any_significant_child_ends_the_supervisor(system: System) {
    let (journal, mut entries) = journal(&system);
    let supervisor =
        DynamicSupervisor::new().auto_shutdown(AutoShutdown::AnySignificant).start(&system).label("top").await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    let spec = |id| child(&journal, id).restart(Restart::Transient).significant(true);
    supervisor.start_child(spec("a")).await.unwrap();
    supervisor.start_child(spec("b")).await.unwrap();
    end(&system, "a", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
    assert_eq!(entries.so_far().split_off(4), ["b ended shutdown", "top ended shutdown"]);
}

// DYN-11, SUP-68, SUP-70
#[otp::test]
async fn all_significant_waits_for_the_last_child(system: System) {
    let (journal, _entries) = journal(&system);
    let supervisor = DynamicSupervisor::new().auto_shutdown(AutoShutdown::AllSignificant).start(&system).await.unwrap();
    let exited = system.exited(supervisor.pid().unwrap());
    let spec = |id| child(&journal, id).restart(Restart::Temporary).significant(true);
    for id in ["a", "b", "c"] {
        supervisor.start_child(spec(id)).await.unwrap();
    }
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(ids(&supervisor).await, ["b", "c"]);
    supervisor.terminate_child(pid(&system, "c")).await.unwrap();
    assert_eq!(ids(&supervisor).await, ["b"]);
    end(&system, "b", Act::Stop(ExitReason::Normal)).await;
    assert_eq!(exited.await, ExitReason::Shutdown);
}

// DYN-13
#[otp::test]
async fn a_dynamic_supervisor_that_is_started_again_has_no_children(system: System) {
    const NAME: SupervisorName<Dynamic> = SupervisorName::new("dynamic");
    let (journal, _entries) = journal(&system);
    let spec = ChildSpec::supervisor(NAME, |parent: Process| {
        DynamicSupervisor::new().intensity(0, HOUR).start_link(&parent).name(NAME)
    });
    let top = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let supervisor = SupervisorRef::named(&system, NAME);
    for id in ["a", "b"] {
        supervisor.start_child(child(&journal, id)).await.unwrap();
    }
    let gone = system.exited(supervisor.pid().unwrap());
    end(&system, "a", Act::Stop(boom())).await;
    assert_eq!(gone.await, ExitReason::Shutdown);
    assert_eq!(otp_suite::trees::ids(&top).await, ["dynamic"]);
    assert!(supervisor.which_children().await.unwrap().is_empty());
    supervisor.start_child(child(&journal, "b")).await.unwrap();
    tell(&system, "b", Act::Nothing);
}

// SUP-31
#[otp::test]
async fn every_request_to_a_dynamic_supervisor_that_is_gone_fails(system: System) {
    let (supervisor, journal, _entries) = dynamic(&system).await;
    let own = supervisor.pid().unwrap();
    supervisor.stop().await.unwrap();
    let start = supervisor.start_child(child(&journal, "a")).await;
    assert!(matches!(start, Err(StartChildError::Call(CallError::NoProc(_)))));
    let terminate = supervisor.terminate_child(own).await;
    assert!(matches!(terminate, Err(ChildError::Call(CallError::NoProc(_)))));
    assert!(matches!(supervisor.which_children().await, Err(CallError::NoProc(_))));
    assert!(matches!(supervisor.count_children().await, Err(CallError::NoProc(_))));
    assert!(matches!(supervisor.stop().await, Err(StopError::NoProc(_))));
}
