//! Routes other than names, registrations of one's own, and typed references made of pids.

use std::any::type_name;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp::prelude::*;
use otp::process::{Belonging, End, Label, LookupError, NameError, Registration, Route, Target, WrongType};
use otp_suite::servers::{Act, Ask, PUPPET, Puppet, Script, inside};
use otp_suite::{Drops, down, forever, obey};

/// What a key of the directory leads to.
type Entries = Arc<Mutex<HashMap<u32, Pid>>>;

/// A key of a directory, as a registry would have it: whoever is entered under it is found by it.
#[derive(Clone, Debug)]
struct Key {
    system: System,
    entries: Entries,
    number: u32,
}

impl Key {
    fn new(system: &System, number: u32) -> Key {
        Key { system: system.clone(), entries: Entries::default(), number }
    }
}

impl<M: Send + 'static> Route<M> for Key {
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        let Some(pid) = self.entries.lock().unwrap().get(&self.number).copied() else { return Ok(None) };
        match ProcessRef::of(&self.system, pid) {
            Ok(process) => Ok(Some(process)),
            Err(LookupError::WrongType(wrong)) => Err(wrong),
            Err(_) => Ok(None),
        }
    }

    fn system(&self) -> &System {
        &self.system
    }

    fn label(&self) -> Label {
        format!("number {}", self.number).into()
    }
}

impl<M: Send + 'static> Registration<M> for Key {
    fn label(&self) -> Label {
        Route::<M>::label(self)
    }

    fn claim(&self, process: &ProcessRef<M>, owner: &Process) -> Result<(), NameError> {
        let mut entries = self.entries.lock().unwrap();
        if let Some(&holder) = entries.get(&self.number) {
            return Err(NameError::Taken { name: Registration::<M>::label(self), holder });
        }
        entries.insert(self.number, process.pid());
        drop(entries);
        owner.keep(self.clone());
        Ok(())
    }
}

impl Belonging for Key {
    fn owner_ended(self: Box<Self>, _: &End<'_>) {
        self.entries.lock().unwrap().remove(&self.number);
    }
}

#[otp::test]
async fn a_route_is_asked_anew_for_each_message(system: System) {
    let key = Key::new(&system, 7);
    let address: Address<ExitReason> = Address::via(key.clone());
    for reason in [ExitReason::other("first"), ExitReason::other("second")] {
        let options = SpawnOptions::new().name(key.clone());
        let holder = system.spawn_with(options, obey).unwrap().process;
        assert_eq!(address.pid(), Ok(Some(holder.pid())));
        assert_eq!(system.info(holder.pid()).unwrap().label, Some("number 7".into()));
        address.send(reason.clone()).await.unwrap();
        assert_eq!(holder.exited().await, reason);
    }
    let holder = system.spawn_with(SpawnOptions::new().name(key), obey).unwrap().process;
    address.try_send(ExitReason::other("third")).unwrap();
    assert_eq!(holder.exited().await, ExitReason::other("third"));
}

#[otp::test]
async fn an_address_that_was_found_leads_to_that_process_alone(system: System) {
    let key = Key::new(&system, 7);
    let address: Address<ExitReason> = Address::via(key.clone());
    let first = system.spawn_with(SpawnOptions::new().name(key.clone()), obey).unwrap().process;
    let found = address.find().unwrap().unwrap();
    first.exit(ExitReason::Kill);
    first.exited().await;
    let second = system.spawn_with(SpawnOptions::new().name(key), obey).unwrap().process;
    assert_eq!((found.pid(), address.pid()), (Ok(Some(first.pid())), Ok(Some(second.pid()))));
    assert!(matches!(found.try_send(ExitReason::Normal), Err(TrySendError::NoProc { .. })));
    assert!(second.is_alive());
}

#[otp::test]
async fn a_route_that_leads_to_nobody_is_named_in_the_errors(system: System) {
    let address: Address<u32> = Address::via(Key::new(&system, 9));
    assert_eq!(address.pid(), Ok(None));
    let error = address.send(1).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot send to number 9: no such process");
    assert_eq!(error.into_message(), 1);
    let error = address.try_send(2).unwrap_err();
    assert_eq!(error.to_string(), "cannot send to number 9: no such process");
    assert_eq!(error.into_message(), 2);

    let nobody = ServerRef::<Puppet>::from(Address::via(Key::new(&system, 9)));
    let error = nobody.call(|from| Ask::Echo("hello", from)).await.unwrap_err();
    assert_eq!(error.to_string(), "call to number 9 failed: no such process");
    assert_eq!(nobody.stop().await.unwrap_err().to_string(), "cannot stop number 9: no such process");
}

#[otp::test]
async fn a_server_is_started_and_called_by_a_route(system: System) {
    let (journal, mut entries) = otp_suite::journal::journal(&system);
    let key = Key::new(&system, 3);
    let server = ServerRef::<Puppet>::from(Address::via(key.clone()));
    for _ in 0..2 {
        let started = Puppet::start(&system, Script::new(&journal)).name(key.clone()).await.unwrap();
        assert_eq!(server.pid(), started.pid());
        assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));
        let taken = Puppet::start(&system, Script::new(&journal)).name(key.clone()).await.unwrap_err();
        assert_eq!(taken, StartError::AlreadyStarted { name: "number 3".into(), pid: started.pid().unwrap() });
        server.stop().await.unwrap();
    }
    assert_eq!(entries.so_far().iter().filter(|entry| *entry == "starts").count(), 2, "a refused one does not run");
}

/// Lets the process be found, and then refuses it.
#[derive(Debug)]
struct Whim {
    found: Mutex<Option<ProcessRef<ExitReason>>>,
    panics: bool,
}

impl Registration<ExitReason> for Whim {
    fn label(&self) -> Label {
        "whim".into()
    }

    fn claim(&self, process: &ProcessRef<ExitReason>, _: &Process) -> Result<(), NameError> {
        process.try_send(ExitReason::Normal).unwrap();
        *self.found.lock().unwrap() = Some(process.clone());
        assert!(!self.panics, "the registry is broken");
        Err(NameError::Taken { name: "whim".into(), holder: process.pid() })
    }
}

#[otp::test]
async fn a_registration_that_refuses_or_panics_leaves_no_process_behind(system: System) {
    for panics in [false, true] {
        let whim = Arc::new(Whim { found: Mutex::new(None), panics });
        let drops = Drops::default();
        let guard = drops.guard();
        let options = SpawnOptions::new().name(whim.clone()).link();
        let body = async move |ctx| {
            let _guard = guard;
            obey(ctx).await
        };
        let spawned = catch_unwind(AssertUnwindSafe(|| system.spawn_with(options, body)));
        assert_eq!(spawned.is_err(), panics);
        assert!(spawned.is_err() || matches!(spawned, Ok(Err(NameError::Taken { .. }))));
        assert_eq!(system.process_count(), 0);
        let found = whim.found.lock().unwrap().take().unwrap();
        assert_eq!(found.exited().await, ExitReason::NoProc);
        assert!(matches!(found.try_send(ExitReason::Normal), Err(TrySendError::NoProc { .. })));
        drop(found);
        assert_eq!(drops.count(), 1, "it has never run");
    }
}

#[otp::test]
async fn a_supervisor_is_started_by_a_route(system: System) {
    let key = Key::new(&system, 4);
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).name(key.clone()).await.unwrap();
    assert_eq!(Address::<()>::via(key).pid().unwrap_err().pid, supervisor.pid().unwrap());
    assert_eq!(system.info(supervisor.pid().unwrap()).unwrap().label, Some("number 4".into()));
}

#[otp::test]
async fn timers_and_monitors_take_a_route(system: System) {
    let key = Key::new(&system, 7);
    let address: Address<ExitReason> = Address::via(key.clone());
    inside(&system, async move |mut ctx| {
        ctx.monitor(&address);
        let nobody = down(ctx.receive().await);
        assert_eq!(nobody.target, Target::Route { label: "number 7".into(), pid: None });
        assert_eq!(nobody.reason, ExitReason::NoProc);

        let system = ctx.system().clone();
        let timer = system.send_after(Duration::from_millis(5), &address, ExitReason::other("late"));
        let holder = system.spawn_with(SpawnOptions::new().name(key), obey).unwrap().process;
        ctx.monitor(&address);
        let end = down(ctx.receive().await);
        assert_eq!(end.target, Target::Route { label: "number 7".into(), pid: Some(holder.pid()) });
        assert_eq!((end.target.to_string().as_str(), end.reason), ("number 7", ExitReason::other("late")));
        assert_eq!(timer.read(), None);
    })
    .await;
}

#[otp::test]
async fn a_server_of_another_type_is_no_missing_process(system: System) {
    let options = SpawnOptions::new().name(Name::new("puppet"));
    let holder = system.spawn_with(options, forever::<u32>).unwrap().process;
    let puppet = ServerRef::named(&system, PUPPET);
    let (pid, expected) = (holder.pid(), type_name::<otp::gen_server::Envelope<Puppet>>());

    let error = puppet.call(|from| Ask::Echo("hello", from)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("call to puppet {pid} failed: it receives u32, not {expected}"));
    assert!(matches!(&error, CallError::WrongType { receives: "u32", .. }));
    assert_eq!(error.callee().pid, Some(pid));
    let error = puppet.call(|from| Ask::Echo("hello", from)).send_request().await.unwrap_err();
    assert!(matches!(error, CallError::WrongType { .. }));

    let error = puppet.stop().await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot stop puppet {pid}: it receives u32, not {expected}"));
    assert!(matches!(error, StopError::WrongType(_)));
    let error = puppet.try_cast(Act::Nothing).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot send to puppet {pid}: it receives u32, not {expected}"));
    assert_eq!(puppet.pid(), None, "there is no such server");
    assert_eq!(puppet.address().pid().unwrap_err().pid, pid);

    // It is as if nobody were there for what cannot tell.
    puppet.cast(Act::Nothing);
    puppet.info(Act::Nothing);
    puppet.exit(ExitReason::Kill);
    assert!(holder.is_alive());
    // A monitor asks for no type.
    inside(&system, async move |mut ctx| {
        ctx.monitor(&puppet);
        holder.exit(ExitReason::Kill);
        assert_eq!(down(ctx.receive().await).reason, ExitReason::Killed);
    })
    .await;
}

#[otp::test]
async fn a_typed_reference_is_made_of_a_pid(system: System) {
    let holder = system.spawn(obey);
    assert_eq!(ProcessRef::of(&system, holder.pid()), Ok(holder.clone()));
    let wrong = ProcessRef::<u32>::of(&system, holder.pid()).unwrap_err();
    let text = format!("{} receives {}, not u32", holder.pid(), type_name::<ExitReason>());
    assert_eq!(wrong.to_string(), text);
    assert!(matches!(wrong, LookupError::WrongType(wrong) if wrong.pid == holder.pid() && wrong.label.is_none()));
    holder.send(ExitReason::Normal).await.unwrap();
    holder.exited().await;
    assert_eq!(ProcessRef::<ExitReason>::of(&system, holder.pid()), Err(LookupError::NoProc(holder.pid())));
    assert_eq!(
        LookupError::NoProc(holder.pid()).to_string(),
        format!("there is no process {}", holder.pid()),
        "it has ended"
    );
}

#[otp::test]
async fn a_reference_to_a_server_or_a_supervisor_is_made_of_a_pid(system: System) {
    let (journal, _entries) = otp_suite::journal::journal(&system);
    let pid = Puppet::start(&system, Script::new(&journal)).await.unwrap().pid().unwrap();
    let server = ServerRef::<Puppet>::of(&system, pid).unwrap();
    assert_eq!(server.call(|from| Ask::Echo("hello", from)).await, Ok("hello"));

    let top = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap().pid().unwrap();
    let supervisor = <SupervisorRef>::of(&system, top).unwrap();
    assert_eq!(supervisor.count_children().await.unwrap().specs, 0);
    let dynamic = DynamicSupervisor::new().start(&system).await.unwrap().pid().unwrap();
    assert_eq!(SupervisorRef::<Dynamic>::of(&system, dynamic).unwrap().count_children().await.unwrap().specs, 0);

    let wrong = |error: LookupError| match error {
        LookupError::WrongType(wrong) => wrong.label.unwrap(),
        other => panic!("{other}"),
    };
    assert_eq!(wrong(ServerRef::<Puppet>::of(&system, top).unwrap_err()).as_str(), "supervisor");
    assert_eq!(wrong(<SupervisorRef>::of(&system, pid).unwrap_err()).as_str(), "Puppet");
    assert_eq!(wrong(<SupervisorRef>::of(&system, dynamic).unwrap_err()).as_str(), "supervisor");
    server.stop().await.unwrap();
    assert_eq!(ServerRef::<Puppet>::of(&system, pid).unwrap_err(), LookupError::NoProc(pid));
}

#[otp::test]
async fn a_pid_of_another_system_makes_no_reference(system: System) {
    let here = system.spawn(obey);
    let runtime = system.runtime().clone();
    let other = System::on(runtime);
    assert_eq!(ProcessRef::<ExitReason>::of(&other, here.pid()), Err(LookupError::NoProc(here.pid())));
}

/// A server with a type parameter.
struct Topic<T>(Vec<T>);

#[gen_server]
impl<T: Send + 'static> Topic<T> {
    #[init]
    fn init(_: ()) -> Self {
        Topic(Vec::new())
    }

    #[call]
    fn publish(&mut self, item: T) -> usize {
        self.0.push(item);
        self.0.len()
    }
}

#[otp::test]
async fn the_name_of_a_server_says_which_server_is_started(system: System) {
    const NUMBERS: ServerName<Topic<u32>> = ServerName::new("numbers");
    const WORDS: ServerName<Topic<String>> = ServerName::new("words");
    let numbers = Topic::start(&system, ()).name(NUMBERS).await.unwrap();
    assert_eq!(numbers.publish(7).await, Ok(1));
    inside(&system, async move |ctx| {
        let words = Topic::start_link(&ctx, ()).name(WORDS).await.unwrap();
        assert_eq!(words.publish("seven".to_owned()).await, Ok(1));
        let taken = Topic::start_monitor(&ctx, ()).name(NUMBERS).await.unwrap_err();
        assert_eq!(taken.to_string(), format!("numbers was not started: {} holds the name", numbers.pid().unwrap()));
    })
    .await;
}

#[otp::test]
async fn the_end_of_an_addressee_is_told_through_its_address(system: System) {
    let name = Name::<ExitReason>::new("the addressee");
    let by_name = Address::named(&system, name.clone());
    assert_eq!(by_name.exited().await, ExitReason::NoProc);
    let process = system.spawn_with(SpawnOptions::new().name(name), obey).unwrap().process;
    let (named, direct) = (by_name.exited(), Address::from(&process).exited());
    let mapped = Address::from(&process).map_message(|(): ()| ExitReason::Normal);
    let by_map = mapped.exited();
    process.send(ExitReason::other("done")).await.unwrap();
    for exited in [named, direct, by_map] {
        assert_eq!(exited.await, ExitReason::other("done"));
    }
    assert_eq!(by_name.exited().await, ExitReason::NoProc, "nobody holds the name");
    assert_eq!(mapped.exited().await, ExitReason::other("done"), "it is that of one process");
}
