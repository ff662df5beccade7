//! System requests: what any process can be asked by its pid, whatever its messages are; OTP's `sys`.
//!
//! They take their turn among the messages of a behaviour, such as a server. A suspended one handles nothing else; other
//! messages wait. The bound of a mailbox does not hold for them: a server whose mailbox has filled up while it was
//! suspended can be resumed.
//!
//! A process that is no behaviour need not know of them. Its [`status`] is what the system knows of it, at once, also if
//! it never receives; for anything else there is [`SysError::NotSupported`].
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
mod error;
mod look;
mod state_of;
mod status;
mod stop;
mod suspend;

pub use change_code::{CodeChangeError, change_code};
pub use error::SysError;
pub use look::{get_state, replace_state};
pub use otp_core::behaviour::{Ask, Mode};
pub use state_of::StateOf;
pub use status::{ProcessStatus, status};
pub use stop::stop;
pub use suspend::{resume, suspend};
