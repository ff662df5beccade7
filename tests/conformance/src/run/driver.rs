use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use otp::gen_server::{GenServer, StartError};
use otp::process::SpawnOptions;
use otp::{ExitReason, Pid};

use crate::actors::{Job, Worker, WorkerArgs, spawn};
use crate::language::{Action, Label, ProcSpec, WorkerSpec};
use crate::trace::Shape;
use crate::world::{Actor, Incarnation, Raw, World};

/// The process that executes the steps without `from`, and the way to those with one.
pub(super) struct Driver {
    world: Arc<World>,
    own: Raw,
}

/// A step that a process was handed.
pub(super) struct Handed {
    world: Arc<World>,
    executor: Pid,
    answer: oneshot::Receiver<Shape>,
}

/// How long a step may take.
const STEP_LIMIT: Duration = Duration::from_secs(20);

impl Driver {
    /// Starts the driver, and a process that ends at once: the one that labels of unknown actors stand for.
    pub(super) async fn start(world: &Arc<World>) -> Result<Driver, StartError> {
        let spec = ProcSpec { name: None, trap_exit: true };
        let (own, _) = spawn(world, &world.system, &Incarnation::driver(), &spec, SpawnOptions::new()).await?;
        let args =
            WorkerArgs { world: world.clone(), me: Incarnation::nobody(), spec: Arc::new(WorkerSpec::default()) };
        let nobody = Worker::start(&world.system, args).await?;
        nobody.stop().await.map_err(|_| StartError::failed(ExitReason::NoProc))?;
        Ok(Driver { world: world.clone(), own })
    }

    pub(super) fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Has the driver itself execute a step.
    pub(super) fn hand_to_driver(&self, action: Action) -> Handed {
        self.hand(&self.own, action)
    }

    /// Has a raw process execute a step; `None` if the label means none.
    pub(super) fn hand_to(&self, label: &Label, action: Action) -> Option<Handed> {
        match self.world.resolve(label, self.own.process.pid())? {
            Actor::Raw(raw) => Some(self.hand(&raw, action)),
            _ => None,
        }
    }

    fn hand(&self, to: &Raw, action: Action) -> Handed {
        let (answer, receiver) = oneshot::channel();
        // Fails if the process has ended, and then the answer is dropped with the job.
        let _ = to.jobs.unbounded_send(Job { action, answer });
        Handed { world: self.world.clone(), executor: to.process.pid(), answer: receiver }
    }
}

impl Handed {
    /// What the step returned.
    pub(super) async fn answer(self) -> Shape {
        match self.world.system.timeout(STEP_LIMIT, self.answer).await {
            Ok(Ok(shape)) => shape,
            Ok(Err(oneshot::Canceled)) => {
                // The process drops the job before its end is recorded.
                self.world.system.exited(self.executor).await;
                Shape::word("exited")
            }
            Err(_) => Shape::word("step_timeout"),
        }
    }
}
