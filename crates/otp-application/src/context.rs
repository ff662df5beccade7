use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use otp_core::{Label, Process, Spawner, System};

use crate::application::Application;
use crate::start::StartType;

/// Gives the callbacks of an application its configuration and, by dereferencing to [`Process`], the process that they run
/// in: `start_link(ctx)` links the top supervisor to it.
pub struct AppContext<A: Application> {
    process: Process,
    name: Label,
    start_type: StartType,
    config: Arc<A::Config>,
}

impl<A: Application> AppContext<A> {
    pub(crate) fn new(process: Process, name: Label, start_type: StartType, config: Arc<A::Config>) -> AppContext<A> {
        AppContext { process, name, start_type, config }
    }

    /// The name of the application.
    pub fn application(&self) -> &Label {
        &self.name
    }

    /// How the application was started.
    pub fn start_type(&self) -> StartType {
        self.start_type
    }

    /// The configuration: that of the start, or of the last change.
    pub fn config(&self) -> &Arc<A::Config> {
        &self.config
    }

    pub(crate) fn set_config(&mut self, config: Arc<A::Config>) {
        self.config = config;
    }
}

impl<A: Application> Deref for AppContext<A> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl<A: Application> Spawner for AppContext<A> {
    fn system(&self) -> &System {
        self.process.system()
    }

    fn process(&self) -> Option<Process> {
        Some(self.process.clone())
    }
}

impl<A: Application> fmt::Debug for AppContext<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppContext({}, {})", self.name, self.process.pid())
    }
}
