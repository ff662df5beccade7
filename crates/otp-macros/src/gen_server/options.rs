//! The options of `#[gen_server(…)]`.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Path, Visibility};

use super::supervised::Supervision;
use crate::options::{crate_path, default_crate, parse};

/// The parsed options of `#[gen_server(…)]`.
pub(crate) struct Options {
    /// The path of the library, which is the root of the facade.
    pub(crate) krate: Path,
    /// The visibility of the generated enums and of the client trait.
    pub(crate) vis: Visibility,
    /// How the server is supervised, unless its child spec overrides it.
    pub(crate) supervision: Supervision,
    /// Whether the server runs on a thread of its own.
    pub(crate) thread: bool,
    /// Whether other nodes may call the server.
    pub(crate) remote: bool,
    /// The server whose messages it has, to take its place.
    pub(crate) messages: Option<Path>,
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        let known = "`remote`, `thread`, `crate = path`, `vis = visibility`, `messages = Server`, `restart = transient`, \
                     `shutdown = 30s`, `significant = true` and `hand_over = 3`";
        parse(tokens, known, &["remote", "thread"], |key, value| {
            if key == "remote" {
                options.remote = true;
                return Ok(true);
            }
            if key != "messages" {
                return options.read(key, value);
            }
            options.messages = Some(value.call(Path::parse_mod_style)?);
            Ok(true)
        })?;
        Ok(options)
    }

    /// Reads the value of an option; `false` if there is no such option.
    pub(crate) fn read(&mut self, key: &str, value: ParseStream<'_>) -> syn::Result<bool> {
        match key {
            "restart" => self.supervision.read_restart(value)?,
            "shutdown" => self.supervision.read_shutdown(value)?,
            "significant" => self.supervision.read_significant(value)?,
            "hand_over" => self.supervision.read_hand_over(value)?,
            "thread" => self.thread = true,
            "crate" => self.krate = crate_path(value)?,
            "vis" => self.vis = visibility(value.parse()?, value.span())?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Default for Options {
    /// `pub`, because a message type may not be less visible than its server, and the macro, which sees only the
    /// `impl`, cannot know how visible the server is.
    fn default() -> Self {
        let (krate, vis, supervision) = (default_crate(), syn::parse_quote!(pub), Supervision::default());
        Self { krate, vis, supervision, thread: false, remote: false, messages: None }
    }
}

fn visibility(vis: Visibility, at: proc_macro2::Span) -> syn::Result<Visibility> {
    match vis {
        Visibility::Inherited => {
            Err(syn::Error::new(at, "expected a visibility: `pub`, `pub(crate)`, `pub(crate)`, `pub(self)`"))
        }
        vis => Ok(vis),
    }
}
