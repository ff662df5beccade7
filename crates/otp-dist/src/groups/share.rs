use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use otp_behaviour::StartError;
use otp_core::{Label, Process, ProcessRef};
use otp_registry::{GroupsName, ScopeMessage};
use otp_supervisor::ChildSpec;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sharing::{News, share};
use crate::node::{Delivered, Receivers};

/// A scope of groups that a node shares with others.
#[derive(Clone)]
pub(crate) struct Share {
    name: Label,
    child: Arc<dyn Fn() -> ChildSpec + Send + Sync>,
}

/// The process that shares a scope, while there is one: it gets what other nodes say to the scope.
pub(super) struct Inbox<K, M>(Arc<Mutex<Option<Sharing<K, M>>>>);

type Sharing<K, M> = ProcessRef<News<K, M>>;

impl Share {
    /// Shares a scope; what other nodes say to it is received by `receivers`.
    pub(crate) fn of<K, M>(scope: GroupsName<K, M>, receivers: &Receivers) -> (Share, Receivers)
    where
        K: Serialize + DeserializeOwned + Hash + Eq + Clone + Send + Sync + 'static,
        M: Serialize + Send + 'static,
    {
        let (name, inbox) = (Label::from(scope.clone()), Inbox::<K, M>(Arc::default()));
        let (id, own) = (name.clone(), inbox.clone());
        let child = move || {
            let (scope, inbox) = (scope.clone(), own.clone());
            ChildSpec::worker(id.clone(), async move |supervisor: Process| {
                let process = supervisor.spawn_link(async move |ctx| share(ctx, scope).await);
                let pid = process.pid();
                inbox.put(process);
                Ok::<_, StartError>(pid)
            })
        };
        let receivers = receivers.with::<ScopeMessage<K, M>>(Arc::new(move |receiver, incoming| {
            if let (Some(sharing), Some(from)) = (inbox.process(), incoming.from) {
                // It fails if the node ends.
                let _ = sharing.try_send(News::Said { to: receiver.pid(), from, message: incoming.message });
            }
            Delivered::Done
        }));
        (Share { name, child: Arc::new(child) }, receivers)
    }

    pub(crate) fn name(&self) -> &str {
        self.name.as_str()
    }

    pub(crate) fn child(&self) -> ChildSpec {
        (self.child)()
    }
}

impl<K, M> Inbox<K, M> {
    fn put(&self, process: Sharing<K, M>) {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(process);
        drop(before);
    }

    fn process(&self) -> Option<Sharing<K, M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<K, M> Clone for Inbox<K, M> {
    fn clone(&self) -> Inbox<K, M> {
        Inbox(self.0.clone())
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({})", self.name)
    }
}
