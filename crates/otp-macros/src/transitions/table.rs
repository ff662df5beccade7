//! The table of transitions: `Locked => [Open], Open => [Locked, Broken]`.

use std::fmt::Write;

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token, bracketed};

use crate::errors::Errors;
use crate::options::{crate_path, default_crate};

/// A parsed table.
pub(crate) struct Table {
    /// The path of the library, which is the root of the facade.
    pub(crate) krate: Path,
    pub(crate) rows: Vec<Row>,
}

/// A state, and the states that may follow.
pub(crate) struct Row {
    pub(crate) from: Ident,
    pub(crate) to: Vec<Ident>,
}

impl Table {
    /// Reports what does not fit the states: `named` is what the table belongs to.
    pub(crate) fn check(&self, states: &[&Ident], named: &Ident, errors: &mut Errors) {
        let known = || states.iter().map(|state| format!("`{state}`")).collect::<Vec<_>>().join(", ");
        let unknown = |state: &Ident, errors: &mut Errors| {
            let is_unknown = !states.contains(&state);
            if is_unknown {
                errors.add(state, format!("there is no state `{state}`; the states are {}", known()));
            }
            is_unknown
        };
        for (index, Row { from, to }) in self.rows.iter().enumerate() {
            if !unknown(from, errors) && self.rows.iter().take(index).any(|earlier| earlier.from == *from) {
                errors.add(from, format!("`{from}` has a list above; make one of the two"));
            }
            for (index, state) in to.iter().enumerate() {
                if !unknown(state, errors) && to.iter().take(index).any(|earlier| earlier == state) {
                    errors.add(state, format!("`{state}` is in this list already; remove it"));
                }
            }
        }
        for state in states.iter().filter(|state| self.rows.iter().all(|row| row.from != ***state)) {
            errors.add(
                state,
                format!(
                    "the table of `{named}` does not say which states may follow `{state}`; add `{state} => […]`, with \
                     an empty list if there are none"
                ),
            );
        }
    }

    /// The table as a Mermaid diagram.
    pub(crate) fn diagram(&self) -> String {
        let mut text = "stateDiagram-v2\n".to_owned();
        for Row { from, to } in &self.rows {
            for state in to {
                writeln!(text, "    {} --> {}", from.unraw(), state.unraw()).expect("a text takes all");
            }
            // A state without a successor is in the diagram even if it is nobody's successor.
            if to.is_empty() {
                writeln!(text, "    {}", from.unraw()).expect("a text takes all");
            }
        }
        text
    }

    /// The diagram as a paragraph of a doc comment.
    pub(crate) fn docs(&self) -> String {
        format!(" # Transitions\n\n```mermaid\n{}```\n", self.diagram())
    }
}

impl Parse for Table {
    fn parse(input: ParseStream<'_>) -> syn::Result<Table> {
        let mut krate = default_crate();
        if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            krate = crate_path(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let rows = Punctuated::<Row, Token![,]>::parse_terminated(input)?;
        Ok(Table { krate, rows: rows.into_iter().collect() })
    }
}

impl Parse for Row {
    fn parse(input: ParseStream<'_>) -> syn::Result<Row> {
        let expected = "expected a state and the states that may follow: `Locked => [Open, Broken]`";
        let located = |error: syn::Error| syn::Error::new(error.span(), expected);
        let from: Ident = input.parse().map_err(located)?;
        input.parse::<Token![=>]>().map_err(located)?;
        let list;
        let inner = |list: ParseStream<'_>| Punctuated::<Ident, Token![,]>::parse_terminated(list);
        bracketed!(list in input);
        let to = inner(&list).map_err(located)?;
        Ok(Row { from, to: to.into_iter().collect() })
    }
}
