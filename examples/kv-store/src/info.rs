//! What `INFO` prints.

use std::fmt::{Display, Write};
use std::time::Duration;

use otp::CallError;
use otp::supervisor::{ChildInfo, ChildState};

use crate::tree::{self, Tree};

/// How long to wait for a supervisor that is busy: one that waits for a shard to recover, say.
const PATIENCE: Duration = Duration::from_secs(1);

/// The server, its clients, and the supervision tree with how often each part was started again.
///
/// It is a supervisor that counts: one that is itself started again begins at zero.
pub(crate) async fn text(tree: &Tree) -> String {
    let mut text = Text::default();
    text.section("Server");
    text.line("kv_store_version", env!("CARGO_PKG_VERSION"));
    text.line("executor", tree.system.runtime().name());
    text.line("process_id", std::process::id());
    text.line("tcp_port", tree.address.port().unwrap_or_default());
    text.line("uptime_in_seconds", (tree.system.now() - tree.started).as_secs());

    let clients = ask(tree, tree.connections.count_children()).await.map_or(0, |counts| counts.active);
    text.section("Clients");
    text.line("connected_clients", clients);
    text.line("maxclients", tree.options.max_connections.count());

    text.section("Supervision");
    text.line(tree::KV.as_str(), tree.kv.pid().map_or("pid=none".to_owned(), |pid| format!("pid={pid}")));
    for child in ask(tree, tree.kv.which_children()).await.iter().flatten().rev() {
        text.child(1, child);
        if child.id.as_str() == tree::STORE.as_str() {
            for shard in ask(tree, tree.store.which_children()).await.iter().flatten().rev() {
                text.child(2, shard);
            }
        }
    }
    text.0
}

/// The answer of a supervisor; none if it takes too long, or is not there.
async fn ask<T>(tree: &Tree, question: impl Future<Output = Result<T, CallError>>) -> Option<T> {
    tree.system.timeout(PATIENCE, question).await.ok()?.ok()
}

/// Lines of `key:value` in sections, as Redis has them.
#[derive(Default)]
struct Text(String);

impl Text {
    fn section(&mut self, name: &str) {
        let gap = if self.0.is_empty() { "" } else { "\r\n" };
        self.add(format_args!("{gap}# {name}"));
    }

    fn line(&mut self, key: &str, value: impl Display) {
        self.add(format_args!("{key}:{value}"));
    }

    fn child(&mut self, depth: usize, child: &ChildInfo) {
        let state = match child.state {
            ChildState::Running(pid) => format!("pid={pid}"),
            ChildState::Restarting(_) => "restarting".to_owned(),
            _ => "stopped".to_owned(),
        };
        let key = format!("{:indent$}{}", "", child.id, indent = 2 * depth);
        self.line(&key, format_args!("{state},restarts={}", child.restarts));
    }

    fn add(&mut self, line: impl Display) {
        write!(self.0, "{line}\r\n").expect("a string takes everything");
    }
}
