use std::fmt;

use otp_behaviour::StartError;
use otp_core::{ExitReason, Pid, Ref, ReplyTo};

use super::borrowed::Delivery;
use super::error::CheckoutError;
use super::options::Worker;
use super::status::PoolStatus;

/// An element of a pool's mailbox; [`PoolRef`](super::PoolRef) makes and sends it.
pub struct PoolMessage<W: Worker>(pub(super) Request<W>);

pub(super) enum Request<W: Worker> {
    /// A borrower asks for a worker.
    Checkout(Ask<W>),
    /// A borrower returns a worker, or stops waiting for one.
    CheckIn(Ref, Return),
    /// A start of a worker is over.
    Started(Result<W, StartError>),
    /// A health check is over.
    Checked(Pid, Result<(), ExitReason>),
    /// An overflow worker has been idle for long enough, unless it has been lent since.
    Expire,
    /// The pause after a failure is over.
    Resume,
    /// Somebody wants to see figures.
    Status(ReplyTo<PoolStatus>),
}

/// A request for a worker.
pub(super) struct Ask<W: Worker> {
    /// Identifies the borrower's place in the line, and then the loan.
    pub(super) ticket: Ref,
    /// `None` if the borrower is no process.
    pub(super) borrower: Option<Pid>,
    /// Whether it waits until somebody checks a worker in.
    pub(super) waits: bool,
    pub(super) from: Reply<W>,
}

pub(super) type Reply<W> = ReplyTo<Result<Delivery<W>, CheckoutError>>;

/// How a loan ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// The borrower never saw the worker: it had given up.
    Unseen,
    /// The borrower's time was up before it got a worker.
    TimedOut,
    /// The borrower is done with the worker.
    Used,
    /// The borrower left the worker in the middle of something.
    Broken,
}

impl<W: Worker> fmt::Debug for PoolMessage<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Request::Checkout(_) => "PoolMessage(checkout)",
            Request::CheckIn(..) => "PoolMessage(check-in)",
            Request::Started(_) => "PoolMessage(worker started)",
            Request::Checked(..) => "PoolMessage(worker checked)",
            Request::Expire => "PoolMessage(overflow expired)",
            Request::Resume => "PoolMessage(pause over)",
            Request::Status(_) => "PoolMessage(status)",
        })
    }
}
