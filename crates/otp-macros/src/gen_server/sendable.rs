//! Reports an argument that is not `Send`, with one error at the argument.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::Path;
use syn::spanned::Spanned;

use super::server::ServerImpl;
use super::types::may_be_local;
use crate::function::located;

impl ServerImpl {
    /// Makes an assertion for each type that may not be `Send`, judging by its name.
    ///
    /// All code that is generated for the server has the assertion in its where clause: if it fails, the compiler
    /// reports no other errors there.
    pub(crate) fn assert_send(&mut self, krate: &Path) -> TokenStream {
        let asserted = self.sent_types().filter(|ty| may_be_local(ty) && !self.is_generic(ty.to_token_stream()));
        let asserted: Vec<_> = asserted
            .map(|ty| {
                let assert = located(quote!(#krate::__private::part::<#ty>), ty.span());
                quote!(#assert();)
            })
            .collect();
        if asserted.is_empty() {
            return TokenStream::new();
        }
        let (cfgs, name) = (&self.cfgs, format_ident!("__{}_IS_SENT", self.name));
        let check = quote! {
            #cfgs
            #[allow(non_upper_case_globals)]
            const #name: usize = { #(#asserted)* 0 };
        };
        self.generics.make_where_clause().predicates.push(syn::parse_quote!([(); #name]:));
        check
    }

    /// Whether the type has `Self` or a type parameter in it, so that only the `impl` can name it.
    fn is_generic(&self, ty: TokenStream) -> bool {
        ty.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "Self" || self.generics.type_params().any(|param| param.ident == ident),
            TokenTree::Group(group) => self.is_generic(group.stream()),
            _ => false,
        })
    }
}
