//! What a child saves for its next incarnation, and when that is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp::behaviour::HandOver;
use otp::event::Events;
use otp::gen_server::{Init, Next, NoMessage};
use otp::prelude::*;
use otp::sys;
use otp_suite::until;

const TILL: ServerName<Till> = ServerName::new("till");
const OTHER: ServerName<Till> = ServerName::new("other till");

/// Counts money, and saves the sum.
#[derive(Clone)]
struct Till(u64);

#[gen_server]
impl Till {
    #[init]
    fn init(saves_at_the_end: bool, ctx: &mut Context<Self>) -> Self {
        assert!(ctx.handed_over::<String>().is_none());
        let sum = ctx.handed_over::<u64>().or(ctx.handed_over::<Till>().map(|till| till.0)).unwrap_or(0);
        assert!(sum != 13, "an unlucky start");
        assert!(!saves_at_the_end || sum.is_multiple_of(2));
        Till(sum)
    }

    #[call]
    fn add(&mut self, n: u64, ctx: &mut Context<Self>) -> (u64, bool) {
        self.0 += n;
        (self.0, ctx.save(self.0))
    }

    #[call]
    fn set(&mut self, n: u64) -> u64 {
        std::mem::replace(&mut self.0, n)
    }

    #[call]
    fn break_half_way(&mut self) {
        self.0 += 1;
        panic!("robbed");
    }

    #[call]
    fn forget(&mut self, ctx: &mut Context<Self>) {
        ctx.forget_saved();
    }
}

/// Saves only in its `terminate`.
struct Ledger(Vec<u32>);

const LEDGER: ServerName<Ledger> = ServerName::new("ledger");

#[gen_server(hand_over = 5)]
impl Ledger {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        Ledger(ctx.handed_over().unwrap_or_default())
    }

    #[call]
    fn write(&mut self, n: u32) -> Vec<u32> {
        assert!(n != 0, "nothing is written");
        self.0.push(n);
        self.0.clone()
    }

    #[terminate]
    fn terminate(&mut self, ctx: &mut Context<Self>) {
        ctx.save(std::mem::take(&mut self.0));
    }
}

fn supervisor(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy).intensity(20, Duration::from_secs(5))
}

/// Has the holder of the name crash, and waits for the next one.
async fn crash(system: &System, name: ServerName<Till>) -> ServerRef<Till> {
    let till = ServerRef::named(system, name.clone()).await_holder().await.unwrap();
    assert!(till.break_half_way().await.is_err());
    till.exited().await;
    ServerRef::named(system, name).await_holder().await.unwrap()
}

async fn refused(events: &mut Events) -> (String, u32) {
    loop {
        if let Some(SupervisorEvent::StateRefused { child, crashes, .. }) = events.next().await.downcast_ref() {
            break (child.to_string(), *crashes);
        }
    }
}

#[otp::test]
async fn what_a_child_saves_is_given_to_its_next_incarnation(system: System) {
    system.log_crashes(false);
    let children = supervisor(Strategy::OneForAll)
        .child(Till::child(false).name(TILL).hand_over(100))
        .child(Till::child(false).name(OTHER).with_id("other"));
    let tree = children.start(&system).await.unwrap();
    let till = ServerRef::named(&system, TILL);
    assert_eq!(till.add(40).await, Ok((40, true)));
    assert_eq!(ServerRef::named(&system, OTHER).add(7).await, Ok((7, false)), "its spec does not ask for it");
    // What a crash has changed by half is not what was saved.
    assert_eq!(crash(&system, TILL).await.add(1).await, Ok((41, true)));
    // A sibling's crash, a kill, a restart on request.
    let before = till.await_holder().await.unwrap();
    crash(&system, OTHER).await;
    before.exited().await;
    let after = till.await_holder().await.unwrap();
    assert_eq!(after.add(1).await, Ok((42, true)));
    after.exit(ExitReason::Kill);
    after.exited().await;
    assert_eq!(till.await_holder().await.unwrap().set(0).await, Ok(42));
    tree.terminate_child("till").await.unwrap();
    tree.restart_child("till").await.unwrap();
    assert_eq!(till.set(0).await, Ok(42));
    // It is gone with the spec, and with the supervisor.
    till.forget().await.unwrap();
    tree.terminate_child("till").await.unwrap();
    tree.restart_child("till").await.unwrap();
    assert_eq!(till.add(5).await, Ok((5, true)));
    let spec = tree.childspec("till").await.unwrap();
    tree.terminate_child("till").await.unwrap();
    tree.delete_child("till").await.unwrap();
    tree.start_child(spec).await.unwrap();
    assert_eq!(till.set(0).await, Ok(0));
}

#[otp::test]
async fn a_state_with_which_the_child_crashes_too_often_is_refused_and_it_starts_clean(system: System) {
    system.log_crashes(false);
    let mut events = system.subscribe();
    let tree = supervisor(Strategy::OneForOne).child(Till::child(false).name(TILL).hand_over(2));
    let _tree = tree.start(&system).await.unwrap();
    ServerRef::named(&system, TILL).add(40).await.unwrap();
    for _ in 0..2 {
        assert_eq!(crash(&system, TILL).await.set(0).await, Ok(40));
    }
    assert_eq!(crash(&system, TILL).await.set(0).await, Ok(0));
    assert_eq!(refused(&mut events).await, ("till".to_owned(), 3));
    // A new state begins anew.
    ServerRef::named(&system, TILL).add(20).await.unwrap();
    assert_eq!(crash(&system, TILL).await.set(0).await, Ok(20));
}

#[otp::test]
async fn a_state_with_which_the_child_cannot_start_is_refused_too(system: System) {
    system.log_crashes(false);
    let mut events = system.subscribe();
    let tree = supervisor(Strategy::OneForOne).child(Till::child(false).name(TILL).hand_over(3));
    let _tree = tree.start(&system).await.unwrap();
    ServerRef::named(&system, TILL).add(13).await.unwrap();
    // It ends once, and three starts fail: each of them holds the name for a moment.
    let till = ServerRef::named(&system, TILL);
    assert!(till.break_half_way().await.is_err());
    let sum = loop {
        match till.set(0).await {
            Ok(sum) => break sum,
            Err(_) => otp::process::yield_now().await,
        }
    };
    assert_eq!(sum, 0);
    assert_eq!(refused(&mut events).await, ("till".to_owned(), 4));
}

#[otp::test]
async fn the_last_good_state_is_that_between_two_callbacks(system: System) {
    system.log_crashes(false);
    let spec = Till::child(false).name(TILL).hand_over(10).with(|start| start.save_state(Duration::ZERO));
    let _tree = supervisor(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let till = ServerRef::named(&system, TILL).await_holder().await.unwrap();
    for n in 1..5 {
        assert_eq!(till.set(n).await, Ok(n - 1));
    }
    assert_eq!(crash(&system, TILL).await.set(0).await, Ok(4), "what was done by half is not in it");
}

/// Hibernates after each call.
#[derive(Clone)]
struct Sleepy(u64);

const SLEEPY: ServerName<Sleepy> = ServerName::new("sleepy");

impl GenServer for Sleepy {
    type Args = ();
    type Call = (u64, ReplyTo<u64>);
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(ctx.handed_over().unwrap_or(Sleepy(7))))
    }

    async fn handle_call(&mut self, (n, from): Self::Call, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        from.reply(std::mem::replace(&mut self.0, n));
        Ok(Next::Hibernate)
    }
}

impl Supervised for Sleepy {}

#[otp::test]
async fn the_last_good_state_is_that_before_a_hibernation_or_before_the_first_message(system: System) {
    let spec = Sleepy::child(()).name(SLEEPY).hand_over(10).with(|start| start.save_state(Duration::ZERO));
    let _tree = supervisor(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let kill = async || {
        let sleepy = ServerRef::named(&system, SLEEPY).await_holder().await.unwrap();
        // It waits, and so it has saved.
        sys::get_state(&system, sleepy.pid().unwrap(), |_: &Sleepy| ()).await.unwrap();
        let exited = sleepy.exited();
        system.exit(sleepy.pid().unwrap(), ExitReason::Kill);
        exited.await;
        ServerRef::named(&system, SLEEPY).await_holder().await.unwrap()
    };
    let sleepy = kill().await;
    assert_eq!(sleepy.call(|from| (8, from)).await, Ok(7));
    assert_eq!(kill().await.call(|from| (9, from)).await, Ok(8));
}

#[otp::test]
async fn what_terminate_saves_after_a_crash_is_handed_over(system: System) {
    system.log_crashes(false);
    let tree = supervisor(Strategy::OneForOne).child(Ledger::child(()).name(LEDGER));
    let _tree = tree.start(&system).await.unwrap();
    let ledger = ServerRef::named(&system, LEDGER).await_holder().await.unwrap();
    ledger.write(1).await.unwrap();
    assert!(ledger.write(0).await.is_err());
    ledger.exited().await;
    let ledger = ServerRef::named(&system, LEDGER).await_holder().await.unwrap();
    assert_eq!(ledger.write(2).await, Ok(vec![1, 2]));
}

#[otp::test]
async fn the_children_of_a_dynamic_supervisor_each_have_their_own_state(system: System) {
    system.log_crashes(false);
    let tills = DynamicSupervisor::new().intensity(20, Duration::from_secs(5)).start(&system).await.unwrap();
    let spec = Till::child(false).hand_over(3);
    let one = tills.start_child(spec.clone().name(TILL)).await.unwrap().unwrap();
    let two = tills.start_child(spec.clone().name(OTHER)).await.unwrap().unwrap();
    one.add(1).await.unwrap();
    two.add(2).await.unwrap();
    assert_eq!(crash(&system, TILL).await.set(0).await, Ok(1));
    assert_eq!(crash(&system, OTHER).await.set(0).await, Ok(2));
    // One that is not restarted has nothing to hand over.
    let spec = spec.restart(Restart::Temporary);
    let brief = tills.start_child(spec).await.unwrap().unwrap();
    assert_eq!(brief.add(3).await, Ok((3, false)));
    let lonely = Till::start(&system, false).await.unwrap();
    assert_eq!(lonely.add(3).await, Ok((3, false)));
}

/// A value that explodes when the last copy is dropped by whoever keeps it.
#[derive(Clone)]
struct Fuse(Arc<AtomicU32>);

impl Drop for Fuse {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("an explosion");
    }
}

#[otp::test]
async fn a_saved_value_that_panics_when_it_is_dropped_does_not_end_the_supervisor(system: System) {
    system.log_crashes(false);
    let explosions = Arc::new(AtomicU32::new(0));
    let fuse = explosions.clone();
    // Not a server: a process that saves by itself.
    let spec = ChildSpec::keeping("miner", async move |supervisor: Process, kept: Option<HandOver>| {
        let fuse = fuse.clone();
        supervisor.spawn_link(async move |mut ctx: ProcessContext<()>| {
            let kept = kept.expect("the spec asks for it");
            assert!(kept.type_name().is_none_or(|name| name.ends_with("Fuse")));
            kept.save(Fuse(fuse));
            ctx.receive().await;
        })
    });
    let tree = supervisor(Strategy::OneForOne).child(spec.hand_over(0)).start(&system).await.unwrap();
    let first = tree.which_children().await.unwrap()[0].state.running().unwrap();
    otp_suite::idle(&ProcessRef::<()>::of(&system, first).unwrap()).await;
    system.exit(first, ExitReason::crash("a collapse"));
    until(|| explosions.load(Ordering::Relaxed) == 1).await;
    let again = async || tree.which_children().await.unwrap()[0].state.running();
    let second = loop {
        match again().await {
            Some(pid) if pid != first => break pid,
            _ => otp::process::yield_now().await,
        }
    };
    otp_suite::idle(&ProcessRef::<()>::of(&system, second).unwrap()).await;
    tree.terminate_child("miner").await.unwrap();
    tree.delete_child("miner").await.unwrap();
    assert_eq!(explosions.load(Ordering::Relaxed), 2);
    assert!(tree.which_children().await.unwrap().is_empty());
}
