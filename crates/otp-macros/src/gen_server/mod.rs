//! `#[gen_server]`: expands an `impl` block to the handwritten form of a server.
//!
//! [`server`] reads the block and [`check`] reports errors in it; [`message`], [`behaviour`], [`supervised`]
//! and [`client`] write the enums, the `impl GenServer`, the `impl Supervised` and the client trait.

mod behaviour;
mod check;
mod client;
pub(crate) mod message;
pub(crate) mod method;
pub(crate) mod names;
pub(crate) mod options;
mod remote;
pub(crate) mod role;
mod sendable;
pub(crate) mod server;
mod supervised;
#[cfg(test)]
mod tests;
pub(crate) mod types;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, ImplItem, Item, ItemImpl};

use self::message::Kind;
use self::options::Options;
use self::role::Role;
use self::server::ServerImpl;
use crate::errors::Errors;

/// The kinds of messages that a server has.
const KINDS: [Kind; 4] = [Kind::Call, Kind::Cast, Kind::Info, Kind::Continue];

/// The input of the generated code. `#[state_machine]` shares what is about messages, the client and supervision.
pub(crate) struct Expansion<'a> {
    pub(crate) server: &'a ServerImpl,
    pub(crate) options: &'a Options,
}

/// Expands `#[gen_server(options)] item`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = errors.take(Options::parse(options)).unwrap_or_default();
    let mut block = match syn::parse2::<Item>(item) {
        Ok(Item::Impl(block)) => block,
        Ok(other) => {
            errors.add(&other, "`#[gen_server]` goes on the server's `impl` block: `#[gen_server] impl Counter { … }`");
            let errors = errors.into_compile_errors();
            return quote!(#other #errors);
        }
        Err(error) => {
            errors.push(error);
            return errors.into_compile_errors();
        }
    };
    let server = ServerImpl::read(&mut block, &options.krate, &mut errors);
    if let (Some(messages), false) = (&options.messages, block.generics.params.is_empty()) {
        errors.add(messages, "a server with type parameters has messages of its own; remove `messages`");
    }
    match (errors.finish(), server) {
        (Ok(()), Some(mut server)) => {
            let check = server.assert_send(&options.krate);
            let generated = Expansion { server: &server, options: &options }.generate();
            quote!(#block #check #generated)
        }
        // The methods and a `GenServer` stay, so that the compiler does not report that they are missing.
        (result, server) => {
            let errors = result.err().map(syn::Error::into_compile_error);
            let stub = match server {
                Some(server) if server.one(Role::Init).is_none() => {
                    hollow(&mut block);
                    None
                }
                server => server.map(|server| stub(&server, &options)),
            };
            quote!(#block #errors #stub)
        }
    }
}

/// Removes everything from the methods that requires a server: if another block makes the type a server, this block
/// must not make it one again.
pub(crate) fn hollow(block: &mut ItemImpl) {
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        for input in &mut function.sig.inputs {
            if let FnArg::Typed(typed) = input {
                *typed.pat = syn::parse_quote!(_);
                *typed.ty = syn::parse_quote!(impl ::core::marker::Sized);
            }
        }
        function.sig.output = syn::parse_quote!(-> !);
        function.block = syn::parse_quote!({ ::core::unreachable!() });
    }
}

/// Makes an `impl GenServer` for a server with errors, which `Context<Self>` and similar types require.
fn stub(server: &ServerImpl, options: &Options) -> TokenStream {
    let krate = &options.krate;
    let ty = &server.ty;
    let (generics, _, where_clause) = server.generics.split_for_impl();
    quote! {
        impl #generics #krate::gen_server::GenServer for #ty #where_clause {
            type Args = ();
            type Call = #krate::gen_server::NoMessage;
            type Cast = #krate::gen_server::NoMessage;
            type Info = #krate::gen_server::NoMessage;
            type Continue = #krate::gen_server::NoMessage;
            async fn init(
                (): (),
                _: &mut #krate::gen_server::Context<Self>,
            ) -> ::core::result::Result<#krate::gen_server::Init<Self>, #krate::ExitReason> {
                ::core::unreachable!()
            }
        }
        impl #generics #krate::supervisor::Supervised for #ty #where_clause {}
    }
}

impl Expansion<'_> {
    fn generate(&self) -> TokenStream {
        let messages = KINDS.map(|kind| self.message(kind));
        let behaviour = self.behaviour();
        let (supervised, client, protocols) = (self.supervised(), self.client(), self.protocols());
        let remote = self.remote();
        quote!(#(#messages)* #behaviour #supervised #client #protocols #remote)
    }
}
