use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{Label, System};

use crate::controller::Controller;
use crate::end::AppEnd;
use crate::stop::{StopAppError, stop};

/// Stops all applications, one after the other, the latest started first, and returns how each ended. Does nothing until it
/// is awaited. Until it is done, none can be started.
pub fn stop_all(system: &System) -> StopAll {
    StopAll { system: system.clone(), limit: None }
}

/// Stops all applications when it is awaited; made by [`stop_all`].
///
/// # Cancel safety
///
/// If the future is dropped, the application that is being stopped still stops, and the others run on.
#[must_use = "applications are stopped when this is awaited"]
#[derive(Clone)]
pub struct StopAll {
    system: System,
    limit: Option<Duration>,
}

impl StopAll {
    /// Kills what is left of all applications after `limit`. By default there is no limit.
    pub fn within(mut self, limit: Duration) -> StopAll {
        self.limit = Some(limit);
        self
    }

    async fn run(self) -> Vec<AppEnd> {
        let mut stopping = self.begin();
        let mut ends = Vec::new();
        while let Some(end) = stopping.next().await {
            ends.push(end);
        }
        ends
    }

    pub(crate) fn begin(self) -> Stopping {
        let StopAll { system, limit } = self;
        let deadline = limit.map(|limit| system.now() + limit);
        Stopping { _closed: Closed::close(&system), system, deadline, stuck: Vec::new() }
    }
}

/// The stop of all applications, one by one.
pub(crate) struct Stopping {
    _closed: Closed,
    system: System,
    deadline: Option<Instant>,
    /// Those that were stopped, and are left behind if they still run.
    stuck: Vec<Label>,
}

impl Stopping {
    /// Stops the next one; `None` if none is left.
    pub(crate) async fn next(&mut self) -> Option<AppEnd> {
        loop {
            let latest = Controller::of(&self.system).lock().latest(&self.stuck)?;
            let stop = stop(&self.system, &latest);
            let stop = match self.deadline {
                Some(deadline) => stop.within(deadline - self.system.now()),
                None => stop,
            };
            match stop.await {
                Ok(end) => {
                    // One that could not be killed holds a thread: the others are stopped all the same.
                    self.stuck.push(latest);
                    return Some(end);
                }
                // It has ended by itself.
                Err(StopAppError::NotStarted { .. }) => {}
                // One of its callbacks waits for this.
                Err(StopAppError::Circle { .. }) => self.stuck.push(latest),
            }
        }
    }
}

impl IntoFuture for StopAll {
    type Output = Vec<AppEnd>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for StopAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StopAll({:?})", self.limit)
    }
}

/// Keeps applications from being started, until it is dropped.
struct Closed(System);

impl Closed {
    fn close(system: &System) -> Closed {
        Controller::of(system).lock().closed += 1;
        Closed(system.clone())
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        Controller::of(&self.0).lock().closed -= 1;
    }
}
