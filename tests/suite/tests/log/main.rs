//! What the library writes to the log. A program of its own, since it listens to all of `tracing`, on every thread.

mod crashes;
mod listener;
mod others;
mod programs;
mod targets;

/// Tests that are given a system on each backend, and a word that no other run of a test has: records are known by it.
/// Not `#[otp::test]`, in whose simulation crashes are silent.
macro_rules! on_every_backend {
    ($(async fn $name:ident($system:ident: System, $word:ident: &'static str) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn test($system: System, $word: &'static str) $body

            fn word(backend: &str) -> &'static str {
                let word: &'static str = format!("{} on {backend}", stringify!($name)).leak();
                crate::listener::listen_for(word);
                word
            }

            #[test]
            fn tokio() {
                otp::tokio::TokioExecutor::with_workers(2).run(|system| test(system, word("tokio"))).unwrap();
            }

            #[test]
            fn tokio_current() {
                let executor = otp::tokio::TokioExecutor::current_thread();
                executor.run(|system| test(system, word("tokio_current"))).unwrap();
            }

            #[test]
            fn smol() {
                otp::smol::SmolExecutor::with_workers(2).run(|system| test(system, word("smol"))).unwrap();
            }

            #[test]
            fn sim() {
                otp::sim::SimExecutor::new(1).run(|system| test(system, word("sim"))).unwrap();
            }
        }
    )*};
}
use on_every_backend;
