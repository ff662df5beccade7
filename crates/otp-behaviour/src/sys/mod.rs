//! System requests to any process by its pid, whatever its message type; OTP's `sys`.
//!
//! A behaviour, such as a server, handles system requests in order with its messages. A suspended server handles
//! nothing else; other messages wait. The bound of a mailbox does not apply to system requests: a server whose mailbox
//! has filled up while it was suspended can be resumed.
//!
//! A process that is not a behaviour needs no code for system requests. Its [`status`] is what the system knows about
//! it, and is answered at once, even if the process never receives; other requests fail with
//! [`SysError::NotSupported`].
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::sys::{self, Mode};
//! use otp::ProcessContext;
//!
//! let sleeper = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
//! let status = sys::status(&system, sleeper.pid()).await.unwrap();
//! assert_eq!((status.mode, status.info.queue), (Mode::Running, 0));
//!
//! let error = sys::suspend(&system, sleeper.pid()).await.unwrap_err();
//! assert_eq!(error.to_string(), format!("cannot suspend {}: it is no server that supports this", sleeper.pid()));
//! # }).unwrap();
//! ```

mod change_code;
pub mod debug;
mod error;
mod look;
mod state_of;
mod status;
mod stop;
mod suspend;

pub use change_code::{CodeChangeError, change_code};
#[doc(inline)]
pub use debug::{
    DebugId, Limit, Statistics, SysEvent, Trace, What, install, keep_log, keep_statistics, log, no_debug, remove,
    statistics, trace, trace_to,
};
pub use error::SysError;
pub use look::{get_state, replace_state};
pub use otp_core::behaviour::{Ask, Mode};
pub use state_of::StateOf;
pub use status::{ProcessStatus, status};
pub use stop::stop;
pub use suspend::{resume, suspend};
