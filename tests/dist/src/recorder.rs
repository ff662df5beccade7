//! A process that keeps what it receives, and acts in its own name when it is told to.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::future::BoxFuture;
use otp::dist::{Cluster, NodeEvent, NodeMonitor, Remote, RemoteAlias, term_of_reason};
use otp::etf::Term;
use otp::process::{Alias, AliasMode, MonitorRef};
use otp::runtime::Instant;
use otp::{ExitReason, Message, ProcessContext, ProcessRef, ReplyTo};
use serde_json::{Value, json};

use crate::value::{of_pid, of_reference, value};

/// What a recorder receives.
pub(crate) enum Msg {
    Wire(Term),
    Node(NodeEvent),
    Act(Act),
    Take(Duration, ReplyTo<Value>),
    Die(ExitReason),
}

/// What a recorder does in its own name; returns what is told to the harness.
pub(crate) type Act = Box<dyn FnOnce(&mut Recorder, &ProcessContext<Msg>) -> BoxFuture<'static, ()> + Send>;

impl From<Term> for Msg {
    fn from(term: Term) -> Msg {
        Msg::Wire(term)
    }
}

pub(crate) struct Recorder {
    cluster: Cluster,
    entries: VecDeque<Value>,
    waiting: Option<(Instant, ReplyTo<Value>)>,
    /// What was monitored, as it is told.
    monitors: HashMap<String, (MonitorRef, Value)>,
    aliases: HashMap<String, (Alias<Msg>, RemoteAlias)>,
    pub(crate) nodes: Option<NodeMonitor>,
}

pub(crate) fn spawn(cluster: &Cluster, trap: bool) -> ProcessRef<Msg> {
    let recorder = Recorder {
        cluster: cluster.clone(),
        entries: VecDeque::new(),
        waiting: None,
        monitors: HashMap::new(),
        aliases: HashMap::new(),
        nodes: None,
    };
    let options = otp::process::SpawnOptions::new().trap_exit(trap);
    let spawned = cluster.system().spawn_with(options, async move |ctx| recorder.run(ctx).await);
    spawned.expect("it has no name").process
}

impl Recorder {
    async fn run(mut self, mut ctx: ProcessContext<Msg>) -> ExitReason {
        loop {
            let received = match &self.waiting {
                None => Some(ctx.receive().await),
                Some((until, _)) => {
                    let left = *until - ctx.system().now();
                    ctx.receive_timeout(left).await
                }
            };
            let entry = match received {
                None => {
                    if let Some((_, from)) = self.waiting.take() {
                        from.reply(Value::Null);
                    }
                    continue;
                }
                Some(Message::User(Msg::Die(reason))) => return reason,
                Some(Message::User(Msg::Act(act))) => {
                    act(&mut self, &ctx).await;
                    continue;
                }
                Some(Message::User(Msg::Take(limit, from))) => {
                    match self.entries.pop_front() {
                        Some(entry) => from.reply(entry),
                        None => self.waiting = Some((ctx.system().now() + limit, from)),
                    }
                    continue;
                }
                Some(Message::User(Msg::Wire(term))) => json!({ "msg": value(&term) }),
                Some(Message::User(Msg::Node(event))) => match event {
                    NodeEvent::Up { node, .. } => json!({ "nodeup": node.as_str() }),
                    event => json!({ "nodedown": event.node().as_str() }),
                },
                Some(Message::Exit(exit)) => {
                    let from = self.cluster.wire_pid(exit.from).map_or(Value::Null, |pid| of_pid(&pid));
                    json!({ "exit": { "from": from, "reason": value(&term_of_reason(&exit.reason)) } })
                }
                Some(Message::Down(down)) => {
                    let reference = of_reference(&self.cluster.wire_reference(down.monitor.reference()));
                    let monitored = self.monitors.remove(&reference.to_string());
                    let object = monitored.map_or(Value::Null, |(_, object)| object);
                    let reason = value(&term_of_reason(&down.reason));
                    json!({ "down": { "ref": reference, "object": object, "reason": reason } })
                }
                Some(_) => continue,
            };
            match self.waiting.take() {
                Some((_, from)) => from.reply(entry),
                None => self.entries.push_back(entry),
            }
        }
    }

    pub(crate) fn monitor(&mut self, ctx: &ProcessContext<Msg>, to: &Remote, object: &Value) -> Value {
        let monitor = ctx.monitor(to);
        let reference = of_reference(&self.cluster.wire_reference(monitor.reference()));
        self.monitors.insert(reference.to_string(), (monitor, object.clone()));
        reference
    }

    pub(crate) fn demonitor(&mut self, ctx: &ProcessContext<Msg>, reference: &Value) {
        if let Some((monitor, _)) = self.monitors.remove(&reference.to_string()) {
            ctx.demonitor(monitor);
        }
        self.entries.retain(|entry| entry.get("down").is_none_or(|down| down["ref"] != *reference));
    }

    pub(crate) fn alias(&mut self, ctx: &ProcessContext<Msg>) -> Value {
        let alias = ctx.alias(AliasMode::Explicit);
        let remote = self.cluster.alias(&alias);
        let reference = of_reference(remote.reference());
        self.aliases.insert(reference.to_string(), (alias, remote));
        reference
    }

    pub(crate) fn unalias(&mut self, ctx: &ProcessContext<Msg>, reference: &Value) {
        if let Some((alias, _)) = self.aliases.remove(&reference.to_string()) {
            ctx.unalias(&alias);
        }
    }
}
