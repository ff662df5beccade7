//! Servers and machines that are looked into, and acted on from outside, while they run and while they are suspended.
//!
//! No timer fires but those of no time. Workers answer where their callbacks return: what `gen_server:reply/2` sends is not
//! counted on the BEAM. Nothing is added to a value, which may have been wrapped. A log is long enough for all that happens:
//! how much of it other events take differs. Nobody hibernates: suspended then, a server of OTP 25 is busy for as long as a
//! message waits.

use serde_json::{Value, json};

use super::dice::{Dice, put};
use super::workers::stop_reason;

const EVENTS: [&str; 3] = ["e0", "e1", "e2"];
const STATES: [&str; 2] = ["a", "b"];

struct Inspected {
    dice: Dice,
    steps: Vec<Value>,
    /// Their ids, and whether they are machines.
    servers: Vec<(String, bool)>,
    requests: usize,
    supervised: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Start,
    Call,
    Cast,
    Send,
    Request,
    Suspend,
    Resume,
    State,
    Replace,
    Status,
    ChangeCode,
    Statistics,
    Log,
    Trace,
    NoDebug,
    Stop,
    Exit,
    Supervisor,
}

const WEIGHTS: [(u32, Kind); 18] = [
    (3, Kind::Start),
    (12, Kind::Call),
    (14, Kind::Cast),
    (6, Kind::Send),
    (6, Kind::Request),
    (14, Kind::Suspend),
    (14, Kind::Resume),
    (8, Kind::State),
    (8, Kind::Replace),
    (8, Kind::Status),
    (16, Kind::ChangeCode),
    (14, Kind::Statistics),
    (10, Kind::Log),
    (4, Kind::Trace),
    (2, Kind::NoDebug),
    (3, Kind::Stop),
    (2, Kind::Exit),
    (3, Kind::Supervisor),
];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Inspected { dice, steps: Vec::new(), servers: Vec::new(), requests: 0, supervised: false };
    for _ in 0..all.dice.between(1, 2) {
        all.start();
    }
    for _ in 0..all.dice.between(12, 25) {
        all.one();
    }
    for (to, _) in all.servers.clone() {
        for verb in ["resume", "sys_statistics", "sys_log", "get_status", "get_state"] {
            all.steps.push(json!({ "do": verb, "to": to }));
        }
    }
    for request in 1..=all.requests {
        all.steps.push(json!({ "do": "wait_response", "req": format!("r{request}"), "timeout": 0 }));
    }
    all.steps
}

impl Inspected {
    fn one(&mut self) {
        let (to, is_machine) = self.dice.pick(&self.servers);
        let step = match self.dice.weighted(&WEIGHTS) {
            Kind::Start => return self.start(),
            Kind::Supervisor => return self.supervisor(),
            Kind::Call => self.told(json!({ "do": "call", "to": to, "timeout": 100 }), is_machine, true),
            Kind::Cast => self.told(json!({ "do": "cast", "to": to }), is_machine, false),
            Kind::Send if self.dice.percent(50) => json!({ "do": "send", "to": to, "msg": self.dice.below(9) }),
            Kind::Send => self.told(json!({ "do": "send", "to": to }), is_machine, false),
            Kind::Request => {
                self.requests += 1;
                let label = format!("r{}", self.requests);
                self.told(json!({ "do": "send_request", "to": to, "as": label }), is_machine, true)
            }
            Kind::Suspend => json!({ "do": "suspend", "to": to }),
            Kind::Resume => json!({ "do": "resume", "to": to }),
            Kind::State => json!({ "do": "get_state", "to": to }),
            Kind::Replace => {
                let mut step = json!({ "do": "replace_state", "to": to, "value": self.dice.below(100) });
                if self.dice.percent(25) {
                    put(&mut step, "error", "no replacing");
                }
                self.at_state(step, is_machine)
            }
            Kind::Status => json!({ "do": "get_status", "to": to }),
            Kind::ChangeCode => {
                let mut step = json!({ "do": "change_code", "to": to });
                let (key, value) = self.dice.pick(&[
                    ("value", json!(7)),
                    ("wrap", json!("v1")),
                    ("wrap", json!("v2")),
                    ("fail", json!("not now")),
                    ("error", json!("no changing")),
                ]);
                put(&mut step, key, value);
                self.at_state(step, is_machine)
            }
            Kind::Statistics => {
                let on = self.dice.pick(&[json!(true), json!(true), json!(false), json!("get"), json!("get")]);
                json!({ "do": "sys_statistics", "to": to, "on": on })
            }
            Kind::Log => {
                let on = self.dice.pick(&[json!(500), json!(500), json!(false), json!("get"), json!("get")]);
                json!({ "do": "sys_log", "to": to, "on": on })
            }
            Kind::Trace => json!({ "do": "sys_trace", "to": to, "on": self.dice.percent(60) }),
            Kind::NoDebug => json!({ "do": "sys_no_debug", "to": to }),
            Kind::Stop => json!({ "do": "stop", "to": to, "reason": stop_reason(&mut self.dice) }),
            Kind::Exit => {
                let reason = self.dice.pick(&[json!("shutdown"), json!("kill"), json!({ "exit": "enough" })]);
                json!({ "do": "exit", "to": to, "reason": reason })
            }
        };
        self.steps.push(step);
    }

    fn start(&mut self) {
        let id = format!("g{}", self.servers.len() + 1);
        let how = self.dice.pick(&["start_link", "start_link", "start"]);
        let is_machine = self.dice.percent(50);
        let mut step = json!({ "do": "start", "as": id, "how": how });
        if is_machine {
            put(&mut step, "machine", self.machine());
        } else {
            let mut worker = json!({ "trap_exit": self.dice.percent(50), "value": 0 });
            if self.dice.percent(30) {
                put(&mut worker, "on_timeout", json!([{ "log": "timed out" }]));
            }
            if self.dice.percent(30) {
                put(&mut worker, "on_info", self.ops(false));
            }
            put(&mut step, "worker", worker);
        }
        self.servers.push((id, is_machine));
        self.steps.push(step);
    }

    fn machine(&mut self) -> Value {
        let mut states = json!({});
        for state in STATES {
            let mut table = json!({});
            for event in EVENTS {
                for kind in ["call", "cast", "info"] {
                    if self.dice.percent(70) {
                        put(&mut table, &format!("{kind}:{event}"), self.at_event(state, kind == "call"));
                    }
                }
            }
            if self.dice.percent(50) {
                put(&mut table, "enter", json!([{ "log": format!("in {state}") }]));
            }
            put(&mut states, state, table);
        }
        json!({ "states": states, "value": 0, "enter": self.dice.percent(50), "trap_exit": self.dice.percent(50) })
    }

    fn at_event(&mut self, state: &str, is_call: bool) -> Value {
        // Only in one of them: what is postponed there is handled in the other.
        if state == "a" && self.dice.percent(20) {
            return json!([{ "postpone": true }]);
        }
        let mut ops = Vec::new();
        if is_call {
            ops.push(self.dice.pick(&[json!({ "get": true }), json!({ "reply": 1 }), json!({ "defer": "k" })]));
        }
        for _ in 0..self.dice.below(3) {
            let any = [
                json!({ "set": self.dice.below(9) }),
                json!({ "log": "here" }),
                json!({ "next": self.dice.pick(&STATES) }),
                json!({ "next_event": { "event": "i" } }),
                json!({ "next_event": { "event": "i", "type": "cast" } }),
                json!({ "state_timeout": self.dice.pick(&[0, 60000]) }),
                json!({ "timeout": self.dice.pick(&[0, 60000]) }),
                json!({ "named_timeout": { "name": "n", "ms": self.dice.pick(&[0, 60000]), "event": "n" } }),
                json!({ "reply_to": { "key": "k", "value": 2 } }),
            ];
            ops.push(self.dice.pick(&any));
        }
        ops.into()
    }

    /// A step that tells a server something.
    fn told(&mut self, mut step: Value, is_machine: bool, is_call: bool) -> Value {
        if is_machine {
            put(&mut step, "event", self.dice.pick(&EVENTS));
        } else {
            put(&mut step, "op", self.ops(is_call));
        }
        step
    }

    /// What a worker does.
    fn ops(&mut self, is_call: bool) -> Value {
        let mut ops = Vec::new();
        for _ in 0..self.dice.below(3) {
            let any = [
                json!({ "log": "here" }),
                json!({ "set": self.dice.below(10) }),
                json!({ "cast_self": [{ "log": "cast" }] }),
                json!({ "send_self": [{ "log": "sent" }] }),
            ];
            ops.push(self.dice.pick(&any));
        }
        if is_call {
            ops.extend(self.dice.maybe_pick(&[json!({ "reply": "yes" }), json!({ "get": true })]));
        }
        match self.dice.below(20) {
            0..=3 => ops.push(json!({ "continue": [{ "log": "more" }] })),
            4..=6 => ops.push(json!({ "timeout": self.dice.pick(&[0, 60000]) })),
            7 => ops.push(json!({ "stop": stop_reason(&mut self.dice) })),
            8 => ops.push(json!({ "error": "boom" })),
            _ => {}
        }
        ops.into()
    }

    /// A step that may change the state of a machine.
    fn at_state(&mut self, mut step: Value, is_machine: bool) -> Value {
        if is_machine && self.dice.percent(50) {
            put(&mut step, "state", self.dice.pick(&STATES));
        }
        step
    }

    /// A supervisor that is suspended while its children crash.
    fn supervisor(&mut self) {
        if !std::mem::replace(&mut self.supervised, true) {
            let children = ["x", "y"].map(|id| json!({ "id": id, "start": { "worker": {} } }));
            let flags = json!({ "intensity": 50 });
            self.steps.push(json!({ "do": "start_supervisor", "as": "s", "flags": flags, "children": children }));
        }
        self.steps.push(json!({ "do": "suspend", "to": "s" }));
        for child in ["x", "y"] {
            if self.dice.percent(60) {
                self.steps.push(json!({ "do": "cast", "to": child, "op": [{ "error": "boom" }] }));
            }
        }
        self.steps.push(json!({ "do": "alive", "of": "x" }));
        self.steps.push(json!({ "do": "resume", "to": "s" }));
        self.steps.push(json!({ "do": "which_children", "sup": "s" }));
    }
}
