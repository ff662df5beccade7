use std::sync::Arc;
use std::task::{Context, Poll};

use otp_core::Pid;

use super::state::PeerNode;
use crate::conn::Conn;
use crate::proto::Control;

/// There is no connection, and what waited for it is dropped.
pub(crate) struct NotMade;

/// Why a connection was not made.
pub(crate) type ConnectFailure = Arc<str>;

/// What became of a message to another node.
pub(crate) enum Posted {
    Sent(Arc<Conn>),
    /// It is sent once the node is connected. The attempts that had ended before.
    Queued(u64),
    /// It was delivered to a process here.
    Here,
    /// The node is not connected, and is not to be.
    Unreachable,
}

/// How many bytes may wait for a connection before one more message, however large it is.
const MOST_QUEUED: usize = 16 << 20;

/// A message that waits for the connection.
pub(super) struct Queued {
    pub(super) sender: Pid,
    pub(super) control: Control,
    pub(super) payload: Vec<u8>,
}

impl PeerNode {
    /// Sends a message of a process here, or lets it wait for the connection, which is made if `dials` and the program has
    /// asked for the node.
    pub(crate) fn post(self: &Arc<Self>, sender: Pid, control: Control, payload: Vec<u8>, dials: bool) -> Posted {
        let conn = {
            let mut state = self.lock();
            match &state.conn {
                Some(conn) => conn.clone(),
                None => {
                    let Some(node) = self.node() else { return Posted::Unreachable };
                    if state.queued > MOST_QUEUED {
                        return Posted::Unreachable;
                    }
                    let (mut attempt, ended) = (None, state.ended);
                    if state.attempts.is_empty() {
                        if !dials || !state.known {
                            return Posted::Unreachable;
                        }
                        attempt = state.begin(&node);
                        if attempt.is_none() {
                            return Posted::Unreachable;
                        }
                    }
                    state.queued += payload.len() + size_of::<Queued>();
                    state.queue.push(Queued { sender, control, payload });
                    drop(state);
                    if let Some(attempt) = attempt {
                        node.dial(self.clone(), attempt);
                    }
                    return Posted::Queued(ended);
                }
            }
        };
        if conn.send(sender, control, &payload) { Posted::Sent(conn) } else { Posted::Unreachable }
    }

    /// Waits until the node is connected, or the attempt has failed; begins one if there is none.
    pub(crate) fn poll_connect(
        self: &Arc<Self>,
        begun: &mut Option<u64>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), ConnectFailure>> {
        let waker = cx.waker().clone();
        let Some(node) = self.node() else { return Poll::Ready(Err("the node has ended".into())) };
        let mut state = self.lock();
        state.ask();
        if state.conn.is_some() {
            return Poll::Ready(Ok(()));
        }
        let mut attempt = None;
        match *begun {
            Some(ended) if state.ended > ended && state.attempts.is_empty() => {
                let failure = state.failure.clone().unwrap_or_else(|| "the connection was lost at once".into());
                return Poll::Ready(Err(failure));
            }
            Some(_) => {}
            None => {
                *begun = Some(state.ended);
                if state.attempts.is_empty() {
                    attempt = state.begin(&node);
                }
            }
        }
        state.wait(waker);
        drop(state);
        if let Some(attempt) = attempt {
            node.dial(self.clone(), attempt);
        }
        Poll::Pending
    }

    /// Waits while too much waits for the connection: for a message that was queued when so many attempts had `ended`.
    /// Returns the connection, if there is one now.
    pub(crate) fn poll_queue(&self, ended: u64, cx: &Context<'_>) -> Poll<Result<Option<Arc<Conn>>, NotMade>> {
        let waker = cx.waker().clone();
        let busy = self.node().map_or(0, |node| node.config.bounds.busy);
        let mut state = self.lock();
        if let Some(conn) = &state.conn {
            return Poll::Ready(Ok(Some(conn.clone())));
        }
        if state.ended > ended && state.attempts.is_empty() {
            return Poll::Ready(Err(NotMade));
        }
        if state.queued < busy {
            return Poll::Ready(Ok(None));
        }
        state.wait(waker);
        Poll::Pending
    }
}
