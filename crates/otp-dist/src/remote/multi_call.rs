use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::RemoteCallError;
use crate::node::Cluster;
use crate::proto::NodeName;

/// The outcome of [`Cluster::multi_call`]: the replies, and the nodes without one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RemoteMultiCall<R> {
    /// The replies, in the order of the nodes.
    pub replies: Vec<(NodeName, R)>,
    /// The nodes whose servers have not answered, with the error of each, in the order of the nodes: OTP's bad nodes.
    pub failed: Vec<(NodeName, RemoteCallError)>,
}

impl Cluster {
    /// Calls the servers that hold a name at several nodes, all at once, and waits for all replies, at most for `limit`.
    /// Later replies are dropped. Connects to nodes that are not connected; this node may be one of them.
    ///
    /// OTP's `gen_server:multi_call/4`. For servers of `#[gen_server(remote)]`,
    /// [`multi_call`](otp_genserver::multi_call) does the same with their typed [references](Cluster::server).
    ///
    /// # Panics
    ///
    /// If the name is longer than 255 characters.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up all calls.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # async fn of(cluster: otp::dist::Cluster) {
    /// // On every connected node: how many apples are in stock?
    /// let nodes = cluster.nodes().visible;
    /// let stock = cluster.multi_call::<u64>(nodes, "stock", &("count", "apples"), Duration::from_secs(1)).await;
    /// let apples: u64 = stock.replies.iter().map(|(_, count)| count).sum();
    /// for (node, error) in &stock.failed {
    ///     println!("{node} is not counted in {apples}: {error}");
    /// }
    /// # }
    /// ```
    pub async fn multi_call<R: DeserializeOwned + 'static>(
        &self,
        nodes: impl IntoIterator<Item = NodeName>,
        name: impl AsRef<str>,
        request: &(impl Serialize + ?Sized),
        limit: Duration,
    ) -> RemoteMultiCall<R> {
        let nodes: Vec<NodeName> = nodes.into_iter().collect();
        let calls: Vec<_> =
            nodes.iter().map(|node| self.at(&name, node).call::<R>(request).timeout(limit).into_future()).collect();
        let mut outcome = RemoteMultiCall { replies: Vec::new(), failed: Vec::new() };
        for (node, answer) in nodes.into_iter().zip(join_all(calls).await) {
            match answer {
                Ok(reply) => outcome.replies.push((node, reply)),
                Err(error) => outcome.failed.push((node, error)),
            }
        }
        outcome
    }
}
