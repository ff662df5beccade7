//! Calls that run the callee on the thread of the caller: nothing shows that they do, but for the time they save.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::MessageRef;
use otp_suite::{inside, user};

use crate::hand_over::{Counting, READS};

thread_local! {
    /// Whether this thread is in the poll of a call.
    static IN_A_CALL: Cell<bool> = const { Cell::new(false) };
}

/// Calls, and tells whether the callee ran inside of the caller's own poll.
async fn ran_inline<M: Send + 'static>(call: Call<M, bool>) -> bool {
    let mut call = pin!(call);
    let answer = poll_fn(|cx| {
        IN_A_CALL.set(true);
        let poll = call.as_mut().poll(cx);
        IN_A_CALL.set(false);
        poll
    });
    answer.await.unwrap()
}

/// What a [`worker`] is asked: to work for so long, and to say whether it ran inside of a call.
type Asked = (Duration, ReplyTo<bool>);

/// Answers one after the other, and blocks its thread for as long as it works.
async fn worker(mut ctx: ProcessContext<Asked>) {
    loop {
        let (work, from) = user(ctx.receive().await);
        let end = ctx.system().now() + work;
        while ctx.system().now() < end {
            std::hint::spin_loop();
        }
        from.reply(IN_A_CALL.get());
    }
}

fn ask(worker: &ProcessRef<Asked>, work: Duration) -> Call<Asked, bool> {
    Call::new(worker, |from| (work, from))
}

/// Calls a worker until its callers run it. How often depends on what else the machine does, and in a simulation on the
/// seed; there only processes run others.
async fn make_trusted(worker: &ProcessRef<Asked>) {
    let worker = worker.clone();
    let system = worker.system().clone();
    inside(&system, async move |_: ProcessContext<()>| while !ran_inline(ask(&worker, Duration::ZERO)).await {}).await;
}

/// Tells whether its caller runs it.
struct Witness;

#[gen_server]
impl Witness {
    #[init]
    fn init() -> Self {
        Witness
    }

    #[call]
    fn runs_inline(&self) -> bool {
        IN_A_CALL.get()
    }
}

const SLOW: Duration = Duration::from_millis(60);

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_limit_holds_also_for_a_server_that_was_always_fast(system: System) {
    let worker = system.spawn(worker);
    let limit = SLOW / 3;
    loop {
        make_trusted(&worker).await;
        let mut call = pin!(ask(&worker, SLOW).timeout(limit));
        let Poll::Ready(answer) = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await else {
            // Something else made it slow in between, and it was left to the executor.
            continue;
        };
        let error = answer.unwrap_err();
        let CallError::Timeout { callee, after, .. } = &error else { panic!("{error}") };
        assert_eq!((callee.pid, *after), (Some(worker.pid()), limit));
        break;
    }
    // Its reply came too late, and is nobody else's.
    assert!(!ran_inline(ask(&worker, Duration::ZERO)).await, "one slow run ends the trust");
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_new_server_is_not_run_by_its_callers_nor_one_that_was_slow_once(system: System) {
    let worker = system.spawn(worker);
    for _ in 0..8 {
        assert!(!ran_inline(ask(&worker, Duration::ZERO)).await);
    }
    make_trusted(&worker).await;
    ran_inline(ask(&worker, SLOW / 10)).await;
    for _ in 0..256 {
        assert!(!ran_inline(ask(&worker, Duration::ZERO)).await);
    }
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn of_first_calls_one_in_four_is_timed_once_those_of_the_type_were_fast_for_long(system: System) {
    // How often depends on what else the machine does: after one that was slow, all are timed. Each system begins anew.
    while !times_one_in_four(&Counting::beside(&system)).await {}
}

/// Whether one in four first calls of a type is timed in this system, sooner or later.
async fn times_one_in_four(system: &System) -> bool {
    const CALLS: usize = 400;
    inside(system, async |ctx: ProcessContext<()>| {
        for _ in 0..8 {
            let (mut inline, mut timed) = (0, 0);
            for _ in 0..CALLS {
                let server = Witness::start(ctx.system(), ()).await.unwrap();
                let before = READS.get();
                if ran_inline(server.runs_inline().no_timeout()).await {
                    inline += 1;
                    timed += usize::from(READS.get() > before);
                }
                server.stop().await.unwrap();
            }
            if inline > CALLS * 3 / 4 && (inline / 8..inline / 2).contains(&timed) {
                return true;
            }
        }
        false
    })
    .await
}

#[otp::test]
async fn calls_server_and_system_can_say_that_nothing_is_run_inline(system: System) {
    const CALLS: usize = 300;
    let by_itself = system.spawn(worker);
    let options = SpawnOptions::new().inline(false);
    let never = system.spawn_with(options, worker).unwrap().process;
    for _ in 0..CALLS {
        assert!(!ran_inline(ask(&never, Duration::ZERO)).await);
        assert!(!ran_inline(ask(&by_itself, Duration::ZERO).inline(false)).await);
    }
    make_trusted(&by_itself).await;
    assert!(!ran_inline(ask(&by_itself, Duration::ZERO).inline(false)).await);
    if system.runtime().director().is_none() {
        system.inline_calls(false);
        for _ in 0..CALLS {
            assert!(!ran_inline(ask(&by_itself, Duration::ZERO)).await);
        }
        system.inline_calls(true);
        make_trusted(&by_itself).await;
    }
}

#[otp::test]
async fn a_server_can_say_that_no_caller_runs_it(system: System) {
    let server = Witness::start(&system, ()).inline(false).await.unwrap();
    for _ in 0..300 {
        assert!(!ran_inline(server.runs_inline()).await);
    }
    let server = Witness::start(&system, ()).await.unwrap();
    inside(&system, async move |_: ProcessContext<()>| while !ran_inline(server.runs_inline()).await {}).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_callee_is_in_none_of_the_spans_of_its_caller(system: System) {
    let (tell, told) = oneshot::channel();
    let process = system.spawn(async move |mut ctx: ProcessContext<Asked>| {
        let mut tell = Some(tell);
        loop {
            let (_, from) = user(ctx.receive().await);
            if IN_A_CALL.get() && LISTENS.get() {
                let span = tracing::Span::current();
                tracing::info_span!("of the callee").in_scope(|| ());
                tell.take().map_or(Ok(()), |tell| tell.send(span.is_none())).unwrap();
            }
            from.reply(IN_A_CALL.get());
        }
    });
    let run_it = || {
        LISTENS.set(true);
        let (outer, inner) = (tracing::info_span!("outer"), tracing::info_span!("inner"));
        let in_outer = outer.enter();
        let in_inner = inner.enter();
        let poll = pin!(ran_inline(ask(&process, Duration::ZERO))).poll(&mut noop());
        LISTENS.set(false);
        assert_eq!(tracing::Span::current().id(), inner.id(), "the caller is where it was");
        drop(in_inner);
        assert_eq!(tracing::Span::current().id(), outer.id());
        drop(in_outer);
        assert!(tracing::Span::current().is_none());
        poll == Poll::Ready(true)
    };
    loop {
        make_trusted(&process).await;
        if tracing::subscriber::with_default(tracing_subscriber::registry(), run_it) {
            break;
        }
    }
    assert_eq!(told.await, Ok(true));
}

thread_local! {
    /// Whether this thread has a subscriber.
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// Waits for a message with no receive that accepts one, looks at its own queue, and takes what is there by
/// `try_receive_match`.
async fn waits_without_a_receive<T>(
    ctx: &mut ProcessContext<Asked>,
    mut look: impl FnMut(&mut ProcessContext<Asked>) -> Option<T>,
) -> T {
    poll_fn(|cx| {
        if let Some(found) = look(ctx) {
            return Poll::Ready(found);
        }
        let waker = cx.waker().clone();
        let look_again = |_: MessageRef<'_, Asked>| {
            waker.wake_by_ref();
            false
        };
        assert!(pin!(ctx.receive_match(look_again)).poll(cx).is_pending());
        Poll::Pending
    })
    .await
}

#[otp::test]
async fn what_a_call_brings_is_in_the_queue_until_it_is_received(system: System) {
    let process = system.spawn(async |mut ctx: ProcessContext<Asked>| {
        loop {
            let look = |ctx: &mut ProcessContext<Asked>| {
                let queue = ctx.system().info(ctx.pid()).unwrap().queue;
                let received = ctx.try_receive_match(|_| true).map(user);
                assert!(queue == 0 || received.is_some());
                // Otherwise it may come in between.
                assert!(!IN_A_CALL.get() || queue == usize::from(received.is_some()));
                received
            };
            let (_, from) = waits_without_a_receive(&mut ctx, look).await;
            assert_eq!(ctx.system().info(ctx.pid()).unwrap().queue, 0);
            from.reply(IN_A_CALL.get());
        }
    });
    make_trusted(&process).await;
}

#[otp::test]
async fn a_mark_is_after_what_a_call_has_brought(system: System) {
    let process = system.spawn(async |mut ctx: ProcessContext<Asked>| {
        loop {
            let mark = waits_without_a_receive(&mut ctx, |ctx| {
                let mark = ctx.mark();
                (ctx.system().info(ctx.pid()).unwrap().queue > 0).then_some(mark)
            });
            let mark = mark.await;
            let later = ctx.receive_match_timeout(|_| true, Duration::ZERO);
            let (_, from) = user(later.await.expect("it is there"));
            let none = pin!(ctx.receive_match_after(mark, |_| true)).as_mut().poll(&mut noop());
            assert!(none.is_pending(), "nothing came after the mark");
            from.reply(IN_A_CALL.get());
        }
    });
    make_trusted(&process).await;
}

fn noop() -> std::task::Context<'static> {
    std::task::Context::from_waker(std::task::Waker::noop())
}
