use otp::table::TableInfo;
use otp::{Address, Pid};
use serde_json::{Value, json};

use crate::actors::{Desk, Mail};
use crate::language::{HeirSpec, Label, TableRequest, TableSpec, Tabling};
use crate::trace::Shape;
use crate::world::{Actor, Receiver, make_table};

pub(super) fn perform(tabling: &Tabling, desk: &mut Desk) -> Shape {
    match tabling {
        Tabling::New { id, spec } => make(id, spec, desk),
        Tabling::Whereis(name) => {
            let is_it = |info: &TableInfo| info.name.as_ref().is_some_and(|held| held.as_str() == name);
            Shape::Json(json!(otp::table::list(desk.ctx.system()).iter().any(is_it)))
        }
        Tabling::Of { table, request } => ask(table, request, desk),
    }
}

fn make(id: &str, spec: &TableSpec, desk: &Desk) -> Shape {
    let Ok(table) = make_table(&desk.ctx, spec) else { return refused() };
    if let Some(HeirSpec { to, data }) = &spec.heir {
        let Some(heir) = receiver(id, to, desk) else { return refused() };
        if table.set_heir(desk.ctx.pid(), Some((heir, data.clone()))).is_err() {
            return refused();
        }
    }
    desk.world.keep_table(id, table);
    Shape::ok(json!(id))
}

fn ask(id: &str, request: &TableRequest, desk: &Desk) -> Shape {
    let own = desk.ctx.pid();
    let table = desk.world.table(id);
    if let TableRequest::Info = request {
        return table.and_then(|table| table.info()).map_or(Shape::Json(Value::Null), described);
    }
    let Some(table) = table else { return refused() };
    let done = match request {
        TableRequest::GiveAway { to, data } => match receiver(id, to, desk) {
            Some(to) => table.give_away(own, to, data.clone()).map(|()| json!("ok")),
            None => return refused(),
        },
        TableRequest::SetHeir(heir) => {
            let heir = heir.as_ref().map(|HeirSpec { to, data }| Some((receiver(id, to, desk)?, data.clone())));
            match heir {
                Some(None) => return refused(),
                heir => table.set_heir(own, heir.flatten()).map(|()| json!("ok")),
            }
        }
        request => table.perform(own, request),
    };
    match done {
        Ok(Value::Array(list)) => Shape::List(list.into_iter().map(Shape::Json).collect()),
        Ok(value) => Shape::Json(value),
        Err(_) => refused(),
    }
}

/// The message about a table.
pub(super) fn message(table: &str, from: Pid, data: Value) -> Shape {
    let parts = vec![("data", Shape::Json(data)), ("from", Shape::Who(from)), ("table", Shape::word(table))];
    Shape::tagged("ets_transfer", Shape::Object(parts))
}

fn described(info: TableInfo) -> Shape {
    Shape::Object(vec![
        ("access", Shape::word(&info.access.to_string())),
        ("heir", Shape::from(info.heir)),
        ("named", Shape::Json(json!(info.name.is_some()))),
        ("owner", Shape::Who(info.owner)),
        ("size", Shape::Json(json!(info.rows))),
        ("type", Shape::word(&info.kind.to_string().replace(' ', "_"))),
    ])
}

/// A raw process, as somebody who may get the table.
fn receiver(table: &str, label: &Label, desk: &Desk) -> Option<Receiver> {
    match desk.world.resolve(label, desk.ctx.pid())? {
        Actor::Raw(raw) => Some(Receiver { process: Address::<Mail>::from(raw.process), table: table.to_owned() }),
        _ => None,
    }
}

fn refused() -> Shape {
    Shape::fail(Shape::word("refused"))
}
