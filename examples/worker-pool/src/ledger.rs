//! The server that admits jobs, and knows all that are not finished.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use otp::prelude::*;

use crate::job::{Job, JobId};
use crate::run;
use crate::service::{Refused, Service};

/// Admits jobs, has a process started for each, and strikes them off when they have ended.
///
/// What is written in its book is handed over to the ledger that follows after a crash, so an accepted job is not lost
/// with it. A process of a job that has ended too early is started again by its supervisor, and asks here what to do.
#[derive(Debug)]
pub struct Ledger {
    service: Service,
    book: Book,
    /// Those who wait until no job is open.
    waiting: Vec<ReplyTo<()>>,
}

/// What is handed over, after each change: at most as many references as jobs may be open.
#[derive(Clone, Debug, Default)]
struct Book {
    open: BTreeMap<JobId, Open>,
    counts: Counts,
    is_draining: bool,
}

/// A job that is not finished.
#[derive(Clone, Debug)]
pub struct Open {
    /// What is to be done.
    pub job: Arc<Job>,
    /// How many processes have begun with it: one, if none has ended too early.
    pub starts: u32,
}

/// How many jobs there were since the program started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Jobs that were taken.
    pub accepted: u64,
    /// Jobs that have succeeded.
    pub done: u64,
    /// Jobs that have failed for good.
    pub dead: u64,
}

#[gen_server(hand_over = 3)]
impl Ledger {
    #[init]
    fn init(service: Service, ctx: &mut Context<Self>) -> Init<Self> {
        let book = ctx.handed_over().unwrap_or_default();
        Init::Continue(Ledger { service, book, waiting: Vec::new() }, LedgerContinue::ResumeAll)
    }

    #[continue_to]
    async fn resume_all(&mut self) {
        self.resume().await;
    }

    /// Accepts a job and has it started, unless there are too many, or the service is about to stop.
    #[call]
    async fn submit(&mut self, job: Job, ctx: &mut Context<Self>) -> Result<JobId, Refused> {
        let limit = self.service.limits.open;
        if self.book.is_draining {
            return Err(Refused::Draining);
        }
        if self.book.open.len() >= limit {
            return Err(Refused::Full { limit });
        }
        let id = JobId(self.service.last_id.fetch_add(1, Ordering::Relaxed) + 1);
        self.book.open.insert(id, Open { job: Arc::new(job), starts: 0 });
        self.book.counts.accepted += 1;
        ctx.save(self.book.clone());
        self.start(id).await;
        Ok(id)
    }

    /// Asked by the process of a job: what is to be done, unless it was done by a process before it.
    #[call]
    fn begin(&mut self, id: JobId, ctx: &mut Context<Self>) -> Option<Open> {
        let open = self.book.open.get_mut(&id)?;
        open.starts += 1;
        let open = open.clone();
        ctx.save(self.book.clone());
        Some(open)
    }

    /// Strikes off a job whose end is on one of the shelves. To do so twice is to do it once.
    #[call]
    fn settle(&mut self, id: JobId, is_done: bool, ctx: &mut Context<Self>) {
        if self.book.open.remove(&id).is_none() {
            return;
        }
        let counts = &mut self.book.counts;
        *if is_done { &mut counts.done } else { &mut counts.dead } += 1;
        ctx.save(self.book.clone());
        if self.book.open.is_empty() {
            self.waiting.drain(..).for_each(|waiting| waiting.reply(()));
        }
    }

    /// Whether a job is open.
    #[call]
    fn is_open(&self, id: JobId) -> bool {
        self.book.open.contains_key(&id)
    }

    /// What was counted, and the jobs that are open.
    #[call]
    fn summary(&self) -> (Counts, BTreeMap<JobId, Open>) {
        (self.book.counts, self.book.open.clone())
    }

    /// Takes no more jobs from now on, and answers when no job is open.
    #[call]
    fn drain(&mut self, from: ReplyTo<()>, ctx: &mut Context<Self>) {
        self.book.is_draining = true;
        ctx.save(self.book.clone());
        match self.book.open.is_empty() {
            true => from.reply(()),
            false => self.waiting.push(from),
        }
    }

    /// Has a process started for each job that is open: those that there were are lost with their supervisor. Where one is
    /// left, the new one waits for its end. This is no cast, as one that comes to a full mailbox is dropped.
    #[info]
    async fn resume(&mut self) {
        for id in self.book.open.keys() {
            self.start(*id).await;
        }
    }

    /// If the supervisor is not there, all open jobs are started when it is back: see [`tree`](crate::tree).
    async fn start(&self, id: JobId) {
        if let Err(error) = self.service.tasks.start_child(run::spec(self.service.clone(), id)).await {
            tracing::warn!(%id, %error, "the job is started later");
        }
    }
}
