//! Streams that are attached to servers and to plain processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::oneshot;
use futures::stream::{self, Stream, StreamExt};
use otp::gen_server::{Attached, Attachment};
use otp::prelude::*;
use otp::process::{Overflow, SpawnOptions};
use otp::test::eventually;
use otp_suite::{Drops, down, exit, forever, idle, inside, user};

/// A server that keeps what it is sent, and waits for a permit before it takes the first item.
struct Sink {
    gate: Option<oneshot::Receiver<()>>,
    items: Vec<u32>,
    attached: Option<Attached>,
}

type Source = Box<dyn Stream<Item = u32> + Send + Unpin>;

#[gen_server]
impl Sink {
    #[init]
    fn init(source: Source, window: usize, gate: Option<oneshot::Receiver<()>>, ctx: &mut Context<Self>) -> Self {
        let attached = ctx.attach_with(Attachment::new().window(window), source, SinkInfo::Item);
        Sink { gate, items: Vec::new(), attached: Some(attached) }
    }

    #[info]
    async fn item(&mut self, item: Option<u32>) {
        if let Some(gate) = self.gate.take() {
            let _ = gate.await;
        }
        match item {
            Some(item) => self.items.push(item),
            None => self.items.push(u32::MAX),
        }
    }

    #[call]
    fn items(&self) -> Vec<u32> {
        self.items.clone()
    }

    #[call]
    fn detach(&mut self) -> Option<Pid> {
        let attached = self.attached.take()?;
        let pid = attached.pid();
        attached.detach();
        Some(pid)
    }

    #[call]
    fn stream(&self) -> Option<Pid> {
        self.attached.as_ref().map(Attached::pid)
    }
}

/// The numbers up to `last`; counts how many of them were taken.
fn counted(last: u32) -> (Source, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let source = stream::iter(1..=last).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    (Box::new(source), taken)
}

/// A stream without items that is counted when it is dropped.
fn silent(drops: &Drops) -> Source {
    let guard = drops.guard();
    Box::new(stream::pending().inspect(move |_: &u32| {
        let _ = &guard;
    }))
}

#[otp::test]
async fn the_items_of_a_stream_and_its_end_arrive_in_order(system: System) {
    let (source, _) = counted(100);
    let sink = Sink::start(&system, (source, 8, None)).await.unwrap();
    let expected: Vec<u32> = (1..=100).chain([u32::MAX]).collect();
    eventually(&system, async || sink.items().await == Ok(expected.clone())).await;
    let pid = sink.stream().await.unwrap().unwrap();
    eventually(&system, async || !system.is_alive(pid)).await;
}

#[otp::test]
async fn a_fast_stream_cannot_flood_a_mailbox_without_a_bound(system: System) {
    for window in [1, 3, 8] {
        let (open, gate) = oneshot::channel();
        let (source, taken) = counted(1000);
        let sink = Sink::start(&system, (source, window, Some(gate))).await.unwrap();
        // The first one is being handled, and then the window is full.
        eventually(&system, async || taken.load(Ordering::SeqCst) == window + 1).await;
        let pid = sink.pid().unwrap();
        let pump = ProcessRef::of(&system, find_stream(&system, pid).unwrap()).unwrap();
        eventually(&system, async || system.info(pid).unwrap().queue == window).await;
        idle::<std::convert::Infallible>(&pump).await;
        assert_eq!((taken.load(Ordering::SeqCst), system.info(pid).unwrap().queue), (window + 1, window));
        open.send(()).unwrap();
        let expected: Vec<u32> = (1..=1000).chain([u32::MAX]).collect();
        eventually(&system, async || sink.items().await == Ok(expected.clone())).await;
    }
}

/// The process of the stream that is attached to a process.
fn find_stream(system: &System, owner: Pid) -> Option<Pid> {
    let mut infos = system.processes().into_iter().filter_map(|pid| system.info(pid));
    infos.find(|info| info.parent == owner && info.links == [owner]).map(|info| info.pid)
}

#[otp::test]
async fn a_stream_waits_for_room_in_a_bounded_mailbox(system: System) {
    let (open, gate) = oneshot::channel();
    let (source, taken) = counted(50);
    let sink = Sink::start(&system, (source, 40, Some(gate))).mailbox(2).await.unwrap();
    // One is handled, two wait, and one has no room.
    eventually(&system, async || taken.load(Ordering::SeqCst) == 4).await;
    let pump = ProcessRef::of(&system, find_stream(&system, sink.pid().unwrap()).unwrap()).unwrap();
    idle::<std::convert::Infallible>(&pump).await;
    assert_eq!(taken.load(Ordering::SeqCst), 4);
    open.send(()).unwrap();
    let expected: Vec<u32> = (1..=50).chain([u32::MAX]).collect();
    eventually(&system, async || sink.items().await == Ok(expected.clone())).await;
}

#[otp::test]
async fn no_item_of_a_stream_is_lost_in_a_lane_that_drops_what_has_no_room(system: System) {
    let (open, gate) = oneshot::channel();
    let (source, taken) = counted(50);
    let starts = Sink::start(&system, (source, 40, Some(gate))).broadcast(2, Overflow::DropOldest);
    let sink = starts.input(2, Overflow::DropNewest).await.unwrap();
    eventually(&system, async || taken.load(Ordering::SeqCst) == 4).await;
    let pump = ProcessRef::of(&system, find_stream(&system, sink.pid().unwrap()).unwrap()).unwrap();
    idle::<std::convert::Infallible>(&pump).await;
    open.send(()).unwrap();
    let expected: Vec<u32> = (1..=50).chain([u32::MAX]).collect();
    eventually(&system, async || sink.items().await == Ok(expected.clone())).await;
}

#[otp::test]
async fn a_stream_ends_with_its_server_however_that_ends(system: System) {
    for kill in [false, true] {
        let drops = Drops::default();
        let sink = Sink::start(&system, (silent(&drops), 8, None)).await.unwrap();
        let pid = sink.stream().await.unwrap().unwrap();
        let ended = system.exited(pid);
        if kill {
            sink.exit(ExitReason::Kill);
        } else {
            sink.stop().await.unwrap();
        }
        ended.await;
        assert_eq!(drops.count(), 1);
    }
}

#[otp::test]
async fn a_stream_that_is_detached_is_dropped_and_its_server_goes_on(system: System) {
    let drops = Drops::default();
    let sink = Sink::start(&system, (silent(&drops), 8, None)).await.unwrap();
    let pid = sink.detach().await.unwrap().unwrap();
    system.exited(pid).await;
    assert_eq!(drops.count(), 1);
    assert_eq!(sink.items().await, Ok(vec![]));
}

#[otp::test]
async fn a_panic_in_a_stream_ends_its_server_with_the_same_reason(system: System) {
    let source: Source = Box::new(stream::iter([1, 2]).map(|n| if n == 2 { panic!("on purpose") } else { n }));
    let sink = Sink::start(&system, (source, 8, None)).await.unwrap();
    let reason = sink.exited().await;
    assert!(reason.to_string().contains("on purpose") || reason == ExitReason::NoProc, "{reason}");
}

#[otp::test]
async fn a_process_that_traps_exits_hears_of_a_panic_and_not_of_the_end(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Option<u32>>| {
        ctx.trap_exit(true);
        let ended = ctx.attach(stream::iter([1]), |item| item);
        assert_eq!((user(ctx.receive().await), user(ctx.receive().await)), (Some(1), None));
        let monitor = ctx.monitor(ended.pid());
        // Nothing of its end is between the messages and this.
        let gone = down(ctx.receive().await);
        assert_eq!(gone.monitor, monitor);
        assert!(!ended.is_attached());

        let crashing = ctx.attach(stream::iter([1]), |_| panic!("on purpose"));
        let crash = exit(ctx.receive().await);
        assert_eq!(crash.from, crashing.pid());
        assert!(crash.reason.to_string().contains("on purpose"), "{}", crash.reason);
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

#[otp::test]
async fn the_errors_of_a_stream_are_messages(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Option<Result<u32, &'static str>>>| {
        ctx.attach(stream::iter([Ok(1), Err("torn"), Ok(2)]), |item| item);
        for expected in [Some(Ok(1)), Some(Err("torn")), Some(Ok(2)), None] {
            assert_eq!(user(ctx.receive().await), expected);
        }
    })
    .await;
}

#[otp::test]
async fn an_attached_stream_is_visible_among_the_processes(system: System) {
    inside(&system, async |ctx: ProcessContext<Option<()>>| {
        let attached = ctx.attach(stream::pending(), |item: Option<()>| item);
        let info = ctx.system().info(attached.pid()).unwrap();
        assert_eq!(info.label.unwrap().to_string(), format!("stream of {}", ctx.pid()));
        assert_eq!((info.parent, info.links), (ctx.pid(), vec![ctx.pid()]));
        let named = ctx.attach_with(Attachment::new().label("news"), stream::pending(), |item: Option<()>| item);
        assert_eq!(ctx.system().info(named.pid()).unwrap().label.unwrap().as_str(), "news");
    })
    .await;
}

#[otp::test]
async fn a_receipt_is_ready_when_the_message_was_received_or_its_process_has_ended(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let me = ctx.this();
        let (mut first, mut second) = (me.send_with_receipt(1).await.unwrap(), me.send_with_receipt(2).await.unwrap());
        assert!(futures::poll!(&mut first).is_pending());
        // A selective receive that leaves a message has not received it.
        assert_eq!(ctx.try_receive_match(|_| false), None);
        assert!(futures::poll!(&mut first).is_pending());
        assert_eq!(user(ctx.receive().await), 1);
        first.await;
        assert!(futures::poll!(&mut second).is_pending());
        assert_eq!(user(ctx.receive().await), 2);
        second.await;

        let full = SpawnOptions::new().mailbox(1);
        let process = ctx.system().spawn_with(full, forever::<u32>).unwrap().process;
        let unread = process.send_with_receipt(3).await.unwrap();
        {
            let mut waiting = Box::pin(process.send_with_receipt(4));
            for _ in 0..3 {
                assert!(futures::poll!(&mut waiting).is_pending());
            }
        }
        let waiting = process.clone();
        let sender = ctx.spawn(async move |_: ProcessContext<()>| {
            let refused = waiting.send_with_receipt(5).await;
            assert!(matches!(refused, Err(otp::process::SendError::NoProc { message: 5, .. })));
        });
        idle(&sender).await;
        process.exit(ExitReason::Kill);
        unread.await;
        assert_eq!(sender.exited().await, ExitReason::Normal);
    })
    .await;
}
