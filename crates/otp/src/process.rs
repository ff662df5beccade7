//! Processes: spawning, messages, links and monitors, names, timers, exit reasons, and what is known of a process.
//!
//! [`System`](crate::System) and [`Process`] have the verbs, [`ProcessContext`] receives; here are the types of what
//! they take and give.

#[doc(inline)]
pub use otp_core::{
    Address, Alias, AliasMode, Belonging, Crash, Doing, Down, End, Ended, Exit, ExitReason, Exited, IntoExit, Kept,
    Label, LinkError, LookupError, Mark, Message, MessageRef, MonitorRef, Name, NameError, Pid, Place, Process,
    ProcessContext, ProcessInfo, ProcessRef, Ref, Registration, Route, SendError, Sending, ShutdownReport,
    SpawnOptions, Spawned, Spawner, Status, Target, Term, TimerRef, TrySendError, Value, WrongType, yield_now,
};
