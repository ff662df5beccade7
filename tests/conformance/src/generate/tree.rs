//! Supervision trees: every strategy, restart type and shutdown, nested and dynamic, with starts that fail.

use serde_json::{Value, json};

use super::dice::{Dice, put};
use super::workers::{Wanted, signal_reason, stop_reason, worker};

struct Tree {
    dice: Dice,
    steps: Vec<Value>,
    supervisors: Vec<Sup>,
    /// Workers that have certainly been started once.
    workers: Vec<String>,
    /// From now on, processes that have nothing to do with each other act in one step.
    unordered: bool,
    /// Restarts are hardly limited here, so that it may be left open which of two comes first.
    patient: bool,
    count: usize,
}

struct Sup {
    label: String,
    dynamic: bool,
    auto: &'static str,
    /// Ids, or for a dynamic one the labels of the children.
    children: Vec<String>,
    nested: bool,
}

pub(super) fn steps(mut dice: Dice) -> Vec<Value> {
    let patient = dice.percent(20);
    let mut tree = Tree {
        dice,
        steps: Vec::new(),
        supervisors: Vec::new(),
        workers: Vec::new(),
        unordered: false,
        patient,
        count: 0,
    };
    let depth = tree.dice.pick(&[0, 1, 1, 2, 3]);
    let mut start = tree.supervisor("top", depth, false);
    put(&mut start, "do", "start_supervisor");
    put(&mut start, "as", "top");
    tree.add(start);
    if patient {
        tree.in_the_middle_of_a_restart();
        tree.link_siblings();
    }
    for _ in 0..tree.dice.between(8, 16) {
        tree.one();
    }
    for at in 0..tree.supervisors.len() {
        let label = tree.supervisors[at].label.clone();
        tree.add(json!({ "do": "which_children", "sup": label }));
        tree.add(json!({ "do": "count_children", "sup": label }));
    }
    let end = tree.end();
    tree.add(end);
    tree.steps
}

impl Tree {
    /// The start object of a supervisor, and all below it.
    fn supervisor(&mut self, label: &str, depth: usize, nested: bool) -> Value {
        let intensity = if self.patient { 60 } else { self.dice.pick(&[0, 1, 2, 3, 3, 4, 6]) };
        let mut flags = json!({ "intensity": intensity, "period": 600 });
        let auto = if self.patient {
            "never"
        } else {
            self.dice.pick(&["never", "never", "never", "any_significant", "all_significant"])
        };
        if auto != "never" {
            put(&mut flags, "auto_shutdown", auto);
        }
        let dynamic = depth == 0 && self.dice.percent(25);
        let at = self.supervisors.len();
        self.supervisors.push(Sup { label: label.to_owned(), dynamic, auto, children: Vec::new(), nested });
        if dynamic {
            self.unordered = true;
            let mut template = json!({ "restart": self.dice.pick(&["permanent", "transient", "temporary"]) });
            if auto != "never" && template["restart"] != "permanent" {
                put(&mut template, "significant", true);
            }
            self.shutdown_of(&mut template);
            if self.dice.percent(15) {
                put(&mut template, "type", "supervisor");
                put(&mut template, "start", json!({ "supervisor": { "flags": {}, "children": [] } }));
            } else {
                put(&mut template, "start", json!({ "worker": {} }));
            }
            return json!({ "flags": flags, "template": template });
        }
        put(&mut flags, "strategy", self.dice.pick(&["one_for_one", "one_for_all", "rest_for_one"]));
        let children: Vec<Value> = (0..self.dice.between(1, 4)).map(|_| self.child(depth, auto, true)).collect();
        let ids = children.iter().filter_map(|child| child["id"].as_str().map(str::to_owned));
        self.supervisors[at].children = ids.collect();
        json!({ "flags": flags, "children": children })
    }

    fn child(&mut self, depth: usize, auto: &str, certain: bool) -> Value {
        let mut child = json!({ "restart": self.dice.pick(&["permanent", "permanent", "transient", "temporary"]) });
        self.count += 1;
        if depth > 0 && self.dice.percent(30) {
            let id = format!("s{}", self.count);
            let below = self.supervisor(&id, depth - 1, true);
            put(&mut child, "id", id);
            put(&mut child, "type", "supervisor");
            put(&mut child, "start", json!({ "supervisor": below }));
        } else if self.dice.percent(6) {
            put(&mut child, "id", format!("r{}", self.count));
            put(&mut child, "start", json!({ "proc": { "trap_exit": false } }));
        } else {
            let id = format!("w{}", self.count);
            let worker = worker(&mut self.dice, Wanted { certain, may_ignore: true });
            if certain {
                self.workers.push(id.clone());
            }
            put(&mut child, "id", id);
            put(&mut child, "start", json!({ "worker": worker }));
            self.shutdown_of(&mut child);
        }
        if auto != "never" && child["restart"] != "permanent" && self.dice.percent(50) {
            put(&mut child, "significant", true);
        }
        child
    }

    fn shutdown_of(&mut self, child: &mut Value) {
        if self.dice.percent(15) {
            put(child, "shutdown", self.dice.pick(&[json!("brutal_kill"), json!("infinity"), json!(2000)]));
        }
    }

    fn one(&mut self) {
        let at = self.dice.below(self.supervisors.len());
        if self.dice.percent(50)
            && let Some(worker) = self.dice.maybe_pick(&self.workers)
        {
            return self.disturb(worker);
        }
        if self.dice.percent(8) {
            return self.signal_supervisor(at);
        }
        if self.supervisors[at].dynamic { self.ask_dynamic(at) } else { self.ask_static(at) }
    }

    fn disturb(&mut self, worker: String) {
        let reason = stop_reason(&mut self.dice);
        let step = match self.dice.below(100) {
            0..30 => json!({ "do": "cast", "to": worker, "op": [{ "error": "boom" }] }),
            30..60 => json!({ "do": "cast", "to": worker, "op": [{ "stop": reason }] }),
            60..78 => json!({ "do": "exit", "to": worker, "reason": "kill" }),
            78..88 => json!({ "do": "exit", "to": worker, "reason": signal_reason(&mut self.dice) }),
            88..93 => json!({ "do": "stop", "to": worker, "reason": reason }),
            _ => json!({ "do": "call", "to": worker, "op": [{ "reply": 1 }] }),
        };
        self.add(step);
    }

    /// A supervisor does not mind signals of strangers, except one.
    fn signal_supervisor(&mut self, at: usize) {
        let label = self.supervisors[at].label.clone();
        if !self.supervisors[at].nested {
            return self.add(json!({ "do": "get_childspec", "sup": label, "id": "nobody" }));
        }
        let reason = self.dice.pick(&[json!("kill"), json!("normal"), json!("shutdown"), json!({ "exit": "oops" })]);
        // Its children end while the next ones are started.
        self.unordered = true;
        self.add(json!({ "do": "exit", "to": label, "reason": reason }));
    }

    fn ask_dynamic(&mut self, at: usize) {
        let sup = self.supervisors[at].label.clone();
        let child = self.dice.maybe_pick(&self.supervisors[at].children);
        match (self.dice.below(100), child) {
            (0..45, _) | (45..70, None) => {
                self.count += 1;
                let id = format!("d{}", self.count);
                let worker = worker(&mut self.dice, Wanted { certain: true, may_ignore: false });
                self.add(json!({ "do": "start_child", "sup": sup, "args": { "id": id, "worker": worker } }));
                if self.dice.percent(20) {
                    // Now, while it lives: of one that has ended the BEAM tells the template, and the library knows none.
                    self.add(json!({ "do": "get_childspec", "sup": sup, "pid": id }));
                }
                self.supervisors[at].children.push(id);
            }
            (45..58, Some(child)) => {
                self.add(json!({ "do": "terminate_child", "sup": sup, "pid": format!("{child}#1") }));
            }
            (58..70, Some(child)) => self.disturb_child(child),
            (70..82, _) => self.add(json!({ "do": "terminate_child", "sup": sup, "id": "nobody" })),
            (82..92, _) => self.add(json!({ "do": "which_children", "sup": sup })),
            _ => self.add(json!({ "do": "count_children", "sup": sup })),
        }
    }

    fn disturb_child(&mut self, child: String) {
        let step = match self.dice.below(3) {
            0 => json!({ "do": "exit", "to": child, "reason": "kill" }),
            _ => json!({ "do": "exit", "to": child, "reason": { "exit": "oops" } }),
        };
        self.add(step);
    }

    fn ask_static(&mut self, at: usize) {
        let (sup, auto) = (self.supervisors[at].label.clone(), self.supervisors[at].auto);
        let id = if self.dice.percent(92) { self.dice.maybe_pick(&self.supervisors[at].children) } else { None };
        let id = id.unwrap_or_else(|| "nobody".to_owned());
        match self.dice.below(100) {
            0..20 => self.add(json!({ "do": "terminate_child", "sup": sup, "id": id })),
            20..44 => self.add(json!({ "do": "restart_child", "sup": sup, "id": id })),
            44..55 => self.add(json!({ "do": "delete_child", "sup": sup, "id": id })),
            55..75 => {
                let mut child = self.child(0, auto, false);
                if self.dice.percent(30) && id.starts_with('w') {
                    put(&mut child, "id", id);
                } else if let Some(new) = child["id"].as_str() {
                    self.supervisors[at].children.push(new.to_owned());
                }
                if self.dice.percent(8) {
                    put(&mut child, "significant", true);
                }
                self.add(json!({ "do": "start_child", "sup": sup, "child": child }));
            }
            75..82 => self.add(json!({ "do": "get_childspec", "sup": sup, "id": id })),
            82..93 => self.add(json!({ "do": "which_children", "sup": sup })),
            _ => self.add(json!({ "do": "count_children", "sup": sup })),
        }
    }

    /// Requests that arrive while a child is being started again are served before the next try.
    fn in_the_middle_of_a_restart(&mut self) {
        let Some(at) = self.supervisors.iter().position(|sup| !sup.dynamic) else { return };
        let sup = self.supervisors[at].label.clone();
        if sup != "top" {
            return;
        }
        let plan = json!(["ok", { "sleep": 1200, "then": { "stop": { "exit": "late" } } }, "ok"]);
        let child = json!({ "id": "slow", "start": { "worker": { "init": plan } } });
        self.add(json!({ "do": "start_child", "sup": sup, "child": child }));
        let clients: Vec<String> = (0..self.dice.between(1, 3)).map(|n| format!("p{n}")).collect();
        for client in &clients {
            self.add(json!({ "do": "spawn", "as": client }));
        }
        self.add(json!({ "do": "cast", "to": "slow", "op": [{ "error": "boom" }] }));
        for client in &clients {
            let verb = self.dice.pick(&[
                "which_children",
                "count_children",
                "restart_child",
                "delete_child",
                "terminate_child",
                "get_childspec",
            ]);
            let mut step = json!({ "do": verb, "sup": sup, "from": client, "async": true });
            if !matches!(verb, "which_children" | "count_children") {
                put(&mut step, "id", "slow");
            }
            self.add(step);
        }
        self.add(json!({ "do": "sync", "until": [{ "start": "slow#2" }] }));
        for client in &clients {
            self.add(json!({ "do": "join", "from": client }));
        }
        self.supervisors[at].children.push("slow".to_owned());
        self.workers.push("slow".to_owned());
    }

    /// Links two workers, the second of which traps exits: it is told of the other's end.
    fn link_siblings(&mut self) {
        let Some(one) = self.dice.maybe_pick(&self.workers) else { return };
        let Some(other) = self.dice.maybe_pick(&self.workers) else { return };
        let flat = self.supervisors.len() == 1 && !self.supervisors[0].dynamic;
        if one == other || !flat || self.strategy_of_top() != "one_for_one" {
            return;
        }
        self.unordered = true;
        self.add(json!({ "do": "call", "to": other, "op": [{ "trap_exit": true }, { "link": one }] }));
    }

    fn strategy_of_top(&self) -> &str {
        self.steps[0]["flags"]["strategy"].as_str().unwrap_or_default()
    }

    fn end(&mut self) -> Value {
        let reason = self.dice.pick(&[json!("shutdown"), json!("normal"), json!({ "exit": "oops" })]);
        match self.dice.below(3) {
            0 => json!({ "do": "stop", "to": "top", "reason": reason }),
            _ => json!({ "do": "exit", "to": "top", "reason": reason }),
        }
    }

    fn add(&mut self, mut step: Value) {
        if self.unordered {
            put(&mut step, "unordered", true);
        }
        self.steps.push(step);
    }
}
