//! The conformance suite on tokio.

/// A tokio of one's own with two workers.
mod multi_thread {
    fn two_workers() -> otp_tokio::TokioExecutor {
        otp_tokio::TokioExecutor::with_workers(2)
    }

    otp_runtime_test::suite!(two_workers);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(two_workers);
    #[cfg(feature = "signal")]
    otp_runtime_test::signal_suite!(two_workers, otp_runtime_test::raise);
}

/// A tokio of one's own that runs on the thread that calls `run`.
mod current_thread {
    otp_runtime_test::suite!(otp_tokio::TokioExecutor::current_thread);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(otp_tokio::TokioExecutor::current_thread);
    #[cfg(feature = "signal")]
    otp_runtime_test::signal_suite!(otp_tokio::TokioExecutor::current_thread, otp_runtime_test::raise);
}

/// A tokio that belongs to the program, as in a service that already has one.
mod embedded {
    use std::pin::Pin;
    use std::sync::{Arc, LazyLock};

    use otp_core::runtime::{Entered, Executor, NestedRun, Runtime};
    use otp_runtime_test::Backend;
    use otp_tokio::TokioRuntime;
    use tokio::runtime::{Builder, Handle, Runtime as Tokio};

    static HOST: LazyLock<Tokio> =
        LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

    struct Host;

    impl Backend for Host {
        fn executor(&self) -> Box<dyn Executor + Send> {
            Box::new(Guest { host: HOST.handle().clone(), runtime: TokioRuntime::new(HOST.handle().clone()) })
        }
    }

    /// Dropping it leaves the host as it is.
    struct Guest {
        host: Handle,
        runtime: TokioRuntime,
    }

    impl Executor for Guest {
        fn runtime(&self) -> Arc<dyn Runtime> {
            Arc::new(self.runtime.clone())
        }

        fn block_on(&self, main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
            let _entered = Entered::enter(self.runtime.name())?;
            self.host.block_on(main);
            Ok(())
        }
    }

    otp_runtime_test::suite!(shared Host);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(shared Host);
    #[cfg(feature = "signal")]
    otp_runtime_test::signal_suite!(Host, otp_runtime_test::raise);
}
