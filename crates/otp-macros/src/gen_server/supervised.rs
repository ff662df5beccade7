//! Generates the `impl Supervised`: how the server is supervised, unless its child spec overrides it.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::{Ident, LitBool, LitInt};

use super::Expansion;

/// The options of the attribute that concern supervision; `None` is the default of the trait.
#[derive(Default)]
pub(crate) struct Supervision {
    restart: Option<Ident>,
    shutdown: Option<Shutdown>,
    significant: Option<LitBool>,
    hand_over: Option<LitInt>,
}

enum Shutdown {
    BrutalKill,
    Infinity,
    Millis(u64),
}

impl Supervision {
    /// Reads the value of `restart = …`.
    pub(crate) fn read_restart(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let expected = "expected when to restart the server: `permanent`, `transient` or `temporary`";
        let word: Ident = input.parse().map_err(|error| syn::Error::new(error.span(), expected))?;
        let variant = match word.to_string().as_str() {
            "permanent" => "Permanent",
            "transient" => "Transient",
            "temporary" => "Temporary",
            _ => return Err(syn::Error::new(word.span(), expected)),
        };
        self.restart = Some(Ident::new(variant, word.span()));
        Ok(())
    }

    /// Reads the value of `shutdown = …`.
    pub(crate) fn read_shutdown(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let unexpected = |at: Span| {
            syn::Error::new(
                at,
                "expected how to stop the server: a time as in `30s` or `500ms`, `infinity`, or `brutal_kill`",
            )
        };
        if input.peek(LitInt) {
            let time: LitInt = input.parse()?;
            let factor = match time.suffix() {
                "ms" => Some(1),
                "s" => Some(1000),
                "m" => Some(60_000),
                _ => None,
            };
            let millis = factor.and_then(|factor| time.base10_parse::<u64>().ok()?.checked_mul(factor));
            self.shutdown = Some(Shutdown::Millis(millis.ok_or_else(|| unexpected(time.span()))?));
            return Ok(());
        }
        let word: Ident = input.parse().map_err(|error| unexpected(error.span()))?;
        self.shutdown = Some(match word.to_string().as_str() {
            "infinity" => Shutdown::Infinity,
            "brutal_kill" => Shutdown::BrutalKill,
            _ => return Err(unexpected(word.span())),
        });
        Ok(())
    }

    /// Reads the value of `significant = …`.
    pub(crate) fn read_significant(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let expected = "expected whether the server is significant: `true` or `false`";
        self.significant = Some(input.parse().map_err(|error| syn::Error::new(error.span(), expected))?);
        Ok(())
    }

    /// Reads the value of `hand_over = …`.
    pub(crate) fn read_hand_over(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let expected = "expected how many crashes survives what the server saves: a number";
        let crashes: LitInt = input.parse().map_err(|error| syn::Error::new(error.span(), expected))?;
        crashes.base10_parse::<u32>().map_err(|_| syn::Error::new(crashes.span(), expected))?;
        self.hand_over = Some(crashes);
        Ok(())
    }
}

impl Expansion<'_> {
    /// Makes the `impl Supervised` of the server.
    pub(crate) fn supervised(&self) -> TokenStream {
        let krate = &self.options.krate;
        let (ty, cfgs) = (&self.server.ty, &self.server.cfgs);
        let (generics, _, where_clause) = self.server.generics.split_for_impl();
        let consts = self.supervision();
        quote! {
            #cfgs
            impl #generics #krate::supervisor::Supervised for #ty #where_clause {
                #consts
            }
        }
    }

    /// Makes the constants that the options set.
    pub(crate) fn supervision(&self) -> TokenStream {
        let krate = &self.options.krate;
        let Supervision { restart, shutdown, significant, hand_over } = &self.options.supervision;
        let restart = restart
            .as_ref()
            .map(|variant| quote!(const RESTART: #krate::supervisor::Restart = #krate::supervisor::Restart::#variant;));
        let shutdown = shutdown.as_ref().map(|shutdown| {
            let shutdown = match shutdown {
                Shutdown::BrutalKill => quote!(BrutalKill),
                Shutdown::Infinity => quote!(Infinity),
                Shutdown::Millis(millis) => quote!(Timeout(::core::time::Duration::from_millis(#millis))),
            };
            let ty = quote!(#krate::supervisor::Shutdown);
            quote!(const SHUTDOWN: ::core::option::Option<#ty> = ::core::option::Option::Some(#ty::#shutdown);)
        });
        let significant = significant.as_ref().map(|significant| quote!(const SIGNIFICANT: bool = #significant;));
        let hand_over = hand_over.as_ref().map(
            |crashes| quote!(const HAND_OVER: ::core::option::Option<u32> = ::core::option::Option::Some(#crashes);),
        );
        quote!(#restart #shutdown #significant #hand_over)
    }
}
