//! Generic servers: calls, casts, messages, requests, sys, timers, aliases. Nobody is linked to anybody but the driver,
//! so that each step has one thread of events.

use serde_json::{Value, json};

use super::dice::{Dice, put};
use super::workers::{after, ops, signal_reason, stop_reason};

struct Servers {
    dice: Dice,
    steps: Vec<Value>,
    servers: Vec<String>,
    clients: Vec<String>,
    requests: Vec<Waiting>,
    count: usize,
}

/// A request whose answer nobody has fetched.
struct Waiting {
    label: String,
    /// Under which the server keeps the caller.
    key: Option<String>,
    server: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Start,
    Call,
    Cast,
    SendOp,
    SendMessage,
    Exit,
    Stop,
    State,
    Suspend,
    Request,
    Response,
    Monitor,
    Timer,
    Alias,
    Timeout,
    Chain,
}

const WEIGHTS: [(u32, Kind); 16] = [
    (12, Kind::Start),
    (22, Kind::Call),
    (16, Kind::Cast),
    (7, Kind::SendOp),
    (5, Kind::SendMessage),
    (6, Kind::Exit),
    (4, Kind::Stop),
    (4, Kind::State),
    (3, Kind::Suspend),
    (8, Kind::Request),
    (6, Kind::Response),
    (4, Kind::Monitor),
    (2, Kind::Timer),
    (2, Kind::Alias),
    (2, Kind::Timeout),
    (5, Kind::Chain),
];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Servers {
        dice,
        steps: Vec::new(),
        servers: Vec::new(),
        clients: vec!["p0".to_owned(), "p1".to_owned()],
        requests: Vec::new(),
        count: 0,
    };
    for id in ["p0", "p1", "requester"] {
        all.steps.push(json!({ "do": "spawn", "as": id, "trap_exit": true }));
    }
    for _ in 0..all.dice.between(1, 3) {
        all.start();
    }
    for _ in 0..all.dice.between(10, 20) {
        all.one();
    }
    // Not that of the third: answers that nobody has fetched are in the BEAM's mailbox.
    for client in all.clients.clone() {
        all.steps.push(json!({ "do": "flush", "from": client, "sorted": true }));
    }
    for server in all.servers.clone() {
        all.steps.push(json!({ "do": "alive", "of": server }));
    }
    all.steps
}

impl Servers {
    fn one(&mut self) {
        let (to, client) = (self.dice.pick(&self.servers), self.dice.pick(&self.clients));
        match self.dice.weighted(&WEIGHTS) {
            Kind::Start => self.start(),
            Kind::Call => {
                let op = ops(&mut self.dice, true);
                let to = self.by_name(to);
                let mut step = json!({ "do": "call", "to": to, "op": op, "timeout": 150 });
                if self.dice.percent(40) {
                    put(&mut step, "from", client);
                }
                self.steps.push(step);
            }
            Kind::Cast => {
                let op = ops(&mut self.dice, false);
                let to = self.by_name(to);
                self.steps.push(json!({ "do": "cast", "to": to, "op": op }));
            }
            Kind::SendOp => {
                let op = ops(&mut self.dice, false);
                let to = self.by_name(to);
                self.steps.push(json!({ "do": "send", "to": to, "op": op }));
            }
            Kind::SendMessage => {
                let message = self.dice.pick(&[json!(1), json!("hello"), json!([1, { "a": null }]), json!(true)]);
                self.steps.push(json!({ "do": "send", "to": to, "msg": message }));
            }
            Kind::Exit => {
                let reason = signal_reason(&mut self.dice);
                let mut step = json!({ "do": "exit", "to": to, "reason": reason });
                if self.dice.percent(50) {
                    put(&mut step, "from", client);
                }
                self.steps.push(step);
            }
            Kind::Stop => {
                let mut step = json!({ "do": "stop", "to": to });
                if self.dice.percent(50) {
                    put(&mut step, "reason", stop_reason(&mut self.dice));
                }
                self.steps.push(step);
            }
            Kind::State => self.steps.push(json!({ "do": "get_state", "to": to })),
            Kind::Suspend => self.suspend(),
            Kind::Request => self.request(to),
            Kind::Response => self.response(),
            Kind::Monitor => {
                self.count += 1;
                let name = format!("m{}", self.count);
                self.steps.push(json!({ "do": "monitor", "from": client, "to": to, "as": name }));
            }
            Kind::Timer => self.timer(&client),
            Kind::Alias => self.alias(&client),
            Kind::Timeout => {
                // The pause is far longer than the timeout, which is far longer than it takes to come to rest.
                self.steps.push(json!({ "do": "cast", "to": to, "op": [{ "log": "wait" }, { "timeout": 300 }] }));
                self.steps.push(json!({ "do": "sleep", "ms": 700 }));
            }
            Kind::Chain => self.chain(),
        }
    }

    /// The server, or whoever holds some name.
    fn by_name(&mut self, server: String) -> Value {
        if self.dice.percent(12) { json!({ "name": format!("n{}", self.dice.below(3)) }) } else { json!(server) }
    }

    fn start(&mut self) {
        self.count += 1;
        let id = format!("g{}", self.count);
        let mut worker = json!({ "trap_exit": self.dice.percent(50) });
        if self.dice.percent(30) {
            put(&mut worker, "value", self.count);
        }
        if self.dice.percent(20) {
            put(&mut worker, "name", format!("n{}", self.dice.below(3)));
        }
        if self.dice.percent(25) {
            let ends = [
                json!({ "error": "bad end" }),
                json!({ "exit": { "exit": "late" } }),
                json!({ "exit": "normal" }),
                json!({ "sleep": 5 }),
            ];
            put(&mut worker, "terminate", self.dice.pick(&ends));
        }
        if self.dice.percent(25) {
            let init = self.init();
            put(&mut worker, "init", init);
        }
        if self.dice.percent(30) {
            let ops = ops(&mut self.dice, false);
            put(&mut worker, "on_info", ops);
        }
        if self.dice.percent(30) {
            put(&mut worker, "on_timeout", json!([{ "log": "timed out" }]));
        }
        let how = self.dice.pick(&["start_link", "start_link", "start", "start_monitor"]);
        self.servers.push(id.clone());
        self.steps.push(json!({ "do": "start", "as": id, "how": how, "worker": worker }));
    }

    fn init(&mut self) -> Value {
        match self.dice.below(6) {
            0 => json!("ignore"),
            1 => json!({ "stop": { "exit": "no" } }),
            2 => json!({ "error": "init" }),
            3 => json!({ "exit": "shutdown" }),
            4 => json!({ "sleep": 5 }),
            _ => {
                let after = after(&mut self.dice);
                json!({ "ops": [{ "cast_self": [{ "log": "queued" }] }, after] })
            }
        }
    }

    /// Suspended, a server lets its messages wait; it is resumed at once, since nobody else would do it. It is a new
    /// one, since the BEAM's runner cannot suspend one that has ended.
    fn suspend(&mut self) {
        self.count += 1;
        let id = format!("g{}", self.count);
        self.steps.push(json!({ "do": "start", "as": id, "how": "start", "worker": { "value": 1 } }));
        self.steps.push(json!({ "do": "suspend", "to": id }));
        self.steps.push(json!({ "do": "cast", "to": id, "op": [{ "log": "waited" }] }));
        if self.dice.percent(50) {
            self.steps.push(json!({ "do": "replace_state", "to": id, "value": { "new": self.count } }));
        }
        self.steps.push(json!({ "do": "call", "to": id, "op": [{ "log": "late" }], "timeout": 100 }));
        self.steps.push(json!({ "do": "resume", "to": id }));
        self.steps.push(json!({ "do": "call", "to": id, "op": [{ "get": true }] }));
        self.servers.push(id);
    }

    fn request(&mut self, to: String) {
        self.count += 1;
        let (label, key) = (format!("r{}", self.count), format!("k{}", self.count));
        let kept = self.dice.percent(60);
        let op = if kept { json!([{ "defer": key }]) } else { ops(&mut self.dice, true) };
        self.steps.push(json!({ "do": "send_request", "from": "requester", "to": to, "op": op, "as": label }));
        self.requests.push(Waiting { label, key: kept.then_some(key), server: to });
    }

    fn response(&mut self) {
        if self.requests.is_empty() {
            return;
        }
        let Waiting { label, key, server } = self.requests.remove(self.dice.below(self.requests.len()));
        let step = |verb: &str| json!({ "do": verb, "from": "requester", "req": label, "timeout": 100 });
        if self.dice.percent(30) {
            self.steps.push(step("wait_response"));
        }
        if let Some(key) = key {
            // If the server has ended, the cast vanishes.
            let op = json!([{ "reply_to": { "key": key, "value": "at last" } }]);
            self.steps.push(json!({ "do": "cast", "to": server, "op": op }));
        }
        let verb = self.dice.pick(&["wait_response", "receive_response"]);
        self.steps.push(step(verb));
    }

    fn timer(&mut self, client: &str) {
        self.count += 1;
        let label = format!("t{}", self.count);
        let verb = self.dice.pick(&["send_after", "start_timer"]);
        let to = if self.dice.percent(40) { self.dice.pick(&self.servers) } else { client.to_owned() };
        let long = self.dice.percent(50);
        let delay = if long { 60_000 } else { 60 };
        self.steps.push(
            json!({ "do": verb, "from": client, "ms": delay, "to": to, "msg": "ring", "as": label, "settle": long }),
        );
        if !long {
            self.steps.push(json!({ "do": "sleep", "ms": 400 }));
        }
        for _ in 0..self.dice.between(1, 2) {
            let verb = self.dice.pick(&["read_timer", "cancel_timer"]);
            self.steps.push(json!({ "do": verb, "from": client, "ref": label }));
        }
    }

    fn alias(&mut self, client: &str) {
        self.count += 1;
        let label = format!("a{}", self.count);
        let mode = self.dice.pick(&["explicit", "reply"]);
        let other = self.dice.pick(&self.clients);
        self.steps.push(json!({ "do": "alias", "from": client, "as": label, "mode": mode }));
        for n in 0..self.dice.between(1, 3) {
            if self.dice.percent(30) {
                self.steps.push(json!({ "do": "unalias", "from": client, "ref": label }));
            }
            self.steps.push(json!({ "do": "send_alias", "from": other, "ref": label, "msg": n }));
        }
    }

    /// A server that calls another one, and may fail with it.
    fn chain(&mut self) {
        let (first, second) = (self.dice.pick(&self.servers), self.dice.pick(&self.servers));
        let inner = ops(&mut self.dice, true);
        let verb = self.dice.pick(&["call", "try_call"]);
        let op = json!([{ verb: { "to": second, "op": inner, "timeout": 100 } }]);
        self.steps.push(json!({ "do": "call", "to": first, "op": op, "timeout": 400 }));
    }
}
