use std::ffi::OsString;

use super::{Node, Value, of_text};
use crate::key::{Key, nearest, upper, variable};
use crate::origin::Origin;
use crate::problem::Problem;
use crate::shape::Shape;

/// How deep a table that takes any keys may be filled by names.
pub(super) const DEEPEST: usize = 32;

/// Reads the variables whose names begin with the prefix; what is wrong in them goes to `problems`.
pub(crate) fn of_variables(
    variables: &[(OsString, OsString)],
    prefix: &str,
    shape: &Shape,
    problems: &mut Vec<Problem>,
) -> Node {
    let mut known = Vec::new();
    shape.visit(&mut Vec::new(), &mut |path, shape| {
        known.push((variable(prefix, path), path.iter().map(|name| name.to_string()).collect::<Vec<_>>(), shape));
    });
    let begin = format!("{prefix}__");
    let ours = variables.iter().filter_map(|(name, value)| Some((name.to_str()?, value)));
    let mut ours: Vec<_> = ours.filter(|(name, _)| name.starts_with(&begin)).collect();
    // A table before its values, which are more particular.
    ours.sort_by_key(|(name, _)| *name);
    let mut root = Node::empty(Origin::Defaults);
    for (name, value) in ours {
        let origin = Origin::Variable(name.into());
        let exact = known.iter().find(|(known, ..)| known == name).map(|(_, path, shape)| (path.clone(), *shape));
        let found = exact.or_else(|| open(name, &begin, shape));
        let Some((path, shape)) = found else {
            let nearest = nearest(name, known.iter().map(|(name, ..)| name.as_str()));
            problems.push(Problem::unknown(origin, None, nearest));
            continue;
        };
        let key = path.iter().fold(Key::default(), |key, name| key.field(name));
        match text(value.to_str(), &origin, &key, shape) {
            Ok(node) => root.insert(&path, node),
            Err(problem) => problems.push(problem),
        }
    }
    root
}

/// The path to a value in a table that takes any keys: they are written in lower case.
fn open<'a>(name: &str, begin: &str, root: &'a Shape) -> Option<(Vec<String>, &'a Shape)> {
    let (mut shape, mut path) = (root, Vec::new());
    for part in name[begin.len()..].split("__") {
        let field = shape.fields().find(|field| upper(field) == part);
        let field = field.map_or_else(|| part.to_lowercase(), str::to_owned);
        if field.is_empty() || path.len() == DEEPEST {
            return None;
        }
        shape = shape.field(&field)?;
        path.push(field);
    }
    Some((path, shape))
}

/// The value of a text.
pub(super) fn text(text: Option<&str>, origin: &Origin, key: &Key, shape: &Shape) -> Result<Node, Problem> {
    let Some(text) = text else {
        return Err(Problem::invalid(origin.clone(), key.clone(), "the value is not UTF-8"));
    };
    if shape.is_composed() && text.trim_start().starts_with(['[', '{']) {
        return of_text(origin, key, text);
    }
    let untyped = |text: &str| Node::new(origin.clone(), Value::Untyped(text.to_owned()));
    Ok(match shape {
        Shape::List(_) if text.is_empty() => Node::new(origin.clone(), Value::List(Vec::new())),
        Shape::List(_) => {
            let items = text.split(',').map(|item| untyped(item.trim()));
            Node::new(origin.clone(), Value::List(items.collect()))
        }
        _ => untyped(text),
    })
}
