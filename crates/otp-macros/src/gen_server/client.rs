//! Generates the typed client: a trait with a method for each call and each cast, for the server's reference. Methods
//! of a protocol go into an `impl` of the protocol instead.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::Expansion;
use super::message::Kind;
use super::method::Method;
use super::names;
use super::role::Role;
use super::types::replace_self;
use crate::function::located;

impl Expansion<'_> {
    /// Makes the trait and its impl; empty if the server has neither calls nor casts.
    pub(crate) fn client(&self) -> TokenStream {
        if self.server.client_methods().next().is_none() {
            return TokenStream::new();
        }
        let Self { server, options } = self;
        let (krate, vis, cfgs, process) = (&options.krate, &options.vis, &server.cfgs, &server.process);
        let (impl_generics, arguments, where_clause) = server.generics.split_for_impl();
        let generics = &server.generics;
        let name = format_ident!("{}Client", server.name);
        let reference = if server.is_machine { "MachineRef" } else { "ServerRef" };
        let doc = format!(" What can be asked of a `{0}`, as methods of its `{reference}<{0}>`.", server.name);
        let declarations = server.client_methods().map(|method| {
            let (cfgs, deprecation, signature) = (method.cfgs(), method.deprecation(), self.signature(method));
            let docs = method.docs(&self.fallback_doc(method));
            quote!(#cfgs #docs #deprecation #signature;)
        });
        let definitions = server.client_methods().map(|method| {
            let (cfgs, signature, body) = (method.cfgs(), self.signature(method), self.body(method));
            quote!(#cfgs #signature { #body })
        });
        quote! {
            #cfgs
            #[doc = #doc]
            // Lints about the arguments are shown once, at the method.
            #[allow(dead_code, clippy::new_ret_no_self, clippy::too_many_arguments, clippy::type_complexity)]
            #vis trait #name #generics: #krate::__private::Client<#process> #where_clause {
                #(#declarations)*
            }

            #cfgs
            #[allow(clippy::type_complexity)]
            impl #impl_generics #name #arguments for #krate::gen_server::ServerRef<#process> #where_clause {
                #(#definitions)*
            }
        }
    }

    /// Makes an `impl` of each protocol for the server's reference. The trait is the user's, so a mismatch is shown at
    /// the user's method, and a missing method at the protocol.
    pub(crate) fn protocols(&self) -> TokenStream {
        let Self { server, options } = self;
        let (krate, cfgs, ty) = (&options.krate, &server.cfgs, &server.ty);
        let (impl_generics, _, where_clause) = server.generics.split_for_impl();
        let mut protocols: Vec<(String, &Path, Vec<&Method>)> = Vec::new();
        for (path, method) in server.protocol_methods() {
            let name = path.to_token_stream().to_string();
            match protocols.iter_mut().find(|(known, ..)| *known == name) {
                Some((.., methods)) => methods.push(method),
                None => protocols.push((name, path, vec![method])),
            }
        }
        let blocks = protocols.iter().map(|(_, path, methods)| {
            let at = path.span();
            let path = replace_self(path.to_token_stream(), ty);
            let process = &server.process;
            let reference = located(quote!(#krate::gen_server::ServerRef<#process>), at);
            let methods = methods.iter().map(|method| {
                let (cfgs, signature, body) = (method.cfgs(), self.protocol_signature(method), self.body(method));
                let body = match method.role {
                    Role::Call => quote!(#krate::call::BoxCall::from(#body)),
                    _ => body,
                };
                let block = quote_spanned!(method.name.span()=> { #body });
                quote!(#cfgs #signature #block)
            });
            let (start, block) = (quote_spanned!(at=> impl), quote_spanned!(at=> { #(#methods)* }));
            quote! {
                #cfgs
                #[allow(clippy::type_complexity)]
                #start #impl_generics #path for #reference #where_clause #block
            }
        });
        blocks.collect()
    }

    fn signature(&self, method: &Method) -> TokenStream {
        let (krate, process) = (&self.options.krate, &self.server.process);
        self.signature_with(method, |reply| quote!(#krate::Call<#krate::gen_server::Envelope<#process>, #reply>))
    }

    fn protocol_signature(&self, method: &Method) -> TokenStream {
        let krate = &self.options.krate;
        let at = method.result_span(Span::call_site());
        self.signature_with(method, |reply| located(quote!(#krate::call::BoxCall<#reply>), at))
    }

    fn signature_with(&self, method: &Method, call: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
        let ty = &self.server.ty;
        let name = &method.name;
        let fields = method.value_names();
        let types = method.value_types(ty);
        let output = (method.role == Role::Call).then(|| {
            let call = call(method.reply_type(ty));
            quote!(-> #call)
        });
        quote_spanned!(name.span()=> fn #name(&self #(, #fields: #types)*) #output)
    }

    fn body(&self, method: &Method) -> TokenStream {
        let krate = &self.options.krate;
        if method.role == Role::Cast {
            let message = self.fields(Kind::Cast, method);
            return quote!(#krate::gen_server::ServerRef::cast(self, #message););
        }
        // A variant with only the token is itself the function from token to message.
        let make = if method.value_names().is_empty() {
            let (path, variant) = (self.message_path(Kind::Call), method.variant());
            quote!(#path::#variant)
        } else {
            let (from, message) = (names::local("from"), self.fields(Kind::Call, method));
            quote!(move |#from| #message)
        };
        quote!(#krate::gen_server::ServerRef::call(self, #make))
    }

    fn fallback_doc(&self, method: &Method) -> String {
        let verb = if method.role == Role::Call { "Calls" } else { "Casts to" };
        format!(" {verb} `{}::{}`.", self.server.name, method.name)
    }
}
