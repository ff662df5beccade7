use std::time::Duration;

use otp_core::behaviour::{at_once, forget, let_others_first, take_turn};
use otp_core::{ExitReason, IntoExit, Label, MonitorRef, Pid, Process, ProcessContext, Spawned, Spawner, System};

use super::ack::Ack;
use super::error::{StartError, label_of};
use super::options::StartOptions;
use super::parent::Parent;

/// Remembers the process that starts a behaviour, or code outside any process, for builders that are awaited later.
#[derive(Clone, Debug)]
pub struct Starter {
    system: System,
    process: Option<Process>,
}

impl Starter {
    /// Returns the starter that `on` refers to now.
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

/// Starts a behaviour and waits until its `init` is done: until `body`, which is the code of the process, reports the
/// outcome through the [`Ack`]. The [module](mod@crate::start) describes the order of the steps.
///
/// # Errors
///
/// See [`StartError`]. After an error the process is gone and its name is free. A starter that traps exits finds no
/// exit message of it in its mailbox. A starter that does not trap exits is ended by an abnormal reason, through the
/// link.
///
/// # Cancel safety
///
/// If the future is dropped while `init` runs, the process keeps running.
pub async fn start<M, F, Fut>(on: &impl Spawner, options: StartOptions<M>, body: F) -> Result<Spawned<M>, StartError>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>, Parent, Ack) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let_others_first(on.system()).await;
    take_turn(on.system()).await;
    let StartOptions { spawn, label, link, monitor, timeout } = options;
    let (system, starter) = (on.system(), on.process());
    let spawn = if link { spawn.link() } else { spawn };
    let spawn = if monitor { spawn.monitor() } else { spawn };
    // The parent of a behaviour that was started from outside any process is the system.
    let parent = Parent(match &starter {
        Some(starter) => (link || monitor).then(|| starter.pid()),
        None => Some(Pid::SYSTEM),
    });
    let spawn = at_once(spawn);
    let called = spawn.called();
    let (ack, outcome) = Ack::new();
    let body = move |ctx| body(ctx, parent, ack);
    let deadline = timeout.map(|limit| (limit, system.now() + limit));
    let spawned = match &starter {
        Some(starter) => starter.spawn_with(spawn, body)?,
        None => system.spawn_with(spawn, body)?,
    };
    let (is_there, outcome) = (outcome.is_there(), outcome.of(system, spawned.process.pid()));
    let outcome = if is_there {
        // What ran here could not be cut short, but it may have been too slow.
        match deadline {
            Some((limit, deadline)) if system.now() >= deadline => Err(limit),
            _ => Ok(outcome.await),
        }
    } else {
        // Without a limit, too: it is a wait of the library's, in which a starter that blocks its thread can be ended.
        let limit = timeout.unwrap_or(Duration::MAX);
        system.timeout(limit, outcome).await.map_err(|_| limit)
    };
    let (process, monitor) = (&spawned.process, spawned.monitor);
    let error = match outcome {
        Ok(Some(Ok(()))) => return Ok(spawned),
        Ok(Some(Err(failed))) => {
            detach(starter.as_ref(), process.pid(), monitor);
            failed.error
            // Here the failed process is released and ends.
        }
        Ok(None) => StartError::failed(process.exited().await),
        Err(limit) => {
            // Read while the process exists.
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
        // A process that was ended by a signal during its `init` could not wait for its ties to be cut.
        forget(starter, process.pid(), monitor);
    }
    Err(error.of(called.unwrap_or_else(|| Label::from_static(label()))))
}

/// Cuts the ties between the starter and a process that failed to start; except for the link of a starter that does not
/// trap exits, which has to be ended through it.
fn detach(starter: Option<&Process>, failed: Pid, monitor: Option<MonitorRef>) {
    let Some(starter) = starter else { return };
    if starter.traps_exits() {
        starter.unlink(failed);
    }
    if let Some(monitor) = monitor {
        starter.demonitor(monitor);
    }
}
