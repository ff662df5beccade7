//! The supervision tree.
//!
//! ```text
//! worker-pool      Supervisor, one_for_one
//! ├ results        Shelf, handed over
//! ├ dead-letters   Shelf, handed over
//! ├ ledger         Ledger, handed over
//! ├ workers        Pool
//! │ └ …            Worker
//! ├ jobs           Supervisor, rest_for_one
//! │ ├ index        Registry
//! │ └ tasks        TaskSupervisor
//! │   └ job-1 …    one task for each job that is not finished
//! └ http           the shell, if there is one
//! ```
//!
//! **Order.** What others need comes first. Children stop in reverse order: first nobody asks any more, then jobs end, then
//! the servers that jobs tell of it.
//!
//! **jobs** is rest_for_one because a registry takes along the processes that it has: without their index, all jobs are
//! started again. The ledger does it, as it knows them; it is told by each start of `tasks`.

use std::time::Duration;

use otp::gen_server::Start;
use otp::prelude::*;
use otp::process::Overflow;
use otp::registry::pool::OnBorrowerDeath;
use otp::registry::{Pool, PoolName, RegistryName};
use otp::task::TaskSupervisor;

use crate::job::{DeadLetter, JobId, Status};
use crate::ledger::{Ledger, LedgerInfo};
use crate::service::Service;
use crate::shelf::Shelf;
use crate::worker::Worker;

/// The root.
pub const ROOT: SupervisorName = SupervisorName::new("worker-pool");
/// The results of the last jobs.
pub const RESULTS: ServerName<Shelf<u64>> = ServerName::new("results");
/// The last jobs that have failed for good.
pub const DEAD_LETTERS: ServerName<Shelf<DeadLetter>> = ServerName::new("dead-letters");
/// The jobs that are not finished.
pub const LEDGER: ServerName<Ledger> = ServerName::new("ledger");
/// The workers.
pub const WORKERS: PoolName<ServerRef<Worker>> = PoolName::new("workers");
/// The processes of jobs, by number.
pub const INDEX: RegistryName<JobId, NoMessage, Status> = RegistryName::new("index");
/// The supervisor of the processes of jobs.
pub const TASKS: SupervisorName<Dynamic> = SupervisorName::new("tasks");

impl Service {
    /// The tree, without a shell.
    pub fn tree(&self) -> Supervisor {
        let Service { limits, .. } = self;
        // What a worker does for a process that has died is done for nobody.
        let workers = Pool::new(Worker::child(())).size(limits.workers).on_borrower_death(OnBorrowerDeath::Replace);
        Supervisor::new(Strategy::OneForOne)
            .intensity(10, Duration::from_secs(10))
            .child(Shelf::child(limits.kept).name(RESULTS).with(bounded))
            .child(Shelf::child(limits.kept).name(DEAD_LETTERS).with(bounded))
            .child(Ledger::child(self.clone()).name(LEDGER).with(bounded))
            .child(workers.supervised_as(WORKERS))
            .child(self.jobs())
    }

    fn jobs(&self) -> ChildSpec<SupervisorRef> {
        let (index, ledger, most) = (self.index.clone(), self.ledger.clone(), self.limits.open);
        ChildSpec::supervisor("jobs", move |root: Process| {
            // No job ends this supervisor: each is given up after a few starts, and there are only so many.
            let tasks = TaskSupervisor::supervised(TASKS, move || {
                TaskSupervisor::new().intensity(10 * most, Duration::from_secs(1))
            });
            Supervisor::new(Strategy::RestForOne)
                .intensity(10, Duration::from_secs(10))
                .child(index.child())
                .child(tasks.on_start(move |_, _| ledger.info(LedgerInfo::Resume)))
                .start_link(&root)
        })
    }
}

/// A server that refuses requests at once when a thousand wait: clients are told to come later, and jobs ask again.
fn bounded<S: GenServer>(start: Start<S>) -> Start<S> {
    start.input(1000, Overflow::Refuse)
}
