//! The typed client: a trait with a method for each call and each cast, for the server's reference.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::Expansion;
use super::message::Kind;
use super::method::Method;
use super::names;
use super::role::Role;

impl Expansion<'_> {
    /// The trait and its one impl, nothing when the server has neither calls nor casts.
    pub(super) fn client(&self) -> TokenStream {
        if self.server.client_methods().next().is_none() {
            return TokenStream::new();
        }
        let Self { server, options } = self;
        let (krate, vis, cfgs, ty) = (&options.krate, &options.vis, &server.cfgs, &server.ty);
        let (impl_generics, arguments, where_clause) = server.generics.split_for_impl();
        let generics = &server.generics;
        let name = format_ident!("{}Client", server.name);
        let doc = format!(" What can be asked of a `{0}`, as methods of its `ServerRef<{0}>`.", server.name);
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
            // A long list of arguments is shown to the user once, at the method.
            #[allow(dead_code, clippy::new_ret_no_self, clippy::too_many_arguments, clippy::type_complexity)]
            #vis trait #name #generics #where_clause {
                #(#declarations)*
            }

            #cfgs
            #[allow(clippy::type_complexity)]
            impl #impl_generics #name #arguments for #krate::gen_server::ServerRef<#ty> #where_clause {
                #(#definitions)*
            }
        }
    }

    fn signature(&self, method: &Method) -> TokenStream {
        let (krate, ty) = (&self.options.krate, &self.server.ty);
        let name = &method.name;
        let fields = method.value_names();
        let types = method.value_types(ty);
        let output = (method.role == Role::Call).then(|| {
            let reply = method.reply_type(ty);
            quote!(-> #krate::Call<#krate::gen_server::Envelope<#ty>, #reply>)
        });
        quote!(fn #name(&self #(, #fields: #types)*) #output)
    }

    fn body(&self, method: &Method) -> TokenStream {
        let krate = &self.options.krate;
        if method.role == Role::Cast {
            let message = self.fields(Kind::Cast, method);
            return quote!(#krate::gen_server::ServerRef::cast(self, #message););
        }
        // A variant that holds nothing but the token is itself the function from token to message.
        let make = if method.value_names().is_empty() {
            let (name, variant): (Ident, Ident) = (self.message_name(Kind::Call), method.variant());
            quote!(#name::#variant)
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
