//! The program as its clients see it: real processes, real sockets, on every executor.
//!
//! Nothing here sleeps: what takes time is waited for by asking again, or by a read that ends with the event.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the tests stand outside the program: threads and clocks are their own"
)]

mod client;
mod program;

mod commands;
mod connections;
mod crashes;
mod hostile;
mod operating;
mod starting;
mod stopping;

/// Writes a `#[test]` for each executor, in a module named as the function that it calls with the executor's name.
macro_rules! on_every_executor {
    ($($test:ident),* $(,)?) => {
        $(mod $test {
            #[test]
            fn tokio() {
                super::$test("tokio");
            }

            #[test]
            fn smol() {
                super::$test("smol");
            }
        })*
    };
}
use on_every_executor;
