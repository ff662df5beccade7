//! What a process owns is told of its end before anybody can see it; and what other crates keep of a system.
//!
//! The registry here is what a crate would write that the core does not know of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use otp::event::Event;
use otp::prelude::*;
use otp::process::{Belonging, End, Kept};
use otp_suite::{inside, obey};

/// Keys to processes, one registry in each system.
#[derive(Clone, Default)]
struct Registry(Arc<Mutex<HashMap<&'static str, Pid>>>);

struct Entry {
    registry: Registry,
    key: &'static str,
}

impl Registry {
    fn of(system: &System) -> Registry {
        Registry::clone(&system.slot::<Registry>())
    }

    fn register(&self, key: &'static str, process: &Process) -> Kept {
        self.0.lock().unwrap().insert(key, process.pid());
        process.keep(Entry { registry: self.clone(), key })
    }

    fn find(&self, key: &str) -> Option<Pid> {
        self.0.lock().unwrap().get(key).copied()
    }
}

impl Belonging for Entry {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        assert_eq!(self.registry.0.lock().unwrap().remove(self.key), Some(end.pid));
    }
}

/// Calls a closure when its owner ends.
struct Tells<F>(F);

impl<F: FnOnce(&End<'_>) + Send + 'static> Belonging for Tells<F> {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        (self.0)(end);
    }
}

/// A process that obeys, and has registered as "key".
async fn registered(system: &System) -> (ProcessRef<ExitReason>, Registry) {
    let registry = Registry::of(system);
    let (register, (ready, is_ready)) = (registry.clone(), futures::channel::oneshot::channel());
    let process = system.spawn(async move |ctx: ProcessContext<ExitReason>| {
        register.register("key", &ctx);
        ready.send(()).unwrap();
        obey(ctx).await
    });
    is_ready.await.unwrap();
    (process, registry)
}

#[otp::test]
async fn an_entry_of_a_registry_is_gone_before_a_monitor_fires_or_an_event_tells_of_the_end(system: System) {
    let (process, registry) = registered(&system).await;
    let pid = process.pid();
    assert_eq!(registry.find("key"), Some(pid));
    let (heard, seen) = (registry.clone(), Arc::new(Mutex::new(Vec::new())));
    let note = seen.clone();
    let _hook = system.on_event(move |event| {
        if matches!(event, Event::Exited { pid: ended, .. } if *ended == pid) {
            note.lock().unwrap().push(heard.find("key"));
        }
    });
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.monitor(pid);
        process.send(ExitReason::Normal).await.unwrap();
        let Message::Down(down) = ctx.receive().await else { panic!("nothing else comes") };
        assert_eq!((down.reason, registry.find("key")), (ExitReason::Normal, None));
    })
    .await;
    assert_eq!(*seen.lock().unwrap(), [None]);
}

#[otp::test]
async fn belongings_are_told_once_in_the_order_in_which_they_were_kept_with_pid_system_and_reason(system: System) {
    let told: Arc<Mutex<Vec<(u8, Pid, ExitReason)>>> = Arc::default();
    let writes = told.clone();
    let process = system.spawn(async move |ctx: ProcessContext<()>| {
        for n in 0..3 {
            let (writes, system) = (writes.clone(), ctx.system().clone());
            ctx.keep(Tells(move |end: &End<'_>| {
                assert_eq!(*end.system, system);
                writes.lock().unwrap().push((n, end.pid, end.reason.clone()));
            }));
        }
        ExitReason::other("over")
    });
    process.exited().await;
    let expected: Vec<_> = (0..3).map(|n| (n, process.pid(), ExitReason::other("over"))).collect();
    assert_eq!(*told.lock().unwrap(), expected);
}

#[otp::test]
async fn a_belonging_that_was_taken_back_is_not_told_and_the_others_are(system: System) {
    let told: Arc<Mutex<Vec<u8>>> = Arc::default();
    let writes = told.clone();
    let process = system.spawn(async move |ctx: ProcessContext<()>| {
        let keep = |n| {
            let writes = writes.clone();
            ctx.keep(Tells(move |_: &End<'_>| writes.lock().unwrap().push(n)))
        };
        let (first, second) = (keep(1), keep(2));
        assert_eq!(second.owner(), ctx.pid());
        assert!(second.take_back().is_some());
        keep(3);
        assert!(first.take_back().is_some());
    });
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert_eq!(*told.lock().unwrap(), [3]);
}

#[otp::test]
async fn a_belonging_that_comes_after_the_end_is_told_at_once(system: System) {
    let (hand, take) = futures::channel::oneshot::channel();
    let process = system.spawn(async move |ctx: ProcessContext<()>| {
        hand.send(Process::clone(&ctx)).ok().unwrap();
        ExitReason::other("gone")
    });
    process.exited().await;
    let ended = take.await.unwrap();
    let told: Arc<Mutex<Option<ExitReason>>> = Arc::default();
    let writes = told.clone();
    let kept = ended.keep(Tells(move |end: &End<'_>| *writes.lock().unwrap() = Some(end.reason.clone())));
    assert_eq!(*told.lock().unwrap(), Some(ExitReason::other("gone")));
    assert!(kept.take_back().is_none());
}

#[otp::test]
async fn a_belonging_that_panics_is_reported_and_keeps_nobody_from_hearing_of_the_end(system: System) {
    system.log_crashes(false);
    let mut events = system.subscribe();
    let told: Arc<Mutex<bool>> = Arc::default();
    let writes = told.clone();
    let process = system.spawn(async move |ctx: ProcessContext<()>| {
        ctx.keep(Tells(|_: &End<'_>| panic!("a belonging panics")));
        ctx.keep(Tells(move |_: &End<'_>| *writes.lock().unwrap() = true));
    });
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert!(*told.lock().unwrap());
    let crashes = std::iter::from_fn(|| events.try_next()).filter_map(|event| match event {
        Event::Crashed(report) => Some((report.pid, report.reason.to_string())),
        _ => None,
    });
    assert!(crashes.eq([(Some(process.pid()), "crash: a belonging panics".to_owned())]));
}

/// The owner has ended, and is still there for whoever looks: a belonging may ask, start, and keep.
#[otp::test]
async fn a_belonging_may_call_back_into_the_system(system: System) {
    const NAME: Name<()> = Name::new("owner");
    let told: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let writes = told.clone();
    let process = system.spawn(async move |ctx: ProcessContext<()>| {
        ctx.system().register(&NAME, &ctx.this()).unwrap();
        let this = Process::clone(&ctx);
        ctx.keep(Tells(move |end: &End<'_>| {
            assert_eq!(end.system.whereis(&NAME), Ok(None), "the name was kept before this");
            let late = writes.clone();
            this.keep(Tells(move |_: &End<'_>| late.lock().unwrap().push("late")));
            let successor = end.system.spawn(otp_suite::forever::<()>);
            end.system.register(&NAME, &successor).unwrap();
            writes.lock().unwrap().push("told");
        }));
    });
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert_eq!(*told.lock().unwrap(), ["told", "late"]);
}

#[otp::test]
async fn a_slot_holds_one_value_of_its_type_for_each_system(system: System) {
    let other = System::on(system.runtime().clone());
    let (process, registry) = registered(&system).await;
    assert_eq!(Registry::of(&system).find("key"), registry.find("key"));
    assert_eq!(Registry::of(&other).find("key"), None);
    assert!(!Arc::ptr_eq(&system.slot::<Registry>(), &other.slot::<Registry>()));
    assert!(Arc::ptr_eq(&system.slot::<Registry>(), &system.clone().slot::<Registry>()));
    assert_eq!(*system.slot::<u8>(), 0);
    process.exit(ExitReason::Shutdown);
    process.exited().await;
}
