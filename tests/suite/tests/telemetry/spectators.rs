//! What spectators see of processes that are no behaviour, and of senders that wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::channel::oneshot;
use futures::poll;
use otp::event::{Seen, Spectator, SpectatorGuard};

use otp::process::SpawnOptions;
use otp::telemetry::Spans;
use otp::{Call, Message, ProcessContext, ProcessRef, ReplyTo, System};
use tracing::{Instrument, Span};

use super::listener::{below, root};
use super::spans::settle;

/// Counts what it is asked and told.
#[derive(Default)]
struct Counting {
    asked: AtomicU64,
    waited: AtomicU64,
}

impl Spectator for Counting {
    fn times(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        true
    }

    fn waited(&self, _: &Seen<'_>, _: Duration) {
        self.waited.fetch_add(1, Ordering::Relaxed);
    }
}

/// A process that answers, and is no server.
fn answering(system: &System) -> ProcessRef<ReplyTo<u32>> {
    system.spawn(async |mut ctx: ProcessContext<ReplyTo<u32>>| {
        while let Message::User(reply) = ctx.receive().await {
            reply.reply(1);
        }
    })
}

fn ask(callee: &ProcessRef<ReplyTo<u32>>) -> Call<ReplyTo<u32>, u32> {
    Call::new(callee, |reply| reply)
}

#[otp::test]
async fn the_wait_of_a_call_is_told_wherever_its_callee_runs(system: System) {
    let callee = answering(&system);
    for _ in 0..200 {
        ask(&callee).await.unwrap();
    }
    let counting = Arc::new(Counting::default());
    let _seat = system.spectate(counting.clone());
    for inline in [true, false] {
        for _ in 0..20 {
            ask(&callee).inline(inline).await.unwrap();
        }
    }
    assert_eq!(counting.waited.load(Ordering::Relaxed), 40);
}

#[otp::test]
async fn a_call_has_one_span_in_a_process_that_is_no_server_and_it_is_closed(system: System) {
    let callee = answering(&system);
    for _ in 0..200 {
        ask(&callee).await.unwrap();
    }
    let _spans = Spans::new().start(&system);
    for inline in [true, false] {
        let root = root();
        ask(&callee).inline(inline).into_future().instrument(root.clone()).await.unwrap();
        let spans = settle(&system, &root, 2).await;
        assert_eq!((spans[1].name, spans[1].entered), ("run", 0));
    }
}

#[otp::test]
async fn a_span_ends_with_the_next_receive_also_of_a_message_without_a_cause(system: System) {
    let _spans = Spans::new().roots(false).start(&system);
    let ((arrived, second), (release, released)) = (oneshot::channel(), oneshot::channel::<()>());
    let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
        assert_eq!(ctx.receive().await, Message::User(1));
        assert_eq!(ctx.receive().await, Message::User(2));
        arrived.send(()).unwrap();
        released.await.unwrap();
    });
    let root = root();
    root.in_scope(|| process.try_send(1)).unwrap();
    process.try_send(2).unwrap();
    second.await.unwrap();
    let spans = below(&root);
    assert!(spans.len() == 2 && spans[1].closed && spans[1].entered == 0, "{spans:#?}");
    release.send(()).unwrap();
    process.exited().await;
}

#[otp::test]
async fn a_span_that_is_open_when_the_last_spectator_goes_is_closed_all_the_same(system: System) {
    struct Causing;

    impl Spectator for Causing {
        fn cause(&self) -> Option<Span> {
            Some(Span::current()).filter(|span| !span.is_none())
        }

        fn opens(&self, _: &Seen<'_>, _: &otp::event::Handling<'_>, cause: Option<&Span>) -> Option<Span> {
            cause.map(|cause| tracing::info_span!(target: "test", parent: cause.id(), "work"))
        }
    }

    let ((arrived, begun), (release, released)) = (oneshot::channel(), oneshot::channel::<()>());
    let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
        assert_eq!(ctx.receive().await, Message::User(1));
        arrived.send(()).unwrap();
        released.await.unwrap();
        while ctx.receive().await != Message::User(0) {}
    });
    let (seat, root) = (system.spectate(Arc::new(Causing)), root());
    root.in_scope(|| process.try_send(1)).unwrap();
    begun.await.unwrap();
    drop(seat);
    assert!(!below(&root)[1].closed);
    release.send(()).unwrap();
    process.try_send(2).unwrap();
    let spans = settle(&system, &root, 2).await;
    assert_eq!(spans[1].entered, 0);
    process.try_send(0).unwrap();
    process.exited().await;
}

#[otp::test]
async fn a_sender_that_waits_for_room_is_asked_for_a_note_once(system: System) {
    let (begin, begun) = oneshot::channel::<()>();
    let options = SpawnOptions::new().mailbox(1);
    let full = system.spawn_with(options, async |mut ctx: ProcessContext<u32>| {
        begun.await.unwrap();
        while ctx.receive().await != Message::User(2) {}
    });
    let full = full.unwrap().process;
    full.try_send(1).unwrap();
    let counting = Arc::new(Counting::default());
    let _seat = system.spectate(counting.clone());
    let mut sending = std::pin::pin!(full.send(2));
    for _ in 0..5 {
        assert!(poll!(sending.as_mut()).is_pending());
    }
    assert_eq!(counting.asked.load(Ordering::Relaxed), 0, "there is nothing to note yet");
    begin.send(()).unwrap();
    sending.await.unwrap();
    full.exited().await;
    assert_eq!((counting.asked.load(Ordering::Relaxed), counting.waited.load(Ordering::Relaxed)), (1, 1));
}

#[otp::test]
async fn a_spectator_that_leaves_while_it_watches_and_whose_drop_panics_harms_nobody(system: System) {
    /// Leaves when it has seen a run.
    struct Leaving(Arc<Mutex<Option<SpectatorGuard>>>);

    impl Spectator for Leaving {
        fn ran(&self, _: &Seen<'_>, _: u64, _: Duration) {
            let seat = self.0.lock().unwrap().take();
            drop(seat);
        }
    }

    impl Drop for Leaving {
        fn drop(&mut self) {
            panic!("its drop is broken");
        }
    }

    let (callee, seat) = (answering(&system), Arc::new(Mutex::new(None)));
    ask(&callee).await.unwrap();
    // It is not shown what happens before it has its seat.
    *seat.lock().unwrap() = Some(system.spectate(Arc::new(Leaving(seat.clone()))));
    while seat.lock().unwrap().is_some() {
        ask(&callee).await.unwrap();
    }
    ask(&callee).await.unwrap();
}
