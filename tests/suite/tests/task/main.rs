//! Tasks, task supervisors, streams, agents.

mod agent;
mod await_and_end;
mod hostile;
mod macro_form;
mod messages;
mod owned;
mod retry;
mod stream;
mod supervisor;

/// A task that panics.
async fn crashes<T>(message: &'static str) -> T {
    panic!("{message}")
}
