use std::cmp::Ordering;

use otp::table::{BagRows, Bags, Kind, OrderedRows, Right, Rows, SetRows, Step, Table, Writes};
use serde_json::{Value, json};

use crate::language::{Counting, RowSpec, TableRequest};

/// A step was refused: the table has ended, or the process has no right to that, or a value does not fit.
#[derive(Debug)]
pub(crate) struct Refused;

impl<E: std::error::Error> From<E> for Refused {
    fn from(_: E) -> Refused {
        Refused
    }
}

pub(crate) type Done<T> = Result<T, Refused>;

/// A key, in Erlang's order: numbers, then texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Term(pub(crate) Value);

impl Term {
    fn rank(&self) -> u8 {
        match &self.0 {
            Value::Number(_) => 0,
            Value::Bool(_) | Value::Null => 1,
            Value::Object(_) => 2,
            Value::Array(_) => 3,
            Value::String(_) => 4,
        }
    }
}

impl PartialOrd for Term {
    fn partial_cmp(&self, other: &Term) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Term {
    fn cmp(&self, other: &Term) -> Ordering {
        match (&self.0, &other.0) {
            (Value::Number(one), Value::Number(other)) => one.as_i64().cmp(&other.as_i64()),
            (Value::String(one), Value::String(other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()).then_with(|| self.0.to_string().cmp(&other.0.to_string())),
        }
    }
}

/// What a row has beside its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields(Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Number(i64),
    Other(Value),
}

impl From<Value> for Field {
    fn from(value: Value) -> Field {
        value.as_i64().map_or(Field::Other(value), Field::Number)
    }
}

impl From<&RowSpec> for Fields {
    fn from(row: &RowSpec) -> Fields {
        Fields(row.fields.iter().cloned().map(Field::from).collect())
    }
}

fn row((key, Fields(fields)): (Term, Fields)) -> Value {
    let fields = fields.into_iter().map(|field| match field {
        Field::Number(number) => json!(number),
        Field::Other(value) => value,
    });
    Value::Array([key.0].into_iter().chain(fields).collect())
}

fn pair(row: &RowSpec) -> (Term, Fields) {
    (Term(row.key.clone()), row.into())
}

/// What differs between the kinds of tables.
pub(crate) trait Stored: Rows<Key = Term, Value = Fields> {
    fn lookup<R: Right>(table: &Table<Self, R>, key: &Term) -> Done<Vec<Fields>>;
    fn insert<R: Writes>(table: &Table<Self, R>, rows: Vec<(Term, Fields)>) -> Done<()>;
    fn insert_new<R: Writes>(table: &Table<Self, R>, rows: Vec<(Term, Fields)>) -> Done<bool>;
    fn take<R: Writes>(table: &Table<Self, R>, key: &Term) -> Done<Vec<Fields>>;
    fn delete_object<R: Writes>(table: &Table<Self, R>, row: (Term, Fields)) -> Done<()>;

    /// First, last, next and previous keys: of ordered sets.
    fn order<R: Right>(table: &Table<Self, R>, request: &TableRequest) -> Done<Option<Term>> {
        let _ = (table, request);
        Err(Refused)
    }

    /// Of sets.
    fn count<R: Writes>(table: &Table<Self, R>, counting: &Counting) -> Done<i64> {
        let _ = (table, counting);
        Err(Refused)
    }

    /// Of sets.
    fn update<R: Writes>(table: &Table<Self, R>, key: &Value, place: Option<usize>, value: &Value) -> Done<bool> {
        let _ = (table, key, place, value);
        Err(Refused)
    }
}

macro_rules! single {
    ($rows:ty, $order:item) => {
        impl Stored for $rows {
            fn lookup<R: Right>(table: &Table<Self, R>, key: &Term) -> Done<Vec<Fields>> {
                Ok(table.lookup(key)?.into_iter().collect())
            }

            fn insert<R: Writes>(table: &Table<Self, R>, rows: Vec<(Term, Fields)>) -> Done<()> {
                Ok(table.insert_all(rows)?)
            }

            fn insert_new<R: Writes>(table: &Table<Self, R>, rows: Vec<(Term, Fields)>) -> Done<bool> {
                match <[_; 1]>::try_from(rows) {
                    Ok([(key, fields)]) => Ok(table.insert_new(key, fields)?),
                    Err(rows) => Ok(table.insert_new_all(rows)?),
                }
            }

            fn take<R: Writes>(table: &Table<Self, R>, key: &Term) -> Done<Vec<Fields>> {
                Ok(table.take(key)?.into_iter().collect())
            }

            fn delete_object<R: Writes>(table: &Table<Self, R>, (key, fields): (Term, Fields)) -> Done<()> {
                table.delete_object(&key, &fields)?;
                Ok(())
            }

            $order

            fn count<R: Writes>(table: &Table<Self, R>, counting: &Counting) -> Done<i64> {
                let (key, place) = (Term(counting.key.clone()), counting.place.ok_or(Refused)?);
                let first = counting.default.as_ref().map(Fields::from);
                // That a field is no number is a matter of types in the library.
                let counted = table.lookup(&key)?.or_else(|| first.clone()).ok_or(Refused)?;
                if !matches!(counted.0.get(place), Some(Field::Number(_))) {
                    return Err(Refused);
                }
                let step = Step::by(counting.by);
                let step = match counting.threshold {
                    Some((limit, reset)) => step.threshold(limit, reset),
                    None => step,
                };
                let counted = table.update_counter_in(
                    key,
                    first,
                    |fields| match &mut fields.0[place] {
                        Field::Number(number) => number,
                        Field::Other(_) => unreachable!("nobody else writes"),
                    },
                    step,
                );
                Ok(counted?)
            }

            fn update<R: Writes>(
                table: &Table<Self, R>,
                key: &Value,
                place: Option<usize>,
                value: &Value,
            ) -> Done<bool> {
                let (key, place) = (Term(key.clone()), place.ok_or(Refused)?);
                if table.lookup(&key)?.is_some_and(|fields| fields.0.len() <= place) {
                    return Err(Refused);
                }
                Ok(table.update_element(key, |fields| fields.0[place] = value.clone().into())?)
            }
        }
    };
}

single!(
    SetRows<Term, Fields>,
    fn order<R: Right>(_: &Table<Self, R>, _: &TableRequest) -> Done<Option<Term>> {
        // A set has no order, and walks over it are of another kind.
        Err(Refused)
    }
);

single!(
    OrderedRows<Term, Fields>,
    fn order<R: Right>(table: &Table<Self, R>, request: &TableRequest) -> Done<Option<Term>> {
        Ok(match request {
            TableRequest::First => table.first()?,
            TableRequest::Last => table.last()?,
            TableRequest::Next(key) => table.next(&Term(key.clone()))?,
            TableRequest::Prev(key) => table.prev(&Term(key.clone()))?,
            _ => return Err(Refused),
        })
    }
);

impl<B: Bags> Stored for BagRows<Term, Fields, B> {
    fn lookup<R: Right>(table: &Table<Self, R>, key: &Term) -> Done<Vec<Fields>> {
        Ok(table.lookup(key)?)
    }

    fn insert<R: Writes>(table: &Table<Self, R>, rows: Vec<(Term, Fields)>) -> Done<()> {
        Ok(table.insert_all(rows)?)
    }

    fn insert_new<R: Writes>(table: &Table<Self, R>, rows: Vec<(Term, Fields)>) -> Done<bool> {
        Ok(table.insert_new_all(rows)?)
    }

    fn take<R: Writes>(table: &Table<Self, R>, key: &Term) -> Done<Vec<Fields>> {
        Ok(table.take(key)?)
    }

    fn delete_object<R: Writes>(table: &Table<Self, R>, (key, fields): (Term, Fields)) -> Done<()> {
        table.delete_object(key, &fields)?;
        Ok(())
    }
}

/// Does what only reads; `None` if it is something else.
pub(super) fn look<S: Stored, R: Right>(table: &Table<S, R>, request: &TableRequest) -> Option<Done<Value>> {
    let found = |key: &Value| -> Done<Vec<Fields>> { S::lookup(table, &Term(key.clone())) };
    Some(match request {
        TableRequest::Lookup(key) => found(key).map(|rows| under(key, rows)),
        TableRequest::Member(key) => found(key).map(|rows| json!(!rows.is_empty())),
        TableRequest::First | TableRequest::Last | TableRequest::Next(_) | TableRequest::Prev(_) => {
            S::order(table, request).map(|key| key.map_or(Value::Null, |key| json!({ "ok": key.0 })))
        }
        TableRequest::All => all(table),
        // Every walk is safe in the library.
        TableRequest::Fix => table.len().map(|_| json!("ok")).map_err(Refused::from),
        _ => return None,
    })
}

/// Does what changes the rows, or the table.
pub(super) fn change<S: Stored, R: Writes>(table: &Table<S, R>, request: &TableRequest) -> Done<Value> {
    match request {
        TableRequest::Insert(rows) => S::insert(table, rows.iter().map(pair).collect())?,
        TableRequest::InsertNew(rows) => return Ok(json!(S::insert_new(table, rows.iter().map(pair).collect())?)),
        TableRequest::Take(key) => return Ok(under(key, S::take(table, &Term(key.clone()))?)),
        TableRequest::DeleteKey(key) => drop(S::take(table, &Term(key.clone()))?),
        TableRequest::DeleteObject(row) => S::delete_object(table, pair(row))?,
        TableRequest::DeleteAll => table.clear()?,
        TableRequest::Delete => table.delete_table()?,
        TableRequest::UpdateCounter(counting) => return Ok(json!({ "ok": S::count(table, counting)? })),
        TableRequest::UpdateElement { key, place, value } => {
            return Ok(json!(S::update(table, key, *place, value)?));
        }
        TableRequest::Rename(name) => table.rename(name.clone())?,
        TableRequest::WalkDelete => {
            let mut seen = Vec::new();
            for key in table.keys()? {
                let key = key?;
                S::take(table, &key)?;
                seen.push(key);
            }
            if S::KIND != Kind::OrderedSet {
                seen.sort();
            }
            return Ok(Value::Array(seen.into_iter().map(|key| key.0).collect()));
        }
        _ => return Err(Refused),
    }
    Ok(json!("ok"))
}

fn under(key: &Value, rows: Vec<Fields>) -> Value {
    Value::Array(rows.into_iter().map(|fields| row((Term(key.clone()), fields))).collect())
}

fn all<S: Stored, R: Right>(table: &Table<S, R>) -> Done<Value> {
    let mut rows: Vec<Value> = table.to_vec()?.into_iter().map(row).collect();
    if S::KIND != Kind::OrderedSet {
        rows.sort_by_cached_key(Value::to_string);
    }
    Ok(Value::Array(rows))
}
