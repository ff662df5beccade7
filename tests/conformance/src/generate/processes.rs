//! Processes, links, monitors and names.
//!
//! All deaths of a step have the same reason, so that it does not matter in which order they come; mailboxes are read
//! sorted. Servers that trap exits have no link but the one to their parent: with two, the order in which two exits of
//! one step arrive would show.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::dice::{Dice, put};
use super::workers::signal_reason;

struct Processes {
    dice: Dice,
    steps: Vec<Value>,
    raws: Vec<String>,
    servers: Vec<String>,
    /// Raw processes that have not been ended on purpose. They may have ended all the same; that is no harm.
    usable: BTreeSet<String>,
    trapping_servers: BTreeSet<String>,
    /// Servers that a raw process has started with a link, and that one.
    parents: BTreeMap<String, String>,
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Start,
    Link,
    Unlink,
    Monitor,
    Exit,
    ExitSelf,
    Crash,
    Return,
    Trap,
    Cast,
    Call,
    Register,
    Unregister,
    Whereis,
    Flush,
    Links,
    Demonitor,
}

const WEIGHTS: [(u32, Kind); 17] = [
    (12, Kind::Start),
    (18, Kind::Link),
    (4, Kind::Unlink),
    (12, Kind::Monitor),
    (16, Kind::Exit),
    (6, Kind::ExitSelf),
    (3, Kind::Crash),
    (2, Kind::Return),
    (5, Kind::Trap),
    (4, Kind::Cast),
    (4, Kind::Call),
    (4, Kind::Register),
    (2, Kind::Unregister),
    (3, Kind::Whereis),
    (4, Kind::Flush),
    (3, Kind::Links),
    (3, Kind::Demonitor),
];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Processes {
        dice,
        steps: Vec::new(),
        raws: Vec::new(),
        servers: Vec::new(),
        usable: BTreeSet::new(),
        trapping_servers: BTreeSet::new(),
        parents: BTreeMap::new(),
        count: 0,
    };
    for n in 0..all.dice.between(3, 5) {
        let mut step = json!({ "do": "spawn", "as": format!("p{n}"), "trap_exit": all.dice.percent(45) });
        if all.dice.percent(30) {
            put(&mut step, "name", format!("n{n}"));
        }
        all.add_raw(format!("p{n}"), step);
    }
    for _ in 0..all.dice.between(14, 26) {
        all.one();
    }
    all.look_at_everything();
    all.steps
}

impl Processes {
    fn one(&mut self) {
        let kind = self.dice.weighted(&WEIGHTS);
        let usable: Vec<String> = self.usable.iter().cloned().collect();
        let Some(raw) = self.dice.maybe_pick(&usable) else { return self.start(None) };
        let everybody: Vec<String> = self.raws.iter().chain(&self.servers).cloned().collect();
        let linkable: Vec<String> =
            everybody.iter().filter(|id| !self.trapping_servers.contains(*id)).cloned().collect();
        match kind {
            Kind::Start => {
                let from = self.dice.percent(60).then_some(raw);
                self.start(from);
            }
            Kind::Link => {
                let to = self.dice.pick(&linkable);
                self.add(json!({ "do": "link", "from": raw, "to": to }));
            }
            Kind::Unlink => {
                let to = self.dice.pick(&everybody);
                self.add(json!({ "do": "unlink", "from": raw, "to": to }));
            }
            Kind::Monitor => {
                self.count += 1;
                let to = if self.dice.percent(80) {
                    json!(self.dice.pick(&everybody))
                } else {
                    json!({ "name": self.name() })
                };
                self.add(json!({ "do": "monitor", "from": raw, "to": to, "as": format!("m{}", self.count) }));
                if self.dice.percent(15) {
                    self.demonitor(&raw);
                }
            }
            Kind::Exit => {
                let to = self.dice.pick(&everybody);
                let reason = signal_reason(&mut self.dice);
                let mut step = json!({ "do": "exit", "to": to, "reason": reason });
                if self.dice.percent(60) {
                    put(&mut step, "from", raw);
                }
                self.add(step);
            }
            Kind::ExitSelf => {
                let reason = signal_reason(&mut self.dice);
                self.end(&raw, json!({ "do": "exit_self", "from": raw, "reason": reason }));
            }
            Kind::Crash => self.end(&raw, json!({ "do": "crash_self", "from": raw, "error": "boom" })),
            Kind::Return => self.end(&raw, json!({ "do": "return", "from": raw })),
            Kind::Trap => {
                let on = self.dice.percent(50);
                self.add(json!({ "do": "trap_exit", "from": raw, "on": on }));
            }
            Kind::Cast => self.cast(),
            Kind::Call => self.call(&raw, &linkable),
            Kind::Register => {
                let (name, to) = (self.name(), self.dice.pick(&everybody));
                self.add(json!({ "do": "register", "name": name, "to": to }));
            }
            Kind::Unregister => {
                let name = self.name();
                self.add(json!({ "do": "unregister", "name": name }));
            }
            Kind::Whereis => {
                let name = self.name();
                self.add(json!({ "do": "whereis", "name": name }));
            }
            Kind::Flush => self.add(json!({ "do": "flush", "from": raw, "sorted": true })),
            // Of itself: the BEAM has no links of a process that has ended.
            Kind::Links => self.add(json!({ "do": "links", "from": raw, "of": "self" })),
            Kind::Demonitor => {
                self.count += 1;
                let to = self.dice.pick(&everybody);
                self.add(json!({ "do": "monitor", "from": raw, "to": to, "as": format!("m{}", self.count) }));
                self.demonitor(&raw);
            }
        }
    }

    fn start(&mut self, from: Option<String>) {
        self.count += 1;
        let from_step = |mut step: Value| {
            if let Some(from) = &from {
                put(&mut step, "from", from.clone());
            }
            step
        };
        if self.dice.percent(50) {
            let id = format!("q{}", self.count);
            let mut step = json!({ "do": "spawn", "as": id, "trap_exit": self.dice.percent(40) });
            if self.dice.percent(50) {
                put(&mut step, "link", true);
            }
            if self.dice.percent(30) {
                put(&mut step, "monitor", format!("m{}", self.count));
            }
            return self.add_raw(id, from_step(step));
        }
        let id = format!("g{}", self.count);
        let traps = self.dice.percent(50);
        let mut worker = json!({ "trap_exit": traps });
        if self.dice.percent(20) {
            put(&mut worker, "name", self.name());
        }
        let how = self.dice.pick(&["start_link", "start_link", "start", "start_monitor"]);
        let mut step = json!({ "do": "start", "as": id, "how": how, "worker": worker });
        if how == "start_monitor" {
            put(&mut step, "monitor", format!("m{}", self.count));
        }
        if let (Some(parent), "start_link") = (&from, how) {
            self.parents.insert(id.clone(), parent.clone());
        }
        if traps {
            self.trapping_servers.insert(id.clone());
        }
        self.servers.push(id);
        self.add(from_step(step));
    }

    fn cast(&mut self) {
        let Some(to) = self.dice.maybe_pick(&self.servers) else { return };
        let op = self.dice.pick(&[
            json!({ "error": "bad" }),
            json!({ "stop": "normal" }),
            json!({ "stop": { "exit": "s" } }),
            json!({ "exit": { "shutdown": "x" } }),
            json!({ "log": "hi" }),
        ]);
        self.add(json!({ "do": "cast", "to": to, "op": [op] }));
    }

    fn call(&mut self, raw: &str, linkable: &[String]) {
        let Some(to) = self.dice.maybe_pick(&self.servers) else { return };
        let peer = self.dice.pick(linkable);
        let may_link = !self.trapping_servers.contains(&to);
        let op = match self.dice.below(3) {
            0 => json!({ "reply": 1 }),
            1 if may_link => json!({ "link": peer }),
            _ => json!({ "error": "bad" }),
        };
        // The end of the callee may end the caller, through others that it is linked to, or be told to it first. Only
        // if the two are linked themselves it is sure which.
        let sure = op.get("error").is_none() || self.parents.get(&to).is_some_and(|parent| parent == raw);
        let mut step = json!({ "do": "call", "to": to, "op": [op] });
        if sure && self.dice.percent(50) {
            put(&mut step, "from", raw);
        }
        self.add(step);
    }

    fn demonitor(&mut self, raw: &str) {
        let options = self.dice.pick(&[json!([]), json!(["flush"]), json!(["info"]), json!(["flush", "info"])]);
        let reference = format!("m{}", self.count);
        self.add(json!({ "do": "demonitor", "from": raw, "ref": reference, "options": options }));
    }

    fn look_at_everything(&mut self) {
        for raw in self.raws.clone() {
            self.add(json!({ "do": "alive", "of": raw }));
            self.add(json!({ "do": "flush", "from": raw, "sorted": true }));
        }
        for server in self.servers.clone() {
            self.add(json!({ "do": "alive", "of": server }));
        }
        for n in 0..7 {
            self.add(json!({ "do": "whereis", "name": format!("n{n}") }));
        }
    }

    fn add_raw(&mut self, id: String, step: Value) {
        self.usable.insert(id.clone());
        self.raws.push(id);
        self.add(step);
    }

    fn end(&mut self, raw: &str, step: Value) {
        self.usable.remove(raw);
        self.add(step);
    }

    fn add(&mut self, mut step: Value) {
        put(&mut step, "unordered", true);
        self.steps.push(step);
    }

    fn name(&mut self) -> String {
        format!("n{}", self.dice.below(7))
    }
}
