//! The options of an attribute: `key = value, key = value`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Path, Token};

/// Parses options: passes each name to `read`, which parses the value, or returns `false` for an unknown name. Names in
/// `flags` have no value.
///
/// `known` lists the options for the error text.
pub(crate) fn parse(
    tokens: TokenStream,
    known: &str,
    flags: &[&str],
    mut read: impl FnMut(&str, ParseStream<'_>) -> syn::Result<bool>,
) -> syn::Result<()> {
    let options = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            // `crate` is a keyword, so a plain identifier would not do.
            let key = input.call(Ident::parse_any)?;
            let name = key.to_string();
            if seen.contains(&name) {
                return Err(syn::Error::new(key.span(), format!("option `{name}` is given twice; remove one")));
            }
            let unknown = || syn::Error::new(key.span(), format!("unknown option `{name}`; the options are {known}"));
            if flags.contains(&name.as_str()) {
                if input.peek(Token![=]) {
                    return Err(syn::Error::new(key.span(), format!("`{name}` has no value; write `{name}` alone")));
                }
            } else if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
            } else {
                return Err(unknown());
            }
            if !read(&name, input)? {
                return Err(unknown());
            }
            seen.push(name);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    options.parse2(tokens)
}

/// The path of the library in generated code, unless `crate = …` sets another one.
pub(crate) fn default_crate() -> Path {
    syn::parse_quote!(::otp)
}

/// Parses the value of `crate = …`.
pub(crate) fn crate_path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.call(Path::parse_mod_style)
}
