//! The backend on tokio.

mod callers;
mod runtime;
