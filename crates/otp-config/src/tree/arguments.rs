use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser};

use super::variables::{DEEPEST, text};
use super::{Node, Value};
use crate::key::{Key, nearest, option};
use crate::origin::Origin;
use crate::problem::{Problem, quoted};
use crate::secret::ON_THE_COMMAND_LINE;
use crate::shape::Shape;

/// What a command line says.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) help: bool,
    pub(crate) version: bool,
    /// The file of `--config`.
    pub(crate) file: Option<PathBuf>,
    pub(crate) root: Node,
}

/// Reads the arguments that follow the program's name; what is wrong in them goes to `problems`.
///
/// `--config` is an option if the program reads a file.
pub(crate) fn read_arguments(
    arguments: &[OsString],
    shape: &Shape,
    has_file: bool,
    problems: &mut Vec<Problem>,
) -> Arguments {
    let built_in: &[_] = if has_file { &["help", "version", "config"] } else { &["help", "version"] };
    let mut known = Vec::new();
    shape.visit(&mut Vec::new(), &mut |path, shape| {
        known.push((option(path), path.iter().map(|name| name.to_string()).collect::<Vec<_>>(), shape));
    });
    let mut read = Arguments { help: false, version: false, file: None, root: Node::empty(Origin::Defaults) };
    let mut parser = Parser::from_args(arguments);
    // Whether the argument before is an option that nobody knows: what follows may be its value.
    let mut unknown = false;
    loop {
        let after_unknown = std::mem::take(&mut unknown);
        let name = match parser.next() {
            Ok(None) => return read,
            Ok(Some(Arg::Long(name))) => name.to_owned(),
            Ok(Some(Arg::Short('h'))) => {
                read.help = true;
                continue;
            }
            Ok(Some(Arg::Short('V'))) => {
                read.version = true;
                continue;
            }
            Ok(Some(Arg::Short(letter))) => {
                let origin = Origin::Option(format!("-{}", letter.escape_debug()).into());
                problems.push(Problem::unknown(origin, None, None));
                // What follows may be its value, and nobody's business.
                unknown = parser.optional_value().is_none();
                continue;
            }
            Ok(Some(Arg::Value(_))) if after_unknown => continue,
            Ok(Some(Arg::Value(value))) => {
                problems.push(Problem::argument(format!("unexpected argument {}", quoted(&value.to_string_lossy()))));
                continue;
            }
            Err(error) => {
                problems.push(Problem::argument(error));
                continue;
            }
        };
        let origin = Origin::Option(format!("--{}", name.escape_debug()).into());
        let exact = known.iter().find(|(known, ..)| *known == name).map(|(_, path, shape)| (path.clone(), *shape));
        let is_built_in = exact.is_none() && built_in.contains(&name.as_str());
        if is_built_in {
            read.built_in(&name, &mut parser, problems);
            continue;
        }
        let Some((path, shape)) = exact.or_else(|| open(&name, shape)) else {
            // What follows `=` is not an argument of its own.
            unknown = parser.optional_value().is_none();
            let names = known.iter().map(|(name, ..)| name.as_str()).chain(built_in.iter().copied());
            let nearest = nearest(&name, names).map(|name| format!("--{name}"));
            problems.push(Problem::unknown(origin, None, nearest));
            continue;
        };
        let key = path.iter().fold(Key::default(), |key, name| key.field(name));
        let value = match (shape, parser.optional_value()) {
            (_, Some(value)) => Ok(value),
            (Shape::Flag, None) => Ok("true".into()),
            (_, None) => parser.value(),
        };
        let node = match (shape, value) {
            (_, Err(_)) => Err(Problem::invalid(origin, key, "a value is missing")),
            (shape, Ok(_)) if shape.is_secret() => Err(Problem::invalid(origin, key, ON_THE_COMMAND_LINE)),
            (_, Ok(value)) => text(value.to_str(), &origin, &key, shape),
        };
        match node {
            Ok(node) => read.insert(&path, shape, node),
            Err(problem) => problems.push(problem),
        }
    }
}

impl Arguments {
    /// The options that every program has, unless it has a key of that name.
    fn built_in(&mut self, name: &str, parser: &mut Parser, problems: &mut Vec<Problem>) {
        match name {
            "help" => self.help = true,
            "version" => self.version = true,
            "config" => match parser.value() {
                Ok(path) => self.file = Some(path.into()),
                Err(error) => problems.push(Problem::argument(error)),
            },
            _ => {}
        }
    }

    /// An option that is given again adds to a list, and otherwise has its last value.
    fn insert(&mut self, path: &[String], shape: &Shape, mut node: Node) {
        if let (Shape::List(_), Some(Value::List(before))) = (shape, self.root.at(path).map(|before| &mut before.value))
            && let Value::List(items) = &mut node.value
        {
            before.append(items);
            return;
        }
        self.root.insert(path, node);
    }
}

impl Node {
    fn at(&mut self, path: &[String]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, name| match &mut node.value {
            Value::Table(table) => table.get_mut(name),
            _ => None,
        })
    }
}

/// The path to a value in a table that takes any keys.
fn open<'a>(name: &str, root: &'a Shape) -> Option<(Vec<String>, &'a Shape)> {
    let (mut shape, mut path) = (root, Vec::new());
    for part in name.split('.') {
        let field = shape.fields().find(|field| option(&[field]) == part).unwrap_or(part);
        if field.is_empty() || path.len() == DEEPEST {
            return None;
        }
        shape = shape.field(field)?;
        path.push(field.to_owned());
    }
    Some((path, shape))
}
