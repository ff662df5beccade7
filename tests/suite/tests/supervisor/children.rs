//! What whoever starts a child is given: SPEC SUP-13, the result of a start function.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use otp::prelude::*;
use otp::supervisor::{AnyChild, StartChildError, Started};
use otp_suite::{Bomb, Drops, Guard, forever, obey};

/// Counts for whoever has its reference: it has no name.
struct Counter(u32);

#[gen_server]
impl Counter {
    #[init]
    fn init(start: u32) -> Self {
        Counter(start)
    }

    #[call]
    fn add(&mut self, n: u32) -> u32 {
        self.0 += n;
        self.0
    }

    #[cast]
    fn give_up(&mut self) -> Next<Self> {
        Next::Stop(ExitReason::other("given up"))
    }
}

fn counter(start: u32) -> ChildSpec<ServerRef<Counter>> {
    ChildSpec::worker("counter", move |supervisor: Process| Counter::start_link(&supervisor, start))
}

/// A process, and how many were started before it.
#[derive(Debug)]
struct Numbered {
    process: ProcessRef<()>,
    number: u32,
}

impl Started for Numbered {
    fn pid(&self) -> Option<Pid> {
        Some(self.process.pid())
    }
}

fn numbered() -> ChildSpec<Numbered> {
    let starts = Arc::new(AtomicU32::new(0));
    ChildSpec::worker("numbered", move |supervisor: Process| {
        let (process, number) = (supervisor.spawn_link(forever::<()>), starts.fetch_add(1, Ordering::SeqCst));
        std::future::ready(Numbered { process, number })
    })
}

// SUP-13
#[otp::test]
async fn start_child_gives_back_the_reference_that_the_start_function_returned(system: System) {
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let counter = supervisor.start_child(counter(40)).await.unwrap().unwrap();
    assert_eq!(counter.add(2).await, Ok(42));

    let tree =
        ChildSpec::supervisor("tree", |parent: Process| Supervisor::new(Strategy::OneForOne).start_link(&parent));
    let tree = supervisor.start_child(tree).await.unwrap().unwrap();
    let process = ChildSpec::worker("process", async |parent: Process| parent.spawn_link(obey));
    let process = tree.start_child(process).await.unwrap().unwrap();
    process.send(ExitReason::Shutdown).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_dynamic_supervisor_gives_back_what_the_start_function_returned(system: System) {
    let specs = DynamicSupervisor::new().start(&system).await.unwrap();
    let counter_40 = specs.start_child(counter(40)).await.unwrap().unwrap();
    let numbered = specs.start_child(numbered()).await.unwrap().unwrap();
    assert_eq!((counter_40.add(2).await, numbered.number), (Ok(42), 0));
    assert!(numbered.process.is_alive());

    let template: SupervisorRef<fn(u32) -> ServerRef<Counter>> =
        DynamicSupervisor::template(counter).start(&system).await.unwrap();
    let (one, two) = (template.start_child(1).await.unwrap().unwrap(), template.start_child(2).await.unwrap().unwrap());
    assert_eq!((one.add(10).await, two.add(10).await), (Ok(11), Ok(12)));
    assert_eq!(template.count_children().await.unwrap().active, 2);
}

#[otp::test]
async fn the_name_of_a_dynamic_supervisor_says_what_its_children_are(system: System) {
    const COUNTERS: SupervisorName<fn(u32) -> ServerRef<Counter>> = SupervisorName::new("counters");
    DynamicSupervisor::template(counter).start(&system).name(COUNTERS).await.unwrap();
    let counters = SupervisorRef::named(&system, COUNTERS);
    assert_eq!(counters.start_child(1).await.unwrap().unwrap().add(1).await, Ok(2));

    const NUMBERED: SupervisorName<fn(u32) -> Numbered> = SupervisorName::new("counters");
    let error = SupervisorRef::named(&system, NUMBERED).start_child(1).await.unwrap_err();
    assert!(matches!(error, StartChildError::Call(CallError::WrongType { .. })), "{error}");
}

#[otp::test]
async fn of_an_untyped_spec_only_the_pid_is_told(system: System) {
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let pid: Pid = supervisor.start_child(counter(40).untyped()).await.unwrap().unwrap();
    let counter_40 = ServerRef::<Counter>::of(&system, pid).unwrap();
    assert_eq!(counter_40.add(2).await, Ok(42));
    // So is the one that the supervisor keeps.
    let kept: ChildSpec = supervisor.childspec("counter").await.unwrap();
    let other = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    assert!(system.is_alive(other.start_child(kept).await.unwrap().unwrap()));

    let template = DynamicSupervisor::template(|start: u32| counter(start).untyped()).start(&system).await.unwrap();
    assert!(system.is_alive(template.start_child(1).await.unwrap().unwrap()));
}

// SUP-13
#[otp::test]
async fn restart_child_gives_back_what_the_start_function_returned_for_whoever_knows_its_type(system: System) {
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let first = supervisor.start_child(numbered()).await.unwrap().unwrap();
    assert_eq!(first.number, 0);
    supervisor.terminate_child("numbered").await.unwrap();
    let again: AnyChild = supervisor.restart_child("numbered").await.unwrap().unwrap();
    assert_ne!(again.pid(), first.process.pid());
    let other = again.downcast::<ServerRef<Counter>>().unwrap_err();
    let again = other.downcast::<Numbered>().unwrap();
    assert_eq!(again.number, 1);
    assert!(again.process.is_alive());
}

#[otp::test]
async fn a_restart_gives_what_the_start_function_returns_to_nobody(system: System) {
    struct Guarded(ServerRef<Counter>, #[expect(dead_code)] Guard);
    impl Started for Guarded {
        fn pid(&self) -> Option<Pid> {
            self.0.pid()
        }
    }

    let drops = Drops::default();
    let guards = drops.clone();
    let spec = ChildSpec::worker("guarded", async move |supervisor: Process| -> Result<_, StartError> {
        let guard = guards.guard();
        Ok(Guarded(Counter::start_link(&supervisor, 0).await?, guard))
    });
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let first = supervisor.start_child(spec).await.unwrap().unwrap();
    assert_eq!(drops.count(), 0);
    let ended = system.exited(first.0.pid().unwrap());
    first.0.give_up();
    ended.await;
    assert_eq!(supervisor.count_children().await.unwrap().active, 1, "it was started again");
    assert_eq!(drops.count(), 1);
    drop(first);
    assert_eq!(drops.count(), 2);
}

#[otp::test]
async fn a_value_that_cannot_be_dropped_does_not_end_the_supervisor(system: System) {
    struct Sticky(Pid, #[expect(dead_code)] Option<Bomb>);
    impl Started for Sticky {
        fn pid(&self) -> Option<Pid> {
            Some(self.0)
        }
    }

    system.log_crashes(false);
    let first = Arc::new(AtomicBool::new(true));
    let spec = ChildSpec::worker("sticky", move |supervisor: Process| {
        let bomb = (!first.swap(false, Ordering::SeqCst)).then(|| Bomb("it sticks"));
        std::future::ready(Sticky(supervisor.spawn_link(forever::<()>).pid(), bomb))
    });
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let first = supervisor.start_child(spec).await.unwrap().unwrap();
    let crashes = Arc::new(AtomicU32::new(0));
    let counted = crashes.clone();
    let _hook = system.on_event(move |event| {
        if matches!(event, otp::event::Event::Crashed(_)) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let exited = system.exited(first.0);
    system.exit(first.0, ExitReason::Kill);
    exited.await;
    assert_eq!(supervisor.count_children().await.unwrap().active, 1);
    assert_eq!(crashes.load(Ordering::SeqCst), 1, "and it is told of");
}
