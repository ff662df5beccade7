//! That the bounds of the two lanes are apart, that code of others runs under no lock, and what is reported.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::channel::oneshot;
use otp::event::Event;
use otp::process::{
    AliasMode, Lane, LoadEvent, MailboxPolicy, MessageRef, Overflow, Overload, SpawnOptions, Target, TrySendError,
};
use otp::{Address, ExitReason, Message, ProcessContext, ProcessRef, System};
use otp_suite::{begin, caught, inside, until, user};

use crate::policies::{Note, desk, policy};

/// Members of a room: what one says is sent to all of them, also to the one who says it.
struct Room(Vec<Address<u32>>);

impl Room {
    fn say(&self, n: u32) -> Vec<bool> {
        self.0.iter().map(|member| member.try_send(n).is_ok()).collect()
    }
}

#[otp::test]
async fn a_fast_speaker_is_not_thrown_out_by_its_own_echoes_and_who_never_reads_only_loses_news(system: System) {
    let echoes = || policy().input(4, Overflow::Refuse).broadcast(8, Overflow::DropOldest);
    let (speaker, open, mut read) = desk(&system, echoes());
    let (sleeper, _shut, _unread) = desk(&system, echoes());
    let room = Room([&speaker, &sleeper].map(|member| Address::from(member).map_message(Note::News)).into());
    // It has not read anything either: its client sends first.
    for n in 0..1000 {
        assert_eq!(room.say(n), [true, true], "nobody is thrown out");
    }
    // Its input has its own room.
    for n in 0..4 {
        speaker.try_send(Note::Say(n)).unwrap();
    }
    assert!(matches!(speaker.try_send(Note::Say(4)), Err(TrySendError::Full { .. })));
    for member in [&speaker, &sleeper] {
        let info = system.info(member.pid()).unwrap();
        assert_eq!((info.load.unwrap().dropped, info.queue >= 8), (992, true));
    }
    open.send(()).unwrap();
    let expected: Vec<u32> = (992..1000).chain(0..4).collect();
    assert_eq!(read.all(&speaker, 12).await, expected);
}

#[otp::test]
async fn what_comes_through_a_mapped_address_is_broadcast_and_comes_back_unmapped(system: System) {
    let maps = Arc::new(AtomicU32::new(0));
    for (overflow, is_kept) in [(Overflow::Refuse, false), (Overflow::DropNewest, true), (Overflow::DropOldest, true)] {
        let (desk, open, mut read) = desk(&system, policy().input(1, Overflow::Refuse).broadcast(1, overflow));
        let (counts, before) = (maps.clone(), maps.load(Ordering::Relaxed));
        let mapped = Address::from(&desk).map_message(move |n| {
            counts.fetch_add(1, Ordering::Relaxed);
            Note::Say(n)
        });
        mapped.try_send(1).unwrap();
        match mapped.try_send(2) {
            Ok(()) => assert!(is_kept),
            Err(error) => assert!(!is_kept && error.into_message() == 2),
        }
        assert_eq!(maps.load(Ordering::Relaxed) - before, 1 + u32::from(is_kept));
        open.send(()).unwrap();
        let kept = if overflow == Overflow::DropOldest { 2 } else { 1 };
        assert_eq!(read.all(&desk, 1).await, [kept]);
    }
    // A map that panics gives the room back.
    let (desk, open, mut read) = desk(&system, policy().broadcast(1, Overflow::Refuse));
    let picky = Address::from(&desk).map_message(|n| if n == 0 { panic!("no zero") } else { Note::News(n) });
    caught(|| drop(picky.try_send(0)));
    picky.try_send(1).unwrap();
    open.send(()).unwrap();
    assert_eq!(read.all(&desk, 1).await, [1]);
}

/// Looks at the process from wherever it is called.
struct Nosy {
    n: u32,
    of: ProcessRef<Nosy>,
}

impl Drop for Nosy {
    fn drop(&mut self) {
        let info = self.of.system().info(self.of.pid());
        assert!(info.is_none_or(|info| info.queue < 100));
        assert!(self.n != 1, "the first one explodes");
    }
}

#[otp::test]
async fn code_of_users_runs_under_no_lock_and_its_panics_harm_nobody_else(system: System) {
    system.log_crashes(false);
    let mut events = system.subscribe();
    let look = |message: &Nosy| message.of.system().info(message.of.pid()).map(|info| info.queue);
    let policy = MailboxPolicy::new()
        .lanes(move |message: &Nosy| match look(message) {
            Some(_) => Lane::Broadcast,
            None => Lane::Input,
        })
        .coalesce(move |message: &Nosy| look(message).filter(|_| message.n >= 10).map(|_| 1_u64.into()))
        .broadcast(2, Overflow::DropOldest);
    let (open, opened) = oneshot::channel();
    let (go, goes) = oneshot::channel();
    let process = system.spawn_with(SpawnOptions::new().policy(policy), async move |mut ctx: ProcessContext<Nosy>| {
        let alias = ctx.alias(AliasMode::Explicit);
        open.send(alias).unwrap();
        goes.await.unwrap();
        let Message::User(first) =
            ctx.receive_match(|message| matches!(message, MessageRef::User(m) if m.n == 5)).await
        else {
            panic!("not a message")
        };
        drop(first);
    });
    let process = process.unwrap().process;
    let nosy = |n| Nosy { n, of: process.clone() };
    let alias = opened.await.unwrap();
    // Dropped in favour of the third is the first one, which explodes, through each way in.
    alias.send(nosy(1));
    alias.send(nosy(2));
    alias.send(nosy(3));
    process.try_send(nosy(10)).unwrap();
    alias.send(nosy(11));
    let mapped = Address::from(&process).map_message({
        let of = process.clone();
        move |n| Nosy { n, of: of.clone() }
    });
    mapped.try_send(12).unwrap();
    let load = system.info(process.pid()).unwrap().load.unwrap();
    // There was room made for the last one, of which nobody knew its key before it was mapped.
    assert_eq!((load.dropped, load.coalesced), (3, 2));
    process.send(nosy(5)).await.unwrap();
    go.send(()).unwrap();
    process.exited().await;
    let crash = loop {
        if let Event::Crashed(report) = events.next().await {
            break report;
        }
    };
    assert_eq!(crash.pid, Some(process.pid()));
    assert!(crash.reason.to_string().contains("the first one explodes"), "{}", crash.reason);
}

/// Panics when the policy that owns it is dropped.
struct Charge;

impl Drop for Charge {
    fn drop(&mut self) {
        panic!("the policy explodes");
    }
}

#[otp::test]
async fn a_policy_that_panics_when_it_is_dropped_keeps_nobody_waiting(system: System) {
    system.log_crashes(false);
    let charge = Charge;
    let lanes = move |_: &u32| {
        let _ = &charge;
        Lane::Input
    };
    let policy = MailboxPolicy::new().lanes(lanes).input(1, Overflow::Wait);
    let full = system.spawn_with(SpawnOptions::new().policy(policy), async |_ctx: ProcessContext<u32>| {
        std::future::pending::<()>().await;
    });
    let full = full.unwrap().process;
    full.try_send(1).unwrap();
    let (late, mut exited) = (full.clone(), full.exited());
    let mut waiting = Box::pin(async move { late.send(2).await });
    assert!(begin(&mut waiting).await.is_pending());
    full.exit(ExitReason::Kill);
    assert_eq!(waiting.await.unwrap_err().into_message(), 2);
    assert_eq!((&mut exited).await, ExitReason::Killed);
}

async fn load_event(events: &mut otp::event::Events) -> LoadEvent {
    loop {
        if let Some(event) = events.next().await.downcast_ref::<LoadEvent>() {
            break event.clone();
        }
    }
}

#[otp::test]
async fn a_time_of_overload_is_reported_when_it_begins_and_when_it_is_over(system: System) {
    let mut events = system.subscribe();
    let (desk, open, mut read) = desk(&system, policy().input(2, Overflow::Refuse).broadcast(1, Overflow::DropOldest));
    for n in 0..5 {
        drop(desk.try_send(Note::Say(n)));
        desk.try_send(Note::News(n)).unwrap();
    }
    let began = load_event(&mut events).await;
    let LoadEvent::Overloaded { pid, why: Overload::Dropped, queued: 3, .. } = began else { panic!("{began}") };
    assert_eq!(pid, desk.pid());
    open.send(()).unwrap();
    assert_eq!(read.all(&desk, 3).await, [0, 1, 4]);
    let over = load_event(&mut events).await;
    let LoadEvent::Recovered { pid, lost, .. } = over else { panic!("{over}") };
    assert_eq!((pid, lost.refused, lost.dropped, lost.shed()), (desk.pid(), 3, 4, 7));
    // Another time has its own figures.
    assert_eq!(system.info(desk.pid()).unwrap().load.unwrap().shed(), 7);
}

#[otp::test]
async fn a_process_with_a_policy_receives_selectively_as_any_other(system: System) {
    let (ready, is_ready) = oneshot::channel();
    let (go, goes) = oneshot::channel();
    let options = SpawnOptions::new().policy(MailboxPolicy::new().input(100, Overflow::DropOldest));
    let process = system.spawn_with(options, async move |mut ctx: ProcessContext<u32>| {
        let brief = ctx.spawn(async |_: ProcessContext<()>| {});
        brief.exited().await;
        let monitor = ctx.monitor(&brief);
        ready.send(()).unwrap();
        goes.await.unwrap();
        let even = |message: MessageRef<'_, u32>| matches!(message, MessageRef::User(n) if n % 2 == 0);
        assert_eq!(user(ctx.receive_match(even).await), 2);
        assert_eq!(ctx.try_receive_match(even).map(user), Some(4));
        assert_eq!(ctx.try_receive_match(even), None);
        ctx.demonitor_flush(monitor);
        let mark = ctx.mark();
        ctx.this().try_send(6).unwrap();
        assert_eq!(user(ctx.receive_match_after(mark, |_| true).await), 6);
        for n in [1, 3, 5] {
            assert_eq!(user(ctx.receive().await), n);
        }
        assert_eq!(ctx.try_receive_match(|_| true), None);
        let _ = Target::from(&brief);
    });
    let process = process.unwrap().process;
    is_ready.await.unwrap();
    for n in 1..=5 {
        process.send(n).await.unwrap();
    }
    go.send(()).unwrap();
    assert_eq!(process.exited().await, otp::ExitReason::Normal);
}

#[otp::test]
async fn a_receive_under_a_foreign_waker_gets_what_a_policy_lets_in(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let options = SpawnOptions::new().policy(MailboxPolicy::new().input(10, Overflow::Wait));
        let body = async |mut ctx: ProcessContext<u32>| {
            let mut sum = 0;
            while sum < 15 {
                use futures::stream::{FuturesUnordered, StreamExt};
                let mut one: FuturesUnordered<_> = [ctx.receive()].into_iter().collect();
                sum += user(one.next().await.unwrap());
            }
        };
        let process = ctx.spawn_with(options, body).unwrap().process;
        for n in 1..=5 {
            process.send(n).await.unwrap();
        }
        process.exited().await;
    })
    .await;
}

#[otp::test]
async fn many_senders_lose_nothing_in_lanes_that_wait(system: System) {
    let (desk, open, mut read) = desk(&system, policy().input(2, Overflow::Wait).broadcast(3, Overflow::Wait));
    open.send(()).unwrap();
    for sender in 0..4 {
        let desk = desk.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            for n in 0..50 {
                let n = sender * 50 + n;
                let sent = desk.send(if n % 2 == 0 { Note::Say(n) } else { Note::News(n) });
                sent.await.unwrap();
            }
        });
    }
    let mut all = read.all(&desk, 200).await;
    all.sort_unstable();
    assert!(all.into_iter().eq(0..200));
    let mut late = Box::pin(desk.send(Note::Say(0)));
    assert!(begin(&mut late).await.is_ready());
    until(|| system.info(desk.pid()).unwrap().queue == 0).await;
}
