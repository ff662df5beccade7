//! State machines: events of all kinds, postponed and inserted ones, timers of no time. What waits while a machine is
//! suspended comes at once when it goes on.
//!
//! Nothing goes on for ever. An inserted event inserts at most the next kind. What is postponed may change to a later
//! state, and does little else. A timer of no time is set where a state is entered only if no timeout of the machine
//! leads to another state, and never where a timer fires.

use serde_json::{Map, Value, json};

use super::dice::Dice;

const STATES: [&str; 3] = ["a", "b", "c"];
const EVENTS: [&str; 3] = ["e0", "e1", "e2"];
/// What a machine sends itself.
const OWN: [&str; 2] = ["f0", "f1"];

struct Machines {
    dice: Dice,
    steps: Vec<Value>,
    requests: usize,
    /// Timeouts do not change the state.
    still: bool,
    /// The machine may stop at an event.
    stops: bool,
}

/// Where instructions stand, which decides what they may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At an event from outside.
    Event,
    /// At an inserted event.
    Inserted,
    /// At a timeout.
    Timeout,
    /// Where a state is entered.
    Entry,
}

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Machines { dice, steps: Vec::new(), requests: 0, still: false, stops: false };
    all.still = all.dice.percent(50);
    let is_child = all.dice.percent(30);
    all.stops = !is_child && all.dice.percent(30);
    let machine = all.machine();
    if is_child {
        let child = json!({ "id": "m", "start": { "machine": machine } });
        let flags = json!({ "intensity": 3, "period": 60 });
        all.steps.push(json!({
            "do": "start_supervisor", "as": "s", "flags": flags, "children": [child], "unordered": true
        }));
    } else {
        all.steps.push(json!({ "do": "start", "as": "m", "machine": machine }));
    }
    for _ in 0..all.dice.between(2, 5) {
        all.batch();
    }
    all.steps.push(json!({ "do": "get_state", "to": "m" }));
    if all.dice.percent(15) {
        all.steps.push(json!({ "do": "suspend", "to": "m" }));
        all.messages();
    }
    if all.dice.percent(40) {
        let reason = all.dice.pick(&[json!("normal"), json!("shutdown"), json!({ "exit": "done" })]);
        all.steps.push(json!({ "do": "stop", "to": "m", "reason": reason, "unordered": true }));
    }
    for request in 1..=all.requests {
        all.steps.push(json!({ "do": "wait_response", "req": format!("r{request}"), "timeout": 0 }));
    }
    all.steps
}

impl Machines {
    /// Messages that a machine finds all at once, or one by one.
    fn batch(&mut self) {
        let at_once = self.dice.percent(60);
        if at_once {
            self.steps.push(json!({ "do": "suspend", "to": "m" }));
        }
        self.messages();
        if at_once {
            self.steps.push(json!({ "do": "resume", "to": "m" }));
        }
        if self.dice.percent(40) {
            self.steps.push(json!({ "do": "call", "to": "m", "op": [{ "get": true }] }));
        }
        if self.dice.percent(40) {
            self.steps.push(json!({ "do": "get_state", "to": "m" }));
        }
    }

    fn messages(&mut self) {
        for _ in 0..self.dice.between(1, 5) {
            let step = match self.dice.below(6) {
                0 | 1 => json!({ "do": "cast", "to": "m", "event": self.dice.pick(&EVENTS) }),
                2 => json!({ "do": "cast", "to": "m", "op": self.ops(Place::Event, false) }),
                3 => json!({ "do": "send", "to": "m", "event": self.dice.pick(&EVENTS) }),
                _ => {
                    self.requests += 1;
                    let label = format!("r{}", self.requests);
                    json!({ "do": "send_request", "to": "m", "event": self.dice.pick(&EVENTS), "as": label })
                }
            };
            self.steps.push(step);
        }
    }

    fn machine(&mut self) -> Value {
        let states: Map<String, Value> =
            STATES.map(|state| (state.to_owned(), self.table(state))).into_iter().collect();
        let mut machine = json!({
            "states": states,
            "initial": self.dice.pick(&STATES),
            "value": 0,
            "enter": self.dice.percent(50),
            "trap_exit": true,
        });
        if self.dice.percent(40) {
            let mut ops = self.ops(Place::Entry, false);
            ops.push(json!({ "next": self.dice.pick(&STATES) }));
            machine["init"] = json!({ "ops": ops });
        }
        machine
    }

    fn table(&mut self, state: &str) -> Value {
        let mut table = Map::new();
        for event in EVENTS {
            for kind in ["cast", "call", "info"] {
                if self.dice.percent(50) {
                    table.insert(format!("{kind}:{event}"), self.at_event(state, kind == "call"));
                }
            }
        }
        for event in OWN {
            for kind in ["cast", "info", "call"] {
                if self.dice.percent(30) {
                    table.insert(format!("{kind}:{event}"), self.own(Place::Inserted, kind == "call"));
                }
            }
        }
        for event in ["i1", "i2"] {
            if self.dice.percent(10) {
                table.insert(format!("internal:{event}"), json!([{ "postpone": true }]));
                continue;
            }
            let mut ops = self.ops(Place::Inserted, false);
            if event == "i1" && self.dice.percent(30) {
                ops.push(json!({ "next_event": { "event": "i2" } }));
            }
            table.insert(format!("internal:{event}"), ops.into());
        }
        for timeout in ["state_timeout", "timeout", "named_timeout:x"] {
            if self.dice.percent(60) {
                table.insert(timeout.to_owned(), self.own(Place::Timeout, false));
            }
        }
        if self.dice.percent(60) {
            table.insert("enter".to_owned(), self.ops(Place::Entry, false).into());
        }
        if self.dice.percent(10) {
            table.insert("*".to_owned(), json!([{ "log": "star" }]));
        }
        table.into()
    }

    fn at_event(&mut self, state: &str, is_call: bool) -> Value {
        let later: Vec<&str> = STATES.into_iter().skip_while(|other| *other != state).skip(1).collect();
        match self.dice.below(20) {
            0..=3 => json!([{ "postpone": true }, { "log": "later" }]),
            4 if !later.is_empty() => json!([{ "next": self.dice.pick(&later) }, { "add": 1 }, { "postpone": true }]),
            5 => json!([{ "repeat": true }, { "postpone": true }]),
            _ => self.ops(Place::Event, is_call).into(),
        }
    }

    /// What to do at an event of the machine's own.
    fn own(&mut self, place: Place, is_call: bool) -> Value {
        if self.dice.percent(15) {
            return json!([{ "log": "own" }, { "postpone": true }]);
        }
        self.ops(place, is_call).into()
    }

    fn ops(&mut self, place: Place, is_call: bool) -> Vec<Value> {
        let mut ops: Vec<Value> = (0..self.dice.below(5)).map(|_| self.op(place)).collect();
        // Where it goes is decided once.
        let mut goes = false;
        ops.retain(|op| {
            let also = ["next", "keep", "repeat"].iter().any(|word| op.get(word).is_some());
            !also || !std::mem::replace(&mut goes, true)
        });
        if is_call {
            let last = match self.dice.below(if place == Place::Event { 5 } else { 4 }) {
                // The answer is due where that is handled.
                4 => json!({ "next_event": { "event": self.dice.pick(&OWN), "type": "call" } }),
                0 => json!({ "get": true }),
                1 => json!({ "defer": self.dice.pick(&["k1", "k2"]) }),
                2 => json!({ "reply": self.dice.below(100) }),
                _ => json!({ "reply_now": self.dice.below(100) }),
            };
            let at = self.dice.between(0, ops.len());
            ops.insert(at, last);
        }
        ops
    }

    fn op(&mut self, place: Place) -> Value {
        let (log, value) = (format!("l{}", self.dice.below(100)), self.dice.below(10));
        match self.dice.below(if place == Place::Entry { 6 } else { 11 }) {
            0 => json!({ "log": log }),
            1 => json!({ "add": value }),
            2 => json!({ "reply_to": { "key": self.dice.pick(&["k1", "k2"]), "value": value } }),
            3..=5 => self.timer(match place {
                Place::Event | Place::Inserted => true,
                Place::Entry => self.still,
                Place::Timeout => false,
            }),
            6..=8 if place == Place::Timeout && self.still => json!({ "log": log }),
            6 | 7 => json!({ "next": self.dice.pick(&STATES) }),
            8 => self.dice.pick(&[json!({ "keep": true }), json!({ "repeat": true })]),
            _ if place != Place::Event => json!({ "log": log }),
            9 => match self.dice.below(6) {
                4 => json!({ "next_event": { "event": "t", "type": self.dice.pick(&["state_timeout", "timeout"]) } }),
                5 => json!({ "next_event": { "event": "t", "type": "named_timeout", "name": "x" } }),
                0 => json!({ "next_event": { "event": self.dice.pick(&OWN), "type": "cast" } }),
                1 => json!({ "next_event": { "event": self.dice.pick(&OWN), "type": "info" } }),
                _ => json!({ "next_event": { "event": self.dice.pick(&["i1", "i2"]) } }),
            },
            _ if self.stops && self.dice.percent(15) => {
                json!({ "stop": self.dice.pick(&[json!("normal"), json!("shutdown"), json!({ "exit": "own" })]) })
            }
            _ => {
                let own = self.dice.pick(&OWN);
                self.dice.pick(&[json!({ "cast_self": { "event": own } }), json!({ "send_self": { "event": own } })])
            }
        }
    }

    /// A setting of a timer, which may be of no time, or of one that does not come.
    fn timer(&mut self, may_be_zero: bool) -> Value {
        let after = if may_be_zero && self.dice.percent(60) {
            json!(0)
        } else {
            self.dice.pick(&[json!(60000), json!("infinity")])
        };
        let kind = self.dice.pick(&["state_timeout", "timeout", "named_timeout"]);
        let named = kind == "named_timeout";
        let mut setting = match self.dice.below(6) {
            0 if named => json!({ "cancel": true }),
            0 => return json!({ kind: "cancel" }),
            // An update of a timer that does not run is one of no time.
            1 if may_be_zero => json!({ "update": "u" }),
            _ => json!({ "ms": after, "event": "t" }),
        };
        if named {
            setting["name"] = json!(self.dice.pick(&["x", "y"]));
        }
        json!({ kind: setting })
    }
}
