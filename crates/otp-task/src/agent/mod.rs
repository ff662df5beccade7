//! Agents: values behind closures; Elixir's `Agent`.

mod child;
mod handle;
mod run;
mod start;

pub use handle::{Agent, AgentName};
pub use run::AgentMessage;
pub use start::StartAgent;
