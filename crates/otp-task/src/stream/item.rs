use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::Starter;
use otp_core::{ExitReason, Process, Spawner};
use otp_supervisor::SupervisorRef;

use crate::error::TaskError;
use crate::options::TaskOptions;
use crate::output::TaskOutput;
use crate::supervisor::{Orphan, Starting, TaskSupervisorRef};
use crate::task::Task;

/// How the items of a stream are run.
#[derive(Clone)]
pub(super) struct Settings {
    owner: Starter,
    pub(super) options: TaskOptions,
    pub(super) limit: Option<Duration>,
    pub(super) link: bool,
    pub(super) supervisor: Option<TaskSupervisorRef>,
}

impl Settings {
    pub(super) fn of(owner: &impl Spawner) -> Settings {
        Settings {
            owner: Starter::of(owner),
            options: TaskOptions::new(),
            limit: Some(Duration::from_secs(5)),
            link: true,
            supervisor: None,
        }
    }

    /// Runs one item: starts its task, and waits for its end.
    pub(super) fn run<T, O>(
        &self,
        work: impl Future<Output = O> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, TaskError>>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
    {
        let Settings { owner, options, limit, link, supervisor } = self.clone();
        async move {
            // The reason is the item's result for an owner that traps exits, which is not to find it in its mailbox, too.
            let traps = owner.process().is_some_and(|owner| owner.traps_exits());
            let options = options.link(link && !traps);
            let outlives = !link && supervisor.is_some();
            let orphan = if outlives { Orphan::OutlivesOwner } else { Orphan::Ends };
            let task = match supervisor {
                None => options.spawn(&owner, work),
                Some(supervisor) => {
                    let starting = Starting::new(owner.process(), options, work).orphan(orphan);
                    starting.under(&SupervisorRef::from(supervisor)).await?
                }
            };
            Item { task, owner: owner.process(), orphan, ended: false }.value(limit).await
        }
        .boxed()
    }
}

/// The task of one item. Dropping this kills it, if it still runs.
struct Item<T> {
    task: Task<T>,
    owner: Option<Process>,
    orphan: Orphan,
    ended: bool,
}

impl<T: Send + 'static> Item<T> {
    async fn value(mut self, limit: Option<Duration>) -> Result<T, TaskError> {
        let result = match limit {
            None => self.task.ended().await,
            Some(limit) => match self.task.ended_within(limit).await {
                Some(result) => result,
                None => return Err(self.task.timed_out(limit)),
            },
        };
        self.ended = true;
        result
    }
}

impl<T> Drop for Item<T> {
    fn drop(&mut self) {
        if !self.ended && self.orphan.ends(self.owner.as_ref()) {
            self.task.unlink();
            self.task.system().exit(self.task.pid(), ExitReason::Kill);
        }
    }
}
