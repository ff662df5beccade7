//! Debug functions: what a server handles, answers and keeps, live, with limits.

mod event;
mod install;
mod limit;
mod log;
mod statistics;
mod trace;
mod tracer;

pub use event::{SysEvent, What};
pub use install::{DebugId, install, no_debug, remove};
pub use limit::Limit;
pub use log::{keep_log, log};
pub use statistics::{Statistics, keep_statistics, statistics};
pub use trace::{Trace, trace, trace_to};
