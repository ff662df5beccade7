//! The options of `#[gen_server(…)]`.

use proc_macro2::TokenStream;
use syn::{Path, Visibility};

use crate::options::{crate_path, default_crate, parse};

/// What `#[gen_server(…)]` was told.
pub(super) struct Options {
    /// Where the generated code finds the library, the facade's root.
    pub(super) krate: Path,
    /// The visibility of the generated enums and of the client trait.
    pub(super) vis: Visibility,
}

impl Options {
    pub(super) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        parse(tokens, "`crate = path` and `vis = visibility`", |key, value| {
            match key {
                "crate" => options.krate = crate_path(value)?,
                "vis" => options.vis = visibility(value.parse()?, value.span())?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }
}

impl Default for Options {
    /// `pub`, because a message type may not be less visible than its server, and the macro, which sees only the
    /// `impl`, cannot know how visible the server is.
    fn default() -> Self {
        Self { krate: default_crate(), vis: syn::parse_quote!(pub) }
    }
}

fn visibility(vis: Visibility, at: proc_macro2::Span) -> syn::Result<Visibility> {
    match vis {
        Visibility::Inherited => {
            Err(syn::Error::new(at, "expected a visibility: `pub`, `pub(crate)`, `pub(super)`, `pub(self)`"))
        }
        vis => Ok(vis),
    }
}
