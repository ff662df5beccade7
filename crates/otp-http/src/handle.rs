use std::fmt;

use otp_behaviour::Stop;
use otp_core::runtime::net::NetAddr;
use otp_core::{Exited, Pid, ProcessRef};
use otp_supervisor::Started;

/// Refers to a running [`Http`](crate::Http) server. Cheap to clone. After a restart there is another one.
#[derive(Clone)]
pub struct HttpServer {
    pub(crate) process: ProcessRef<()>,
    pub(crate) address: NetAddr,
}

impl HttpServer {
    /// The address that the server listens on; if port 0 was asked for, with the port that was chosen.
    pub fn address(&self) -> &NetAddr {
        &self.address
    }

    /// The pid of the server.
    pub fn pid(&self) -> Pid {
        self.process.pid()
    }

    /// Asks the server to stop, as its supervisor does: it accepts nobody any more, ends its streams, and lets running
    /// requests finish within [`Limits::stop_time`](crate::Limits::stop_time).
    pub fn stop(&self) -> Stop {
        Stop::of(&(&self.process).into())
    }

    /// Waits for the end of the server and returns its exit reason.
    pub fn exited(&self) -> Exited {
        self.process.exited()
    }
}

impl Started for HttpServer {
    fn pid(&self) -> Option<Pid> {
        Some(HttpServer::pid(self))
    }
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpServer({} on {})", self.process.pid(), self.address)
    }
}
