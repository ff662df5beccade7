//! Event managers: handlers that come, handle, crash, give their places to others, and go with their owners. One manager at
//! a time, and owners that get messages of it. Values are integers, as adding to anything else crashes on the BEAM.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Events {
    dice: Dice,
    steps: Vec<Value>,
    /// How many managers there have been; each has owners of its own, since its end may be theirs.
    round: usize,
    /// The owner that has started the manager, if one did.
    parent: Option<String>,
    owners: Vec<String>,
    is_named: bool,
    count: i64,
}

#[derive(Clone, Copy)]
enum Kind {
    Add,
    Delete,
    Swap,
    Notify,
    SyncNotify,
    Call,
    Send,
    Which,
    State,
    Replace,
    Suspend,
    OwnerEnds,
    Stranger,
    Flush,
    Links,
    End,
}

const WEIGHTS: [(u32, Kind); 16] = [
    (26, Kind::Add),
    (9, Kind::Delete),
    (11, Kind::Swap),
    (18, Kind::Notify),
    (8, Kind::SyncNotify),
    (14, Kind::Call),
    (6, Kind::Send),
    (6, Kind::Which),
    (3, Kind::State),
    (2, Kind::Replace),
    (2, Kind::Suspend),
    (6, Kind::OwnerEnds),
    (3, Kind::Stranger),
    (5, Kind::Flush),
    (2, Kind::Links),
    (3, Kind::End),
];

const HANDLERS: [&str; 4] = ["a", "b", "c", "d"];
const EVENTS: [&str; 3] = ["x", "y", "z"];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let (steps, owners) = (Vec::new(), Vec::new());
    let mut all = Events { dice, steps, round: 0, parent: None, owners, is_named: false, count: 0 };
    all.begin();
    for _ in 0..all.dice.between(15, 35) {
        all.one();
    }
    all.end();
    all.steps
}

impl Events {
    /// A manager, and two owners.
    fn begin(&mut self) {
        self.round += 1;
        self.owners = ["p", "q"].map(|owner| format!("{owner}{}", self.round)).to_vec();
        for owner in self.owners.clone() {
            let trap = self.dice.percent(40);
            self.steps.push(json!({ "do": "spawn", "as": owner, "trap_exit": trap }));
        }
        self.is_named = self.dice.percent(30);
        let manager = if self.is_named { json!({ "name": self.name() }) } else { json!({}) };
        let mut step = json!({ "do": "start", "as": self.manager(), "manager": manager, "how": "start" });
        self.parent = self.dice.percent(25).then(|| self.owners[0].clone());
        if let Some(parent) = &self.parent {
            put(&mut step, "how", "start_link");
            put(&mut step, "from", parent.clone());
        }
        self.steps.push(step);
        self.add();
    }

    /// The manager ends, in one way or another.
    fn end(&mut self) {
        let to = self.manager();
        let reason = self.dice.pick(&[json!("normal"), json!("shutdown"), json!({ "exit": "over" })]);
        self.steps.push(match self.dice.below(3) {
            // Owners whose handlers have gone are still linked.
            0 => json!({ "do": "exit", "to": to, "reason": "kill", "unordered": true }),
            _ => json!({ "do": "stop", "to": to, "reason": reason, "unordered": true }),
        });
        self.after_end();
    }

    fn after_end(&mut self) {
        let to = self.to();
        for owner in self.owners.clone() {
            self.steps.push(json!({ "do": "alive", "of": owner }));
        }
        let event = self.dice.pick(&EVENTS);
        self.steps.push(match self.dice.below(5) {
            0 => json!({ "do": "notify", "to": to, "event": event }),
            1 => json!({ "do": "sync_notify", "to": to, "event": event }),
            2 => json!({ "do": "call_handler", "to": to, "handler": "a", "event": event }),
            3 => json!({ "do": "which_handlers", "to": to }),
            _ => json!({ "do": "delete_handler", "to": to, "handler": "a" }),
        });
    }

    fn one(&mut self) {
        let (to, event, id) = (self.to(), self.dice.pick(&EVENTS), self.dice.pick(&HANDLERS));
        let owner = self.dice.pick(&self.owners);
        let step = match self.dice.weighted(&WEIGHTS) {
            Kind::Add => return self.add(),
            Kind::Delete => json!({ "do": "delete_handler", "to": to, "handler": id, "args": self.count }),
            Kind::Swap => return self.swap(),
            Kind::Notify => {
                let mut step = json!({ "do": "notify", "to": to, "event": event });
                if self.dice.percent(15) {
                    step = json!({ "do": "notify", "to": to, "op": self.ops(1) });
                }
                step
            }
            Kind::SyncNotify => json!({ "do": "sync_notify", "to": to, "event": event }),
            Kind::Call => {
                let mut step = json!({ "do": "call_handler", "to": to, "handler": id, "event": event });
                if self.dice.percent(20) {
                    step = json!({ "do": "call_handler", "to": to, "handler": id, "op": self.ops(1) });
                }
                if self.dice.percent(30) {
                    put(&mut step, "from", owner);
                }
                step
            }
            Kind::Send if self.dice.percent(50) => json!({ "do": "send", "to": to, "event": event }),
            Kind::Send => json!({ "do": "send", "to": to, "msg": self.count }),
            Kind::Which => json!({ "do": "which_handlers", "to": to }),
            Kind::State => json!({ "do": "get_state", "to": to }),
            Kind::Replace => json!({ "do": "replace_state", "to": to, "value": self.count }),
            Kind::Suspend => {
                // A manager of OTP that hibernates while it is suspended does not rest while messages wait. This wakes it.
                self.steps.push(json!({ "do": "which_handlers", "to": to }));
                self.steps.push(json!({ "do": "suspend", "to": to }));
                for _ in 0..self.dice.between(1, 3) {
                    let event = self.dice.pick(&EVENTS);
                    self.steps.push(json!({ "do": "notify", "to": to, "event": event }));
                }
                json!({ "do": "resume", "to": to })
            }
            Kind::OwnerEnds => return self.owner_ends(&owner),
            // Of whom the manager knows nothing: its handlers are told.
            Kind::Stranger => {
                let reason = self.dice.pick(&[json!({ "exit": "hm" }), json!("shutdown")]);
                json!({ "do": "exit", "to": self.manager(), "reason": reason })
            }
            Kind::Flush => json!({ "do": "flush", "from": owner }),
            Kind::Links => json!({ "do": "links", "of": owner }),
            Kind::End => {
                self.end();
                return self.begin();
            }
        };
        self.steps.push(step);
    }

    fn add(&mut self) {
        let handler = self.handler(2);
        let mut step = json!({ "do": "add_handler", "to": self.to(), "handler": handler });
        self.supervise(&mut step);
        self.steps.push(step);
    }

    fn swap(&mut self) {
        let (old, mut handler) = (self.dice.pick(&HANDLERS), self.handler(2));
        if self.dice.percent(40) {
            put(&mut handler, "init", "take");
        }
        let mut step =
            json!({ "do": "swap_handler", "to": self.to(), "old": old, "args": self.count, "handler": handler });
        self.supervise(&mut step);
        self.steps.push(step);
    }

    fn supervise(&mut self, step: &mut Value) {
        if self.dice.percent(45) {
            put(step, "sup", true);
            put(step, "from", self.dice.pick(&self.owners));
        }
    }

    /// Its handlers go; and the manager, if it is the parent of that.
    fn owner_ends(&mut self, owner: &str) {
        let is_parent = self.parent.as_deref() == Some(owner);
        let mut step = match self.dice.below(4) {
            0 => json!({ "do": "exit", "to": owner, "reason": "kill" }),
            1 => json!({ "do": "exit_self", "from": owner, "reason": "normal" }),
            2 => json!({ "do": "crash_self", "from": owner, "error": "gone" }),
            _ => json!({ "do": "exit_self", "from": owner, "reason": { "exit": "bye" } }),
        };
        // Then the manager may take the other owner with it, while it stops.
        put(&mut step, "unordered", is_parent);
        self.steps.push(step);
        if is_parent {
            self.after_end();
            return self.begin();
        }
        self.count += 1;
        let new = format!("r{}", self.count);
        self.steps.push(json!({ "do": "spawn", "as": new, "trap_exit": self.dice.percent(40) }));
        let place = self.owners.iter().position(|its| its == owner).unwrap_or(0);
        self.owners[place] = new;
    }

    /// A handler; `depth` limits how many can take its place, one after the other.
    fn handler(&mut self, depth: usize) -> Value {
        self.count += 1;
        let mut handler = json!({ "id": self.dice.pick(&HANDLERS), "value": self.count });
        for key in ["event", "event:x", "event:y", "call", "call:x", "info", "info:z", "*"] {
            if self.dice.percent(25) {
                put(&mut handler, key, self.ops(depth));
            }
        }
        // Of one that takes the place of another from inside a callback, OTP 25 takes `hibernate` for a failure, and tells the
        // owner of a failure no more than that there was one.
        if depth == 2 {
            match self.dice.below(14) {
                0 => put(&mut handler, "init", json!({ "error": "no" })),
                1 => put(&mut handler, "init", json!({ "exit": { "exit": "no" } })),
                2 => put(&mut handler, "init", "hibernate"),
                3 => put(&mut handler, "init", json!({ "fail": "no" })),
                _ => {}
            }
        }
        match self.dice.below(8) {
            0 => put(&mut handler, "terminate", json!({ "error": "at the end" })),
            1 => put(&mut handler, "terminate", json!({ "return": self.count * 10 })),
            2..=4 => put(&mut handler, "terminate", "value"),
            _ => {}
        }
        handler
    }

    fn ops(&mut self, depth: usize) -> Value {
        let mut ops = Vec::new();
        for _ in 0..self.dice.below(3) {
            let (n, owner) = (self.dice.below(10), self.dice.pick(&self.owners));
            ops.push(self.dice.pick(&[
                json!({ "set": n }),
                json!({ "add": n }),
                json!({ "log": n }),
                json!({ "get": true }),
                json!({ "reply": n }),
                json!({ "hibernate": true }),
                json!({ "send": { "to": owner, "msg": n } }),
            ]));
        }
        match self.dice.below(12) {
            0 => ops.push(json!({ "error": "boom" })),
            1 => ops.push(json!({ "exit": { "exit": "oops" } })),
            2 => ops.push(json!({ "exit": "normal" })),
            3 => ops.push(json!({ "remove": true })),
            4 | 5 if depth > 0 => {
                let mut handler = self.handler(depth - 1);
                if self.dice.percent(40) {
                    put(&mut handler, "init", "take");
                }
                ops.push(json!({ "swap": { "args": self.count, "handler": handler } }));
            }
            _ => {}
        }
        Value::Array(ops)
    }

    fn manager(&self) -> String {
        format!("e{}", self.round)
    }

    fn name(&self) -> String {
        format!("ev{}", self.round)
    }

    fn to(&mut self) -> Value {
        if self.is_named && self.dice.percent(50) { json!({ "name": self.name() }) } else { json!(self.manager()) }
    }
}
