//! `#[transitions]`: gives each state of an enum a type of its own, and says which may follow which.

mod table;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Fields, Ident, Item, ItemEnum, ItemImpl, Variant, Visibility};

pub(crate) use self::table::Table;
use crate::errors::Errors;
use crate::gen_server::names::local;

/// Expands `#[transitions(table)] item`.
pub(crate) fn expand(table: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match syn::parse2::<Item>(item) {
        Ok(Item::Enum(mut states)) => {
            let table = errors.take(syn::parse2::<Table>(table));
            let types = table.as_ref().map(|table| types(table, &states, &mut errors));
            if let Some(docs) = table.as_ref().map(Table::docs) {
                states.attrs.push(syn::parse_quote!(#[doc = ""]));
                states.attrs.push(syn::parse_quote!(#[doc = #docs]));
            }
            let errors = errors.into_compile_errors();
            quote!(#states #types #errors)
        }
        // Above `#[state_machine]`: that macro reads the table, so it goes below.
        Ok(Item::Impl(mut block)) if is_machine(&block) => {
            block.attrs.push(syn::parse_quote!(#[transitions(#table)]));
            quote!(#block)
        }
        Ok(other) => {
            errors.add(
                &other,
                "`#[transitions(…)]` goes on the enum of the states, or on the `impl` block of a `#[state_machine]`",
            );
            let errors = errors.into_compile_errors();
            quote!(#other #errors)
        }
        Err(error) => {
            errors.push(error);
            errors.into_compile_errors()
        }
    }
}

fn is_machine(block: &ItemImpl) -> bool {
    let last = |attribute: &syn::Attribute| attribute.path().segments.last().map(|segment| segment.ident.clone());
    block.attrs.iter().filter_map(last).any(|name| name == "state_machine")
}

/// Makes the types of the states, the traits that say which may follow which, and the diagram.
pub(crate) fn types(table: &Table, states: &ItemEnum, errors: &mut Errors) -> TokenStream {
    let names: Vec<&Ident> = states.variants.iter().map(|variant| &variant.ident).collect();
    table.check(&names, &states.ident, errors);
    if let Some(param) = states.generics.params.first() {
        errors.add(param, "each state gets a type of its own, which has no type parameters; remove them, or the table");
        return TokenStream::new();
    }
    let (krate, name, vis) = (&table.krate, &states.ident, &states.vis);
    let cfgs = cfgs_of(&states.attrs);
    let types = states.variants.iter().map(|variant| {
        let (declared, from, own) = (declared(variant, vis, name), converted(variant, name), cfgs_of(&variant.attrs));
        quote!(#cfgs #own #declared #cfgs #own #from)
    });
    // What has been reported is left out, so that the compiler does not report it again.
    let mut allowed: Vec<(&Ident, &Ident)> = Vec::new();
    for (from, to) in table.rows.iter().flat_map(|row| row.to.iter().map(|to| (&row.from, to))) {
        if names.contains(&from) && names.contains(&to) && !allowed.contains(&(from, to)) {
            allowed.push((from, to));
        }
    }
    let own = |state: &Ident| {
        let variant = states.variants.iter().find(|variant| variant.ident == *state);
        variant.map(|variant| cfgs_of(&variant.attrs))
    };
    let allowed = allowed.into_iter().map(|(from, to)| {
        let (from_cfgs, to_cfgs) = (own(from), own(to));
        quote!(#from_cfgs #to_cfgs impl #krate::statem::GoesTo<#to> for #from {})
    });
    let text = table.diagram();
    let doc = " The table of transitions, as a Mermaid state diagram.";
    quote! {
        #(#types)*
        #(#cfgs #allowed)*
        #cfgs
        #[allow(dead_code)]
        impl #name {
            #[doc = #doc]
            #vis const DIAGRAM: &'static str = #text;
        }
    }
}

fn cfgs_of(attrs: &[Attribute]) -> TokenStream {
    attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).map(ToTokens::to_token_stream).collect()
}

/// The struct of a state: the variant, without its enum.
fn declared(Variant { ident, fields, attrs, .. }: &Variant, vis: &Visibility, name: &Ident) -> TokenStream {
    let docs = attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let doc = format!(" The state [`{name}::{ident}`], as the type that the table of transitions knows it by.");
    let body = match fields {
        Fields::Unit => quote!(;),
        Fields::Unnamed(fields) => {
            let types = fields.unnamed.iter().map(|field| &field.ty);
            quote!((#(#vis #types),*);)
        }
        Fields::Named(fields) => {
            let fields = fields.named.iter().map(|field| {
                let (docs, name, ty) = (field.attrs.iter(), &field.ident, &field.ty);
                quote!(#(#docs)* #vis #name: #ty)
            });
            quote!({ #(#fields),* })
        }
    };
    quote! {
        #(#docs)*
        #[doc = ""]
        #[doc = #doc]
        #[derive(Debug)]
        #[allow(dead_code, private_interfaces, clippy::exhaustive_structs)]
        #vis struct #ident #body
    }
}

/// The conversion of the struct of a state to the enum.
fn converted(Variant { ident, fields, .. }: &Variant, name: &Ident) -> TokenStream {
    let content = match fields {
        Fields::Unit => TokenStream::new(),
        Fields::Unnamed(fields) => {
            let names = (0..fields.unnamed.len()).map(|index| local(&format!("field{index}")));
            quote!((#(#names),*))
        }
        Fields::Named(fields) => {
            let names = fields.named.iter().map(|field| &field.ident);
            quote!({ #(#names),* })
        }
    };
    quote! {
        impl ::core::convert::From<#ident> for #name {
            fn from(#ident #content: #ident) -> #name {
                #name::#ident #content
            }
        }
    }
}
