//! Processes: spawning, messages, links and monitors, names, timers, exit reasons, and introspection.
//!
//! The operations are methods of [`System`](crate::System) and [`Process`]; [`ProcessContext`] receives messages. This
//! module contains the types that they take and return.

#[doc(inline)]
pub use otp_core::{
    Activity, Address, Alias, AliasMode, AwaitHolder, Belonging, Crash, Doing, Down, End, Ended, Exit, ExitReason,
    Exited, IntoExit, Kept, Label, LinkError, LookupError, Mark, Message, MessageRef, MonitorRef, Name, NameError, Pid,
    Place, Process, ProcessContext, ProcessInfo, ProcessRef, Ref, Registration, Route, SendError, Sending,
    ShutdownReport, SpawnOptions, Spawned, Spawner, Status, Target, Term, TimerRef, TrySendError, Value, Watch,
    WrongType, yield_now,
};
