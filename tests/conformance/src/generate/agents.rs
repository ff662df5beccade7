//! Agents: by themselves, by name, and under a supervisor. Their values are integers, as a function that adds to anything
//! else crashes on the BEAM.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Agents {
    dice: Dice,
    steps: Vec<Value>,
    agents: Vec<String>,
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Start,
    Get,
    Update,
    GetAndUpdate,
    Cast,
    State,
    Stop,
    Exit,
    Whereis,
    Slow,
}

const WEIGHTS: [(u32, Kind); 10] = [
    (12, Kind::Start),
    (20, Kind::Get),
    (20, Kind::Update),
    (16, Kind::GetAndUpdate),
    (16, Kind::Cast),
    (5, Kind::State),
    (4, Kind::Stop),
    (4, Kind::Exit),
    (2, Kind::Whereis),
    (2, Kind::Slow),
];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Agents { dice, steps: Vec::new(), agents: Vec::new(), count: 0 };
    all.steps.push(json!({ "do": "spawn", "as": "p", "trap_exit": true }));
    if all.dice.percent(60) {
        all.supervisor();
    }
    all.start();
    for _ in 0..all.dice.between(8, 20) {
        all.one();
    }
    all.steps.push(json!({ "do": "flush", "from": "p" }));
    for agent in all.agents.clone() {
        all.steps.push(json!({ "do": "alive", "of": agent }));
    }
    all.steps
}

impl Agents {
    fn one(&mut self) {
        let agent = self.dice.pick(&self.agents);
        match self.dice.weighted(&WEIGHTS) {
            Kind::Start => self.start(),
            Kind::Get => self.ask("agent_get", agent),
            Kind::Update => self.ask("agent_update", agent),
            Kind::GetAndUpdate => self.ask("agent_get_and_update", agent),
            Kind::Cast => self.ask("agent_cast", agent),
            Kind::State => self.state(),
            Kind::Stop => self.steps.push(json!({ "do": "stop", "to": agent })),
            Kind::Exit => {
                let reason = self.dice.pick(&[json!("kill"), json!("shutdown"), json!({ "exit": "bye" })]);
                self.steps.push(json!({ "do": "exit", "to": agent, "reason": reason }));
            }
            Kind::Whereis => {
                let name = format!("n{}", self.dice.below(2));
                self.steps.push(json!({ "do": "whereis", "name": name }));
            }
            Kind::Slow => {
                // It goes on after its caller has given up.
                let fun = json!([{ "sleep": 500 }, { "set": self.count }]);
                self.steps.push(json!({ "do": "agent_update", "to": agent, "fun": fun, "timeout": 100 }));
                self.steps.push(json!({ "do": "sleep", "ms": 900 }));
            }
        }
    }

    fn supervisor(&mut self) {
        let restart = |dice: &mut Dice| dice.pick(&["permanent", "transient", "temporary"]);
        let mut children = Vec::new();
        for id in ["c1", "c2"] {
            let restart = restart(&mut self.dice);
            children.push(json!({ "id": id, "restart": restart, "start": { "agent": { "fun": { "set": 7 } } } }));
            self.agents.push(id.to_owned());
        }
        let flags = json!({ "intensity": 20 });
        self.steps.push(json!({ "do": "start_supervisor", "as": "s", "flags": flags, "children": children }));
    }

    fn start(&mut self) {
        self.count += 1;
        let id = format!("a{}", self.count);
        let kind = self.dice.below(8);
        let fun = match kind {
            0 => json!({ "error": "no value" }),
            1 => json!([{ "set": 1 }, { "exit": { "exit": "no" } }]),
            _ => json!([{ "set": self.count }, { "log": "made" }]),
        };
        let mut agent = json!({ "fun": fun });
        let is_named = self.dice.percent(30);
        if is_named {
            put(&mut agent, "name", format!("n{}", self.dice.below(2)));
        }
        let how = self.dice.pick(&["start", "start_link"]);
        self.agents.push(id.clone());
        let mut step = json!({ "do": "start", "as": id, "agent": agent, "how": how });
        // One that is sure to start: of another one, OTP 25 leaves an exit message behind.
        if kind > 1 && !is_named {
            put(&mut step, "from", "p");
        }
        self.steps.push(step);
    }

    fn ask(&mut self, verb: &str, agent: String) {
        let to =
            if self.dice.percent(15) { json!({ "name": format!("n{}", self.dice.below(2)) }) } else { json!(agent) };
        let mut fun = Vec::new();
        for _ in 0..self.dice.below(4) {
            let n = self.dice.below(10);
            fun.push(self.dice.pick(&[json!({ "set": n }), json!({ "add": n }), json!({ "log": "here" })]));
        }
        if self.dice.percent(15) {
            let ends = [
                json!({ "error": "boom" }),
                json!({ "exit": { "exit": "oops" } }),
                json!({ "exit": "normal" }),
                json!({ "exit": { "shutdown": "done" } }),
            ];
            fun.push(self.dice.pick(&ends));
        } else if verb == "agent_get" && self.dice.percent(20) {
            fun.extend([json!({ "set": [] }), json!({ "push": "x" }), json!({ "push": 2 })]);
        }
        let mut step = json!({ "do": verb, "to": to, "fun": fun });
        if self.dice.percent(40) {
            put(&mut step, "from", "p");
        }
        self.steps.push(step);
    }

    /// Of a new one, since the BEAM's runner cannot look at one that has ended.
    fn state(&mut self) {
        self.count += 1;
        let id = format!("a{}", self.count);
        self.steps.push(json!({ "do": "start", "as": id, "agent": { "fun": { "set": self.count } } }));
        self.steps.push(json!({ "do": "get_state", "to": id }));
        self.agents.push(id);
    }
}
