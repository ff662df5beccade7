use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use otp::dist::{Cluster, NodeName, Remote};
use otp::etf::{Atom, Pid as WirePid, Term};
use otp::prelude::*;
use otp::process::{AliasMode, MessageRef};
use otp::registry::Groups;
use otp::runtime::Instant;

/// What has been done, by all clients.
#[derive(Default)]
pub(crate) struct Work(Mutex<BTreeMap<&'static str, u64>>);

impl Work {
    fn count(&self, what: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<String> = done.iter().map(|(what, count)| format!("{count} {what}")).collect();
        f.write_str(&all.join(", "))
    }
}

/// A process that works with the servers of other nodes, and disconnects them now and then.
pub(crate) struct Client {
    pub(crate) cluster: Cluster,
    pub(crate) others: Vec<NodeName>,
    pub(crate) groups: Groups<String, Term>,
    pub(crate) work: Arc<Work>,
    pub(crate) end: Instant,
}

impl Client {
    pub(crate) async fn run(self, ctx: &mut ProcessContext<Term>) {
        while ctx.system().now() < self.end {
            let node = &self.others[self.below(self.others.len() as u64) as usize];
            let soak = self.cluster.named("soak", node).expect("it is a name");
            match self.below(64) {
                0 => {
                    self.cluster.disconnect(node);
                    self.work.count("connections cut");
                    ctx.system().sleep(Duration::from_millis(self.below(50))).await;
                }
                1..8 => self.give_up(&soak).await,
                8..16 => self.ask_an_alias(ctx, &soak).await,
                16..32 => self.monitor(ctx, &soak).await,
                32..48 => self.link(ctx, &soak).await,
                48..52 => self.take_part(ctx),
                _ => self.call(&soak).await,
            }
            // What a link has said after it was removed.
            while ctx.try_receive_match(|_| true).is_some() {}
        }
        let _ = self.groups.leave("soak", ctx.pid());
    }

    async fn call(&self, soak: &Remote) {
        let n = self.below(1000);
        if let Ok(answer) = soak.call::<u64>(&(atom("echo"), n)).await {
            assert_eq!(answer, n, "the answer to another call");
            self.work.count("calls");
        }
    }

    /// Calls, and does not wait for the answer, which comes.
    async fn give_up(&self, soak: &Remote) {
        let limit = Duration::from_millis(self.below(4));
        let answer = soak.call::<u64>(&(atom("later"), 1, 2)).timeout(limit).await;
        if answer.is_err() {
            self.work.count("answers not awaited");
        }
    }

    async fn ask_an_alias(&self, ctx: &mut ProcessContext<Term>, soak: &Remote) {
        let alias = ctx.alias(AliasMode::Explicit);
        let remote = self.cluster.alias(&alias);
        if soak.cast(&(atom("tell"), remote.reference())).await.is_ok() {
            let is_told = |message: MessageRef<'_, Term>| matches!(message, MessageRef::User(_));
            if ctx.receive_match_timeout(is_told, Duration::from_millis(20)).await.is_some() {
                self.work.count("answers to aliases");
            }
        }
        ctx.unalias(&alias);
    }

    /// A process of the node, which ends soon.
    async fn mortal(&self, soak: &Remote) -> Option<Remote> {
        let pid = soak.call::<WirePid>(&(atom("mortal"), self.below(8))).await.ok()?;
        Some(self.cluster.process(&pid))
    }

    async fn monitor(&self, ctx: &mut ProcessContext<Term>, soak: &Remote) {
        let Some(mortal) = self.mortal(soak).await else { return };
        let monitor = ctx.monitor(&mortal);
        if self.below(2) == 0 {
            ctx.demonitor(monitor);
            return self.work.count("monitors removed");
        }
        ctx.receive_match(|message| matches!(message, MessageRef::Down(down) if down.monitor == monitor)).await;
        self.work.count("ends told to monitors");
    }

    async fn link(&self, ctx: &mut ProcessContext<Term>, soak: &Remote) {
        let Some(mortal) = self.mortal(soak).await else { return };
        let Some(pid) = mortal.pid() else { return };
        // It traps exits, and gets one if there is no such process.
        if ctx.link(pid).is_err() {
            return;
        }
        if self.below(2) == 0 {
            ctx.unlink(pid);
            return self.work.count("links removed");
        }
        ctx.receive_match(|message| matches!(message, MessageRef::Exit(exit) if exit.from == pid)).await;
        self.work.count("ends told to links");
    }

    /// Joins a group that all nodes share, or leaves it, and says something to its members.
    fn take_part(&self, ctx: &ProcessContext<Term>) {
        if self.groups.leave("soak", ctx.pid()).is_err() {
            self.groups.join("soak", &ctx.this()).expect("it runs");
        }
        self.groups.broadcast("soak", Term::atom("hello"));
    }

    fn below(&self, most: u64) -> u64 {
        self.cluster.system().random() % most
    }
}

fn atom(name: &'static str) -> Atom {
    Atom::from_static(name)
}
