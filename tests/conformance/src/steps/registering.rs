use otp::registry::{Keys, MetaError, RegisterError, Registry};
use otp::{Pid, Process};
use serde_json::{Value, json};

use super::unfit;
use crate::actors::{Desk, Mail, deliver};
use crate::language::{Label, Pattern, Payload, Registering};
use crate::trace::{Shape, key as shown};
use crate::world::{Book, Line};

pub(super) fn perform(id: &str, registering: &Registering, desk: &mut Desk) -> Shape {
    let Some(book) = desk.world.registry(id) else { return unfit("there is no such registry") };
    match registering {
        Registering::Register { key, value } => register(&book, key.to_string(), value.clone(), desk),
        Registering::Unregister(key) => {
            match &book {
                Book::Unique(unique) => unique.raws.unregister(&desk.ctx, &key.to_string()),
                Book::Duplicate(raws) => raws.unregister(&desk.ctx, &key.to_string()),
            };
            Shape::done()
        }
        Registering::UnregisterMatch(key, pattern) => {
            match &book {
                Book::Unique(unique) => unregister_match(&unique.raws, &desk.ctx, key, pattern),
                Book::Duplicate(raws) => unregister_match(raws, &desk.ctx, key, pattern),
            }
            Shape::done()
        }
        Registering::Update { key, value } => match &book {
            Book::Unique(unique) => match unique.raws.update_value(&desk.ctx, &key.to_string(), |_| value.clone()) {
                Ok((new, old)) => Shape::ok(json!([new.value(), old.value()])),
                Err(_) => Shape::error(Shape::word("not_registered")),
            },
            Book::Duplicate(_) => unfit("the values of duplicate keys are not updated"),
        },
        Registering::Lookup(key) => list(book.under(&key.to_string())),
        Registering::Keys(of) => {
            let keys = pid(of, desk).map(|pid| book.keys(pid)).unwrap_or_default();
            let mut keys: Vec<Value> = keys.iter().map(|key| shown(key)).collect();
            keys.sort_by_cached_key(as_erlang_sorts);
            Shape::Json(Value::Array(keys))
        }
        Registering::Values { key, of } => {
            let lines = pid(of, desk).map(|pid| book.values(&key.to_string(), pid)).unwrap_or_default();
            Shape::Json(lines.into_iter().map(|line| line.value).collect())
        }
        Registering::Count => Shape::Json(json!(book.count())),
        Registering::Match(key, pattern) => list(book.matches(&key.to_string(), |value| pattern.accepts(value))),
        Registering::CountMatch(key, pattern) => {
            Shape::Json(json!(book.matches(&key.to_string(), |value| pattern.accepts(value)).len()))
        }
        Registering::Select { key, pattern } => {
            let key = key.as_ref().map(Value::to_string);
            let wanted = |line: &Line| key.as_ref().is_none_or(|key| line.key == *key) && pattern.accepts(&line.value);
            let lines = book.all().into_iter().filter(wanted);
            Shape::Sorted(
                lines
                    .map(|line| {
                        let mut parts = vec![("key", Shape::Json(shown(&line.key)))];
                        parts.extend(parts_of(line));
                        Shape::Object(parts)
                    })
                    .collect(),
            )
        }
        Registering::Dispatch { key, message } => {
            for line in book.under(&key.to_string()) {
                let holder = desk.world.recorder().actor_of(line.pid);
                holder.into_iter().for_each(|holder| deliver(holder, &Payload::User(message.clone())));
            }
            Shape::done()
        }
        Registering::PutMeta { key, value } => {
            let stored = match &book {
                Book::Unique(unique) => unique.raws.put_meta(key.clone(), value.clone()),
                Book::Duplicate(raws) => raws.put_meta(key.clone(), value.clone()),
            };
            if stored.is_ok() { Shape::done() } else { unfit("the registry is not running") }
        }
        Registering::Meta(key) => {
            let value = match &book {
                Book::Unique(unique) => unique.raws.meta::<Value>(key),
                Book::Duplicate(raws) => raws.meta::<Value>(key),
            };
            match value {
                Ok(value) => Shape::ok(Value::clone(&value)),
                Err(MetaError::NotFound { .. }) => Shape::error(Shape::word("not_found")),
                Err(_) => unfit("another type is stored"),
            }
        }
    }
}

fn register(book: &Book, key: String, value: Value, desk: &Desk) -> Shape {
    let registered = match book {
        Book::Unique(unique) => match unique.holder(&key) {
            Some(holder) => return taken(holder),
            None => unique.raws.register(&desk.ctx, key, value),
        },
        Book::Duplicate(raws) => raws.register(&desk.ctx, key, value),
    };
    match registered {
        Ok(()) => Shape::done(),
        Err(RegisterError::Taken { holder, .. }) => taken(holder),
        Err(_) => unfit("the registry is not running"),
    }
}

fn taken(holder: Pid) -> Shape {
    Shape::error(Shape::tagged("already_registered", Shape::Who(holder)))
}

fn unregister_match<T: Keys>(
    registry: &Registry<String, Mail, Value, T>,
    by: &Process,
    key: &Value,
    pattern: &Pattern,
) {
    registry.unregister_matches(by, &key.to_string(), |value| pattern.accepts(value));
}

fn pid(of: &Label, desk: &Desk) -> Option<Pid> {
    desk.world.resolve(of, desk.ctx.pid())?.pid()
}

fn list(lines: Vec<Line>) -> Shape {
    Shape::Sorted(lines.into_iter().map(|line| Shape::Object(parts_of(line).to_vec())).collect())
}

fn parts_of(line: Line) -> [(&'static str, Shape); 2] {
    [("pid", Shape::Who(line.pid)), ("value", Shape::Json(line.value))]
}

/// By kind, as Erlang orders terms, and numbers by their value.
fn as_erlang_sorts(key: &Value) -> (u8, Option<i64>, String) {
    let kind = match key {
        Value::Number(_) => 0,
        Value::Null | Value::Bool(_) => 1,
        Value::Object(_) => 2,
        Value::Array(_) => 3,
        Value::String(_) => 4,
    };
    (kind, key.as_i64(), key.to_string())
}
