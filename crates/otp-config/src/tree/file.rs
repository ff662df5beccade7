use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::{Node, Value};
use crate::key::Key;
use crate::origin::Origin;
use crate::problem::Problem;

/// Reads the text of a file; what is wrong in it goes to `problems`.
pub(crate) fn of_file(path: &Arc<Path>, bytes: &[u8], problems: &mut Vec<Problem>) -> Node {
    let text = String::from_utf8_lossy(bytes);
    let lines = Lines::of(path, &text);
    if let Err(error) = std::str::from_utf8(bytes) {
        let origin = lines.at(error.valid_up_to());
        problems.push(Problem::Syntax { origin, reason: "the file is not UTF-8".to_owned() });
        return Node::empty(lines.at(0));
    }
    let (table, errors) = DeTable::parse_recoverable(&text);
    // The text of such an error shows lines of the file, which may have a secret; its message does not.
    let syntax = |error: &Error| Problem::Syntax {
        origin: lines.at(error.span().map_or(0, |span| span.start)),
        reason: error.message().to_owned(),
    };
    problems.extend(errors.iter().map(syntax));
    let mut reader = Reader { place: &|span: Range<usize>| lines.at(span.start), problems };
    Node::new(lines.at(0), reader.table(table.into_inner(), &Key::default()))
}

/// Reads a value that is written as TOML in a variable or an option.
pub(crate) fn of_text(origin: &Origin, key: &Key, text: &str) -> Result<Node, Problem> {
    let refuse = |reason: &str| Problem::invalid(origin.clone(), key.clone(), reason);
    let value = DeValue::parse(text).map_err(|error| refuse(error.message()))?;
    let mut problems = Vec::new();
    let mut reader = Reader { place: &|_| origin.clone(), problems: &mut problems };
    let node = reader.node(origin.clone(), value, key);
    problems.pop().map_or(Ok(node), Err)
}

struct Reader<'a> {
    place: &'a dyn Fn(Range<usize>) -> Origin,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn node(&mut self, at: Origin, value: Spanned<DeValue<'_>>, key: &Key) -> Node {
        let origin = (self.place)(value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Boolean(flag) => Value::Flag(flag),
            DeValue::Datetime(time) => Value::Time(time),
            DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => self.refused(&origin, key, "the number is too large"),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => Value::Float(number),
                Err(_) => self.refused(&origin, key, "not a number"),
            },
            DeValue::Array(items) => {
                let items = items.into_iter().enumerate();
                Value::List(
                    items.map(|(index, item)| self.node((self.place)(item.span()), item, &key.index(index))).collect(),
                )
            }
            DeValue::Table(table) => self.table(table, key),
        };
        Node { key: at, origin, value }
    }

    fn table(&mut self, table: DeTable<'_>, key: &Key) -> Value {
        let entry = |(name, value): (Spanned<_>, _)| {
            let at = (self.place)(name.span());
            let name = String::from(name.into_inner());
            let node = self.node(at, value, &key.field(&name));
            (name, node)
        };
        Value::Table(table.into_iter().map(entry).collect())
    }

    fn refused(&mut self, origin: &Origin, key: &Key, reason: &str) -> Value {
        self.problems.push(Problem::invalid(origin.clone(), key.clone(), reason));
        Value::Integer(0)
    }
}

/// Finds lines and columns.
struct Lines<'a> {
    path: &'a Arc<Path>,
    text: &'a str,
    /// Where each line begins.
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(path: &'a Arc<Path>, text: &'a str) -> Lines<'a> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(place, _)| place + 1);
        Lines { path, text, begins: std::iter::once(0).chain(ends).collect() }
    }

    fn at(&self, offset: usize) -> Origin {
        let line = self.begins.partition_point(|begin| *begin <= offset).max(1);
        let before = self.text.get(self.begins[line - 1]..offset.min(self.text.len())).unwrap_or_default();
        Origin::File { path: self.path.clone(), line, column: before.chars().count() + 1 }
    }
}
