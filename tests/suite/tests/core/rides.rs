//! Calls that ride through restarts of their callee: what was not received is sent to the next holder of the name, and
//! what was received is sent once.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use otp::prelude::*;
use otp::process::{MessageRef, SpawnOptions};
use otp::sys;
use otp_suite::servers::{Act, Ask as PuppetAsk, Puppet, Script};
use otp_suite::{Drops, begin, idle, inside, until, user};

const MOMENT: Duration = Duration::from_millis(5);
const AGES: Duration = Duration::from_secs(3600);

/// A request: what is to become of it, and who waits.
#[derive(Debug)]
enum Ask {
    /// Notes the number, and answers with it.
    Note(u32, ReplyTo<u32>),
    /// Notes the number, and panics.
    Panic(u32, ReplyTo<u32>),
    /// Notes the number, and keeps the token.
    Keep(u32, ReplyTo<u32>),
    /// Waits until the channel closes.
    Wait(oneshot::Receiver<()>),
}

const DESK: Name<Ask> = Name::new("desk");

type Notes = Arc<Mutex<Vec<u32>>>;

/// Starts somebody behind the desk.
fn sit(system: &System, options: SpawnOptions<Ask>, notes: &Notes) -> ProcessRef<Ask> {
    let notes = notes.clone();
    let note = move |n| notes.lock().unwrap().push(n);
    let server = async move |mut ctx: ProcessContext<Ask>| {
        let mut kept = Vec::new();
        loop {
            match user(ctx.receive().await) {
                Ask::Note(n, from) => {
                    note(n);
                    from.reply(n);
                }
                Ask::Panic(n, _from) => {
                    note(n);
                    panic!("the desk broke");
                }
                Ask::Keep(n, from) => {
                    note(n);
                    kept.push(from);
                }
                Ask::Wait(until) => drop(until.await.err()),
            }
        }
    };
    system.spawn_with(options.name(DESK), server).unwrap().process
}

/// A desk that is busy until the sender is dropped.
async fn busy(system: &System, options: SpawnOptions<Ask>, notes: &Notes) -> (ProcessRef<Ask>, oneshot::Sender<()>) {
    let desk = sit(system, options, notes);
    let (wake, asleep) = oneshot::channel();
    desk.send(Ask::Wait(asleep)).await.unwrap();
    idle(&desk).await;
    (desk, wake)
}

fn ask(system: &System, make: impl FnOnce(ReplyTo<u32>) -> Ask) -> Call<Ask, u32> {
    Call::new(Address::named(system, DESK), make).timeout(AGES)
}

fn note(system: &System, n: u32) -> Call<Ask, u32> {
    ask(system, move |from| Ask::Note(n, from))
}

#[otp::test]
async fn a_request_that_was_not_received_goes_to_the_next_holder_and_one_that_was_does_not(system: System) {
    let notes = Notes::default();
    let (first, wake) = busy(&system, SpawnOptions::new(), &notes).await;
    // The first one breaks the desk. What lies behind it rides, from inside and outside of processes.
    let own = system.clone();
    let mut within = pin!(inside(&system, async move |_: ProcessContext<()>| {
        let breaks = ask(&own, |from| Ask::Panic(0, from)).through_restart(AGES);
        let behind = (1..4).map(|n| note(&own, n).through_restart(AGES));
        futures::join!(breaks, join_all(behind))
    }));
    assert!(begin(&mut within).await.is_pending());
    until(|| system.info(first.pid()).is_some_and(|info| info.queue == 4)).await;
    let mut outside = pin!(note(&system, 4).through_restart(AGES));
    let mut plain = pin!(note(&system, 5));
    assert!(begin(&mut outside).await.is_pending() && begin(&mut plain).await.is_pending());
    drop(wake);
    let reason = first.exited().await;
    assert_eq!(reason, ExitReason::crash("the desk broke"));
    for _ in 0..20 {
        assert!(begin(&mut outside).await.is_pending(), "there is no next holder");
        otp::process::yield_now().await;
    }
    let second = sit(&system, SpawnOptions::new(), &notes);
    let (breaks, behind) = within.await;
    assert_eq!((behind, outside.await), (vec![Ok(1), Ok(2), Ok(3)], Ok(4)));
    let error = breaks.unwrap_err();
    assert!(error.may_have_begun(), "{error}");
    assert_eq!(error.callee().pid, Some(first.pid()));
    let error = plain.await.unwrap_err();
    assert!(!error.may_have_begun(), "a call that does not ride is told that it could be sent again: {error}");
    let mut noted = notes.lock().unwrap().clone();
    noted.sort_unstable();
    assert_eq!(noted, [0, 1, 2, 3, 4], "each was noted once");
    assert!(second.is_alive());
}

#[otp::test]
async fn who_calls_a_name_that_nobody_holds_waits_for_its_holder(system: System) {
    let notes = Notes::default();
    let calls = (0..3).map(|n| note(&system, n).through_restart(AGES));
    let mut calls = pin!(join_all(calls));
    assert!(begin(&mut calls).await.is_pending());
    sit(&system, SpawnOptions::new(), &notes);
    assert_eq!(calls.await, [Ok(0), Ok(1), Ok(2)]);
}

#[otp::test]
async fn a_request_rides_through_many_restarts_and_is_done_once(system: System) {
    let notes = Notes::default();
    let mut rides = Vec::new();
    for n in 0..10 {
        let (desk, _wake) = busy(&system, SpawnOptions::new(), &notes).await;
        let mut ride = Box::pin(note(&system, n).through_restart(AGES));
        assert!(begin(&mut ride).await.is_pending());
        rides.push(ride);
        for ride in &mut rides {
            assert!(begin(ride).await.is_pending());
        }
        desk.exit(ExitReason::Kill);
        desk.exited().await;
    }
    let desk = sit(&system, SpawnOptions::new(), &notes);
    for (n, answer) in join_all(rides).await.into_iter().enumerate() {
        assert_eq!(answer, Ok(n as u32));
    }
    let mut noted = notes.lock().unwrap().clone();
    noted.sort_unstable();
    assert_eq!(noted, Vec::from_iter(0..10));
    desk.exit(ExitReason::Kill);
}

#[otp::test]
async fn without_a_holder_in_time_the_last_failure_is_the_error(system: System) {
    let notes = Notes::default();
    let nobody = note(&system, 1).through_restart(MOMENT).await.unwrap_err();
    assert!(matches!(nobody, CallError::NoProc(_)) && !nobody.may_have_begun(), "{nobody}");
    let (desk, _wake) = busy(&system, SpawnOptions::new(), &notes).await;
    // The time without a callee counts, and not that of its work.
    let mut ride = pin!(note(&system, 2).through_restart(MOMENT));
    assert!(begin(&mut ride).await.is_pending());
    system.sleep(2 * MOMENT).await;
    assert!(begin(&mut ride).await.is_pending());
    desk.exit(ExitReason::Kill);
    let error = ride.await.unwrap_err();
    assert!(matches!(error, CallError::Exited { reason: ExitReason::Killed, begun: false, .. }), "{error:?}");
    // The call's own limit holds for all of it.
    let error = note(&system, 3).timeout(MOMENT).through_restart(AGES).await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)), "{error}");
    // A limit of zero waits for nobody.
    let error = note(&system, 4).through_restart(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)), "{error}");
    sit(&system, SpawnOptions::new(), &notes);
    assert_eq!(note(&system, 5).through_restart(MOMENT).await, Ok(5));
    assert_eq!(*notes.lock().unwrap(), [5]);
}

#[otp::test]
async fn one_that_gives_up_takes_its_request_back(system: System) {
    let notes = Notes::default();
    let (desk, wake) = busy(&system, SpawnOptions::new(), &notes).await;
    let error = note(&system, 1).timeout(MOMENT).through_restart(AGES).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { begun: false, queued: 1, .. }), "{error:?}");
    let mut dropped = Box::pin(note(&system, 2).through_restart(AGES));
    assert!(begin(&mut dropped).await.is_pending());
    drop(dropped);
    let plain = note(&system, 3).timeout(MOMENT).await.unwrap_err();
    assert!(plain.may_have_begun());
    drop(wake);
    assert_eq!(note(&system, 4).through_restart(AGES).await, Ok(4));
    assert_eq!(*notes.lock().unwrap(), [3, 4]);
    // What was received is not taken back.
    let error = ask(&system, |from| Ask::Keep(5, from)).timeout(MOMENT).through_restart(AGES).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { begun: true, .. }), "{error:?}");
    assert_eq!((*notes.lock().unwrap()).last(), Some(&5));
    assert!(desk.is_alive());
}

#[otp::test]
async fn a_ride_waits_for_room_in_whichever_mailbox_it_comes_to(system: System) {
    let notes = Notes::default();
    let bound = || SpawnOptions::new().mailbox(1);
    let (first, _wake) = busy(&system, bound(), &notes).await;
    // One in the mailbox, two in the line.
    let mut rides: Vec<_> = (0..3).map(|n| Box::pin(note(&system, n).through_restart(AGES))).collect();
    for ride in &mut rides {
        assert!(begin(ride).await.is_pending());
    }
    assert_eq!(system.info(first.pid()).unwrap().queue, 1);
    let full = note(&system, 9).timeout(MOMENT).through_restart(AGES).await.unwrap_err();
    assert!(matches!(full, CallError::Full { limit: 1, .. }) && !full.may_have_begun(), "{full}");
    first.exit(ExitReason::Kill);
    first.exited().await;
    let (second, wake) = busy(&system, bound(), &notes).await;
    for ride in &mut rides {
        assert!(begin(ride).await.is_pending());
    }
    assert_eq!(system.info(second.pid()).unwrap().queue, 1);
    // The one in the mailbox gives up: its room is free once the process comes to it.
    drop(rides.remove(0));
    drop(wake);
    assert_eq!(join_all(rides).await, [Ok(1), Ok(2)]);
    assert_eq!(note(&system, 3).await, Ok(3));
    let mut noted = notes.lock().unwrap().clone();
    noted.sort_unstable();
    assert_eq!(noted, [1, 2, 3]);
}

#[otp::test]
async fn what_a_selective_receive_leaves_rides_and_what_it_takes_does_not(system: System) {
    let picky = async |mut ctx: ProcessContext<Ask>| {
        let is_kept = |message: &MessageRef<'_, Ask>| matches!(message, MessageRef::User(Ask::Keep(..)));
        let kept = ctx.receive_match(|message| is_kept(&message)).await;
        // Looks at all of them, and does not wait.
        assert!(ctx.try_receive_match(|message| is_kept(&message)).is_none());
        drop(kept);
        otp_suite::forever(ctx).await;
    };
    let picky = system.spawn_with(SpawnOptions::new().name(DESK), picky).unwrap().process;
    let notes = Notes::default();
    let mut skipped: Vec<_> = (0..2).map(|n| Box::pin(note(&system, n).through_restart(AGES))).collect();
    for ride in &mut skipped {
        assert!(begin(ride).await.is_pending());
    }
    let mut gone = Box::pin(note(&system, 7).through_restart(AGES));
    assert!(begin(&mut gone).await.is_pending());
    idle(&picky).await;
    drop(gone);
    let taken = ask(&system, |from| Ask::Keep(2, from)).through_restart(AGES);
    let error = taken.await.unwrap_err();
    assert!(matches!(error, CallError::NoReply(_)), "{error}");
    picky.exit(ExitReason::Kill);
    picky.exited().await;
    sit(&system, SpawnOptions::new(), &notes);
    assert_eq!(join_all(skipped).await, [Ok(0), Ok(1)]);
}

#[otp::test]
async fn what_waits_in_a_suspended_server_rides(system: System) {
    let (_journal, recorder) = otp_suite::journal::journal(&system);
    let name = otp_suite::servers::PUPPET;
    let start = async || Puppet::start(&system, Script::new(&recorder.journal())).name(name.clone()).await.unwrap();
    let first = start().await;
    let puppet = ServerRef::<Puppet>::named(&system, name.clone());
    let echo = || puppet.call(|from| PuppetAsk::Echo("hello", from)).timeout(AGES);
    assert_eq!(echo().through_restart(AGES).await, Ok("hello"));
    sys::suspend(&system, &first).await.unwrap();
    // Often enough that callers would have run it.
    let mut rides: Vec<_> = (0..3).map(|_| Box::pin(echo().through_restart(AGES))).collect();
    for ride in &mut rides {
        assert!(begin(ride).await.is_pending());
    }
    sys::status(&system, &first).await.unwrap();
    first.exit(ExitReason::Kill);
    first.exited().await;
    start().await;
    assert_eq!(join_all(rides).await, [const { Ok("hello") }; 3]);
    puppet.cast(Act::Stop(ExitReason::Normal));
}

#[otp::test]
async fn a_ride_runs_an_idle_callee_and_keeps_the_order_of_its_caller(system: System) {
    let notes = Notes::default();
    let desk = sit(&system, SpawnOptions::new(), &notes);
    let own = system.clone();
    let to = desk.clone();
    inside(&system, async move |_: ProcessContext<()>| {
        for n in 0..400 {
            if n % 2 == 0 {
                to.send(Ask::Note(2 * n, ReplyTo::with(|_| ()))).await.unwrap();
            }
            assert_eq!(note(&own, 2 * n + 1).through_restart(AGES).await, Ok(2 * n + 1));
        }
    })
    .await;
    let noted = notes.lock().unwrap();
    assert!(noted.is_sorted() && noted.len() == 600, "{noted:?}");
    assert_eq!(system.info(desk.pid()).unwrap().handled, 600);
}

#[otp::test]
async fn a_ride_to_one_process_is_an_ordinary_call(system: System) {
    let notes = Notes::default();
    let (desk, _wake) = busy(&system, SpawnOptions::new(), &notes).await;
    let call = |n| Call::new(&desk, move |from| Ask::Note(n, from)).timeout(AGES).through_restart(AGES);
    let mut ride = pin!(call(1));
    assert!(begin(&mut ride).await.is_pending());
    desk.exit(ExitReason::Kill);
    let error = ride.await.unwrap_err();
    assert!(matches!(error, CallError::Exited { begun: false, .. }), "{error:?}");
    assert!(matches!(call(2).await, Err(CallError::NoProc(_))));
    // Nor does the wrong type get better by waiting, or a call of oneself.
    let other = system.spawn_with(SpawnOptions::new().name(Name::<u8>::new("desk")), otp_suite::forever);
    let error = note(&system, 3).through_restart(AGES).await.unwrap_err();
    assert!(matches!(error, CallError::WrongType { .. }), "{error:?}");
    other.unwrap().process.exit(ExitReason::Kill);
    until(|| system.registered().is_empty()).await;
    let own = system.clone();
    let options = SpawnOptions::new().name(DESK);
    let (tell, told) = oneshot::channel();
    let narcissus = async move |_: ProcessContext<Ask>| tell.send(note(&own, 4).through_restart(AGES).await).unwrap();
    system.spawn_with(options, narcissus).unwrap();
    assert!(matches!(told.await.unwrap(), Err(CallError::CallingSelf(_))));
}

#[otp::test]
async fn a_ride_through_a_mapped_address_waits_for_a_holder_and_is_sent_once(system: System) {
    let notes = Notes::default();
    let mapped = Address::named(&system, DESK).map_message(|(n, from): (u32, ReplyTo<u32>)| Ask::Note(n, from));
    let call = |n| Call::new(&mapped, move |from| (n, from)).timeout(AGES).through_restart(AGES);
    let mut early = pin!(call(1));
    assert!(begin(&mut early).await.is_pending());
    let first = sit(&system, SpawnOptions::new(), &notes);
    assert_eq!(early.await, Ok(1));
    let (wake, asleep) = oneshot::channel();
    first.send(Ask::Wait(asleep)).await.unwrap();
    idle(&first).await;
    let mut lost = pin!(call(2));
    assert!(begin(&mut lost).await.is_pending());
    first.exit(ExitReason::Kill);
    let error = lost.await.unwrap_err();
    assert!(matches!(error, CallError::Exited { begun: false, .. }), "{error:?}");
    drop(wake);
}

/// A message with something in it that is counted when it is dropped.
type Parcel = (otp_suite::Guard, ReplyTo<()>);

#[otp::test]
async fn a_message_is_dropped_once_whatever_becomes_of_its_ride(system: System) {
    const SINK: Name<Parcel> = Name::new("sink");
    let drops = Drops::default();
    let sink = || {
        let sink = async |mut ctx: ProcessContext<Parcel>| {
            let (_guard, from) = user(ctx.receive().await);
            from.reply(());
            otp_suite::forever(ctx).await;
        };
        system.spawn_with(SpawnOptions::new().name(SINK), sink).unwrap().process
    };
    let ride = |limit| {
        let guard = drops.guard();
        Call::new(Address::named(&system, SINK), move |from| (guard, from)).timeout(AGES).through_restart(limit)
    };
    // Nobody holds the name; received; left behind, and given up before or after the end of the callee.
    ride(Duration::ZERO).await.unwrap_err();
    assert_eq!(drops.count(), 1);
    let first = sink();
    assert_eq!(ride(AGES).await, Ok(()));
    let (mut before, mut after) = (Box::pin(ride(AGES)), Box::pin(ride(AGES)));
    assert!(begin(&mut before).await.is_pending() && begin(&mut after).await.is_pending());
    let counted = drops.count();
    drop(before);
    assert_eq!(drops.count(), counted + 1);
    first.exit(ExitReason::Kill);
    first.exited().await;
    assert!(begin(&mut after).await.is_pending());
    assert_eq!(drops.count(), 3, "that of the guard that was received, too");
    drop(after);
    assert_eq!(drops.count(), 4);
}

/// Many callers, and a desk that is killed all the time: nothing is done twice, and what was not begun is done.
#[otp::test]
async fn under_a_storm_of_restarts_every_request_is_done_once_or_may_have_begun(system: System) {
    const CALLERS: u32 = 4;
    const CALLS: u32 = 30;
    let notes = Notes::default();
    let over = Arc::new(AtomicUsize::new(0));
    let callers = (0..CALLERS).map(|caller| {
        let (own, over) = (system.clone(), over.clone());
        inside(&system, async move |_: ProcessContext<()>| {
            let mut outcomes = Vec::new();
            for n in 0..CALLS {
                let number = caller * CALLS + n;
                outcomes.push((number, note(&own, number).through_restart(AGES).await));
                otp::process::yield_now().await;
            }
            over.fetch_add(1, Ordering::SeqCst);
            outcomes
        })
    });
    let storm = async {
        while over.load(Ordering::SeqCst) < CALLERS as usize {
            let desk = sit(&system, SpawnOptions::new(), &notes);
            for _ in 0..5 {
                otp::process::yield_now().await;
            }
            desk.exit(ExitReason::Kill);
            desk.exited().await;
        }
    };
    let (outcomes, ()) = futures::join!(join_all(callers), storm);
    let noted = notes.lock().unwrap();
    for (number, outcome) in outcomes.into_iter().flatten() {
        let times = noted.iter().filter(|&&noted| noted == number).count();
        match outcome {
            Ok(answer) => assert_eq!((answer, times), (number, 1)),
            Err(error) => assert!(error.may_have_begun() && times <= 1, "{number} {times}: {error}"),
        }
    }
}
