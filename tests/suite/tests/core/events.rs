//! What happens in a system is told where and when it happens, to hooks and to streams.

use std::fmt;
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use otp::event::{Event, Events, Occurrence};
use otp::process::SpawnOptions;
use otp::supervisor::SupervisorEvent;
use otp::test::Recorder;
use otp::{ExitReason, Message, Name, Pid, ProcessContext, System};
use otp_suite::{Bomb, exit, inside, obey};

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
        let child =
            ctx.spawn_with(SpawnOptions::new().name(Name::new("junior")), async |_: ProcessContext<()>| {}).unwrap();
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

/// A panic whose payload panics when it is dropped.
#[otp::test]
async fn a_hook_whose_panic_cannot_be_dropped_harms_nobody(system: System) {
    let broken = system.on_event(|_| std::panic::panic_any(Bomb("the payload")));
    let process = system.spawn(async |_: ProcessContext<()>| ExitReason::Shutdown);
    assert_eq!(process.exited().await, ExitReason::Shutdown);
    drop(broken);
    assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Normal);
}

/// What a crate that the core does not know tells of.
#[derive(Clone, Debug, PartialEq)]
enum GateEvent {
    Opened { gate: Pid, guests: usize },
    Closed { gate: Pid },
}

impl fmt::Display for GateEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateEvent::Opened { guests, .. } => write!(f, "the gate opened for {guests} guests"),
            GateEvent::Closed { .. } => write!(f, "the gate closed"),
        }
    }
}

impl Occurrence for GateEvent {
    fn pid(&self) -> Option<Pid> {
        let (GateEvent::Opened { gate, .. } | GateEvent::Closed { gate }) = self;
        Some(*gate)
    }
}

#[otp::test]
async fn what_another_crate_reports_reaches_hooks_and_streams_with_its_type(system: System) {
    let heard: Arc<Mutex<Vec<GateEvent>>> = Arc::default();
    let hears = heard.clone();
    let _hook = system.on_event(move |event| {
        if let Some(event) = event.downcast_ref::<GateEvent>() {
            hears.lock().unwrap().push(event.clone());
        }
    });
    let mut recorder = Recorder::start(&system);
    let mut events = system.subscribe();
    let gate = inside(&system, async |ctx: ProcessContext<()>| {
        let gate = ctx.pid();
        ctx.system().report(|| GateEvent::Opened { gate, guests: 3 });
        ctx.system().report(|| GateEvent::Closed { gate });
        gate
    })
    .await;
    let expected = [GateEvent::Opened { gate, guests: 3 }, GateEvent::Closed { gate }];
    assert_eq!(*heard.lock().unwrap(), expected);
    let all = so_far(&mut events);
    let told: Vec<_> = all.iter().filter(|event| matches!(event, Event::Other(_))).collect();
    assert_eq!(
        told.iter().map(|event| event.downcast_ref()).collect::<Vec<_>>(),
        [Some(&expected[0]), Some(&expected[1])]
    );
    assert_eq!(told[0].downcast_ref::<SupervisorEvent>(), None, "it is of another type");
    let Event::Other(occurrence) = told[0] else { unreachable!("that was asked above") };
    assert_eq!((occurrence.pid(), occurrence.to_string()), (Some(gate), "the gate opened for 3 guests".to_owned()));
    let same = Event::Other(Arc::new(expected[0].clone()));
    assert_eq!((*told[0] == same, *told[1] == same), (true, false), "it is compared by type and content");
    recorder.expect(["the gate opened for 3 guests", "the gate closed"]).await;
}

/// A value that cannot be shown.
#[derive(PartialEq)]
struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a value that cannot be shown")
    }
}

/// An error of which nothing can be told, or only its text.
#[derive(Debug)]
struct Mute {
    has_text: bool,
    has_source: bool,
}

impl fmt::Display for Mute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.has_text, "an error without a text");
        f.write_str("an error")
    }
}

impl std::error::Error for Mute {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        assert!(self.has_source, "an error without sources");
        Some(&Mute { has_text: false, has_source: false })
    }
}

#[otp::test]
async fn an_exit_whose_reason_cannot_be_shown_is_published_all_the_same(system: System) {
    const NAME: Name<()> = Name::new("mute");
    let shown = |reason: &ExitReason| (reason.to_string(), format!("{reason:?}"));
    let expected = [
        (ExitReason::other(Hidden), "(showing it panicked: a value that cannot be shown)"),
        (
            ExitReason::from(Mute { has_text: false, has_source: false }),
            "crash: (showing it panicked: an error without a text)",
        ),
        (ExitReason::from(Mute { has_text: true, has_source: false }), "crash: an error"),
        (
            ExitReason::from(Mute { has_text: true, has_source: true }),
            "crash: an error: (showing it panicked: an error without a text)",
        ),
    ];
    for (reason, text) in expected {
        let mut recorder = Recorder::start(&system);
        let own = reason.clone();
        let (pid, heard) = inside(&system, async |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(true);
            let options = SpawnOptions::new().name(NAME).link().monitor();
            let started = ctx.spawn_with(options, async move |_: ProcessContext<()>| own).unwrap();
            let both = [ctx.receive().await, ctx.receive().await];
            (started.process.pid(), both)
        })
        .await;
        assert!(!system.is_alive(pid));
        assert_eq!(system.whereis(&NAME), Ok(None));
        let [Message::Exit(exit), Message::Down(down)] = &heard else { panic!("a link and a monitor fire") };
        assert_eq!((shown(&exit.reason), shown(&down.reason)), (shown(&reason), shown(&reason)));
        assert_eq!(reason.to_string(), text);
        let (crashed, ended) = (format!("mute crashed: {text}"), format!("mute ended {text}"));
        recorder.expect(["mute spawned".to_owned(), crashed, ended]).await;
    }
}
