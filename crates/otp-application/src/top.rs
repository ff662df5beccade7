use std::fmt;

use otp_core::Pid;
use otp_supervisor::Started;

/// The top supervisor of an application that has started, and the state of its callbacks; returned by
/// [`Application::start`](crate::Application::start).
#[must_use]
pub struct Top<S = ()> {
    pub(crate) pid: Option<Pid>,
    pub(crate) state: S,
}

impl Top {
    /// Makes it of a supervisor, or another process that stands for the whole application, for callbacks without a state.
    pub fn new(supervisor: impl Started) -> Top {
        Top::with_state(supervisor, ())
    }
}

impl<S> Top<S> {
    /// Makes it of a supervisor, and the state that the later callbacks get.
    pub fn with_state(supervisor: impl Started, state: S) -> Top<S> {
        Top { pid: supervisor.pid(), state }
    }
}

impl<S> fmt::Debug for Top<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "Top({pid})"),
            None => f.write_str("Top(ended)"),
        }
    }
}
