//! Tables of four processes, of all kinds and with any rights: rows come and go, owners end, heirs inherit, tables are given
//! away. Who has which table is kept here, too, as far as a step makes sense only for an owner.

use serde_json::{Value, json};

use super::dice::{Dice, put};

struct Tables {
    dice: Dice,
    steps: Vec<Value>,
    /// Those that are alive.
    processes: Vec<String>,
    tables: Vec<Table>,
    count: usize,
}

/// A table that has not ended, as far as is known here.
struct Table {
    label: String,
    kind: &'static str,
    access: &'static str,
    name: Option<String>,
    owner: String,
    heir: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    New,
    Insert,
    InsertNew,
    Lookup,
    Member,
    Take,
    DeleteKey,
    DeleteObject,
    DeleteAll,
    Delete,
    Counter,
    Element,
    Order,
    All,
    Walk,
    GiveAway,
    SetHeir,
    Name,
    Info,
    End,
    Spawn,
    Flush,
}

const WEIGHTS: [(u32, Kind); 22] = [
    (10, Kind::New),
    (26, Kind::Insert),
    (10, Kind::InsertNew),
    (12, Kind::Lookup),
    (4, Kind::Member),
    (6, Kind::Take),
    (5, Kind::DeleteKey),
    (5, Kind::DeleteObject),
    (1, Kind::DeleteAll),
    (2, Kind::Delete),
    (12, Kind::Counter),
    (5, Kind::Element),
    (10, Kind::Order),
    (8, Kind::All),
    (2, Kind::Walk),
    (7, Kind::GiveAway),
    (5, Kind::SetHeir),
    (5, Kind::Name),
    (6, Kind::Info),
    (6, Kind::End),
    (5, Kind::Spawn),
    (4, Kind::Flush),
];

/// A process that uses tables and owns some, and never ends.
const DRIVER: &str = "driver";

pub(super) fn steps(dice: Dice) -> Vec<Value> {
    let mut all = Tables { dice, steps: Vec::new(), processes: Vec::new(), tables: Vec::new(), count: 0 };
    (0..3).for_each(|_| all.spawn());
    (0..3).for_each(|_| all.new_table());
    for _ in 0..all.dice.between(20, 50) {
        all.one();
    }
    for process in all.everybody() {
        all.flush(&process);
    }
    let labels: Vec<String> = all.tables.iter().map(|table| table.label.clone()).collect();
    for label in labels {
        all.steps.push(json!({ "do": "ets_info", "table": label }));
        all.steps.push(json!({ "do": "ets_all", "table": label }));
    }
    all.steps
}

impl Tables {
    fn one(&mut self) {
        if self.tables.is_empty() {
            return self.new_table();
        }
        let at = self.dice.below(self.tables.len());
        let Table { label, kind, owner, .. } = &self.tables[at];
        let (label, kind, owner) = (label.clone(), *kind, owner.clone());
        match self.dice.weighted(&WEIGHTS) {
            Kind::New => self.new_table(),
            Kind::Insert => {
                let step = json!({ "do": "ets_insert", "table": label });
                self.with_rows(step, at);
            }
            Kind::InsertNew => {
                let step = json!({ "do": "ets_insert_new", "table": label });
                self.with_rows(step, at);
            }
            Kind::Lookup => self.on_key("ets_lookup", at),
            Kind::Member => self.on_key("ets_member", at),
            Kind::Take => self.on_key("ets_take", at),
            Kind::DeleteKey => self.on_key("ets_delete_key", at),
            Kind::DeleteObject => {
                let row = self.row();
                self.by_anyone(json!({ "do": "ets_delete_object", "table": label, "row": row }), at);
            }
            Kind::DeleteAll => self.by_anyone(json!({ "do": "ets_delete_all", "table": label }), at),
            Kind::Delete => {
                let by = self.user(at);
                if by == owner || self.tables[at].access == "public" {
                    self.tables.remove(at);
                }
                self.push(json!({ "do": "ets_delete", "table": label }), &by);
            }
            Kind::Counter => self.counter(at),
            Kind::Element => {
                let (key, value) = (self.key(), self.value());
                let step = json!({ "do": "ets_update_element", "table": label, "key": key, "pos": 2, "value": value });
                self.by_anyone(step, at);
            }
            Kind::Order if kind == "ordered_set" => {
                let verb = self.dice.pick(&["ets_first", "ets_last", "ets_next", "ets_prev"]);
                self.on_key(verb, at);
            }
            Kind::Order | Kind::All => self.by_anyone(json!({ "do": "ets_all", "table": label }), at),
            Kind::Walk => self.push(json!({ "do": "ets_walk_delete", "table": label }), &owner),
            Kind::GiveAway => self.give_away(at),
            Kind::SetHeir => {
                let (by, heir, data) = (self.user(at), self.anyone(), self.value());
                let heir = if self.dice.percent(25) { None } else { Some(heir) };
                let to = heir.as_ref().map_or(json!("none"), |heir| json!({ "to": heir, "data": data }));
                if by == owner {
                    self.tables[at].heir = heir;
                }
                self.push(json!({ "do": "ets_set_heir", "table": label, "heir": to }), &by);
            }
            Kind::Name => self.name(at),
            Kind::Info => {
                let by = self.anyone();
                self.push(json!({ "do": "ets_info", "table": label }), &by);
            }
            Kind::End => self.end(),
            Kind::Spawn => self.spawn(),
            Kind::Flush => {
                let by = self.anyone();
                self.flush(&by);
            }
        }
    }

    fn spawn(&mut self) {
        self.count += 1;
        let id = format!("p{}", self.count);
        self.steps.push(json!({ "do": "spawn", "as": id }));
        self.processes.push(id);
    }

    fn new_table(&mut self) {
        self.count += 1;
        let (label, owner) = (format!("t{}", self.count), self.anyone());
        let kind = self.dice.pick(&["set", "set", "ordered_set", "ordered_set", "bag", "duplicate_bag"]);
        let access = self.dice.pick(&["protected", "protected", "public", "public", "private"]);
        let mut step = json!({ "do": "ets_new", "as": label, "type": kind, "access": access });
        let mut heir = None;
        if self.dice.percent(50) {
            let to = self.anyone();
            put(&mut step, "heir", json!({ "to": to, "data": self.value() }));
            heir = Some(to);
        }
        let mut name = None;
        if self.dice.percent(40) {
            let taken = self.taken_name().filter(|_| self.dice.percent(30));
            let is_taken = taken.is_some();
            let wanted = taken.unwrap_or_else(|| format!("name{}", self.count));
            put(&mut step, "name", wanted.clone());
            if is_taken {
                return self.push(step, &owner);
            }
            name = Some(wanted);
        }
        self.push(step, &owner);
        self.tables.push(Table { label, kind, access, name, owner, heir });
    }

    /// A name that a table has.
    fn taken_name(&mut self) -> Option<String> {
        let names: Vec<String> = self.tables.iter().filter_map(|table| table.name.clone()).collect();
        self.dice.maybe_pick(&names)
    }

    /// Looks a name up, or gives a table that has a name another one. A free name is never one that another table had: a
    /// label stands for a name on the BEAM.
    fn name(&mut self, at: usize) {
        let taken = self.taken_name();
        self.count += 1;
        let free = format!("name{}", self.count);
        let wanted = taken.filter(|_| self.dice.percent(40)).unwrap_or(free);
        let by = self.user(at);
        let table = &self.tables[at];
        if table.name.is_none() || self.dice.percent(40) {
            return self.push(json!({ "do": "ets_whereis", "name": wanted }), &by);
        }
        let (label, may) = (table.label.clone(), by == table.owner || table.access == "public");
        let is_free = self.tables.iter().all(|table| table.name.as_ref() != Some(&wanted));
        self.push(json!({ "do": "ets_rename", "table": label, "name": wanted }), &by);
        if may && is_free {
            self.tables[at].name = Some(wanted);
        }
    }

    fn counter(&mut self, at: usize) {
        let (key, by) = (self.key(), self.dice.between(0, 9) as i64 - 4);
        let mut step = json!({ "do": "ets_update_counter", "table": self.tables[at].label, "key": key, "by": by });
        if self.dice.percent(50) {
            let first = self.dice.below(20);
            put(&mut step, "default", json!([key, first, "d"]));
        }
        if self.dice.percent(40) {
            put(&mut step, "threshold", self.dice.below(12));
            put(&mut step, "reset", self.dice.below(5));
        }
        if self.dice.percent(15) {
            put(&mut step, "pos", self.dice.between(1, 4));
        }
        self.by_anyone(step, at);
    }

    fn give_away(&mut self, at: usize) {
        let (by, to, data) = (self.user(at), self.anyone(), self.value());
        let table = &mut self.tables[at];
        let step = json!({ "do": "ets_give_away", "table": table.label, "to": to, "data": data });
        if by == table.owner {
            table.owner.clone_from(&to);
        }
        self.push(step, &by);
        if self.dice.percent(50) {
            self.flush(&to);
        }
    }

    fn end(&mut self) {
        let Some(process) = self.dice.maybe_pick(&self.processes) else { return self.spawn() };
        self.processes.retain(|other| *other != process);
        let step = match self.dice.below(3) {
            0 => json!({ "do": "exit", "to": process, "reason": "kill" }),
            1 => json!({ "do": "exit_self", "from": process, "reason": "normal" }),
            _ => json!({ "do": "crash_self", "from": process, "error": "x" }),
        };
        self.steps.push(step);
        let alive = self.everybody();
        for table in self.tables.iter_mut().filter(|table| table.owner == process) {
            table.owner = table.heir.clone().filter(|heir| alive.contains(heir)).unwrap_or_default();
        }
        let (gone, kept) = std::mem::take(&mut self.tables).into_iter().partition(|table| table.owner.is_empty());
        self.tables = kept;
        let gone: Vec<Table> = gone;
        if let Some(table) = self.dice.maybe_pick(&gone.into_iter().map(|table| table.label).collect::<Vec<_>>()) {
            self.steps.push(json!({ "do": "ets_all", "table": table }));
            self.steps.push(json!({ "do": "ets_info", "table": table }));
        }
        // A process that has ended stays an heir: it is named by some tables.
        for process in alive {
            self.flush(&process);
        }
    }

    fn on_key(&mut self, verb: &str, at: usize) {
        let mut step = json!({ "do": verb, "table": self.tables[at].label });
        if !matches!(verb, "ets_first" | "ets_last") {
            put(&mut step, "key", self.key());
        }
        if verb == "ets_take" {
            put(&mut step, "sorted", true);
        }
        self.by_anyone(step, at);
    }

    fn with_rows(&mut self, mut step: Value, at: usize) {
        if self.dice.percent(60) {
            put(&mut step, "row", self.row());
        } else {
            // Of several rows with one key, ETS says neither which one a set keeps nor in which order a bag has them.
            let mut rows: Vec<Value> = Vec::new();
            for _ in 0..self.dice.between(1, 4) {
                let row = self.row();
                if rows.iter().all(|other| other[0] != row[0]) {
                    rows.push(row);
                }
            }
            put(&mut step, "rows", rows);
        }
        self.by_anyone(step, at);
    }

    fn row(&mut self) -> Value {
        let (key, value) = (self.key(), self.value());
        if self.dice.percent(25) { json!([key, value, self.dice.below(4)]) } else { json!([key, value]) }
    }

    fn key(&mut self) -> Value {
        self.dice.pick(&[json!(1), json!(2), json!(3), json!(10), json!("a"), json!("b"), json!("c")])
    }

    fn value(&mut self) -> Value {
        self.dice.pick(&[json!(0), json!(1), json!(2), json!(7), json!("x"), json!("y")])
    }

    /// The owner, mostly.
    fn user(&mut self, at: usize) -> String {
        if self.dice.percent(65) { self.tables[at].owner.clone() } else { self.anyone() }
    }

    fn anyone(&mut self) -> String {
        let all = self.everybody();
        self.dice.pick(&all)
    }

    fn everybody(&self) -> Vec<String> {
        [DRIVER.to_owned()].into_iter().chain(self.processes.iter().cloned()).collect()
    }

    fn by_anyone(&mut self, step: Value, at: usize) {
        let by = self.user(at);
        self.push(step, &by);
    }

    fn push(&mut self, mut step: Value, by: &str) {
        if by != DRIVER {
            put(&mut step, "from", by);
        }
        self.steps.push(step);
    }

    /// Several tables of one owner come in any order.
    fn flush(&mut self, process: &str) {
        self.push(json!({ "do": "flush", "sorted": true }), process);
    }
}
