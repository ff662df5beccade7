//! A crash is in the log, whoever else listens.

use std::sync::{Arc, Mutex};

use otp::event::Event;
use otp::process::SpawnOptions;
use otp::runtime::{Job, Task, silence_panics};
use otp::test::Recorder;
use otp::{ExitReason, Message, Name, Pid, ProcessContext, ProcessRef, System};
use otp_suite::{Bomb, forever, idle, inside};
use tracing::Level;

use crate::listener::{BROKEN, Record, listen_for, records};
use crate::on_every_backend;

const CRASHED: (Level, &str, &str) = (Level::ERROR, "otp::crash", "a process crashed");

/// A process that ends as it is told to.
fn ending(system: &System, label: &'static str, reason: ExitReason) -> ProcessRef<()> {
    let options = SpawnOptions::new().label(label);
    system.spawn_with(options, async |_: ProcessContext<()>| reason).expect("it has no name").process
}

fn only(word: &str) -> Record {
    let all = records(word);
    let [record] = &all[..] else { panic!("not one record: {all:#?}") };
    record.clone()
}

on_every_backend! {
    async fn a_panic_is_logged_with_label_pid_parent_reason_and_place(system: System, word: &'static str) {
        let (parent, child) = inside(&system, async move |ctx: ProcessContext<()>| {
            let options = SpawnOptions::new().label(word);
            let child = ctx.spawn_with(options, async |_: ProcessContext<()>| panic!("burnt")).unwrap().process;
            child.exited().await;
            (ctx.pid(), child.pid())
        })
        .await;
        let line = line!() - 5;
        let record = only(word);
        assert_eq!(record.head(), CRASHED);
        assert_eq!(record.names(), ["label", "message", "parent", "pid", "place", "reason"]);
        assert_eq!((record.field("pid"), record.field("parent")), (&*child.to_string(), &*parent.to_string()));
        assert_eq!((record.field("label"), record.field("reason")), (word, "crash: burnt"));
        assert!(record.field("place").contains(&format!("log/crashes.rs:{line}:")), "{record:?}");
    }

    async fn an_abnormal_end_is_logged_and_a_quiet_one_is_not(system: System, word: &'static str) {
        for reason in otp_suite::reasons() {
            let text = reason.to_string();
            let before = records(word).len();
            let (is_abnormal, process) = (reason.is_abnormal(), ending(&system, word, reason));
            process.exited().await;
            let more = records(word).split_off(before);
            assert_eq!(more.len(), usize::from(is_abnormal), "{text}: {more:#?}");
            if let [record] = &more[..] {
                assert_eq!((record.head(), record.field("reason")), (CRASHED, &*text));
                assert_eq!((record.field("pid"), record.field("parent")), (&*process.pid().to_string(), ""));
            }
        }
    }

    async fn a_crash_is_logged_with_the_sources_of_its_error(system: System, word: &'static str) {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot open the log")]
        struct Unopened(#[source] std::num::ParseIntError);
        let error = Unopened("one".parse::<u8>().unwrap_err());
        ending(&system, word, error.into()).exited().await;
        let record = only(word);
        assert_eq!(record.field("reason"), "crash: cannot open the log: invalid digit found in string");
        assert!(record.field("place").contains("log/crashes.rs:"), "where the error became a reason: {record:?}");
    }

    async fn hooks_subscribers_and_recorders_do_not_silence_the_log(system: System, word: &'static str) {
        let counted = Arc::new(Mutex::new(0));
        let counts = counted.clone();
        let _metrics = system.on_event(move |event| {
            *counts.lock().unwrap() += u32::from(matches!(event, Event::Crashed(_)));
        });
        let _events = system.subscribe();
        let _recorder = Recorder::start(&system);
        ending(&system, word, ExitReason::other("worn out")).exited().await;
        assert_eq!((only(word).head(), *counted.lock().unwrap()), (CRASHED, 1));
    }

    async fn the_log_of_crashes_can_be_switched_off_for_a_system_and_on_again(system: System, word: &'static str) {
        let mut events = system.subscribe();
        let mut crashed = async || {
            ending(&system, word, ExitReason::other("on purpose")).exited().await;
            std::iter::from_fn(|| events.try_next()).filter(|event| matches!(event, Event::Crashed(_))).count()
        };
        system.log_crashes(false);
        assert_eq!((crashed().await, records(word).len()), (1, 0), "it is told all the same");
        system.log_crashes(true);
        assert_eq!((crashed().await, records(word).len()), (1, 1));
    }

    async fn another_system_is_not_silenced_by_it(system: System, word: &'static str) {
        let other = System::on(system.runtime().clone());
        other.log_crashes(false);
        ending(&system, word, ExitReason::other("here")).exited().await;
        ending(&other, word, ExitReason::other("there")).exited().await;
        assert_eq!(only(word).field("reason"), "\"here\"");
    }

    async fn code_whose_panics_are_silenced_logs_no_crash(system: System, word: &'static str) {
        let reason: &'static str = format!("crash: {word}").leak();
        listen_for(reason);
        // The panic is caught on this thread.
        assert!(silence_panics(|| poll_once(async move { panic!("{word}") })).is_ready());
        assert_eq!(records(reason), []);
        assert!(poll_once(async move { panic!("{word}") }).is_ready());
        assert_eq!(only(reason).head(), (Level::ERROR, "otp::crash", "a task crashed"));
        drop(system);
    }

    async fn a_panic_that_does_not_decide_how_a_process_ends_is_logged(system: System, word: &'static str) {
        let options = SpawnOptions::new().label(word);
        let process = system.spawn_with(options, async |ctx: ProcessContext<()>| {
            let _state = Bomb("a state that cannot be dropped");
            forever(ctx).await;
        });
        let process = process.unwrap().process;
        idle(&process).await;
        process.exit(ExitReason::Kill);
        assert_eq!(process.exited().await, ExitReason::Killed);
        let all = records(word);
        assert_eq!((all[0].head(), all[0].field("reason")), (CRASHED, "crash: a state that cannot be dropped"));
        assert_eq!((all.len(), all[1].target), (2, "otp::exit"));
    }

    async fn an_exit_is_published_also_where_the_log_panics(system: System, word: &'static str) {
        const NAME: Name<()> = Name::new("unlogged");
        let mut events = system.subscribe();
        let pid = inside(&system, async move |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(true);
            let options = SpawnOptions::new().name(NAME).link().monitor();
            let process = ctx.spawn_with(options, async |_: ProcessContext<()>| ExitReason::other(BROKEN)).unwrap().process;
            assert!(matches!(ctx.receive().await, Message::Exit(_)));
            assert!(matches!(ctx.receive().await, Message::Down(_)));
            process.pid()
        })
        .await;
        assert_eq!((system.is_alive(pid), system.whereis(&NAME)), (false, Ok(None)));
        let crashed = |event| matches!(event, Event::Crashed(report) if report.pid == Some(pid));
        assert!(std::iter::from_fn(|| events.try_next()).any(crashed), "hooks are told all the same");
        ending(&system, word, ExitReason::other("afterwards")).exited().await;
        assert_eq!(only(word).head(), CRASHED, "the log goes on");
    }

    async fn a_panic_of_a_hook_is_logged_and_harms_nobody(system: System, word: &'static str) {
        let broken = system.on_event(move |event| {
            if matches!(event, Event::Exited { .. }) {
                panic!("{word}");
            }
        });
        assert_eq!(ending(&system, "heard", ExitReason::Shutdown).exited().await, ExitReason::Shutdown);
        drop(broken);
        assert_eq!(only(word).head(), (Level::ERROR, "otp::event", "an event hook panicked"));
        assert!(only(word).field("place").contains("log/crashes.rs:"));
    }

    async fn a_task_and_a_job_that_panic_are_logged_as_crashes(system: System, word: &'static str) {
        let reason: &'static str = format!("crash: {word}").leak();
        listen_for(reason);
        system.runtime().spawn(Task::new(async move { panic!("{word}") }));
        otp_suite::until(|| !records(reason).is_empty()).await;
        assert_eq!(only(reason).head(), (Level::ERROR, "otp::crash", "a task crashed"));
        assert_eq!((only(reason).field("label"), only(reason).names().contains(&"pid")), ("a task", false));
        Job::new(move || panic!("{word}")).run();
        assert_eq!(records(reason)[1].field("label"), "a blocking job");
    }

    async fn a_process_that_a_foreign_signal_ends_is_in_the_log_for_debugging(system: System, word: &'static str) {
        let labelled = move || SpawnOptions::new().label(word);
        let (killer, ends) = inside(&system, async move |ctx: ProcessContext<()>| {
            let mut ends: Vec<(Pid, &str)> = Vec::new();
            for (reason, shown) in [
                (ExitReason::Kill, "killed"),
                (ExitReason::other("asked"), "\"asked\""),
                (ExitReason::Shutdown, ""),
                (ExitReason::shutdown_with("for today"), ""),
            ] {
                let process = ctx.spawn_with(labelled(), forever::<()>).unwrap().process;
                process.exit(reason);
                process.exited().await;
                ends.push((process.pid(), shown));
            }
            (ctx.pid(), ends)
        })
        .await;
        let mut all = records(word).into_iter();
        for (pid, reason) in ends.into_iter().filter(|(_, shown)| !shown.is_empty()) {
            let record = all.next().unwrap();
            assert_eq!(record.head(), (Level::DEBUG, "otp::exit", "a process was ended by an exit signal"));
            assert_eq!(record.names(), ["from", "label", "message", "pid", "reason"]);
            assert_eq!((record.field("pid"), record.field("from")), (&*pid.to_string(), &*killer.to_string()));
            assert_eq!(record.field("reason"), reason);
        }
        assert_eq!(all.next(), None, "an orderly end is not, and none is a crash");

        let peer = system.spawn_with(labelled(), async |ctx: ProcessContext<()>| {
            ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("a peer"));
            forever(ctx).await;
        });
        let peer = peer.unwrap().process;
        peer.exited().await;
        let record = records(word).pop().unwrap();
        assert_eq!((record.target, record.field("pid")), ("otp::exit", &*peer.pid().to_string()), "through a link, too");
        assert_eq!(record.field("reason"), "\"a peer\"");
    }
}

/// Polls a task once, on this thread.
fn poll_once(future: impl Future<Output = ()> + Send + 'static) -> std::task::Poll<()> {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    std::pin::Pin::new(&mut Task::new(future)).poll(&mut cx)
}
