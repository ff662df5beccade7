//! What most programs need, for `use otp::prelude::*`.

#[cfg(feature = "macros")]
pub use otp_macros::gen_server;

pub use otp_core::{
    Address, Call, CallError, Down, Exit, ExitReason, Message, Name, Pid, Process, ProcessRef, ReplyTo, Spawner, System,
};
pub use otp_genserver::{
    Context, GenServer, Info, Init, Next, NoMessage, ServerName, ServerRef, StartError, StopError,
};
pub use otp_supervisor::*;
