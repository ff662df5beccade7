use std::sync::Arc;

use otp_behaviour::{Ack, BehaviourContext, Mail, Mode, Parent, Signal, StartError, Systemic, trace_state};
use otp_core::{Callee, Down, ExitReason, Pid, Process, ProcessContext, Spawner, Target};
use otp_supervisor::{Dynamic, DynamicSupervisor, SupervisorRef};

use super::book::Book;
use super::borrowed::Lender;
use super::error::CheckoutError;
use super::gauge::Gauge;
use super::line::Line;
use super::message::{PoolMessage, Request};
use super::options::{Pool, Worker, start_worker};
use super::status::PoolStatus;

/// The code of a pool's process.
pub(super) async fn run<W: Worker>(
    ctx: ProcessContext<PoolMessage<W>>,
    parent: Parent,
    ack: Ack,
    pool: Pool<W>,
) -> ExitReason {
    ctx.hold_tokens();
    let supervisor = match DynamicSupervisor::new().start_link(&ctx).label("workers of a pool").await {
        Ok(supervisor) => supervisor,
        Err(error) => return fail(ack, error).await,
    };
    let mut server = Server::new(ctx, parent, pool, supervisor);
    if !server.pool.lazy {
        for _ in 0..server.pool.size {
            match start_worker(&*server.pool.starts, &server.supervisor).await {
                Ok(worker) => server.admit(worker),
                Err(error) => {
                    // Not by the link: the starter finds nothing of it running.
                    let _ = server.supervisor.stop().await;
                    return fail(ack, error).await;
                }
            }
        }
    }
    ack.started();
    server.until_it_stops().await
}

async fn fail(ack: Ack, error: StartError) -> ExitReason {
    let reason = error.reason().cloned().unwrap_or_else(|| ExitReason::error(error.clone()));
    ack.failed(error, reason).await
}

pub(super) struct Server<W: Worker> {
    pub(super) ctx: ProcessContext<PoolMessage<W>>,
    /// The pool itself, as its loans know it.
    pub(super) lender: Arc<dyn Lender>,
    pub(super) parent: Parent,
    pub(super) mode: Mode,
    pub(super) pool: Pool<W>,
    pub(super) supervisor: SupervisorRef<Dynamic>,
    pub(super) book: Book<W>,
    pub(super) line: Line<W>,
    /// Workers that are being started.
    pub(super) starting: usize,
    /// How often in a row workers have failed.
    pub(super) failures: u32,
    /// Nothing is started before a pause is over.
    pub(super) is_paused: bool,
    /// A timer is running for the overflow worker that has been idle longest.
    pub(super) is_expiring: bool,
    /// Why it is about to end.
    pub(super) stopping: Option<ExitReason>,
    pub(super) gauge: Arc<Gauge>,
    pub(super) figures: PoolStatus,
}

impl<W: Worker> Server<W> {
    fn new(
        ctx: ProcessContext<PoolMessage<W>>,
        parent: Parent,
        pool: Pool<W>,
        supervisor: SupervisorRef<Dynamic>,
    ) -> Server<W> {
        let gauge = Gauge::install(&ctx, pool.most());
        let figures = PoolStatus { size: pool.size, max_overflow: pool.most() - pool.size, ..PoolStatus::default() };
        Server {
            lender: Arc::new(ctx.this()),
            ctx,
            parent,
            mode: Mode::Running,
            pool,
            supervisor,
            book: Book::new(),
            line: Line::new(),
            starting: 0,
            failures: 0,
            is_paused: false,
            is_expiring: false,
            stopping: None,
            gauge,
            figures,
        }
    }

    async fn until_it_stops(mut self) -> ExitReason {
        self.gauge.set(self.book.total(), self.book.borrowed, self.line.len());
        loop {
            let (parent, mode) = (self.parent, self.mode);
            match self.ctx.receive_mail(|message| parent.admits(mode, &message)).await {
                Mail::Message(PoolMessage(request)) => self.handle(request),
                Mail::Signal(signal) => match *signal {
                    Signal::Exit(exit) if self.parent.sent(&exit) => {
                        if !self.parent_waits(exit.from) {
                            return exit.reason;
                        }
                        self.begin_to_stop(exit.reason);
                    }
                    // Without its supervisor it has no workers, and can have none.
                    Signal::Exit(exit) if self.supervisor.pid().is_none_or(|pid| pid == exit.from) => {
                        return exit.reason;
                    }
                    Signal::Down(down) => self.down(&down),
                    Signal::Stop(stop) => self.begin_to_stop(stop.reason),
                    Signal::System(request) => request.serve(&mut self),
                    _ => {}
                },
            }
            self.provide();
            if self.ctx.settle_tokens() {
                trace_state(&self);
            }
            if let Some(reason) = &self.stopping
                && self.book.borrowed == 0
            {
                let reason = reason.clone();
                // It stops the workers as their spec says.
                let _ = self.supervisor.stop().reason(ExitReason::Shutdown).await;
                return reason;
            }
        }
    }

    fn handle(&mut self, request: Request<W>) {
        match request {
            Request::Checkout(ask) => self.check_out(ask),
            Request::CheckIn(ticket, how) => self.check_in(ticket, how),
            Request::Started(started) => {
                self.starting -= 1;
                match started {
                    Ok(worker) => self.admit(worker),
                    Err(error) => self.not_started(error),
                }
            }
            Request::Checked(pid, health) => self.checked(pid, health),
            Request::Expire => {
                self.is_expiring = false;
                self.expire();
            }
            Request::Resume => self.is_paused = false,
            Request::Status(from) => from.reply(self.status()),
        }
    }

    fn down(&mut self, down: &Down) {
        let Target::Pid(pid) = down.target else { return };
        if !self.worker_ended(pid, down.monitor) {
            self.borrower_ended(pid, down.monitor);
        }
    }

    /// Whether the parent waits for the end of the pool: not if it has ended itself.
    fn parent_waits(&self, parent: Pid) -> bool {
        parent == Pid::SYSTEM || self.ctx.system().is_alive(parent)
    }

    /// From now on nobody gets a worker.
    fn begin_to_stop(&mut self, reason: ExitReason) {
        // A suspended pool could not see its borrowers return.
        self.mode = Mode::Running;
        self.stopping.get_or_insert(reason);
        while let Some((ticket, from)) = self.line.next() {
            self.forget(ticket);
            from.reply(Err(CheckoutError::Stopping(self.callee())));
        }
    }

    pub(super) fn callee(&self) -> Callee {
        Callee::of(self.ctx.system(), self.ctx.pid())
    }

    fn status(&self) -> PoolStatus {
        PoolStatus {
            total: self.book.total(),
            idle: self.book.idle(),
            borrowed: self.book.borrowed,
            checking: self.book.checking,
            leaving: self.book.leaving,
            starting: self.starting,
            overflow: self.book.total().saturating_sub(self.pool.size),
            waiting: self.line.len(),
            ..self.figures.clone()
        }
    }
}

/// What `sys` sees of it.
impl<W: Worker> Systemic for Server<W> {
    fn process(&self) -> &Process {
        &self.ctx
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("{:?}", self.status()))
    }

    fn mode(&mut self) -> Option<&mut Mode> {
        Some(&mut self.mode)
    }
}
