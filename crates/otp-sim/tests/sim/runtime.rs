//! The conformance suite on the simulator.

use otp_sim::{Config, Policy, SimExecutor, Threads};

/// Open to other threads, as many of the tests use some.
fn open(seed: u64, policy: Policy) -> SimExecutor {
    SimExecutor::with(seed, Config::new().policy(policy).threads(Threads::Awaited))
}

mod random {
    fn executor() -> otp_sim::SimExecutor {
        super::open(1, otp_sim::Policy::Random)
    }

    otp_runtime_test::suite!(single_threaded executor);
    otp_runtime_test::net_suite!(simulated executor);
    otp_runtime_test::signal_suite!(executor, raise);

    fn raise(signal: otp_core::runtime::OsSignal) {
        assert!(otp_sim::raise(signal), "somebody listens");
    }
}
