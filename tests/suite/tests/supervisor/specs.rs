//! What a child is specified by: start functions, and servers that say how they are supervised.

use std::num::ParseIntError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::{FailedToStartChild, ServerSpec, StartChildError};
use otp_suite::forever;
use otp_suite::servers::boom;

async fn empty(system: &System) -> SupervisorRef {
    Supervisor::new(Strategy::OneForOne).start(system).await.unwrap()
}

/// A child that is started without a link.
fn loose() -> ChildSpec<ProcessRef<()>> {
    ChildSpec::worker("loose", async |supervisor: Process| supervisor.spawn(forever::<()>))
}

#[otp::test]
async fn a_child_that_is_not_linked_to_its_supervisor_is_refused_and_named(system: System) {
    let error = Supervisor::new(Strategy::OneForOne).child(loose()).start(&system).await.unwrap_err();
    let failed = FailedToStartChild::behind(&error).expect("a child did not start");
    assert_eq!(failed.child.as_str(), "loose");
    assert!(matches!(failed.error, StartError::NotLinked { .. }), "{error}");

    let supervisor = empty(&system).await;
    let error = supervisor.start_child(loose()).await.unwrap_err();
    let StartChildError::Failed { id, error: StartError::NotLinked { pid, .. } } = &error else { panic!("{error}") };
    assert_eq!(id.as_str(), "loose");
    let text = format!(
        "the child \"loose\" did not start: {pid} was not started: it is not linked to its supervisor; `start_link` and \
         `spawn_link` link it"
    );
    assert_eq!(error.to_string(), text);
    assert!(supervisor.which_children().await.unwrap().is_empty());
    assert!(system.is_alive(*pid), "it may be somebody else's");

    let dynamic = DynamicSupervisor::new().start(&system).await.unwrap();
    let error = dynamic.start_child(loose()).await.unwrap_err();
    assert!(matches!(error, StartChildError::Failed { error: StartError::NotLinked { .. }, .. }), "{error}");
}

#[otp::test]
async fn nobody_is_told_of_a_child_that_is_refused(system: System) {
    let told = Arc::new(AtomicU32::new(0));
    let counted = told.clone();
    let spec = loose().on_start(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let supervisor = empty(&system).await;
    assert!(supervisor.start_child(spec).await.is_err());
    assert_eq!(told.load(Ordering::SeqCst), 0);
}

#[otp::test]
async fn a_panic_in_what_is_told_of_a_start_does_not_undo_the_start(system: System) {
    system.log_crashes(false);
    let (crashes, told) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (counted, second) = (crashes.clone(), told.clone());
    let _hook = system.on_event(move |event| {
        if matches!(event, otp::event::Event::Crashed(_)) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let spec = ChildSpec::worker("sleeper", async |supervisor: Process| supervisor.spawn_link(forever::<()>))
        .on_start(|_, _: &ProcessRef<()>| panic!("on purpose"))
        .on_start(move |_, _| {
            second.fetch_add(1, Ordering::SeqCst);
        });
    let supervisor = empty(&system).await;
    let child = supervisor.start_child(spec).await.unwrap().unwrap();
    assert!(child.is_alive());
    assert_eq!(supervisor.count_children().await.unwrap().active, 1);
    assert_eq!((crashes.load(Ordering::SeqCst), told.load(Ordering::SeqCst)), (1, 1));
}

#[otp::test]
async fn a_child_that_its_start_function_links_itself_is_accepted(system: System) {
    let linked_later = ChildSpec::worker("later", async |supervisor: Process| {
        let child = supervisor.system().spawn(forever::<()>);
        supervisor.link(child.pid()).map(|()| child)
    });
    let child = empty(&system).await.start_child(linked_later).await.unwrap().unwrap();
    assert!(child.is_alive());
}

#[otp::test]
async fn a_child_that_has_ended_before_it_was_known_is_no_child_for_ever(system: System) {
    let supervisor = empty(&system).await;
    for is_linked in [true, false] {
        let spec = ChildSpec::worker("brief", async move |supervisor: Process| {
            let options = if is_linked { SpawnOptions::new().link() } else { SpawnOptions::new() };
            let process = supervisor.spawn_with(options, async |_: ProcessContext<()>| {}).unwrap().process;
            process.exited().await;
            process
        });
        supervisor.start_child(spec.restart(Restart::Temporary)).await.unwrap();
        while !supervisor.which_children().await.unwrap().is_empty() {}
    }
}

async fn parsed(supervisor: Process) -> Result<ProcessRef<()>, ParseIntError> {
    let _: u16 = "not a port".parse()?;
    Ok(supervisor.spawn_link(forever::<()>))
}

#[otp::test]
async fn a_start_function_fails_with_any_error_which_is_kept(system: System) {
    let supervisor = empty(&system).await;
    let failure = async |spec: ChildSpec<ProcessRef<()>>| match supervisor.start_child(spec).await.unwrap_err() {
        StartChildError::Failed { error, .. } => error,
        other => panic!("{other}"),
    };
    // An error of its own, from an async function.
    let Some(ExitReason::Error(crash)) = failure(ChildSpec::worker("port", parsed)).await.reason().cloned() else {
        panic!()
    };
    assert!(crash.error().unwrap().is::<ParseIntError>());
    // Errors of several types, in an async closure that says what they become.
    let mixed = ChildSpec::worker("mixed", async move |supervisor: Process| -> Result<_, ExitReason> {
        let _: u16 = "8080".parse()?;
        let server = ServerRef::<Lamp>::named(supervisor.system(), ServerName::new("nobody"));
        server.is_lit().await?;
        Ok(supervisor.spawn_link(forever::<()>))
    });
    let Some(ExitReason::Error(crash)) = failure(mixed).await.reason().cloned() else { panic!() };
    assert!(matches!(crash.error().unwrap().downcast_ref(), Some(CallError::NoProc(_))));
    // A reason, and the error of a start, which stays what it is behind a reason.
    let reason = ChildSpec::worker("reason", async |_: Process| Err::<ProcessRef<()>, _>(boom()));
    assert_eq!(failure(reason).await, StartError::failed(boom()).of("reason"));
    let nested = ChildSpec::worker("nested", async |supervisor: Process| -> Result<_, ExitReason> {
        let lamp = Lamp::start_link(&supervisor, Some(boom())).await?;
        unreachable!("{lamp:?} refuses to start");
    });
    assert_eq!(failure(nested).await, StartError::failed(boom()).of("Lamp"));
}

#[otp::test]
async fn a_start_that_is_ignored_is_ignored_also_behind_an_exit_reason(system: System) {
    let spec = ChildSpec::worker("shy", async |_: Process| -> Result<Pid, ExitReason> {
        Err(StartError::Ignore("shy".into()))?
    });
    assert_eq!(empty(&system).await.start_child(spec).await, Ok(None));
}

/// A server that says how it is supervised. It refuses to start with a reason.
struct Lamp(bool);

#[gen_server(restart = transient, shutdown = 250ms, significant = true)]
impl Lamp {
    #[init]
    fn init(refuses: Option<ExitReason>) -> Result<Self, ExitReason> {
        refuses.map_or(Ok(Lamp(false)), Err)
    }

    #[call]
    fn is_lit(&self) -> bool {
        self.0
    }

    #[cast]
    fn light(&mut self) {
        self.0 = true;
    }

    #[cast]
    fn burn_out(&mut self) -> Result<(), ExitReason> {
        Err(boom())
    }
}

/// One that says nothing.
#[derive(Clone)]
struct Plain;

#[gen_server]
impl Plain {
    #[init]
    fn init() -> Self {
        Plain
    }

    #[info]
    fn tick(&mut self) {}
}

#[test]
fn a_server_brings_its_defaults_and_a_spec_may_change_them() {
    let spec = Lamp::child(None);
    assert_eq!((spec.id().as_str(), spec.restart_type(), spec.is_significant()), ("Lamp", Restart::Transient, true));
    assert_eq!(spec.shutdown_limit(), Shutdown::Timeout(Duration::from_millis(250)));
    let spec = spec.restart(Restart::Temporary).shutdown(Shutdown::BrutalKill).significant(false).with_id("lamp 7");
    assert_eq!((spec.id().as_str(), spec.restart_type(), spec.is_significant()), ("lamp 7", Restart::Temporary, false));
    assert_eq!(spec.shutdown_limit(), Shutdown::BrutalKill);

    let plain = Plain::child(());
    assert_eq!(
        (plain.id().as_str(), plain.restart_type(), plain.is_significant()),
        ("Plain", Restart::Permanent, false)
    );
    assert_eq!(plain.shutdown_limit(), Shutdown::Timeout(Duration::from_secs(5)));
}

#[otp::test]
async fn a_child_is_named_once_and_found_by_its_name_after_a_restart(system: System) {
    const HALL: ServerName<Lamp> = ServerName::new("hall");
    let spec: ServerSpec<Lamp> = Lamp::child(None).name(HALL).significant(false);
    assert_eq!(spec.id().as_str(), "hall");
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let hall = ServerRef::named(&system, HALL);
    hall.light();
    assert_eq!(hall.is_lit().await, Ok(true));

    let ended = hall.exited();
    hall.burn_out();
    ended.await;
    // The supervisor answers when it has started the server again, from the same arguments.
    assert_eq!(supervisor.which_children().await.unwrap()[0].restarts, 1);
    assert_eq!(hall.is_lit().await, Ok(false));
}

#[otp::test]
async fn the_options_of_a_servers_start_hold_at_each_start(system: System) {
    let spec = Lamp::child(None).with(|start| start.label("desk lamp").mailbox(3)).significant(false);
    let supervisor = empty(&system).await;
    let lamp = supervisor.start_child(spec).await.unwrap().unwrap();
    let info = |pid| system.info(pid).map(|info| (info.label.unwrap().to_string(), info.queue_limit));
    assert_eq!(info(lamp.pid().unwrap()), Some(("desk lamp".to_owned(), Some(3))));
    let ended = lamp.exited();
    lamp.burn_out();
    ended.await;
    let next = supervisor.which_children().await.unwrap()[0].state.running().unwrap();
    assert_eq!(info(next), Some(("desk lamp".to_owned(), Some(3))));
}

#[otp::test]
async fn the_server_of_a_name_is_found_or_started_once(system: System) {
    let lamps = DynamicSupervisor::new().start(&system).await.unwrap();
    let lamp = |name: &'static str| lamps.find_or_start(ServerName::new(name), Lamp::child(None).significant(false));
    let (first, second) = futures::join!(lamp("desk"), lamp("desk"));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.pid(), second.pid());
    assert_ne!(lamp("hall").await.unwrap().pid(), first.pid());
    assert_eq!(lamps.count_children().await.unwrap().active, 2);

    // It is started again when it has ended for good.
    let (pid, ended) = (first.pid(), first.exited());
    first.exit(ExitReason::Shutdown);
    ended.await;
    assert_ne!(lamp("desk").await.unwrap().pid(), pid);
}

#[otp::test]
async fn what_is_neither_found_nor_started_is_an_error_that_names_it(system: System) {
    let lamps = DynamicSupervisor::new().start(&system).await.unwrap();
    let refusing = Lamp::child(Some(boom())).significant(false);
    let error = lamps.find_or_start(ServerName::new("broken"), refusing).await.unwrap_err();
    assert_eq!(error, StartChildError::Failed { id: "broken".into(), error: StartError::failed(boom()).of("broken") });
    assert_eq!(error.already_started(), None);

    // The name is held by a process of another type.
    let holder = Plain::start(&system, ()).name(ServerName::new("taken")).await.unwrap();
    let error = lamps.find_or_start(ServerName::new("taken"), Lamp::child(None).significant(false)).await.unwrap_err();
    assert_eq!(error.already_started(), holder.pid());
    let text =
        format!("the child \"taken\" did not start: taken was not started: {} holds the name", holder.pid().unwrap());
    assert_eq!(error.to_string(), text);
}
