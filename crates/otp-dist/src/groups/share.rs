use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use otp_behaviour::StartError;
use otp_core::{Label, Process};
use otp_registry::{GroupsName, ScopeMessage};
use otp_supervisor::ChildSpec;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::inbox::Inbox;
use super::sharing::{News, share};
use crate::node::{Delivered, Receivers};

/// A scope of groups that a node shares with others.
#[derive(Clone)]
pub(crate) struct Share {
    name: Label,
    child: Arc<dyn Fn() -> ChildSpec + Send + Sync>,
}

impl Share {
    /// Shares a scope; what other nodes say to it is received by `receivers`.
    pub(crate) fn of<K, M>(scope: GroupsName<K, M>, receivers: &Receivers) -> (Share, Receivers)
    where
        K: Serialize + DeserializeOwned + Hash + Eq + Clone + Send + Sync + 'static,
        M: Serialize + Send + 'static,
    {
        let name = Label::from(scope.clone());
        let id = name.clone();
        let child = move || {
            let scope = scope.clone();
            ChildSpec::worker(id.clone(), async move |supervisor: Process| {
                Ok::<_, StartError>(supervisor.spawn_link(async move |ctx| share(ctx, scope).await).pid())
            })
        };
        let receivers = receivers.with::<ScopeMessage<K, M>>(Arc::new(move |receiver, incoming| {
            let sharing = Inbox::<K, M>::of(&incoming.node.system, receiver.pid());
            if let (Some(sharing), Some(from)) = (sharing, incoming.from) {
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

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({})", self.name)
    }
}
