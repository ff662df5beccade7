//! A node that shares the groups of the scope `pg`, for `groups.exs`.

#![allow(clippy::print_stdout, reason = "whoever started it waits for this line")]

use std::process::ExitCode;
use std::time::Duration;

use otp::dist::{Cluster, Cookie, Node};
use otp::etf::Term;
use otp::prelude::*;
use otp::registry::{Groups, GroupsName};

const PG: GroupsName<String, Term> = GroupsName::new("pg");
const BOSS: Name<Term> = Name::new("boss");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [backend, cookie, epmd] = &arguments[..] else { return ExitCode::from(2) };
    let Ok(epmd) = epmd.parse() else { return ExitCode::from(2) };
    let node = Node::named("rust@127.0.0.1").expect("it is a name").cookie(Cookie::new(cookie)).epmd(epmd).shares(PG);
    match backend.as_str() {
        "smol" => otp::smol::run(async |system| serve(system, node).await),
        _ => otp::tokio::run(async |system| serve(system, node).await),
    }
    ExitCode::SUCCESS
}

async fn serve(system: System, node: Node) {
    let tree = Supervisor::new(Strategy::OneForOne).child(Groups::child(PG)).child(node);
    tree.start(&system).await.expect("the node starts");
    let groups = Groups::named(&system, PG);
    for _ in 0..2 {
        join(&system, &groups, "kitchen");
    }
    let boss = system.spawn(async move |ctx: ProcessContext<Term>| obey(ctx, groups).await);
    system.register(&BOSS, &boss).expect("the name is free");
    println!("ready");
    boss.exited().await;
    system.shutdown(Duration::from_secs(2)).await;
}

/// A member of a group, until it is told to stop.
fn join(system: &System, groups: &Groups<String, Term>, group: &str) {
    let member =
        system.spawn(
            async |mut ctx: ProcessContext<Term>| {
                while ctx.receive().await.user().is_none_or(|message| message.as_atom() != Some("stop")) {}
            },
        );
    groups.join(group, &member).expect("it has just been started");
}

/// Does what the script says.
async fn obey(mut ctx: ProcessContext<Term>, groups: Groups<String, Term>) {
    let cluster = Cluster::of(ctx.system()).expect("the node runs");
    loop {
        let Message::User(Term::Tuple(order)) = ctx.receive().await else { continue };
        match &order[..] {
            [Term::Atom(word), group] if *word == "join" => join(ctx.system(), &groups, text(group)),
            [Term::Atom(word), group, message] if *word == "shout" => {
                groups.broadcast(text(group), message.clone());
            }
            [Term::Atom(word), group, Term::Pid(from)] if *word == "count" => {
                let count = |members: usize| members as u64;
                let (all, here) = (groups.members(text(group)).len(), groups.local_members(text(group)).len());
                cluster.process(from).send(&(count(here), count(all - here))).await.expect("the script is connected");
            }
            [Term::Atom(word)] if *word == "stop" => return,
            _ => {}
        }
    }
}

fn text(term: &Term) -> &str {
    term.as_text().expect("a group has a text")
}
