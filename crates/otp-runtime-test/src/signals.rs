//! Tests of the signals of the operating system.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::thread;

use futures::channel::oneshot;
use futures::future::{self, Either, join};
use otp_core::ProcessContext;
use otp_core::runtime::{OsSignal, OsSignals};

use crate::Backend;
use crate::harness::inside;

/// Sends a signal to the program, or to its simulation.
pub type Raise = fn(OsSignal);

/// Makes a `#[test]` of each test of signals, for the backend at a path.
///
/// `signal_suite!(path, raise)` takes a [`Backend`](crate::Backend), and a function that sends a signal to the program:
/// [`raise`](crate::raise), or that of a simulator. The tests have the names of the functions, so put each backend into its
/// own module.
///
/// ```
/// // tests/runtime.rs of a backend crate
/// mod signals {
///     otp_runtime_test::signal_suite!(otp_tokio::TokioExecutor::current_thread, otp_runtime_test::raise);
/// }
/// ```
#[macro_export]
macro_rules! signal_suite {
    ($backend:path, $raise:path) => {
        $crate::signal_suite!(@tests $backend, $raise, {
            raised_signal_is_told
            every_listener_is_told
            signal_that_came_before_the_wait_is_told
            listener_keeps_nothing_of_its_run
        });
    };
    (@tests $backend:path, $raise:path, { $($test:ident)* }) => {
        $(#[test] fn $test() { $crate::$test(&$backend, $raise); })*
    };
}

/// Sends a signal to this program. Somebody has to listen, or it ends.
#[cfg(unix)]
pub fn raise(signal: OsSignal) {
    use rustix::process::{Signal, getpid, kill_process};
    let signal = match signal {
        OsSignal::Terminate => Signal::TERM,
        OsSignal::Interrupt => Signal::INT,
        _ => Signal::HUP,
    };
    kill_process(getpid(), signal).expect("a program may send signals to itself");
}

/// A signal is told to one who waits for it, and under its own name.
pub fn raised_signal_is_told(backend: &dyn Backend, raise: Raise) {
    inside(backend, async move |system| {
        let mut signals = system.signals().expect("the runtime has signals");
        for signal in [OsSignal::Hangup, OsSignal::Terminate, OsSignal::Interrupt] {
            let raised = async {
                otp_core::yield_now().await;
                raise(signal);
            };
            join(until(&mut signals, signal), raised).await;
        }
    });
}

/// All who listen are told, each by itself; and one who has stopped to listen disturbs nobody.
pub fn every_listener_is_told(backend: &dyn Backend, raise: Raise) {
    inside(backend, async move |system| {
        let listen = || system.signals().expect("the runtime has signals");
        let (mut one, mut two, gone) = (listen(), listen(), listen());
        drop(gone);
        raise(OsSignal::Hangup);
        until(&mut one, OsSignal::Hangup).await;
        until(&mut two, OsSignal::Hangup).await;
    });
}

/// A signal that comes while nobody waits is told to the next wait of a listener.
pub fn signal_that_came_before_the_wait_is_told(backend: &dyn Backend, raise: Raise) {
    inside(backend, async move |system| {
        let mut signals = system.signals().expect("the runtime has signals");
        raise(OsSignal::Terminate);
        for _ in 0..10 {
            otp_core::yield_now().await;
        }
        until(&mut signals, OsSignal::Terminate).await;
    });
}

/// Of a run whose processes wait for signals nothing is left, once its executor is gone.
pub fn listener_keeps_nothing_of_its_run(backend: &dyn Backend, _: Raise) {
    #[derive(Default)]
    struct Kept(Mutex<Option<Arc<()>>>);

    let kept = Arc::new(());
    let left = Arc::downgrade(&kept);
    inside(backend, async |system| {
        *system.slot::<Kept>().0.lock().expect("nobody panics with it") = Some(kept);
        let (waits, waiting) = oneshot::channel();
        let _listener = system.spawn(async move |ctx: ProcessContext<()>| {
            let mut signals = ctx.system().signals().expect("the runtime has signals");
            let told = pin!(signals.next());
            let told = future::select(told, future::ready(())).await;
            waits.send(()).expect("the test waits");
            if let Either::Right(((), told)) = told {
                told.await;
            }
        });
        waiting.await.expect("it listens");
    });
    // Another thread of the executor may be about to drop the last of it.
    let is_gone = |_| {
        thread::yield_now();
        left.upgrade().is_none()
    };
    assert!((0..10_000_000).any(is_gone), "the system of a run is still there");
}

/// Waits for a signal. Others may come between, from tests that run at the same time.
async fn until(signals: &mut OsSignals, wanted: OsSignal) {
    while signals.next().await != wanted {}
}
