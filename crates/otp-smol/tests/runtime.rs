//! The conformance suite on smol.

/// An executor of one's own with worker threads.
mod workers {
    fn two_workers() -> otp_smol::SmolExecutor {
        otp_smol::SmolExecutor::with_workers(2)
    }

    otp_runtime_test::suite!(two_workers);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(two_workers);
}

/// An executor of one's own that runs on the thread that calls `run`.
mod no_workers {
    fn no_workers() -> otp_smol::SmolExecutor {
        otp_smol::SmolExecutor::with_workers(0)
    }

    otp_runtime_test::suite!(no_workers);
    #[cfg(feature = "net")]
    otp_runtime_test::net_suite!(no_workers);
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
}
