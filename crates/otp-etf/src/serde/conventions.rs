/// Which atom `None` is, where Elixir and Erlang differ. What is read may be either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conventions {
    /// `None` is `nil`.
    #[default]
    Elixir,
    /// `None` is `undefined`.
    Erlang,
}

impl Conventions {
    pub(crate) fn none(self) -> &'static str {
        match self {
            Conventions::Elixir => "nil",
            Conventions::Erlang => "undefined",
        }
    }
}

/// Whether an atom says that there is nothing, by either convention.
pub(crate) fn is_none(atom: &str) -> bool {
    matches!(atom, "nil" | "undefined")
}

/// Whether an enum is `Result`: `{ok, V}` and `{error, E}`, and `ok` and `error` where there is no value.
pub(crate) fn result_tag(name: &str, variant: &str) -> Option<&'static str> {
    match (name, variant) {
        ("Result", "Ok") => Some("ok"),
        ("Result", "Err") => Some("error"),
        _ => None,
    }
}
