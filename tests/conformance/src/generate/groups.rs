//! Groups in two scopes: members join, leave and end, others watch. No step has more than one process act.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Groups {
    dice: Dice,
    steps: Vec<Value>,
    /// Those that are alive.
    members: Vec<String>,
    /// The monitors with the scope and the process of each.
    monitors: Vec<(String, String, String)>,
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Join,
    JoinList,
    Leave,
    Members,
    List,
    Monitor,
    MonitorScope,
    Demonitor,
    End,
    Spawn,
    Restart,
    Flush,
}

const WEIGHTS: [(u32, Kind); 12] = [
    (26, Kind::Join),
    (8, Kind::JoinList),
    (18, Kind::Leave),
    (12, Kind::Members),
    (5, Kind::List),
    (7, Kind::Monitor),
    (5, Kind::MonitorScope),
    (3, Kind::Demonitor),
    (6, Kind::End),
    (4, Kind::Spawn),
    (1, Kind::Restart),
    (5, Kind::Flush),
];

const WATCHERS: [&str; 2] = ["w0", "w1"];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Groups { dice, steps: Vec::new(), members: Vec::new(), monitors: Vec::new(), count: 0 };
    for scope in ["g", "h"] {
        all.steps.push(json!({ "do": "pg_start", "as": scope }));
    }
    for watcher in WATCHERS {
        all.steps.push(json!({ "do": "spawn", "as": watcher }));
    }
    for _ in 0..3 {
        all.spawn();
    }
    for _ in 0..all.dice.between(15, 35) {
        all.one();
    }
    WATCHERS.into_iter().for_each(|watcher| all.flush(watcher));
    for scope in ["g", "h"] {
        all.steps.push(json!({ "do": "pg_groups", "scope": scope }));
    }
    all.steps
}

impl Groups {
    fn one(&mut self) {
        let scope = self.dice.pick(&["g", "g", "h"]);
        let group = self.dice.pick(&["a", "b", "c"]);
        let watcher = self.dice.pick(&WATCHERS);
        let Some(member) = self.dice.maybe_pick(&self.members) else { return self.spawn() };
        match self.dice.weighted(&WEIGHTS) {
            Kind::Join => {
                let mut step = json!({ "do": "pg_join", "scope": scope, "group": group, "of": member });
                if self.dice.percent(30) {
                    step = json!({ "do": "pg_join", "scope": scope, "group": group, "from": member });
                }
                self.steps.push(step);
            }
            Kind::JoinList => {
                let of: Vec<String> = (0..self.dice.between(1, 4)).map(|_| self.dice.pick(&self.members)).collect();
                self.steps.push(json!({ "do": "pg_join", "scope": scope, "group": group, "of": of }));
            }
            // One by one: of a list, pg names those who were no members, too.
            Kind::Leave => self.steps.push(json!({ "do": "pg_leave", "scope": scope, "group": group, "of": member })),
            Kind::Members => {
                let verb = self.dice.pick(&["pg_members", "pg_members", "pg_local_members"]);
                self.steps.push(json!({ "do": verb, "scope": scope, "group": group }));
            }
            Kind::List => self.steps.push(json!({ "do": "pg_groups", "scope": scope })),
            Kind::Monitor => {
                let name = self.monitor(scope, watcher);
                let step = json!({ "do": "pg_monitor", "scope": scope, "group": group, "from": watcher, "as": name });
                self.steps.push(step);
            }
            Kind::MonitorScope => {
                let name = self.monitor(scope, watcher);
                self.steps.push(json!({ "do": "pg_monitor_scope", "scope": scope, "from": watcher, "as": name }));
            }
            Kind::Demonitor => {
                if let Some((name, scope, watcher)) = self.dice.maybe_pick(&self.monitors) {
                    self.steps.push(json!({ "do": "pg_demonitor", "scope": scope, "ref": name, "from": watcher }));
                }
            }
            Kind::End => {
                self.members.retain(|other| *other != member);
                let step = match self.dice.below(3) {
                    0 => json!({ "do": "exit", "to": member, "reason": "kill" }),
                    1 => json!({ "do": "exit_self", "from": member, "reason": "normal" }),
                    _ => json!({ "do": "crash_self", "from": member, "error": "x" }),
                };
                self.steps.push(step);
                // The order of what its end is told for several groups is not determined.
                WATCHERS.into_iter().for_each(|watcher| self.flush(watcher));
            }
            Kind::Spawn => self.spawn(),
            Kind::Restart => {
                self.steps.push(json!({ "do": "exit", "to": scope, "reason": "kill" }));
                self.steps.push(json!({ "do": "pg_members", "scope": scope, "group": group }));
                self.steps.push(json!({ "do": "pg_start", "as": scope }));
            }
            Kind::Flush => self.flush(watcher),
        }
    }

    fn spawn(&mut self) {
        self.count += 1;
        let id = format!("p{}", self.count);
        let mut step = json!({ "do": "spawn", "as": id });
        if self.dice.percent(30) {
            put(&mut step, "trap_exit", true);
        }
        self.steps.push(step);
        self.members.push(id);
    }

    fn monitor(&mut self, scope: &str, watcher: &str) -> String {
        self.count += 1;
        let name = format!("m{}", self.count);
        self.monitors.push((name.clone(), scope.to_owned(), watcher.to_owned()));
        name
    }

    fn flush(&mut self, watcher: &str) {
        self.steps.push(json!({ "do": "flush", "from": watcher, "sorted": true }));
    }
}
