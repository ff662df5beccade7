//! Processes with Erlang/OTP's semantics, on any executor.
//!
//! A [`System`] holds processes, names and timers on a [`Runtime`](runtime::Runtime), which a backend crate provides.
//! This crate names no executor: the same program runs on tokio and on smol, and its tests also on a simulator.
//!
//! * [`System::spawn`] starts a process. The code of the process gets a [`ProcessContext`]; other code holds a
//!   [`ProcessRef`].
//! * [`Process`] links and monitors; [`ExitReason`] is the reason why a process ended.
//! * [`Name`] and [`Address`] find a process across restarts.
//! * [`Call`] sends a request and waits for the answer; [`ReplyTo`] is the token that answers it.
//! * [`scope`] is for cancellation: scopes, timeouts, task groups.
//! * [`behaviour`] is for authors of behaviours, such as servers.
//! * [`runtime::net`] has the sockets of the runtime.
//! * [`event`] reports what happens in a system; [`ProcessInfo`] is a snapshot of a process.

#![deny(unsafe_code)]

mod address;
pub mod behaviour;
mod call;
#[allow(unsafe_code, reason = "the one module that has any")]
mod cell;
pub mod event;
mod exit;
mod hash;
mod info;
mod label;
#[cfg(all(test, otp_loom))]
mod models;
mod name;
pub mod node;
mod process;
mod registration;
pub mod runtime;
pub mod scope;
mod sharded;
mod shutdown;
mod slot;
mod switch;
mod sync;
mod system;
mod timer;
mod wakers;
mod yielding;

pub use address::{Address, AwaitHolder, Route, Sending, Watch};
pub use call::{
    BoxCall, Call, CallError, Callee, Cycle, Exited, Flat, Map, NoResponse, ReplyTo, Request, Requests, ThroughRestart,
};
pub use exit::{Crash, ExitReason, IntoExit, Place, Term, Value};
pub use info::{Activity, Backlog, ProcessInfo, ProcessSummary, RunsOn, Status};
pub use label::Label;
pub use name::{LookupError, Name, NameError, WrongType};
pub use process::{
    Alias, AliasMode, Belonging, Doing, Down, End, Exit, Kept, Key, Lane, LinkError, LoadEvent, LoadFigures, Local,
    MailboxPolicy, Mark, Message, MessageRef, MonitorRef, Overflow, Overload, ParsePidError, Pid, Process,
    ProcessContext, ProcessRef, Receipt, Ref, SendError, SpawnOptions, Spawned, Spawner, Target, ThreadEvent, Threads,
    TrySendError,
};
pub use registration::Registration;
pub use shutdown::{Ended, ShutdownReport, StillRunning};
pub use system::System;
pub use timer::TimerRef;
pub use yielding::yield_now;
