//! Generates the enum of the states.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, Ident};

use super::Expansion;
use crate::errors::Errors;
use crate::transitions;

impl Expansion<'_> {
    /// Makes the enum of the states, with what the table of transitions adds. Also the doc comment of the `impl`.
    pub(super) fn states(&self, errors: &mut Errors) -> (TokenStream, TokenStream) {
        let Self { machine, options } = self;
        let (vis, cfgs, generics) = (&options.server.vis, &machine.server.cfgs, &machine.server.generics);
        let (name, where_clause) = (machine.state_name(), &generics.where_clause);
        let doc = format!(" The states of `{}`.", machine.server.name);
        let variants = machine.states.iter().map(|state| {
            let (docs, cfgs, variant) =
                (state.handler.attributes("doc"), state.handler.attributes("cfg"), &state.variant);
            let docs = if docs.is_empty() {
                let doc = format!(" Handled by `{}::{}`.", machine.server.name, state.handler.name);
                quote!(#[doc = #doc])
            } else {
                docs
            };
            let fields = state.handler.fields(&machine.server.ty).into_iter().map(|(name, ty)| {
                let doc = format!(" The data `{name}` of the state.");
                quote!(#[doc = #doc] #name: #ty)
            });
            let fields: Vec<_> = fields.collect();
            let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
            quote!(#docs #cfgs #variant #fields)
        });
        let (unused, derives) = (self.unused_variant(), &options.derives);
        let states = quote! {
            #cfgs
            #[doc = #doc]
            #[derive(Debug, PartialEq #(, #derives)*)]
            #[allow(dead_code, private_interfaces, clippy::enum_variant_names)]
            #[non_exhaustive]
            #vis enum #name #generics #where_clause {
                #(#variants,)*
                #unused
            }
        };
        let Some(table) = &machine.table else { return (states, TokenStream::new()) };
        let Some(parsed) = errors.take(syn::parse2(states.clone())) else { return (states, TokenStream::new()) };
        let types = transitions::types(table, &parsed, errors);
        let docs = table.docs();
        (quote!(#states #types), quote!(#[doc = #docs]))
    }

    /// The type of the state in `Transition<Self, S>`.
    pub(super) fn state_type(&self, variant: &Ident) -> TokenStream {
        let krate = &self.options.server.krate;
        if self.machine.table.is_some() { variant.to_token_stream() } else { quote!(#krate::statem::AnyState) }
    }

    /// Makes a variant with the type parameters that no state uses: an enum must use all of them.
    fn unused_variant(&self) -> TokenStream {
        let Self { machine, options } = self;
        let krate = &options.server.krate;
        let fields: Vec<TokenStream> = machine
            .states
            .iter()
            .filter(|state| state.handler.attributes("cfg").is_empty())
            .flat_map(|state| state.handler.fields(&machine.server.ty))
            .map(|(_, ty)| ty)
            .collect();
        let params = machine.server.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            _ => None,
        });
        let unused: Vec<&Ident> =
            params.filter(|param| !fields.iter().any(|field| mentions(field.clone(), param))).collect();
        if unused.is_empty() {
            return TokenStream::new();
        }
        quote! {
            #[doc(hidden)]
            __Unused(#krate::gen_server::NoMessage, ::core::marker::PhantomData<(#(fn() -> #unused,)*)>),
        }
    }

    /// Makes the arm for the hidden variant, which no value has.
    pub(super) fn unused_arm(&self) -> TokenStream {
        if self.unused_variant().is_empty() {
            return TokenStream::new();
        }
        let (name, never) = (self.machine.state_name(), crate::gen_server::names::local("never"));
        quote!(#name::__Unused(#never, _) => match *#never {},)
    }
}

/// Whether the type uses the parameter itself, which `T::Item` does not.
fn mentions(ty: TokenStream, param: &Ident) -> bool {
    let tokens: Vec<TokenTree> = ty.into_iter().collect();
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Group(group) => mentions(group.stream(), param),
        TokenTree::Ident(ident) => ident == param && tokens.get(index + 1).is_none_or(|next| next.to_string() != ":"),
        _ => false,
    })
}
