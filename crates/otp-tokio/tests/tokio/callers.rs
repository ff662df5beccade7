//! A process may use tokio itself, wherever it is called from: a call runs it at once only where tokio is.

#![expect(clippy::disallowed_methods, reason = "it is about processes that use tokio itself")]

use std::cell::RefCell;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use otp_core::runtime::Runtime;
use otp_core::{Call, CallError, ExitReason, Message, ProcessContext, ProcessRef, ReplyTo, System};
use otp_tokio::{TokioExecutor, TokioRuntime};
use tokio::runtime::{Builder, Handle};

/// Starts a process whose answers need tokio.
fn start(system: &System) -> ProcessRef<ReplyTo<bool>> {
    system.spawn(async |mut ctx: ProcessContext<ReplyTo<bool>>| {
        loop {
            let Message::User(from) = ctx.receive().await else { unreachable!("it has no links") };
            tokio::time::sleep(Duration::from_millis(1)).await;
            from.reply(tokio::spawn(async { true }).await.unwrap());
        }
    })
}

async fn is_answered(process: ProcessRef<ReplyTo<bool>>) {
    // Also the second time, when it is known to wait.
    for _ in 0..2 {
        assert_eq!(Call::new(&process, |from| from).await, Ok(true));
    }
}

/// Calls from everywhere, on the executor that runs this.
async fn call_from_everywhere(system: System) {
    let process = start(&system);
    is_answered(process.clone()).await;
    tokio::spawn(is_answered(process.clone())).await.unwrap();

    let (handle, blocking) = (Handle::current(), process.clone());
    tokio::task::spawn_blocking(move || handle.block_on(is_answered(blocking))).await.unwrap();

    let foreign = process.clone();
    let thread = std::thread::spawn(|| block_on(is_answered(foreign)));
    tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap();

    let stranger = std::thread::spawn(|| {
        Builder::new_current_thread().build().unwrap().block_on(is_answered(process));
    });
    tokio::task::spawn_blocking(|| stranger.join().unwrap()).await.unwrap();
}

#[test]
fn a_process_finds_its_tokio_wherever_it_is_called_from() {
    TokioExecutor::with_workers(2).run(call_from_everywhere).unwrap();
    TokioExecutor::current_thread().run(call_from_everywhere).unwrap();
}

#[test]
fn a_task_that_is_no_process_is_answered_at_once_by_a_process_that_is_fast() {
    TokioExecutor::current_thread()
        .run(async |system| {
            let echo = system.spawn(async |mut ctx: ProcessContext<ReplyTo<u8>>| {
                while let Message::User(from) = ctx.receive().await {
                    from.reply(1);
                }
            });
            // How often it has to show that it is fast depends on what else the machine does.
            while Call::new(&echo, |from| from).now_or_never().is_none() {
                assert_eq!(Call::new(&echo, |from| from).await, Ok(1));
            }
        })
        .unwrap();
}

/// Waits for an answer when its thread ends.
struct LastCall(Option<ProcessRef<ReplyTo<u8>>>);

thread_local! {
    static LAST_CALL: RefCell<LastCall> = const { RefCell::new(LastCall(None)) };
}

impl Drop for LastCall {
    fn drop(&mut self) {
        let process = self.0.take().expect("it was set");
        let answer = wait_for(Call::new(&process, |from| from));
        assert_eq!(answer, Ok(1));
        let late = wait_for(Call::new(&process, |from| from).timeout(Duration::from_millis(1)));
        assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
        process.exit(ExitReason::Shutdown);
    }
}

/// Blocks the thread with nothing that needs a thread-local.
fn wait_for<F: Future>(future: F) -> F::Output {
    struct Bell(Mutex<bool>, Condvar);
    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            *self.0.lock().unwrap() = true;
            self.1.notify_one();
        }
    }
    let bell = Arc::new(Bell(Mutex::new(false), Condvar::new()));
    let mut future = pin!(future);
    loop {
        let waker = Waker::from(bell.clone());
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        let mut rung = bell.0.lock().unwrap();
        while !std::mem::take(&mut *rung) {
            rung = bell.1.wait(rung).unwrap();
        }
    }
}

#[test]
fn a_thread_that_ends_may_still_call() {
    let ends = async |system: System| {
        // Answers one call, and no further one.
        let process = system.spawn(async |mut ctx: ProcessContext<ReplyTo<u8>>| {
            if let Message::User(from) = ctx.receive().await {
                from.reply(1);
            }
            std::future::pending::<()>().await;
        });
        let caller = process.clone();
        let thread = std::thread::spawn(move || LAST_CALL.with(|last| last.borrow_mut().0 = Some(caller)));
        assert_eq!(process.exited().await, ExitReason::Shutdown);
        thread.join().unwrap();
    };
    TokioExecutor::with_workers(2).run(ends).unwrap();
    TokioExecutor::current_thread().run(ends).unwrap();
}

#[test]
fn a_runtime_is_entered_where_its_context_is() {
    let mine = Builder::new_current_thread().build().unwrap();
    let other = Builder::new_current_thread().build().unwrap();
    let runtime = TokioRuntime::new(mine.handle().clone());
    assert!(!runtime.is_entered());
    assert!(mine.block_on(async { runtime.is_entered() }));
    assert!(!other.block_on(async { runtime.is_entered() }));
    let _context = mine.enter();
    assert!(runtime.is_entered());
}

/// Calls when it is dropped, and blocks its thread for that, as tokio wants it to be done.
struct Farewell(ProcessRef<ReplyTo<u8>>, mpsc::Sender<Result<u8, CallError>>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let call = Call::new(&self.0, |from| from);
        let answer = tokio::task::block_in_place(|| Handle::current().block_on(call));
        self.1.send(answer).unwrap();
    }
}

#[test]
fn the_drop_of_a_killed_process_may_wait_by_blocking() {
    TokioExecutor::with_workers(2)
        .run(async |system| {
            let echo = system.spawn(async |mut ctx: ProcessContext<ReplyTo<u8>>| {
                while let Message::User(from) = ctx.receive().await {
                    tokio::task::yield_now().await;
                    from.reply(1);
                }
            });
            let (tell, told) = mpsc::channel();
            let farewell = Farewell(echo, tell);
            let process = system.spawn(async move |mut ctx: ProcessContext<()>| {
                let _farewell = farewell;
                ctx.receive().await;
            });
            process.exit(ExitReason::Kill);
            assert_eq!(process.exited().await, ExitReason::Killed);
            assert_eq!(told.try_recv(), Ok(Ok(1)));
        })
        .unwrap();
}

#[test]
fn a_process_that_blocks_as_tokio_wants_it_can_be_killed() {
    TokioExecutor::with_workers(2)
        .run(async |system| {
            let silent = system.spawn(async |_: ProcessContext<ReplyTo<u8>>| std::future::pending::<()>().await);
            for limit in [None, Some(Duration::from_secs(1_000_000))] {
                let (tell, told) = mpsc::channel();
                let (silent, system) = (silent.clone(), system.clone());
                let process = system.spawn(async move |ctx: ProcessContext<()>| {
                    let call = Call::new(&silent, |from| from);
                    let mut call = match limit {
                        Some(limit) => call.timeout(limit),
                        None => call.no_timeout(),
                    };
                    let answer = tokio::task::block_in_place(|| {
                        Handle::current().block_on(std::future::poll_fn(|cx| {
                            let polled = call.poll_unpin(cx);
                            tell.send(polled.is_pending()).unwrap();
                            polled
                        }))
                    });
                    assert!(matches!(answer, Err(CallError::Interrupted(_))), "{answer:?}");
                    let system = ctx.system().clone();
                    tokio::task::block_in_place(|| {
                        Handle::current().block_on(system.sleep(Duration::from_secs(1_000_000)))
                    });
                    unreachable!("it is to end");
                });
                let killed = process.clone();
                std::thread::spawn(move || {
                    assert!(told.recv().unwrap(), "it is blocked");
                    killed.exit(ExitReason::Kill);
                    while told.recv().is_ok() {}
                });
                assert_eq!(process.exited().await, ExitReason::Killed);
            }
        })
        .unwrap();
}
