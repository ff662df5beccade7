//! The system as a whole.

use std::sync::Arc;

use otp_application::AppState;
use otp_core::System;
use otp_core::behaviour::cut;
use serde::Serialize;

use super::row::text;
use super::{Answer, json, ms};
use crate::eyes::Eyes;
use crate::look::Totals;

#[derive(Serialize)]
struct About<'a> {
    runtime: &'static str,
    parallelism: usize,
    version: &'static str,
    os_pid: u32,
    /// Whether the observer has a token, with which processes can be changed.
    writable: bool,
    now: Totals,
    history: Vec<Totals>,
    #[serde(flatten)]
    lists: &'a Lists,
    table_count: usize,
    health: Health,
}

/// What there is in a system beside processes.
#[derive(Default, Serialize)]
pub(crate) struct Lists {
    applications: Vec<Application>,
    tables: Vec<Table>,
    registries: Vec<Registry>,
    pools: Vec<Pool>,
    groups: Vec<Groups>,
    nodes: Vec<Node>,
    names: Vec<Name>,
}

#[derive(Serialize)]
struct Application {
    name: String,
    description: String,
    version: String,
    state: String,
    master: Option<String>,
    dependencies: Vec<String>,
    age: Option<u64>,
}

#[derive(Serialize)]
struct Table {
    id: String,
    name: Option<String>,
    kind: String,
    access: String,
    owner: String,
    rows: usize,
    key: String,
    value: String,
}

#[derive(Serialize)]
struct Registry {
    name: String,
    pid: String,
    entries: usize,
}

#[derive(Serialize)]
struct Pool {
    name: Option<String>,
    pid: String,
    limit: usize,
    workers: usize,
    busy: usize,
    waiting: usize,
}

/// A scope of groups.
#[derive(Serialize)]
struct Groups {
    name: String,
    pid: String,
    groups: usize,
    members: usize,
}

#[derive(Serialize)]
struct Node {
    name: String,
    creation: u32,
}

#[derive(Serialize)]
struct Name {
    name: String,
    pid: String,
}

/// What a watchdog last saw, if there is one.
#[derive(Serialize)]
struct Health {
    stuck: usize,
    holding: usize,
    longest: u64,
    total: u64,
}

/// How many tables, registries, pools, scopes of groups, names and nodes are listed.
const LISTED: usize = 200;

/// `GET /api/system`: the executor, the sums of the last minutes, applications, tables, registries, pools,
/// groups, names, nodes.
pub(crate) async fn system(eyes: &Arc<Eyes>) -> Answer {
    let look = eyes.look().await;
    let system = &eyes.system;
    let lists = eyes.lists.recent(Lists::of).await.unwrap_or_default();
    let figures = otp_health::figures(system);
    json(&About {
        runtime: system.runtime().name(),
        parallelism: system.runtime().parallelism().get(),
        version: env!("CARGO_PKG_VERSION"),
        os_pid: std::process::id(),
        writable: eyes.guard.token.is_some(),
        now: look.totals,
        history: eyes.history(),
        lists: &lists,
        table_count: otp_table::count(system),
        health: Health {
            stuck: figures.stuck,
            holding: figures.holding,
            longest: ms(figures.longest),
            total: figures.total,
        },
    })
}

impl Lists {
    /// Reads, and sorts, all there is before it takes the first ones: not on a thread of the executor.
    fn of(system: &System) -> Lists {
        let nodes = system.known_nodes().into_iter().take(LISTED);
        let names = system.registered().into_iter().take(LISTED);
        Lists {
            applications: applications(system),
            tables: tables(system),
            registries: registries(system),
            pools: pools(system),
            groups: groups(system),
            nodes: nodes.map(|node| Node { name: text(&node.name), creation: node.creation }).collect(),
            names: names.map(|(name, pid)| Name { name: text(&name), pid: pid.to_string() }).collect(),
        }
    }
}

fn applications(system: &System) -> Vec<Application> {
    let state = |state: &AppState| match state {
        AppState::Stopped => "stopped".to_owned(),
        AppState::Starting => "starting".to_owned(),
        AppState::Running => "running".to_owned(),
        AppState::Stopping => "stopping".to_owned(),
        AppState::Ended(reason) => cut(format!("ended: {reason}"), 1024),
        _ => "unknown".to_owned(),
    };
    let all = otp_application::applications(system).into_iter().map(|about| Application {
        name: text(&about.name),
        description: text(&about.description),
        version: text(&about.version),
        state: state(&about.state),
        master: about.master.map(|pid| pid.to_string()),
        dependencies: about.dependencies.iter().map(text).collect(),
        age: about.since.map(|since| ms(system.now() - since)),
    });
    all.collect()
}

fn tables(system: &System) -> Vec<Table> {
    let all = otp_table::list(system).into_iter().take(LISTED).map(|table| Table {
        id: format!("{:?}", table.id),
        name: table.name.as_ref().map(text),
        kind: format!("{:?}", table.kind),
        access: format!("{:?}", table.access),
        owner: table.owner.to_string(),
        rows: table.rows,
        key: cut(table.key.to_owned(), 256),
        value: cut(table.value.to_owned(), 256),
    });
    all.collect()
}

fn registries(system: &System) -> Vec<Registry> {
    let all = otp_registry::registries(system).into_iter().take(LISTED).map(|registry| Registry {
        name: text(&registry.label),
        pid: registry.pid.to_string(),
        entries: registry.entries,
    });
    all.collect()
}

fn pools(system: &System) -> Vec<Pool> {
    let all = otp_registry::pools(system).into_iter().take(LISTED).map(|pool| Pool {
        name: pool.label.as_ref().map(text),
        pid: pool.pid.to_string(),
        limit: pool.limit,
        workers: pool.workers,
        busy: pool.busy,
        waiting: pool.waiting,
    });
    all.collect()
}

fn groups(system: &System) -> Vec<Groups> {
    let all = otp_registry::scopes(system).into_iter().take(LISTED).map(|scope| Groups {
        name: text(&scope.label),
        pid: scope.pid.to_string(),
        groups: scope.groups,
        members: scope.members,
    });
    all.collect()
}
