//! Tasks, their owners and a task supervisor.
//!
//! A task whose end reaches another process ends 600 ms after its start, and the step waits for both ends. A mailbox is
//! looked at only while no task that is still to be asked for its value has ended: its value would be there on a BEAM.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Tasks {
    dice: Dice,
    steps: Vec<Value>,
    owners: Vec<Owner>,
    count: usize,
    /// How often the supervisor has restarted something: it gives up after three times.
    restarts: usize,
}

struct Owner {
    id: String,
    traps: bool,
    alive: bool,
    /// Its tasks that are still to be asked.
    tasks: Vec<Task>,
}

#[derive(Clone)]
struct Task {
    id: String,
    /// It sleeps until somebody ends it.
    sleeps: bool,
    traps: bool,
    linked: bool,
    supervised: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Async,
    Orphan,
    Await,
    Yield,
    Shutdown,
    Ignore,
    Many,
    Start,
    StartChild,
    Stream,
    End,
    Flush,
    Children,
}

const WEIGHTS: [(u32, Kind); 13] = [
    (28, Kind::Async),
    (5, Kind::Orphan),
    (10, Kind::Await),
    (10, Kind::Yield),
    (10, Kind::Shutdown),
    (5, Kind::Ignore),
    (6, Kind::Many),
    (5, Kind::Start),
    (5, Kind::StartChild),
    (8, Kind::Stream),
    (6, Kind::End),
    (6, Kind::Flush),
    (4, Kind::Children),
];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Tasks { dice, steps: Vec::new(), owners: Vec::new(), count: 0, restarts: 0 };
    all.add(json!({ "do": "start_task_supervisor", "as": "ts" }));
    for n in 0..all.dice.between(2, 3) {
        let (id, traps) = (format!("p{n}"), all.dice.percent(50));
        all.add(json!({ "do": "spawn", "as": id, "trap_exit": traps }));
        all.owners.push(Owner { id, traps, alive: true, tasks: Vec::new() });
    }
    for _ in 0..all.dice.between(12, 22) {
        let alive: Vec<usize> = (0..all.owners.len()).filter(|place| all.owners[*place].alive).collect();
        let Some(owner) = all.dice.maybe_pick(&alive) else { break };
        all.one(owner);
    }
    all.look_at_everything();
    all.steps
}

impl Tasks {
    fn one(&mut self, owner: usize) {
        let from = self.owners[owner].id.clone();
        match self.dice.weighted(&WEIGHTS) {
            Kind::Async => self.start(owner, true),
            Kind::Orphan => self.start(owner, false),
            Kind::Await => self.ask(owner, "task_await", false),
            Kind::Yield => self.ask(owner, "task_yield", true),
            Kind::Ignore => self.ask(owner, "task_ignore", false),
            Kind::Shutdown => self.shut_down(owner),
            Kind::Many => self.ask_many(owner),
            Kind::Start => {
                let link = self.dice.percent(50);
                let quiet = !link || self.owners[owner].traps;
                let (id, body) = (self.id(), self.body(quiet));
                self.add(json!({ "do": "task_start", "from": from, "as": id, "link": link, "body": body }));
            }
            Kind::StartChild => self.start_child(),
            Kind::Stream => self.stream(owner),
            Kind::End => self.end(owner),
            Kind::Flush => {
                if self.owners[owner].tasks.iter().all(|task| task.sleeps) {
                    self.add(json!({ "do": "flush", "from": from, "sorted": true }));
                }
            }
            Kind::Children => self.children(),
        }
    }

    /// Starts a task with an owner; one that nobody asks leaves its value in the mailbox.
    fn start(&mut self, owner: usize, asked: bool) {
        let (id, from, traps) = (self.id(), self.owners[owner].id.clone(), self.owners[owner].traps);
        let (supervised, linked) = (self.dice.percent(50), self.dice.percent(50));
        // Without a supervisor there is only the linked kind.
        let linked = linked || !supervised;
        let mut step = json!({ "do": "task_async", "from": from, "as": id });
        if supervised {
            put(&mut step, "sup", "ts");
            put(&mut step, "link", linked);
        }
        let sleeps = asked && self.dice.percent(40);
        let crashes_owner = linked && !traps && !sleeps && self.dice.percent(12);
        let traps_exits = sleeps && self.dice.percent(20);
        if sleeps {
            put(&mut step, "body", json!({ "sleep": 60000 }));
            put(&mut step, "trap_exit", traps_exits);
        } else if crashes_owner {
            put(&mut step, "body", json!({ "sleep": 600, "exit": { "exit": "oops" } }));
            put(&mut step, "unordered", true);
            put(&mut step, "until", json!([{ "exit": format!("{id}#1") }, { "exit": format!("{from}#1") }]));
        } else {
            let body = self.body(!linked || traps);
            put(&mut step, "body", body);
        }
        self.add(step);
        if crashes_owner {
            self.owners[owner].alive = false;
        } else if asked {
            self.owners[owner].tasks.push(Task { id, sleeps, traps: traps_exits, linked, supervised });
        }
    }

    /// What a task does that ends at once; a crash only where it reaches nobody.
    fn body(&mut self, may_crash: bool) -> Value {
        let value = json!({ "value": self.dice.below(100) });
        if !may_crash {
            return if self.dice.percent(85) { value } else { json!({ "exit": "normal" }) };
        }
        match self.dice.below(6) {
            0 => json!({ "error": "boom" }),
            1 => json!({ "exit": { "exit": "oops" } }),
            2 => json!({ "exit": "normal" }),
            3 => json!({ "exit": "shutdown" }),
            _ => value,
        }
    }

    fn ask(&mut self, owner: usize, verb: &str, keeps: bool) {
        let Some(place) = self.pick_task(owner) else { return };
        let (from, task) = (self.owners[owner].id.clone(), self.owners[owner].tasks[place].clone());
        self.add(json!({ "do": verb, "from": from, "task": task.id, "timeout": 100 }));
        if !(keeps && task.sleeps) {
            self.owners[owner].tasks.remove(place);
        }
    }

    fn shut_down(&mut self, owner: usize) {
        let Some(place) = self.pick_task(owner) else { return };
        let (from, task) = (self.owners[owner].id.clone(), self.owners[owner].tasks.remove(place));
        let how = if self.dice.percent(40) { json!("brutal_kill") } else { json!(300) };
        self.add(json!({ "do": "task_shutdown", "from": from, "task": task.id, "how": how }));
    }

    fn ask_many(&mut self, owner: usize) {
        let tasks = std::mem::take(&mut self.owners[owner].tasks);
        let from = self.owners[owner].id.clone();
        let all_end = tasks.iter().all(|task| !task.sleeps);
        // Which of two failures comes first is not determined.
        let verb =
            if tasks.len() == 1 && all_end && self.dice.percent(50) { "task_await_many" } else { "task_yield_many" };
        let names: Vec<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
        self.add(json!({ "do": verb, "from": from, "tasks": names, "timeout": 150 }));
        self.owners[owner].tasks = tasks.into_iter().filter(|task| task.sleeps).collect();
    }

    fn start_child(&mut self) {
        let id = self.id();
        let mut step = json!({ "do": "task_start_child", "sup": "ts", "as": id });
        if self.restarts < 2 && self.dice.percent(40) {
            self.restarts += 1;
            put(&mut step, "restart", "transient");
            put(&mut step, "body", json!({ "attempts": [{ "error": "boom" }, { "value": 1 }] }));
            put(&mut step, "until", json!([{ "exit": format!("{id}#2") }]));
        } else {
            let body = self.body(true);
            put(&mut step, "body", body);
        }
        self.add(step);
    }

    fn stream(&mut self, owner: usize) {
        let (from, traps) = (self.owners[owner].id.clone(), self.owners[owner].traps);
        let supervised = self.dice.percent(50);
        let linked = !supervised || self.dice.percent(50);
        let mut items = Vec::new();
        for _ in 0..self.dice.below(6) {
            let late = self.dice.percent(15);
            items.push(if late { json!({ "sleep": 60000 }) } else { self.body(!linked || traps) });
        }
        let ordered = self.dice.percent(70);
        let mut step = json!({
            "do": "task_stream", "from": from, "items": items, "ordered": ordered, "sorted": !ordered,
            "max_concurrency": self.dice.between(1, 3), "timeout": 500, "on_timeout": "kill_task",
        });
        if supervised {
            put(&mut step, "sup", "ts");
            put(&mut step, "link", linked);
        }
        self.add(step);
    }

    /// Ends a task that sleeps, or an owner with its tasks.
    fn end(&mut self, owner: usize) {
        let from = self.owners[owner].id.clone();
        let sleeping = self.owners[owner].tasks.iter().find(|task| task.sleeps && !task.traps).cloned();
        match sleeping {
            Some(task) if self.dice.percent(60) => {
                let dies = task.linked && !self.owners[owner].traps;
                if task.supervised && self.dice.percent(40) {
                    self.add(json!({ "do": "terminate_child", "sup": "ts", "pid": task.id, "unordered": true }));
                } else {
                    self.add(json!({ "do": "exit", "to": task.id, "reason": { "exit": "oops" }, "unordered": true }));
                }
                self.owners[owner].alive = !dies;
                self.owners[owner]
                    .tasks
                    .iter_mut()
                    .filter(|other| other.id == task.id)
                    .for_each(|one| one.sleeps = false);
            }
            _ if self.owners.iter().filter(|owner| owner.alive).count() > 1 => {
                let reason = if self.dice.percent(50) { json!({ "exit": "oops" }) } else { json!("kill") };
                self.add(json!({ "do": "exit", "to": from, "reason": reason, "unordered": true }));
                // One that traps exits gets a message instead.
                self.owners[owner].alive = self.owners[owner].traps && reason != json!("kill");
            }
            _ => {}
        }
    }

    fn children(&mut self) {
        let verb = if self.dice.percent(50) { "which_children" } else { "count_children" };
        self.add(json!({ "do": verb, "sup": "ts" }));
    }

    fn look_at_everything(&mut self) {
        self.add(json!({ "do": "which_children", "sup": "ts" }));
        for owner in 0..self.owners.len() {
            let from = self.owners[owner].id.clone();
            self.add(json!({ "do": "alive", "of": from }));
            if self.owners[owner].alive {
                while !self.owners[owner].tasks.is_empty() {
                    self.ask(owner, "task_await", false);
                }
                self.add(json!({ "do": "flush", "from": from, "sorted": true }));
            }
        }
        self.add(json!({ "do": "exit", "to": "ts", "reason": "shutdown", "unordered": true }));
    }

    fn pick_task(&mut self, owner: usize) -> Option<usize> {
        let places: Vec<usize> = (0..self.owners[owner].tasks.len()).collect();
        self.dice.maybe_pick(&places)
    }

    fn id(&mut self) -> String {
        self.count += 1;
        format!("t{}", self.count)
    }

    fn add(&mut self, step: Value) {
        self.steps.push(step);
    }
}
