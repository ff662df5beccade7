//! The options of `#[state_machine(…)]`.

use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{Path, Token, parenthesized};

use crate::gen_server::options::Options as ServerOptions;
use crate::options::parse;

/// The parsed options of `#[state_machine(…)]`.
#[derive(Default)]
pub(super) struct Options {
    /// The options that every server has.
    pub(super) server: ServerOptions,
    /// What the enum of the states derives beside `Debug` and `PartialEq`.
    pub(super) derives: Vec<Path>,
}

impl Options {
    pub(super) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        let known = "`derive(Clone)`, `thread`, `crate = path`, `vis = visibility`, `restart = transient`, \
                     `shutdown = 30s`, `significant = true` and `hand_over = 3`";
        parse(tokens, known, &["thread", "derive"], |key, value| {
            if key != "derive" {
                return options.server.read(key, value);
            }
            let list;
            parenthesized!(list in value);
            options.derives = Punctuated::<Path, Token![,]>::parse_terminated(&list)?.into_iter().collect();
            Ok(true)
        })?;
        Ok(options)
    }
}
