//! The names that most programs need, for `use otp::prelude::*`.
//!
//! `#[otp::main]` and `#[otp::test]` are not in the prelude, because a crate may have its own `main` and `test`.

#[cfg(feature = "macros")]
pub use otp_macros::gen_server;

pub use otp_core::{
    Address, Call, CallError, Down, Exit, ExitReason, Message, MonitorRef, Name, Pid, Process, ProcessContext,
    ProcessRef, ReplyTo, SpawnOptions, Spawner, System, TimerRef, TrySendError,
};
pub use otp_genserver::{
    Attach, Context, GenServer, Info, Init, Next, NoMessage, ServerName, ServerRef, StartError, StopError,
};
pub use otp_supervisor::{
    AutoShutdown, ChildSpec, Dynamic, DynamicSupervisor, Restart, Shutdown, Strategy, Supervised, Supervisor,
    SupervisorEvent, SupervisorName, SupervisorRef,
};
