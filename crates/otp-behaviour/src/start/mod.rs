//! The start of a behaviour, which is over when its `init` is: OTP's `proc_lib:start_link`, `init_ack` and `init_fail`.
//!
//! Two processes take part: who starts, and who is started. In this order:
//!
//! 1. The starter [`start`]s a process, with its name, its link and its monitor, and waits: at most for the time limit.
//! 2. The new process runs its `init` and tells of the outcome through its [`Ack`]. If it has [started](Ack::started), that
//!    is all: the starter goes on, and so does the process.
//! 3. If it has [failed](Ack::failed), it waits. The starter cuts the ties, so that it hears nothing of the end that
//!    follows; but a starter that does not trap exits keeps its link, since it is to be ended by an abnormal reason.
//! 4. The starter lets go, and the process ends with its reason. When it is gone, so are its state and its name.
//! 5. The starter returns the [`StartError`], and finds no message of the failed process in its mailbox. That also holds
//!    for a process that was ended by a signal during its `init` and could not wait for step 3, and for one whose time was
//!    up, which is killed.

mod ack;
mod error;
mod options;
mod parent;
mod starter;

pub use ack::Ack;
pub use error::StartError;
pub use options::StartOptions;
pub use parent::Parent;
pub use starter::{Starter, start};
