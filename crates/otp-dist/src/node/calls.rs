use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::channel::oneshot;
use otp_core::{ExitReason, Ref};
use otp_etf::Term;

use super::peer::PeerNode;

/// The calls of [`Remote`](crate::Remote)s that wait for their answers, by their references.
#[derive(Default)]
pub(crate) struct Calls(Mutex<HashMap<Ref, Pending>>);

struct Pending {
    /// `None` for a server of this node.
    to: Option<Arc<PeerNode>>,
    answer: oneshot::Sender<Outcome>,
}

impl Pending {
    fn is_to(&self, node: &Arc<PeerNode>) -> bool {
        self.to.as_ref().is_some_and(|to| Arc::ptr_eq(to, node))
    }
}

/// What became of a call.
pub(crate) type Outcome = Result<Term, ExitReason>;

impl Calls {
    pub(crate) fn begin(&self, reference: Ref, to: Option<Arc<PeerNode>>) -> oneshot::Receiver<Outcome> {
        let (answer, receiver) = oneshot::channel();
        self.with(|calls| calls.insert(reference, Pending { to, answer }));
        receiver
    }

    /// Returns whether a call waits with this reference.
    pub(crate) fn is_waiting(&self, reference: Ref) -> bool {
        self.with(|calls| calls.contains_key(&reference))
    }

    /// Ends a call with its answer, which may come from another node than the one that was called: a server may leave it to
    /// any process. False if it does not wait.
    pub(crate) fn answer(&self, reference: Ref, answer: Term) -> bool {
        let pending = self.with(|calls| calls.remove(&reference));
        pending.map(|pending| pending.answer.send(Ok(answer))).is_some()
    }

    /// Ends a call to a node, which says that the server has ended; false if no call to it waits with this reference.
    pub(crate) fn fail(&self, reference: Ref, at: &Arc<PeerNode>, reason: ExitReason) -> bool {
        let failed = self.with(|calls| {
            let is_to = calls.get(&reference).is_some_and(|pending| pending.is_to(at));
            is_to.then(|| calls.remove(&reference)).flatten()
        });
        failed.map(|pending| pending.answer.send(Err(reason))).is_some()
    }

    /// Forgets a call, if it waits.
    pub(crate) fn forget(&self, reference: Ref) {
        drop(self.with(|calls| calls.remove(&reference)));
    }

    /// Takes out all calls to a node, whose connection is lost.
    pub(crate) fn take_all(&self, to: &Arc<PeerNode>) -> impl Iterator<Item = oneshot::Sender<Outcome>> + use<> {
        let mut ended: Vec<_> = self.with(|calls| calls.extract_if(|_, pending| pending.is_to(to)).collect());
        // The oldest first, and so in the same order whenever the program does the same.
        ended.sort_unstable_by_key(|(reference, _)| *reference);
        ended.into_iter().map(|(_, pending)| pending.answer)
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Ref, Pending>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
