//! Names that are derived from the user's.

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Ident, Pat};

/// The variant for a method: `add_one` gives `AddOne`. An error if that is not a valid name.
pub(crate) fn variant(method: &Ident) -> syn::Result<Ident> {
    let name: String = method.unraw().to_string().split('_').flat_map(capitalised).collect();
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => Ok(Ident::new(&name, method.span())),
        Err(_) => Err(syn::Error::new(
            method.span(),
            format!("`{method}` gives no usable name for the variant of its message; rename the method"),
        )),
    }
}

fn capitalised(word: &str) -> impl Iterator<Item = char> {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars)
}

/// A name for each pattern: the user's if the pattern is a name, otherwise `arg0`, `arg1` and so on.
///
/// A leading underscore is removed: it says that the method does not use the argument, but the client uses it.
pub(crate) fn arguments<'a>(patterns: impl Iterator<Item = &'a Pat>) -> Vec<Ident> {
    let mut names: Vec<Ident> = Vec::new();
    for (index, pattern) in patterns.enumerate() {
        let own = name_of(pattern).filter(|name| !names.contains(name));
        names.push(own.unwrap_or_else(|| local(&format!("arg{index}"))));
    }
    names
}

fn name_of(pattern: &Pat) -> Option<Ident> {
    let Pat::Ident(pattern) = pattern else {
        return None;
    };
    let name = pattern.ident.to_string();
    match name.strip_prefix('_') {
        None => Some(pattern.ident.clone()),
        Some(_) => {
            let bare = name.trim_start_matches('_');
            syn::parse_str::<Ident>(bare).ok()?;
            Some(Ident::new(bare, pattern.ident.span()))
        }
    }
}

/// A name for a variable of the generated code, which cannot collide with a name of the user.
pub(crate) fn local(name: &str) -> Ident {
    format_ident!("{name}", span = Span::mixed_site())
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse::Parser;

    #[test]
    fn variants_are_upper_camel_case() {
        for (method, expected) in
            [("add", "Add"), ("add_one", "AddOne"), ("r#move", "Move"), ("_tick", "Tick"), ("get2", "Get2")]
        {
            assert_eq!(variant(&syn::parse_str(method).unwrap()).unwrap(), expected);
        }
    }

    #[test]
    fn a_method_that_gives_no_variant_is_an_error() {
        for method in ["_1", "self_"] {
            assert!(variant(&syn::parse_str(method).unwrap()).is_err());
        }
    }

    #[test]
    fn patterns_that_are_no_names_get_one() {
        let patterns = ["n", "mut m", "_", "(a, b)", "_n", "_type", "r#type"]
            .map(|text| Pat::parse_single.parse_str(text).unwrap());
        let names = arguments(patterns.iter()).iter().map(Ident::to_string).collect::<Vec<_>>();
        assert_eq!(names, ["n", "m", "arg2", "arg3", "arg4", "arg5", "r#type"]);
    }
}
