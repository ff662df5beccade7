use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use otp_core::Pid;

/// A program on a host, from its start until the host crashes: what a runtime belongs to.
pub(crate) struct Life {
    /// The number of the life in its run; [`Life::MAIN`] is that of the main function.
    pub(crate) number: u32,
    pub(crate) host: Arc<str>,
    over: AtomicBool,
}

/// A process of a run. The systems of a run count their pids up from the same number, so a pid alone is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Who {
    pub(crate) life: u32,
    pub(crate) pid: Pid,
}

impl Life {
    /// The life of the main function, which no crash ends.
    pub(crate) const MAIN: u32 = 0;

    pub(crate) fn new(number: u32, host: &str) -> Arc<Life> {
        Arc::new(Life { number, host: host.into(), over: AtomicBool::new(false) })
    }

    /// Whether the host has crashed.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// A process of this life.
    pub(crate) fn process(&self, pid: Pid) -> Who {
        Who { life: self.number, pid }
    }
}
