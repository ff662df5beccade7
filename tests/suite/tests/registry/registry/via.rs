//! Keys as names of servers and processes: EREG-13.

use std::pin::pin;
use std::time::Duration;

use otp::gen_server::Envelope;
use otp::prelude::*;
use otp::process::{NameError, SpawnOptions};
use otp::registry::{Registry, ServerRegistry};
use otp_suite::begin;

use super::actor::{Actor, Mail, Names, open};

pub(super) struct Room(u32);

#[gen_server]
impl Room {
    #[init]
    fn init(seats: u32) -> Result<Self, ExitReason> {
        if seats == 0 { Err(ExitReason::crash("no seats")) } else { Ok(Room(seats)) }
    }

    #[call]
    fn seats(&self) -> u32 {
        self.0
    }

    #[cast]
    fn add(&mut self, seats: u32) {
        self.0 += seats;
    }

    #[cast]
    fn burn(&self) {
        panic!("fire");
    }

    #[call]
    fn register(&self, rooms: ServerRegistry<String, Room>, key: String, ctx: &mut Context<Self>) -> bool {
        rooms.register(ctx, key, ()).is_ok()
    }
}

async fn rooms(system: &System) -> ServerRegistry<String, Room> {
    let rooms = Registry::new(system);
    rooms.start(system).await.unwrap();
    rooms
}

#[otp::test]
async fn a_server_is_started_under_a_key_and_called_through_it(system: System) {
    let rooms = rooms(&system).await;
    let hall = rooms.server("hall".to_owned());
    // A free key: noproc, and a cast vanishes.
    assert!(matches!(hall.seats().await, Err(CallError::NoProc(_))));
    hall.add(1);
    let started = Room::start(&system, 3).name(rooms.via("hall".to_owned())).await.unwrap();
    hall.add(1);
    assert_eq!(hall.seats().await, Ok(4));
    assert_eq!(rooms.lookup("hall").unwrap().server().seats().await, Ok(4));
    assert_eq!(system.info(started.pid().unwrap()).unwrap().label.unwrap().as_str(), "\"hall\" in registry");
    let second = Room::start(&system, 5).name(rooms.via("hall".to_owned())).await.unwrap_err();
    assert!(matches!(second, StartError::AlreadyStarted { pid, .. } if Some(pid) == started.pid()));
    hall.stop().await.unwrap();
    assert!(rooms.lookup("hall").is_none());
    assert_eq!(hall.seats().await.unwrap_err().to_string(), "call to \"hall\" in registry failed: no such process");
}

#[otp::test]
async fn a_start_that_fails_leaves_nothing_under_its_key(system: System) {
    let rooms = rooms(&system).await;
    assert!(Room::start(&system, 0).name(rooms.via("hall".to_owned())).await.is_err());
    assert!(rooms.lookup("hall").is_none());
    assert_eq!(rooms.count(), 0);
    // Nor does one in a registry that does not run.
    let closed: ServerRegistry<String, Room> = Registry::new(&system);
    let error = Room::start(&system, 1).name(closed.via("hall".to_owned())).await.unwrap_err();
    assert!(
        error.to_string().contains("cannot register \"\\\"hall\\\" in registry\": registry is not running"),
        "{error}"
    );
    let options = SpawnOptions::new().name(closed.via("hall".to_owned()));
    let spawned = system.spawn_with(options, async |_: ProcessContext<Envelope<Room>>| {});
    assert!(matches!(spawned, Err(NameError::NotRunning { .. })));
}

#[otp::test]
async fn a_supervised_server_takes_its_key_again_and_calls_ride_along(system: System) {
    let rooms = rooms(&system).await;
    let spec = Room::child(3).name(rooms.via("hall".to_owned()));
    assert_eq!(spec.id().as_str(), "\"hall\" in registry");
    let tree = Supervisor::new(Strategy::OneForOne).intensity(5, Duration::from_secs(5)).child(spec);
    tree.start(&system).await.unwrap();
    let hall = rooms.server("hall".to_owned());
    for _ in 0..3 {
        let first = rooms.lookup("hall").unwrap().pid();
        let monitored = system.exited(first);
        hall.burn();
        monitored.await;
        let next = hall.address().await_holder().other_than(first).await.unwrap();
        assert_ne!(next.pid(), Ok(Some(first)));
        assert_eq!(hall.seats().through_restart(Duration::from_secs(5)).await, Ok(3));
    }
}

#[otp::test]
async fn who_waits_for_a_key_is_woken_by_its_process(system: System) {
    let names: Names = Registry::new(&system);
    let address = names.address("k");
    let mut waiting = pin!(address.await_holder());
    assert!(begin(&mut waiting).await.is_pending());
    {
        let mut given_up = pin!(address.await_holder());
        assert!(begin(&mut given_up).await.is_pending());
    }
    names.start(&system).await.unwrap();
    let one = Actor::start(&system);
    one.register(&names, "z", 1).await;
    assert!(begin(&mut waiting).await.is_pending());
    one.register(&names, "k", 1).await;
    assert_eq!(waiting.await.unwrap().pid(), Ok(Some(one.pid())));
}

#[otp::test]
async fn a_plain_process_is_started_under_a_key_with_a_value(system: System) {
    let names: Names = open(&system).await;
    let options = SpawnOptions::new().name(names.via_with("k", 7));
    let process = system.spawn_with(options, async |mut ctx: ProcessContext<Mail>| {
        assert!(matches!(ctx.receive().await, Message::User(Mail::Text("hello"))));
    });
    let process = process.unwrap().process;
    assert_eq!(*names.lookup("k").unwrap().value(), 7);
    names.address("k").send(Mail::Text("hello")).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert!(names.address("k").try_send(Mail::Text("late")).is_err());
}

#[otp::test]
async fn a_server_registers_itself(system: System) {
    let rooms = rooms(&system).await;
    let room = Room::start(&system, 9).await.unwrap();
    for key in ["hall", "attic"] {
        assert_eq!(room.register(rooms.clone(), key.to_owned()).await, Ok(true));
    }
    assert_eq!(room.register(rooms.clone(), "hall".to_owned()).await, Ok(false));
    assert_eq!(rooms.server("attic".to_owned()).seats().await, Ok(9));
}
