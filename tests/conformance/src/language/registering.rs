use serde_json::Value;

use super::label::Label;
use super::node::{Node, Parsed};

/// What a step does with a registry.
#[derive(Clone, Debug)]
pub(crate) enum Registering {
    Register { key: Value, value: Value },
    Unregister(Value),
    UnregisterMatch(Value, Pattern),
    Update { key: Value, value: Value },
    Lookup(Value),
    Keys(Label),
    Values { key: Value, of: Label },
    Count,
    Match(Value, Pattern),
    CountMatch(Value, Pattern),
    Select { key: Option<Value>, pattern: Pattern },
    Dispatch { key: Value, message: Value },
    PutMeta { key: String, value: Value },
    Meta(String),
}

/// Which values are meant.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Value);

impl Pattern {
    fn parse(node: &Node<'_>) -> Parsed<Pattern> {
        Ok(Pattern(node.free()?))
    }

    /// `"_"` is anything; an object has at least these keys.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        accepts(&self.0, value)
    }
}

fn accepts(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::String(any), _) if any == "_" => true,
        (Value::Object(keys), Value::Object(value)) => {
            keys.iter().all(|(key, pattern)| value.get(key).is_some_and(|value| accepts(pattern, value)))
        }
        (Value::Array(patterns), Value::Array(values)) => {
            patterns.len() == values.len()
                && patterns.iter().zip(values).all(|(pattern, value)| accepts(pattern, value))
        }
        _ => pattern == value,
    }
}

pub(super) fn registering(verb: &str, node: &Node<'_>) -> Parsed<Option<Registering>> {
    let key = || node.key("key")?.free();
    let word = || node.key("key")?.text();
    let value = || node.key("value")?.free();
    let pattern = || Pattern::parse(&node.key("pattern")?);
    let of = || Ok(node.maybe("of", Label::parse)?.unwrap_or(Label::Own));
    Ok(Some(match verb {
        "registry_register" => {
            Registering::Register { key: key()?, value: node.maybe("value", Node::free)?.unwrap_or_default() }
        }
        "registry_unregister" => Registering::Unregister(key()?),
        "registry_unregister_match" => Registering::UnregisterMatch(key()?, pattern()?),
        "registry_update" => Registering::Update { key: key()?, value: value()? },
        "registry_lookup" => Registering::Lookup(key()?),
        "registry_keys" => Registering::Keys(of()?),
        "registry_values" => Registering::Values { key: key()?, of: of()? },
        "registry_count" => Registering::Count,
        "registry_match" => Registering::Match(key()?, pattern()?),
        "registry_count_match" => Registering::CountMatch(key()?, pattern()?),
        "registry_select" => Registering::Select {
            key: node.maybe("key", Node::free)?,
            pattern: node.maybe("pattern", Pattern::parse)?.unwrap_or(Pattern("_".into())),
        },
        "registry_dispatch" => Registering::Dispatch { key: key()?, message: node.key("msg")?.free()? },
        "registry_put_meta" => Registering::PutMeta { key: word()?, value: value()? },
        "registry_meta" => Registering::Meta(word()?),
        _ => return Ok(None),
    }))
}
