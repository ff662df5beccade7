use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use otp_behaviour::StartError;
use otp_core::{Label, Process, SpawnOptions};
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
                let options = SpawnOptions::new().link().label(format!("shares {}", scope.as_str()));
                let sharing = supervisor.spawn_with(options, async move |ctx| share(ctx, scope).await);
                Ok::<_, StartError>(sharing.expect("it asks for no name").process.pid())
            })
        };
        let receivers = receivers.with::<ScopeMessage<K, M>>(Arc::new(move |receiver, incoming| {
            let sharing = Inbox::<K, M>::of(&incoming.node.system, receiver.pid());
            let waiting = incoming.waiting();
            if let (Some(sharing), Some(conn)) = (sharing, incoming.from) {
                let (to, from) = (receiver.pid(), conn.peer.name.clone());
                // It fails if the node ends.
                let _ = sharing.try_send(News::Said { to, from, message: incoming.message, waiting });
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

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use otp::tokio::TokioExecutor;
    use otp_core::node::Receiver;
    use otp_core::{ExitReason, ProcessContext};
    use otp_etf::Term;

    use super::*;
    use crate::server::Incoming;
    use crate::unconnected;

    #[test]
    fn what_a_node_says_to_a_scope_counts_until_the_process_that_shares_it_comes_to_it() {
        const ROOMS: GroupsName<String, Term> = GroupsName::new("rooms");
        let ended = TokioExecutor::current_thread().run(async |system| {
            let node = unconnected::node(&system);
            let (_, conn) = unconnected::connect(&node).await;
            let (_, receivers) = Share::of(ROOMS, &Receivers::default());
            let sharing = system.spawn(async move |mut ctx: ProcessContext<News<String, Term>>| {
                let _inbox = Inbox::open(&ctx, ctx.pid());
                let receiver = Receiver::find(ctx.system(), ctx.pid()).unwrap();
                let deliver = receivers.find(TypeId::of::<ScopeMessage<String, Term>>()).unwrap();
                let (from, message) = (Some(conn.clone()), Term::NIL);
                deliver(&receiver, Incoming { node, from, message, size: 2 << 20 });
                assert!(conn.unheard.is_full());
                ctx.receive().await;
                assert!(!conn.unheard.is_full());
            });
            sharing.exited().await
        });
        assert_eq!(ended.unwrap(), ExitReason::Normal);
    }
}
