//! Code of users that runs in the middle of the library: wakers, the drop of a reason, conversions. It may panic and
//! call back; no exit is lost, and nothing stays locked.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use otp::prelude::*;
use otp::process::{AliasMode, Label, Process};
use otp::runtime::Executor;
use otp_suite::{Bomb, down, exit, forever, idle, inside, obey, user};

/// Panics when it wakes.
struct Alarming;

impl Wake for Alarming {
    fn wake(self: Arc<Self>) {
        panic!("a waker panics");
    }
}

/// Calls back into the system when it wakes, and then wakes `next`.
struct Curious {
    process: Process,
    woken: Arc<AtomicUsize>,
    next: Waker,
}

impl Wake for Curious {
    fn wake(self: Arc<Self>) {
        self.process.set_status("woken");
        let info = self.process.system().info(self.process.pid());
        assert!(info.is_some(), "it is about to receive");
        self.woken.fetch_add(1, Ordering::SeqCst);
        self.next.wake_by_ref();
    }
}

/// Polls `future` once, to be woken by `waker`.
fn poll_under<F: Future + Unpin>(waker: &Waker, future: &mut F) -> Poll<F::Output> {
    // Under one that belongs to nobody, at first: a simulation lets nobody run before, and so wakes nobody.
    assert!(pin!(&mut *future).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    pin!(future).poll(&mut Context::from_waker(waker))
}

#[otp::test]
async fn whoever_waits_for_an_exit_hears_of_it_though_the_waker_of_another_one_panics(system: System) {
    let process = system.spawn(forever::<()>);
    let mut waiting = [process.exited(), process.exited(), process.exited()];
    for exited in &mut waiting[..2] {
        assert!(poll_under(&Waker::from(Arc::new(Alarming)), exited).is_pending());
    }
    process.exit(ExitReason::Kill);
    let [first, second, third] = waiting;
    assert_eq!(third.await, ExitReason::Killed);
    assert_eq!((first.await, second.await), (ExitReason::Killed, ExitReason::Killed));
    assert_eq!(system.process_count(), 0);
}

#[otp::test]
async fn a_callee_goes_on_though_the_wakers_of_its_callers_panic(system: System) {
    // The token is used, or dropped while the process goes on.
    for is_answered in [true, false] {
        let callee = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<u32>>| {
            let first = user(ctx.receive().await);
            let second = user(ctx.receive().await);
            if is_answered {
                first.reply(1)
            } else {
                drop(first)
            }
            second.reply(2);
            user(ctx.receive().await).reply(3);
        });
        let mut first = Call::new(&callee, |from| from);
        assert!(poll_under(&Waker::from(Arc::new(Alarming)), &mut first).is_pending());
        assert_eq!(Call::new(&callee, |from| from).await, Ok(2));
        assert_eq!(first.await.ok(), is_answered.then_some(1));
        assert_eq!(Call::new(&callee, |from| from).await, Ok(3));
        assert_eq!(callee.exited().await, ExitReason::Normal);
    }
}

#[otp::test]
async fn a_bounded_mailbox_gives_room_though_the_waker_of_a_sender_panics(system: System) {
    let options = SpawnOptions::new().mailbox(1);
    let (go_on, wait) = futures::channel::oneshot::channel::<()>();
    let body = async move |mut ctx: ProcessContext<u32>| {
        let _ = wait.await;
        let first = user(ctx.receive().await);
        (first, user(ctx.receive().await))
    };
    let process = system
        .spawn_with(options, async move |ctx| {
            assert_eq!(body(ctx).await, (1, 2));
        })
        .unwrap()
        .process;
    process.send(1).await.unwrap();
    let mut waits = process.send(2);
    assert!(poll_under(&Waker::from(Arc::new(Alarming)), &mut waits).is_pending());
    go_on.send(()).unwrap();
    idle(&process).await;
    waits.await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);

    // One that ends tells those who wait for room.
    let options = SpawnOptions::new().mailbox(1);
    let process = system.spawn_with(options, forever::<u32>).unwrap().process;
    process.send(1).await.unwrap();
    let mut waits = process.send(2);
    assert!(poll_under(&Waker::from(Arc::new(Alarming)), &mut waits).is_pending());
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
    waits.await.unwrap_err();
}

/// Receives one message by a poll under a waker of its own, as code does that combines futures.
async fn receive_curiously(ctx: &mut ProcessContext<u32>, woken: &Arc<AtomicUsize>) -> Message<u32> {
    let process = Process::clone(ctx);
    let mut receive = pin!(ctx.receive());
    poll_fn(move |cx| {
        let next = cx.waker().clone();
        let waker = Waker::from(Arc::new(Curious { process: process.clone(), woken: woken.clone(), next }));
        receive.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}

#[otp::test]
async fn the_waker_of_a_receive_may_call_back_whatever_arrives(system: System) {
    let woken = Arc::new(AtomicUsize::new(0));
    let seen = woken.clone();
    let (tell, told) = futures::channel::oneshot::channel();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        ctx.trap_exit(true);
        let alias = ctx.alias(AliasMode::Explicit);
        let other = ctx.system().spawn(obey);
        let monitor = ctx.monitor(&other);
        tell.send((alias, other)).unwrap();
        assert_eq!(user(receive_curiously(&mut ctx, &seen).await), 1);
        assert_eq!(user(receive_curiously(&mut ctx, &seen).await), 2);
        assert_eq!(exit(receive_curiously(&mut ctx, &seen).await).reason, ExitReason::Shutdown);
        assert_eq!(down(receive_curiously(&mut ctx, &seen).await).monitor, monitor);
    });
    let (alias, other) = told.await.unwrap();
    let mut steps: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
    let to = process.clone();
    steps.push(Box::new(move || to.try_send(1).unwrap()));
    steps.push(Box::new(move || alias.send(2)));
    let to = process.clone();
    steps.push(Box::new(move || to.exit(ExitReason::Shutdown)));
    steps.push(Box::new(move || other.try_send(ExitReason::Normal).unwrap()));
    for step in steps {
        idle(&process).await;
        step();
    }
    assert_eq!(process.exited().await, ExitReason::Normal);
    assert_eq!(woken.load(Ordering::SeqCst), 4);
}

/// A value that panics when it is dropped.
#[derive(Debug)]
struct Fuse(Bomb);

impl PartialEq for Fuse {
    fn eq(&self, Fuse(other): &Fuse) -> bool {
        self.0.0 == other.0
    }
}

/// An error that panics when it is dropped.
#[derive(Debug, thiserror::Error)]
#[error("a fuse")]
struct FuseError(Bomb);

#[otp::test]
async fn a_reason_that_panics_when_dropped_costs_nobody_the_exit(system: System) {
    let reasons: [fn() -> ExitReason; 3] = [
        || ExitReason::other(Fuse(Bomb("a reason"))),
        || ExitReason::shutdown_with(Fuse(Bomb("a quiet reason"))),
        || FuseError(Bomb("an error")).into(),
    ];
    for reason in reasons {
        for is_doomed in [true, false] {
            inside(&system, async move |mut ctx: ProcessContext<()>| {
                ctx.trap_exit(true);
                let process = ctx.spawn_link(async move |ctx: ProcessContext<()>| {
                    if is_doomed {
                        // This one decides, and what the body returns is dropped.
                        ctx.system().exit(ctx.pid(), ExitReason::Shutdown);
                    }
                    reason()
                });
                let heard = exit(ctx.receive().await);
                assert_eq!(heard.from, process.pid());
                assert_eq!(heard.reason, if is_doomed { ExitReason::Shutdown } else { reason() });
                drop(heard);
                drop(process.exited().await);
            })
            .await;
        }
    }
    assert_eq!(system.process_count(), 0);
}

/// Calls and sends when it is dropped, and blocks its thread for that.
struct Farewell {
    to: ProcessRef<Option<ReplyTo<u32>>>,
    told: Option<futures::channel::oneshot::Sender<u32>>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        // More than a process sends in a row before it lets others run.
        for _ in 0..2 * Process::BUDGET {
            futures::executor::block_on(self.to.send(None)).unwrap();
        }
        let answer = futures::executor::block_on(Call::new(&self.to, Some)).unwrap();
        self.told.take().unwrap().send(answer).unwrap();
    }
}

// On tokio a thread that blocks keeps what it has just woken from the others, unless it says so: tested in otp-tokio.
#[otp::test(backends = [smol])]
async fn the_drop_of_a_killed_process_may_wait_by_blocking(system: System) {
    for reason in [ExitReason::Kill, ExitReason::Shutdown] {
        let listener = system.spawn(async |mut ctx: ProcessContext<Option<ReplyTo<u32>>>| {
            let mut count = 0;
            loop {
                match user(ctx.receive().await) {
                    Some(from) => break from.reply(count),
                    None => count += 1,
                }
            }
        });
        let (tell, told) = futures::channel::oneshot::channel();
        let farewell = Farewell { to: listener, told: Some(tell) };
        let process = system.spawn(async move |ctx: ProcessContext<()>| {
            let _farewell = farewell;
            forever(ctx).await;
        });
        idle(&process).await;
        process.exit(reason);
        assert_eq!(told.await, Ok(2 * u32::from(Process::BUDGET)));
        process.exited().await;
    }
}

/// Looks at the process that it is to be the status of.
struct Nosy(Process);

impl From<Nosy> for Label {
    fn from(Nosy(process): Nosy) -> Label {
        process.set_status("thinking");
        let info = process.system().info(process.pid()).expect("it runs");
        format!("after {}", info.doing).into()
    }
}

#[otp::test]
async fn what_becomes_a_status_may_look_at_its_process(system: System) {
    let status = inside(&system, async |ctx: ProcessContext<()>| {
        ctx.set_status(Nosy(Process::clone(&ctx)));
        ctx.system().info(ctx.pid()).unwrap().doing
    });
    assert_eq!(status.await.as_str(), "after thinking");
}

#[otp::test]
async fn a_hook_that_removes_itself_and_panics_when_dropped_costs_nobody_the_exit(system: System) {
    let process = system.spawn(forever::<()>);
    let guard = Arc::new(Mutex::new(None));
    let (own, bomb) = (guard.clone(), Bomb("a hook"));
    let hook = system.on_event(move |_| {
        let _ = &bomb;
        drop(own.lock().unwrap().take());
    });
    *guard.lock().unwrap() = Some(hook);
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
    assert!(guard.lock().unwrap().is_none());
}

#[otp::test]
async fn a_label_that_panics_costs_nobody_the_exit(system: System) {
    let _all = system.subscribe();
    let options = otp::behaviour::options(|| panic!("a label"));
    let process = system.spawn_with(options, forever::<()>).unwrap().process;
    process.exit(ExitReason::Kill);
    assert_eq!(process.exited().await, ExitReason::Killed);
    assert_eq!(system.process_count(), 0);
}

#[test]
fn an_executor_may_be_dropped_with_timers_whose_messages_panic_when_dropped() {
    fn drop_with_timers<E: Executor>(executor: E) {
        const NOBODY: Name<Bomb> = Name::new("nobody");
        let system = System::on(executor.runtime());
        let timers = async {
            for text in ["first", "second", "third"] {
                system.send_after(Duration::from_secs(3600), Address::named(&system, NOBODY), Bomb(text));
            }
            otp::process::yield_now().await;
        };
        executor.block_on(pin!(timers)).unwrap();
        assert_eq!(system.timer_count(), 3);
        drop(executor);
        assert_eq!(system.timer_count(), 0);
    }
    drop_with_timers(otp::tokio::TokioExecutor::current_thread());
    drop_with_timers(otp::smol::SmolExecutor::with_workers(0));
}
