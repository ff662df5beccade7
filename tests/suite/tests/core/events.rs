//! What happens in a system is told where and when it happens, and no crash is silent.

use std::sync::{Arc, Mutex};

use futures::StreamExt;
use otp::event::{Event, Events};
use otp::process::SpawnOptions;
use otp::{ExitReason, Name, Pid, ProcessContext, System};
use otp_suite::{exit, inside, obey};

fn so_far(events: &mut Events) -> Vec<Event> {
    std::iter::from_fn(|| events.try_next()).collect()
}

fn crashes(events: &[Event]) -> Vec<(Option<Pid>, String)> {
    let crashes = events.iter().filter_map(|event| match event {
        Event::Crashed(report) => Some((report.pid, report.reason.to_string())),
        _ => None,
    });
    crashes.collect()
}

#[otp::test]
async fn the_life_of_a_process_is_told_from_its_start_to_its_end(system: System) {
    let mut events = system.subscribe();
    let options = SpawnOptions::new().label("a guest");
    let process = system.spawn_with(options, obey).unwrap().process;
    let (pid, label) = (process.pid(), Some("a guest".into()));
    assert_eq!(events.next().await, Event::Spawned { pid, label: label.clone(), parent: Pid::SYSTEM });
    process.send(ExitReason::Shutdown).await.unwrap();
    assert_eq!(events.next().await, Event::Exited { pid, label, reason: ExitReason::Shutdown });
    process.exited().await;
    assert_eq!(events.try_next(), None);
}

#[otp::test]
async fn a_process_that_another_one_starts_is_told_with_its_parent_and_name(system: System) {
    let mut events = system.subscribe();
    let (parent, child) = inside(&system, async |ctx: ProcessContext<()>| {
        let child = ctx.spawn_with(SpawnOptions::new().name("junior"), async |_: ProcessContext<()>| {}).unwrap();
        child.process.exited().await;
        (ctx.pid(), child.process.pid())
    })
    .await;
    let all = so_far(&mut events);
    assert!(all.contains(&Event::Spawned { pid: child, label: Some("junior".into()), parent }));
    let reason = ExitReason::Normal;
    assert!(
        all.contains(&Event::Exited { pid: child, label: Some("junior".into()), reason }),
        "its name is still known"
    );
}

#[otp::test]
async fn an_exit_is_told_after_the_name_is_free_and_before_links_and_monitors_fire(system: System) {
    const NAME: Name<ExitReason> = Name::new("told first");
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let (writer, reader, world) = (log.clone(), log.clone(), system.clone());
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let process = ctx.spawn_with(SpawnOptions::new().name(NAME).link(), obey).unwrap().process;
        let pid = process.pid();
        let _hook = ctx.system().on_event(move |event| {
            if matches!(event, Event::Exited { pid: exited, .. } if *exited == pid) {
                let held = world.whereis(&NAME).unwrap().is_some();
                writer.lock().unwrap().push(format!("told, alive {}, name held {held}", world.is_alive(pid)));
            }
        });
        process.exit(ExitReason::other("now"));
        assert_eq!(exit(ctx.receive().await).reason, ExitReason::other("now"));
        log.lock().unwrap().push("seen".to_owned());
    })
    .await;
    assert_eq!(*reader.lock().unwrap(), ["told, alive true, name held false", "seen"]);
}

// PROC-11
#[otp::test]
async fn a_quiet_end_is_no_crash_and_an_abnormal_one_is_reported_with_all_that_is_known(system: System) {
    let mut events = system.subscribe();
    for reason in otp_suite::reasons() {
        let own = reason.clone();
        let process = system.spawn(async move |_: ProcessContext<()>| own);
        process.exited().await;
        let expected = if reason.is_abnormal() { vec![(Some(process.pid()), reason.to_string())] } else { vec![] };
        assert_eq!(crashes(&so_far(&mut events)), expected, "{reason}");
    }
    let line = line!() + 2;
    let options = SpawnOptions::new().label("the cook");
    let cook = system.spawn_with(options, async |_: ProcessContext<()>| panic!("burnt"));
    let cook = cook.unwrap().process;
    cook.exited().await;
    let report = so_far(&mut events).into_iter().find_map(|event| match event {
        Event::Crashed(report) => Some(report),
        _ => None,
    });
    let text = report.unwrap().to_string();
    assert!(text.starts_with(&format!("the cook {}: crash: burnt, at ", cook.pid())), "{text}");
    assert!(text.contains(&format!("events.rs:{line}:")), "{text}");
}

#[otp::test]
async fn a_process_that_is_ended_by_a_signal_has_not_crashed(system: System) {
    let mut events = system.subscribe();
    for reason in [ExitReason::Kill, ExitReason::other("asked"), ExitReason::Shutdown] {
        let process = system.spawn(obey);
        process.exit(reason);
        process.exited().await;
    }
    // One that ends because a linked one has crashed is told as an exit, not as a second crash.
    let outer = system.spawn(async |ctx: ProcessContext<()>| {
        ctx.spawn_link(async |_: ProcessContext<()>| panic!("one crash"));
        std::future::pending::<()>().await;
    });
    assert_eq!(outer.exited().await, ExitReason::crash("one crash"));
    let all = so_far(&mut events);
    let texts: Vec<_> = crashes(&all).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["crash: one crash"]);
    assert_eq!(all.iter().filter(|event| matches!(event, Event::Exited { .. })).count(), 5);
}

#[otp::test]
async fn every_crash_is_heard_by_every_hook_and_subscriber(system: System) {
    let count = Arc::new(Mutex::new(0));
    let counted = count.clone();
    let _hook = system.on_event(move |event| *counted.lock().unwrap() += u32::from(matches!(event, Event::Crashed(_))));
    let (mut first, mut second) = (system.subscribe(), system.subscribe());
    let mut ends = Vec::new();
    for n in 0..100 {
        ends.push(system.spawn(async move |_: ProcessContext<()>| panic!("number {n}")));
    }
    for end in ends {
        end.exited().await;
    }
    let (first, second) = (crashes(&so_far(&mut first)), crashes(&so_far(&mut second)));
    assert_eq!((first.len(), second.len(), *count.lock().unwrap()), (100, 100, 100));
}

#[otp::test]
async fn a_subscriber_hears_only_what_happens_after_it_subscribed(system: System) {
    system.spawn(async |_: ProcessContext<()>| {}).exited().await;
    let mut events = system.subscribe();
    assert_eq!(events.try_next(), None);
    let process = system.spawn(async |_: ProcessContext<()>| {});
    let spawned = Event::Spawned { pid: process.pid(), label: None, parent: Pid::SYSTEM };
    assert_eq!(StreamExt::next(&mut events).await, Some(spawned), "it is a stream, too");
}

#[otp::test]
async fn a_hook_that_was_removed_is_not_called_and_one_that_stays_is(system: System) {
    let calls: Arc<Mutex<Vec<&str>>> = Arc::default();
    let note = |text| {
        let calls = calls.clone();
        move |event: &Event| {
            if matches!(event, Event::Spawned { .. }) {
                calls.lock().unwrap().push(text);
            }
        }
    };
    let removed = system.on_event(note("removed"));
    system.on_event(note("forever")).forever();
    let last = system.on_event(note("last"));
    drop(removed);
    system.spawn(async |_: ProcessContext<()>| {});
    drop(last);
    let again = system.on_event(note("again"));
    system.spawn(async |_: ProcessContext<()>| {});
    drop(again);
    system.spawn(async |_: ProcessContext<()>| {});
    assert_eq!(*calls.lock().unwrap(), ["forever", "last", "forever", "again", "forever"]);
}

#[otp::test]
async fn a_hook_that_panics_harms_neither_the_process_nor_the_other_hooks(system: System) {
    let _broken = system.on_event(|_| panic!("a broken hook"));
    let mut events = system.subscribe();
    let pid = inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let peer = ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("fine"));
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (peer.pid(), ExitReason::other("fine")));
        peer.pid()
    })
    .await;
    assert_eq!(crashes(&so_far(&mut events)), [(Some(pid), "\"fine\"".to_owned())]);
}

#[otp::test]
async fn a_hook_may_use_the_system_that_calls_it(system: System) {
    let world = system.clone();
    let (tell, told) = async_channel::unbounded();
    let _hook = system.on_event(move |event| {
        if let Event::Crashed(report) = event {
            let seen = world.info(report.pid.unwrap()).map(|info| info.doing.to_string());
            let successor = world.spawn(async |_: ProcessContext<()>| ExitReason::Shutdown);
            tell.try_send((seen, successor)).unwrap();
        }
    });
    system.spawn(async |_: ProcessContext<()>| panic!("start another one"));
    let (seen, successor) = told.recv().await.unwrap();
    assert_eq!(seen.as_deref(), Some("exiting"));
    assert_eq!(successor.exited().await, ExitReason::Shutdown);
}

/// Keeps the reasons and messages of all that is told through `tracing`.
struct Listener(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = event.metadata().level().to_string();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            text += &format!(" {field}={value:?}");
        });
        self.0.lock().unwrap().push(text);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_crash_goes_to_tracing() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let ended = tracing::subscriber::with_default(Listener(heard.clone()), || {
        otp::tokio::TokioExecutor::current_thread().run(async |system| {
            let options = SpawnOptions::new().label("the clerk");
            let process = system.spawn_with(options, async |_: ProcessContext<()>| ExitReason::other("lost the form"));
            let process = process.unwrap().process;
            process.exited().await;
            process.pid()
        })
    });
    let expected =
        format!("ERROR message=a process crashed pid={} label=the clerk reason=\"lost the form\"", ended.unwrap());
    assert_eq!(*heard.lock().unwrap(), [expected]);
}

/// Only the next test runs this, in a program of its own.
#[test]
#[ignore = "it crashes to be heard"]
fn a_crash_with_nobody_to_hear_it() {
    let process = otp::tokio::TokioExecutor::current_thread()
        .run(async |system| system.spawn(async |_: ProcessContext<()>| ExitReason::other("unheard")).exited().await);
    assert_eq!(process, Ok(ExitReason::other("unheard")));
}

#[test]
fn a_crash_that_nobody_hears_goes_to_standard_error() {
    let program = std::env::current_exe().expect("this program has a path");
    let child = std::process::Command::new(program)
        .args(["--ignored", "--exact", "events::a_crash_with_nobody_to_hear_it", "--nocapture"])
        .output()
        .expect("it can be run again");
    let stderr = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{stderr}");
    assert!(stderr.lines().any(|line| line == "crash: <0.2.0>: \"unheard\""), "{stderr}");
}
