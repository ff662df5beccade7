use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::action::Action;
use super::label::Label;
use super::node::{Node, Parsed};
use super::step::Step;
use super::task::Tasking;

/// A scenario: the content of one file.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name of the file without its extension.
    pub name: String,
    /// The features that it needs.
    pub requires: Vec<String>,
    /// The rules of `SPEC.md` that it exercises.
    pub rules: Vec<String>,
    /// What is done.
    pub(crate) steps: Vec<Step>,
}

/// What a file holds for this runner.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// A scenario that can be run.
    Scenario(Scenario),
    /// A scenario that needs a feature the library does not have; its steps were not looked at.
    Skipped {
        /// The scenario.
        name: String,
        /// The first feature that is missing.
        tag: String,
    },
}

/// The features of section 11 that this runner has.
const FEATURES: [&str; 27] = [
    "process",
    "genserver",
    "supervisor",
    "dynamic",
    "auto_shutdown",
    "continue",
    "gs_timeout",
    "send_request",
    "sys",
    "timers",
    "selective_receive",
    "alias",
    "unlink",
    "orphan",
    "elixir",
    "task",
    "registry",
    "slow",
    "agent",
    "partition",
    "pg",
    "statem",
    "sys2",
    "ets",
    "event",
    "application",
    "halt",
];

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It cannot be read.
    #[error("{}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not JSON.
    #[error("{}: not JSON: {error}", file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// What is wrong, with line and column.
        error: serde_json::Error,
    },
    /// It is no scenario.
    #[error("{}: {invalid}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        invalid: Invalid,
    },
}

/// What is wrong in a scenario, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Invalid {
    /// Where, such as `step 3 (cast).op[0]`.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

impl Loaded {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the place.
    pub fn from_file(file: &Path) -> Result<Loaded, LoadError> {
        let text = std::fs::read_to_string(file).map_err(|error| LoadError::Read { file: file.to_owned(), error })?;
        let value = serde_json::from_str(&text).map_err(|error| LoadError::Json { file: file.to_owned(), error })?;
        Loaded::from_json(&value).map_err(|invalid| LoadError::Invalid { file: file.to_owned(), invalid })
    }

    /// Checks a scenario.
    ///
    /// # Errors
    ///
    /// [`Invalid`] names the place.
    pub fn from_json(value: &Value) -> Result<Loaded, Invalid> {
        let file = Node::new(value, "the scenario");
        let name = file.key("name")?.text()?;
        let requires: Vec<String> = file.maybe("requires", texts)?.unwrap_or_default();
        if let Some(tag) = requires.iter().find(|tag| !FEATURES.contains(&tag.as_str())) {
            return Ok(Loaded::Skipped { name, tag: tag.clone() });
        }
        let nodes: Vec<Node<'_>> = file.key("steps")?.list()?.iter().zip(1..).map(at_step).collect();
        check_labels(&nodes)?;
        let mut steps = nodes.iter().map(Step::parse).collect::<Parsed<Vec<_>>>()?;
        note_unasked(&mut steps);
        let rules = file.maybe("rules", texts)?.unwrap_or_default();
        Ok(Loaded::Scenario(Scenario { name, requires, rules, steps }))
    }
}

fn texts(node: &Node<'_>) -> Parsed<Vec<String>> {
    node.list()?.iter().map(Node::text).collect()
}

fn at_step<'a>((node, number): (&Node<'a>, usize)) -> Node<'a> {
    let verb = node.value().get("do").and_then(Value::as_str).unwrap_or("?");
    Node::new(node.value(), format!("step {number} ({verb})"))
}

/// Every label that is used has to be defined somewhere: a misspelt one would stand for a process that has ended.
fn check_labels(steps: &[Node<'_>]) -> Parsed<()> {
    let mut defined = BTreeSet::new();
    // What a monitor is called that a start makes without naming it.
    let mut references = BTreeSet::from(["m".to_owned()]);
    for step in steps {
        each_text(step, &["as", "id"], &mut |node| {
            defined.insert(node.text()?);
            Ok(())
        })?;
        partitions(step, &mut defined)?;
        if let Some(app) = step.maybe_key("app")?.map(|app| app.maybe_key("id")).transpose()?.flatten() {
            // Its top supervisor.
            defined.insert(format!("{}_sup", app.text()?));
        }
        each_text(step, &["as", "monitor"], &mut |node| {
            references.insert(node.text()?);
            Ok(())
        })?;
    }
    for step in steps {
        each_text(step, &["to", "of", "sup", "pid", "from"], &mut |node| {
            let label = Label::parse(&node)?;
            match label.id() {
                Some(id) if !defined.contains(id) => Err(node.invalid(format!("\"{id}\" is never defined"))),
                _ => Ok(()),
            }
        })?;
        each_text(step, &["ref", "req"], &mut |node| match node.str()? {
            name if !references.contains(name) => Err(node.invalid(format!("\"{name}\" is never defined"))),
            _ => Ok(()),
        })?;
    }
    Ok(())
}

/// Marks the tasks whose values no step asks for: what these leave in the mailbox of their owner is looked at, if anything.
fn note_unasked(steps: &mut [Step]) {
    let asked: BTreeSet<String> = steps.iter().flat_map(|step| step.action.asks_for()).cloned().collect();
    for step in steps {
        if let Action::Task(Tasking::Async { id, asked: is_asked, .. }) = &mut step.action {
            *is_asked = asked.contains(id);
        }
    }
}

/// The actors of partitions, whose ids are made up.
fn partitions(step: &Node<'_>, defined: &mut BTreeSet<String>) -> Parsed<()> {
    let (Some(count), Some(child)) = (step.optional("partitions")?, step.optional("child")?) else { return Ok(()) };
    let id = child.key("id")?.text()?;
    defined.extend((0..count.natural()?).map(|number| format!("{id}{number}")));
    Ok(())
}

/// Shows `look` every string under one of `keys`, at any depth.
fn each_text<'a>(node: &Node<'a>, keys: &[&str], look: &mut impl FnMut(Node<'a>) -> Parsed<()>) -> Parsed<()> {
    match node.value() {
        Value::Object(object) => {
            for (key, value) in object {
                let child = node.key(key)?;
                if value.is_string() && keys.contains(&key.as_str()) {
                    look(child)?;
                } else {
                    each_text(&child, keys, look)?;
                }
            }
            Ok(())
        }
        Value::Array(_) => node.list()?.iter().try_for_each(|child| each_text(child, keys, look)),
        _ => Ok(()),
    }
}
