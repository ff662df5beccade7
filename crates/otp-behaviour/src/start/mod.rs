//! Starts a behaviour, and waits until its `init` is done: OTP's `proc_lib:start_link`, `init_ack` and `init_fail`.
//!
//! Two processes take part: the starter and the new process. The steps are, in this order:
//!
//! 1. The starter [`start`]s a process, with its name, its link and its monitor, and waits, at most for the timeout.
//! 2. The new process runs its `init` and reports the outcome through its [`Ack`]. If it has [started](Ack::started),
//!    both processes continue, and the start is over.
//! 3. If it has [failed](Ack::failed), it waits. The starter cuts the ties, so that it is not notified of the end that
//!    follows. A starter that does not trap exits keeps its link, because an abnormal reason has to end it.
//! 4. The starter releases the process, which ends with its reason. Then its state and its name are gone.
//! 5. The starter returns the [`StartError`], and its mailbox contains no message of the failed process. This also
//!    holds for a process that was ended by a signal during its `init` and could not wait for step 3, and for a process
//!    that was killed because of the timeout.

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
