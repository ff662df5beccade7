//! Processes: spawning, messages, links and monitors, names, timers, exit reasons, and introspection.
//!
//! The operations are methods of [`System`](crate::System) and [`Process`]; [`ProcessContext`] receives messages. This
//! module contains the types that they take and return.

#[doc(inline)]
pub use otp_core::{
    Activity, Address, Alias, AliasMode, AwaitHolder, Backlog, Belonging, Crash, Doing, Down, End, Ended, Exit,
    ExitReason, Exited, IntoExit, Kept, Key, Label, Lane, LinkError, LoadEvent, LoadFigures, Local, LookupError,
    MailboxPolicy, Mark, Message, MessageRef, MonitorRef, Name, NameError, Overflow, Overload, ParsePidError, Pid,
    Place, Process, ProcessContext, ProcessInfo, ProcessRef, ProcessSummary, Receipt, Ref, Registration, Route, RunsOn,
    SendError, Sending, ShutdownReport, SpawnOptions, Spawned, Spawner, Status, StillRunning, Target, Term,
    ThreadEvent, Threads, TimerRef, TrySendError, Value, Watch, WrongType, yield_now,
};
