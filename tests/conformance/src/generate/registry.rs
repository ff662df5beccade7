//! A registry: raw processes that register themselves, workers under its keys, ends.
//!
//! Every step has one actor. Ends are told to nobody, so that each step has one thread of events.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Registry {
    dice: Dice,
    unique: bool,
    steps: Vec<Value>,
    /// Raw processes that have not been ended.
    raws: Vec<String>,
    workers: Vec<String>,
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Register,
    Unregister,
    UnregisterMatch,
    Update,
    Look,
    Dispatch,
    Meta,
    End,
    Spawn,
    Worker,
    Use,
    Whereis,
}

const COMMON: [(u32, Kind); 9] = [
    (30, Kind::Register),
    (8, Kind::Unregister),
    (5, Kind::UnregisterMatch),
    (18, Kind::Look),
    (6, Kind::Dispatch),
    (3, Kind::Meta),
    (8, Kind::End),
    (3, Kind::Spawn),
    (0, Kind::Update),
];

const UNIQUE: [(u32, Kind); 12] = [
    (24, Kind::Register),
    (8, Kind::Unregister),
    (3, Kind::UnregisterMatch),
    (8, Kind::Update),
    (16, Kind::Look),
    (5, Kind::Dispatch),
    (3, Kind::Meta),
    (7, Kind::End),
    (3, Kind::Spawn),
    (8, Kind::Worker),
    (10, Kind::Use),
    (5, Kind::Whereis),
];

pub(super) fn steps(mut dice: Dice) -> Vec<Value> {
    let unique = dice.percent(60);
    let mut all = Registry { dice, unique, steps: Vec::new(), raws: Vec::new(), workers: Vec::new(), count: 0 };
    all.steps.push(json!({ "do": "spawn", "as": "ears", "name": "ears" }));
    let keys = if unique { "unique" } else { "duplicate" };
    let mut start = json!({ "do": "registry_start", "as": "r", "keys": keys, "listeners": ["ears"] });
    // The end of the one that starts it is that of the registry.
    let owner = all.dice.percent(40);
    if owner {
        all.steps.push(json!({ "do": "spawn", "as": "owner" }));
        put(&mut start, "from", "owner");
    }
    all.steps.push(start);
    for _ in 0..all.dice.between(2, 4) {
        all.spawn();
    }
    for _ in 0..all.dice.between(14, 28) {
        all.one();
    }
    all.steps.push(json!({ "do": "registry_select", "registry": "r" }));
    all.steps.push(json!({ "do": "flush", "from": "ears" }));
    if owner {
        let reason = all.dice.pick(&[json!({ "exit": "oops" }), json!("shutdown"), json!("kill")]);
        all.steps.push(json!({ "do": "exit", "to": "owner", "reason": reason, "unordered": true }));
        for id in all.raws.iter().chain(&all.workers) {
            all.steps.push(json!({ "do": "alive", "of": id }));
        }
    }
    for raw in all.raws.clone() {
        if !owner {
            all.steps.push(json!({ "do": "flush", "from": raw }));
        }
    }
    all.steps
}

impl Registry {
    fn one(&mut self) {
        if self.raws.is_empty() {
            return self.spawn();
        }
        let kind = if self.unique { self.dice.weighted(&UNIQUE) } else { self.dice.weighted(&COMMON) };
        let (raw, key) = (self.dice.pick(&self.raws), self.key());
        match kind {
            Kind::Register => {
                let value = self.value();
                self.add(json!({ "do": "registry_register", "from": raw, "key": key, "value": value }));
            }
            Kind::Unregister => self.add(json!({ "do": "registry_unregister", "from": raw, "key": key })),
            Kind::UnregisterMatch => {
                let pattern = self.pattern();
                self.add(json!({ "do": "registry_unregister_match", "from": raw, "key": key, "pattern": pattern }));
            }
            Kind::Update => {
                let value = self.value();
                self.add(json!({ "do": "registry_update", "from": raw, "key": key, "value": value }));
            }
            Kind::Look => self.look(&raw, key),
            Kind::Dispatch => self.add(json!({ "do": "registry_dispatch", "key": key, "msg": self.count })),
            Kind::Meta => {
                let meta = self.dice.pick(&["colour", "size"]);
                if self.dice.percent(50) {
                    let value = self.value();
                    self.add(json!({ "do": "registry_put_meta", "key": meta, "value": value }));
                } else {
                    self.add(json!({ "do": "registry_meta", "key": meta }));
                }
            }
            Kind::End => {
                self.raws.retain(|other| *other != raw);
                let reason = self.dice.pick(&[json!("kill"), json!("shutdown"), json!({ "exit": "oops" })]);
                if self.dice.percent(50) {
                    self.steps.push(json!({ "do": "exit", "to": raw, "reason": reason }));
                } else {
                    self.steps.push(json!({ "do": "return", "from": raw }));
                }
            }
            Kind::Spawn => self.spawn(),
            Kind::Worker => {
                self.count += 1;
                let id = format!("w{}", self.count);
                let init = self.dice.weighted(&[(8, "ok"), (1, "ignore"), (1, "stop")]);
                let mut worker = json!({ "name": { "via": { "registry": "r", "key": key } }, "value": self.count });
                match init {
                    "ok" => {}
                    "ignore" => put(&mut worker, "init", "ignore"),
                    _ => put(&mut worker, "init", json!({ "stop": { "exit": "no" } })),
                }
                self.steps.push(json!({ "do": "start", "as": id, "worker": worker, "how": "start" }));
                self.workers.push(id);
            }
            Kind::Use => {
                let to = json!({ "via": { "registry": "r", "key": key } });
                let worker = self.dice.maybe_pick(&self.workers);
                self.steps.push(match (self.dice.below(6), worker) {
                    (0, Some(worker)) => json!({ "do": "cast", "to": worker, "op": [{ "error": "boom" }] }),
                    (1, Some(worker)) => json!({ "do": "stop", "to": worker }),
                    (2, Some(worker)) => json!({ "do": "exit", "to": worker, "reason": "kill" }),
                    (_, Some(worker)) => json!({ "do": "call", "to": worker, "op": [{ "get": true }] }),
                    (_, None) => json!({ "do": "whereis", "via": to["via"] }),
                });
            }
            Kind::Whereis => {
                self.steps.push(json!({ "do": "whereis", "via": { "registry": "r", "key": key } }));
            }
        }
    }

    fn look(&mut self, raw: &str, key: Value) {
        let pattern = self.pattern();
        let step = match self.dice.below(8) {
            0 => json!({ "do": "registry_lookup", "key": key }),
            1 => json!({ "do": "registry_keys", "of": raw }),
            2 => json!({ "do": "registry_values", "key": key, "of": raw, "sorted": true }),
            3 => json!({ "do": "registry_count" }),
            4 => json!({ "do": "registry_match", "key": key, "pattern": pattern }),
            5 => json!({ "do": "registry_count_match", "key": key, "pattern": pattern }),
            6 => json!({ "do": "registry_select", "key": key }),
            _ => json!({ "do": "registry_select", "pattern": pattern }),
        };
        self.add(step);
    }

    fn spawn(&mut self) {
        self.count += 1;
        let id = format!("p{}", self.count);
        self.steps.push(json!({ "do": "spawn", "as": id, "trap_exit": self.dice.percent(30) }));
        self.raws.push(id);
    }

    fn key(&mut self) -> Value {
        self.dice.pick(&[json!("a"), json!("b"), json!("c"), json!(1), json!([1, "x"])])
    }

    fn value(&mut self) -> Value {
        self.count += 1;
        self.dice.pick(&[json!(self.count), json!({ "t": "a", "n": self.count }), json!({ "t": "b" }), json!([1, 2])])
    }

    fn pattern(&mut self) -> Value {
        self.dice.pick(&[json!("_"), json!({ "t": "a" }), json!({ "t": "_" }), json!([1, "_"]), json!({ "none": 1 })])
    }

    fn add(&mut self, mut step: Value) {
        put(&mut step, "registry", "r");
        self.steps.push(step);
    }
}
