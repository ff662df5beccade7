use std::hash::Hash;

use otp_core::{Address, ExitReason, Pid, ProcessContext};
use otp_etf::Term;
use otp_registry::{GroupEvent, Groups, GroupsName};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::life::Life;
use crate::conn::Waiting;
use crate::node::{Cluster, NodeEvent};
use crate::proto::NodeName;

/// What the process that shares a scope receives.
pub(super) enum News<K, M> {
    /// A node said this to the scope, which was this process.
    Said { to: Pid, from: NodeName, message: Term, waiting: Option<Waiting> },
    /// A group has changed, here or there.
    Group(GroupEvent<K, M>),
    /// A node has come or gone.
    Node(NodeEvent),
}

/// Shares a scope with those of the same name on other nodes, whenever it runs. Other nodes know the process of the scope,
/// not this one: its end is the end of its members for them.
pub(super) async fn share<K, M>(mut ctx: ProcessContext<News<K, M>>, name: GroupsName<K, M>) -> ExitReason
where
    K: Serialize + DeserializeOwned + Hash + Eq + Clone + Send + Sync + 'static,
    M: Serialize + Send + 'static,
{
    // The node runs before, and ends with this process.
    let Ok(cluster) = Cluster::of(ctx.system()) else { return ExitReason::Shutdown };
    let _nodes = cluster.monitor_nodes(Address::from(ctx.this()).map_message(News::Node));
    let mut except = None;
    loop {
        let mut holder = Address::named(ctx.system(), name.clone()).await_holder();
        if let Some(wrong) = except {
            holder = holder.other_than(wrong);
        }
        let scope = match holder.await.and_then(|holder| holder.pid()) {
            Ok(Some(scope)) => scope,
            Ok(None) => continue,
            Err(wrong) => {
                tracing::error!(target: "otp::dist", %wrong, "the groups of this name cannot be shared");
                except = Some(wrong.pid);
                continue;
            }
        };
        let groups = Groups::named(ctx.system(), name.clone());
        let Some(mut life) = Life::begin(&ctx, &cluster, groups, name.as_str(), scope) else { continue };
        while life.goes_on(ctx.receive().await) {}
    }
}
