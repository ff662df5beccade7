//! The conformance suite on smol.

/// An executor of one's own with worker threads.
mod workers {
    fn two_workers() -> otp_smol::SmolExecutor {
        otp_smol::SmolExecutor::with_workers(2)
    }

    otp_runtime_test::suite!(two_workers);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(two_workers);
    #[cfg(feature = "signal")]
    otp_runtime_test::signal_suite!(two_workers, otp_runtime_test::raise);
}

/// An executor of one's own that runs on the thread that calls `run`.
mod no_workers {
    fn no_workers() -> otp_smol::SmolExecutor {
        otp_smol::SmolExecutor::with_workers(0)
    }

    otp_runtime_test::suite!(no_workers);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(no_workers);
    #[cfg(feature = "signal")]
    otp_runtime_test::signal_suite!(no_workers, otp_runtime_test::raise);
}

/// A task that does not return from its poll.
mod held {
    use std::sync::mpsc;
    use std::time::Duration;

    use otp_core::{ExitReason, ProcessContext, System};
    use otp_smol::SmolExecutor;

    /// Any thread that runs tasks may be the one that is held.
    const ROUNDS: usize = 50;

    #[test]
    fn no_task_holds_the_main_function() {
        for _ in 0..ROUNDS {
            let main = async |system: System| {
                let ((tell, told), (release, released)) = (async_channel::bounded(1), mpsc::channel());
                let holds = system.spawn(async move |_: ProcessContext<()>| {
                    tell.try_send(()).unwrap();
                    released.recv_timeout(Duration::from_secs(10)).unwrap();
                });
                told.recv().await.unwrap();
                release.send(()).unwrap();
                holds.exited().await
            };
            assert_eq!(SmolExecutor::with_workers(1).run(main).unwrap(), ExitReason::Normal);
        }
    }
}

/// smol's global executor, which belongs to the program and never ends.
mod global {
    use std::pin::Pin;
    use std::sync::Arc;

    use otp_core::runtime::{Entered, Executor, NestedRun, Runtime};
    use otp_runtime_test::Backend;
    use otp_smol::SmolRuntime;

    struct Global;

    impl Backend for Global {
        fn executor(&self) -> Box<dyn Executor + Send> {
            Box::new(Guest(SmolRuntime::global()))
        }
    }

    /// Dropping it leaves the global executor as it is.
    struct Guest(SmolRuntime);

    impl Executor for Guest {
        fn runtime(&self) -> Arc<dyn Runtime> {
            Arc::new(self.0.clone())
        }

        fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
            let _entered = Entered::enter(self.0.name())?;
            smol::block_on(main);
            Ok(())
        }
    }

    otp_runtime_test::suite!(shared Global);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(shared Global);
    #[cfg(feature = "signal")]
    otp_runtime_test::signal_suite!(Global, otp_runtime_test::raise);
}

/// Executors that are dropped while their processes are woken from another thread.
#[expect(clippy::disallowed_methods, reason = "the thread that wakes is none of the executor's")]
mod dropped {
    use std::pin::pin;
    use std::sync::{Arc, Barrier};
    use std::task::{Context, Poll, Waker};

    use async_executor::Executor;
    use otp_core::{ExitReason, ProcessContext, System};
    use otp_smol::SmolRuntime;

    /// An async-executor forgets a task that is woken in its last moment: one in some thousand executors.
    const EXECUTORS: usize = 20_000;
    const PROCESSES: usize = 3;

    #[test]
    fn no_process_is_forgotten() {
        for _ in 0..EXECUTORS {
            let executor = Arc::new(Executor::new());
            let system = System::new(SmolRuntime::new(&executor));
            let receive = async |mut ctx: ProcessContext<()>| {
                loop {
                    ctx.receive().await;
                }
            };
            let processes: Vec<_> = (0..PROCESSES).map(|_| system.spawn(receive)).collect();
            while executor.try_tick() {}
            let together = Arc::new(Barrier::new(2));
            let waker = {
                let (processes, together) = (processes.clone(), together.clone());
                std::thread::spawn(move || {
                    together.wait();
                    for process in &processes {
                        // It may have ended already.
                        drop(process.try_send(()));
                    }
                })
            };
            together.wait();
            drop(executor);
            waker.join().unwrap();
            for process in &processes {
                let exited = pin!(process.exited()).poll(&mut Context::from_waker(Waker::noop()));
                assert_eq!(exited, Poll::Ready(ExitReason::Killed));
            }
            assert_eq!(system.process_count(), 0);
        }
    }

    #[test]
    fn a_chain_of_links_may_be_long() {
        const LINKS: usize = 50_000;
        let chain = || {
            let executor = Arc::new(Executor::new());
            let system = System::new(SmolRuntime::new(&executor));
            let mut last = None;
            for _ in 0..LINKS {
                let before = last.take();
                let linked = async move |ctx: ProcessContext<()>| {
                    if let Some(before) = before {
                        ctx.link(before).unwrap();
                    }
                    std::future::pending::<()>().await
                };
                last = Some(system.spawn(linked).pid());
            }
            while executor.try_tick() {}
            assert_eq!(system.process_count(), LINKS);
            drop(executor);
            assert_eq!(system.process_count(), 0);
        };
        std::thread::Builder::new().stack_size(256 * 1024).spawn(chain).unwrap().join().unwrap();
    }
}
