//! The options of `#[gen_server(…)]`.

use proc_macro2::TokenStream;
use syn::{Path, Visibility};

use super::supervised::Supervision;
use crate::options::{crate_path, default_crate, parse};

/// The parsed options of `#[gen_server(…)]`.
pub(super) struct Options {
    /// The path of the library, which is the root of the facade.
    pub(super) krate: Path,
    /// The visibility of the generated enums and of the client trait.
    pub(super) vis: Visibility,
    /// How the server is supervised, unless its child spec overrides it.
    pub(super) supervision: Supervision,
    /// Whether the server runs on a thread of its own.
    pub(super) thread: bool,
}

impl Options {
    pub(super) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        let known = "`thread`, `crate = path`, `vis = visibility`, `restart = transient`, `shutdown = 30s`, \
                     `significant = true` and `hand_over = 3`";
        parse(tokens, known, &["thread"], |key, value| {
            match key {
                "restart" => options.supervision.read_restart(value)?,
                "shutdown" => options.supervision.read_shutdown(value)?,
                "significant" => options.supervision.read_significant(value)?,
                "hand_over" => options.supervision.read_hand_over(value)?,
                "thread" => options.thread = true,
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
        Self { krate: default_crate(), vis: syn::parse_quote!(pub), supervision: Supervision::default(), thread: false }
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
