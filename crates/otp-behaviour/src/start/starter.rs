use futures::channel::oneshot;
use otp_core::behaviour::forget;
use otp_core::{ExitReason, IntoExit, MonitorRef, Pid, Process, ProcessContext, Spawned, Spawner, System};

use super::ack::Ack;
use super::error::{StartError, label_of};
use super::options::StartOptions;
use super::parent::Parent;

/// Who starts a behaviour: a process, or code outside any in a system. For builders, which are awaited later.
#[derive(Clone, Debug)]
pub struct Starter {
    system: System,
    process: Option<Process>,
}

impl Starter {
    /// Who `on` stands for now.
    pub fn of(on: &impl Spawner) -> Starter {
        Starter { system: on.system().clone(), process: on.process() }
    }
}

impl Spawner for Starter {
    fn system(&self) -> &System {
        &self.system
    }

    fn process(&self) -> Option<Process> {
        self.process.clone()
    }
}

/// Starts a behaviour and waits until its `init` is done: until `body`, which is the code of the process, has told so
/// through the [`Ack`]. The [module](mod@crate::start) says what happens in which order.
///
/// # Errors
///
/// See [`StartError`]. When it is returned, the process is gone and its name is free, and no exit message of it is left
/// in the mailbox of a starter that traps exits. A starter that does not is ended by an abnormal reason, through the link.
///
/// # Cancel safety
///
/// Dropping the future while `init` runs leaves the process running.
pub async fn start<M, F, Fut>(on: &impl Spawner, options: StartOptions<M>, body: F) -> Result<Spawned<M>, StartError>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>, Parent, Ack) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let StartOptions { spawn, link, monitor, timeout, .. } = options;
    let (system, starter) = (on.system(), on.process());
    let spawn = if link { spawn.link() } else { spawn };
    let spawn = if monitor { spawn.monitor() } else { spawn };
    // A behaviour that was started from outside has the system's root.
    let parent = Parent(match &starter {
        Some(starter) => (link || monitor).then(|| starter.pid()),
        None => Some(Pid::SYSTEM),
    });
    let (ack, outcome) = Ack::new();
    let body = move |ctx| body(ctx, parent, ack);
    let spawned = match &starter {
        Some(starter) => starter.spawn_with(spawn, body)?,
        None => system.spawn_with(spawn, body)?,
    };
    let outcome = match timeout {
        Some(limit) => system.timeout(limit, outcome).await.map_err(|_| limit),
        None => Ok(outcome.await),
    };
    let (process, monitor) = (&spawned.process, spawned.monitor);
    let error = match outcome {
        Ok(Ok(Ok(()))) => return Ok(spawned),
        Ok(Ok(Err(failed))) => {
            detach(starter.as_ref(), process.pid(), monitor);
            failed.error
            // Here the failed process is released and ends.
        }
        Ok(Err(oneshot::Canceled)) => StartError::Failed(process.exited().await),
        Err(limit) => {
            // Asked for while the process is there.
            let label = label_of(system, process.pid());
            if let Some(starter) = &starter {
                starter.unlink(process.pid());
            }
            detach(starter.as_ref(), process.pid(), monitor);
            process.exit(ExitReason::Kill);
            StartError::Timeout { label, limit }
        }
    };
    process.exited().await;
    if let Some(starter) = &starter {
        // One that was ended during its `init`, by a signal, could not wait for its ties to be cut.
        forget(starter, process.pid(), monitor);
    }
    Err(error)
}

/// Has the starter hear nothing of the end of a process that failed to start; except one that does not trap exits,
/// which is to be ended by it.
fn detach(starter: Option<&Process>, failed: Pid, monitor: Option<MonitorRef>) {
    let Some(starter) = starter else { return };
    if starter.traps_exits() {
        starter.unlink(failed);
    }
    if let Some(monitor) = monitor {
        starter.demonitor(monitor);
    }
}
