//! What most programs need, for `use otp::prelude::*`.
//!
//! The reply token is not in it, since its name is that of a trait in Rust's own prelude: write `otp::From`.

#[cfg(feature = "macros")]
pub use otp_macros::gen_server;

pub use otp_core::{
    Address, Call, CallError, Down, Exit, ExitReason, Message, Name, Pid, Process, ProcessRef, Spawner, System,
};
pub use otp_genserver::{
    Context, GenServer, Info, Init, Next, NoMessage, ServerName, ServerRef, StartError, StopError,
};
pub use otp_supervisor::*;
