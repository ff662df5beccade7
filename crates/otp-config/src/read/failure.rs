use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::key::{Key, nearest, shortened};
use crate::origin::Origin;

/// The first error of a deserialization.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) reason: String,
    /// The value that was found instead of what the reason says, if the error quotes it.
    pub(super) found: Option<String>,
    /// The field that is missing.
    pub(super) missing: Option<&'static str>,
    /// The innermost value that it is about.
    pub(super) place: Option<Box<(Key, Origin)>>,
}

impl Failure {
    pub(super) fn at(mut self, key: &Key, origin: &Origin) -> Failure {
        self.place.get_or_insert_with(|| (key.clone(), origin.clone()).into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.found.iter().try_for_each(|found| write!(f, ", found {found}"))
    }
}

impl std::error::Error for Failure {}

impl Error for Failure {
    fn custom<T: fmt::Display>(reason: T) -> Failure {
        Failure { reason: reason.to_string(), found: None, missing: None, place: None }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        match found {
            Unexpected::Map | Unexpected::Seq => {
                Failure::custom(format_args!("expected {expected}, found {}", Shown(found)))
            }
            found => Failure {
                found: Some(Shown(found).to_string()),
                ..Failure::custom(format_args!("expected {expected}"))
            },
        }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        Failure::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Failure {
        let words = expected.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let mut quoted = format!("{:?}", shortened(found));
        if let Some(nearest) = nearest(found, expected.iter().copied()) {
            quoted.push_str(&format!("; did you mean `{nearest}`?"));
        }
        Failure { found: Some(quoted), ..Failure::custom(format_args!("expected one of {words}")) }
    }

    fn missing_field(field: &'static str) -> Failure {
        Failure { missing: Some(field), ..Failure::custom(format_args!("no value for `{field}`")) }
    }
}

/// What was found instead, on one line and not too long.
struct Shown<'a>(Unexpected<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Str(text) => write!(f, "{:?}", shortened(text)),
            Unexpected::Bool(flag) => write!(f, "{flag}"),
            Unexpected::Unsigned(number) => write!(f, "{number}"),
            Unexpected::Signed(number) => write!(f, "{number}"),
            Unexpected::Map => f.write_str("a table"),
            Unexpected::Seq => f.write_str("a list"),
            ref other => write!(f, "{other}"),
        }
    }
}
