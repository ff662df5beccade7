use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use otp_core::{Alias, Ref};
use otp_etf::{Reference, Term};

use super::shared::Shared;

/// The aliases of processes here that other nodes may send to.
#[derive(Default)]
pub(crate) struct Aliases(Mutex<HashMap<Ref, Forward>>);

type Forward = Arc<dyn Fn(Term) + Send + Sync>;

impl Aliases {
    pub(crate) fn find(&self, reference: Ref) -> Option<Forward> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&reference).cloned()
    }

    fn remove(&self, reference: Ref) {
        let removed = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&reference);
        drop(removed);
    }
}

/// Lets other nodes send to an [`Alias`] of a process; dropping it ends that. Made by
/// [`Cluster::alias`](crate::Cluster::alias).
#[must_use = "dropping it switches the alias off for other nodes"]
pub struct RemoteAlias {
    reference: Ref,
    wire: Reference,
    node: Weak<Shared>,
}

impl RemoteAlias {
    pub(crate) fn new<M>(node: &Arc<Shared>, alias: &Alias<M>) -> RemoteAlias
    where
        M: TryFrom<Term> + Send + 'static,
    {
        let (reference, to) = (alias.reference(), alias.clone());
        let forward: Forward = Arc::new(move |term| {
            if let Ok(message) = M::try_from(term) {
                to.send(message);
            }
        });
        node.aliases.0.lock().unwrap_or_else(PoisonError::into_inner).insert(reference, forward);
        RemoteAlias { reference, wire: node.own.wire_reference(reference), node: Arc::downgrade(node) }
    }

    /// The reference that other nodes send to.
    pub fn reference(&self) -> &Reference {
        &self.wire
    }
}

impl Drop for RemoteAlias {
    fn drop(&mut self) {
        if let Some(node) = self.node.upgrade() {
            node.aliases.remove(self.reference);
        }
    }
}

impl fmt::Debug for RemoteAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteAlias({})", self.wire)
    }
}
