//! Applications that depend on each other: loaded, started and stopped in any order, with starts that fail and trees that
//! end by themselves. Nothing halts: what is not temporary neither fails nor ends by itself.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Applications {
    dice: Dice,
    steps: Vec<Value>,
    apps: Vec<App>,
    strays: usize,
}

struct App {
    id: &'static str,
    /// Its start does not fail, nobody disturbs it, and the same is true of what it depends on.
    calm: bool,
    loaded: bool,
    library: bool,
    dependencies: Vec<&'static str>,
}

#[derive(Clone, Copy)]
enum Kind {
    Load,
    Unload,
    Start,
    EnsureStarted,
    EnsureAllStarted,
    Stop,
    Running,
    Loaded,
    Env,
    Of,
    Disturb,
    Stray,
}

const WEIGHTS: [(u32, Kind); 12] = [
    (8, Kind::Load),
    (4, Kind::Unload),
    (16, Kind::Start),
    (8, Kind::EnsureStarted),
    (14, Kind::EnsureAllStarted),
    (14, Kind::Stop),
    (8, Kind::Running),
    (3, Kind::Loaded),
    (12, Kind::Env),
    (4, Kind::Of),
    (7, Kind::Disturb),
    (2, Kind::Stray),
];

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Applications { dice, steps: Vec::new(), apps: Vec::new(), strays: 0 };
    let count = all.dice.between(3, IDS.len());
    for id in IDS.into_iter().take(count) {
        let calm = all.dice.percent(45);
        let mut dependencies = Vec::new();
        for below in 0..all.apps.len() {
            if (!calm || all.apps[below].calm) && all.dice.percent(40) {
                dependencies.push(all.apps[below].id);
            }
        }
        let library = all.dice.percent(12);
        all.apps.push(App { id, calm, loaded: false, library, dependencies });
    }
    for at in 0..count {
        // One that is not loaded is unknown to all.
        if all.dice.percent(90) {
            all.load(at);
        }
    }
    for _ in 0..all.dice.between(12, 28) {
        all.one();
    }
    for verb in ["app_running", "app_loaded"] {
        all.steps.push(json!({ "do": verb }));
    }
    // The BEAM's runner kills what is left, and with a permanent one its node would end.
    for app in &all.apps {
        all.steps.push(json!({ "do": "app_stop", "app": app.id }));
    }
    all.steps
}

impl Applications {
    fn one(&mut self) {
        let at = self.dice.below(self.apps.len());
        let id = self.apps[at].id;
        match self.dice.weighted(&WEIGHTS) {
            Kind::Load => self.load(at),
            Kind::Unload => {
                // One that has ended by itself stays among the started ones of OTP even when it is unloaded.
                self.steps.push(json!({ "do": "app_stop", "app": id }));
                self.steps.push(json!({ "do": "app_unload", "app": id }));
                self.apps[at].loaded = false;
            }
            Kind::Start => self.start("app_start", at),
            Kind::EnsureStarted => self.start("app_ensure_started", at),
            Kind::EnsureAllStarted => self.start("app_ensure_all_started", at),
            Kind::Stop => self.steps.push(json!({ "do": "app_stop", "app": id })),
            Kind::Running => self.steps.push(json!({ "do": "app_running" })),
            Kind::Loaded => self.steps.push(json!({ "do": "app_loaded" })),
            Kind::Env => self.env(at),
            Kind::Of => {
                let of = format!("{id}_{}", self.dice.pick(&["sup", "w"]));
                if self.apps[at].loaded && !self.apps[at].library {
                    self.steps.push(json!({ "do": "app_of", "of": of }));
                }
            }
            Kind::Disturb => self.disturb(at),
            Kind::Stray => self.stray(),
        }
    }

    fn load(&mut self, at: usize) {
        let App { id, calm, library, loaded, .. } = self.apps[at];
        if loaded {
            // What OTP says to that contains the whole description, and the language has no word for it.
            return;
        }
        let mut app = json!({ "id": id });
        if !self.apps[at].dependencies.is_empty() {
            put(&mut app, "deps", json!(self.apps[at].dependencies));
        }
        if self.dice.percent(50) {
            let (one, two) = (self.dice.below(9), self.dice.pick(&[json!("x"), json!([1]), json!({ "y": 2 })]));
            let env = self.dice.pick(&[json!({ "k": one }), json!({ "k": one, "l": two }), json!({ "m": two })]);
            put(&mut app, "env", env);
        }
        if library {
            put(&mut app, "library", true);
        } else {
            self.callbacks(&mut app, id, calm);
        }
        self.steps.push(json!({ "do": "app_load", "app": app }));
        self.apps[at].loaded = true;
    }

    fn callbacks(&mut self, app: &mut Value, id: &str, calm: bool) {
        // The end of a worker is the end of the tree. Of one that traps exits, a kill of the tree leaves open how it ends.
        let worker = json!({ "id": format!("{id}_w"), "start": { "worker": { "trap_exit": calm } } });
        let mut children = vec![worker];
        if self.dice.percent(30) {
            let restart = self.dice.pick(&["transient", "temporary"]);
            children.push(json!({ "id": format!("{id}_v"), "restart": restart, "start": { "worker": {} } }));
        }
        let tree = json!({ "supervisor": { "flags": { "intensity": 0 }, "children": children } });
        let bad =
            json!({ "id": format!("{id}_bad"), "start": { "worker": { "init": { "stop": { "exit": "oops" } } } } });
        let fails = [
            json!({ "fail": "no" }),
            json!({ "error": "boom" }),
            json!({ "exit": { "exit": "oops" } }),
            json!({ "supervisor": { "init": "ignore", "children": [] } }),
            json!({ "supervisor": { "flags": {}, "children": [bad] } }),
        ];
        let start = match self.dice.below(10) {
            0..=2 if !calm => json!([self.dice.pick(&fails), tree]),
            3 if !calm => json!([tree, self.dice.pick(&fails), tree]),
            _ => tree,
        };
        put(app, "start", start);
        if self.dice.percent(40) {
            put(app, "state", self.dice.pick(&[json!("s0"), json!(3), json!([1, 2])]));
        }
        if self.dice.percent(30) {
            put(app, "prep_stop", self.dice.pick(&[json!("s1"), json!({ "error": "late" })]));
        }
        if self.dice.percent(15) {
            put(app, "stop", json!({ "error": "later" }));
        }
        if self.dice.percent(30) {
            let all = [json!(["init", 1]), json!(["go", { "x": 2 }]), json!(["end", []])];
            let phases: Vec<Value> = all.into_iter().filter(|_| self.dice.percent(60)).collect();
            put(app, "phases", json!(phases));
        }
    }

    fn start(&mut self, verb: &str, at: usize) {
        let App { id, calm, .. } = self.apps[at];
        let mut step = json!({ "do": verb, "app": id });
        if calm && self.dice.percent(40) {
            put(&mut step, "type", self.dice.pick(&["transient", "permanent"]));
        }
        self.steps.push(step);
    }

    fn env(&mut self, at: usize) {
        let App { id, loaded, .. } = self.apps[at];
        let (key, value) = (self.dice.pick(&["k", "l", "m"]), self.dice.below(100));
        let step = match self.dice.below(6) {
            0 => json!({ "do": "app_get_env", "app": id, "key": key, "default": value }),
            1 => json!({ "do": "app_all_env", "app": id }),
            // What is set of one that is not loaded outlives the scenario in the BEAM.
            2 | 3 if loaded => json!({ "do": "app_set_env", "app": id, "key": key, "value": value }),
            4 if loaded => json!({ "do": "app_unset_env", "app": id, "key": key }),
            _ => json!({ "do": "app_get_env", "app": id, "key": key }),
        };
        self.steps.push(step);
    }

    /// Ends the tree of an application, if it runs.
    fn disturb(&mut self, at: usize) {
        let App { id, calm, loaded, library, .. } = self.apps[at];
        if calm || library || !loaded {
            return;
        }
        self.steps.push(match self.dice.below(2) {
            0 => json!({ "do": "cast", "to": format!("{id}_w"), "op": [{ "error": "boom" }], "unordered": true }),
            _ => json!({ "do": "exit", "to": format!("{id}_sup"), "reason": "kill", "unordered": true }),
        });
    }

    /// A process that one of an application starts outside its tree ends with the application.
    fn stray(&mut self) {
        self.strays += 1;
        let (app, parent, stray) =
            (format!("z{}", self.strays), format!("p{}", self.strays), format!("q{}", self.strays));
        let children = json!([{ "id": parent, "start": { "proc": {} } }]);
        let start = json!({ "supervisor": { "flags": {}, "children": children } });
        self.steps.push(json!({ "do": "app_load", "app": { "id": app, "start": start } }));
        self.steps.push(json!({ "do": "app_start", "app": app }));
        self.steps.push(json!({ "do": "spawn", "as": stray, "from": parent }));
        self.steps.push(json!({ "do": "app_of", "of": stray }));
        self.steps.push(json!({ "do": "app_stop", "app": app }));
        self.steps.push(json!({ "do": "alive", "of": stray }));
    }
}
