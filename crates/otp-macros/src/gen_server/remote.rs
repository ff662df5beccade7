//! Generates what makes a server callable from other nodes: its messages of terms, and terms of its messages.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::Expansion;
use super::message::Kind;
use super::method::Method;
use super::names;

impl Expansion<'_> {
    /// Makes the `impl RemoteServer` and the `impl Forward`, if they are asked for.
    pub(crate) fn remote(&self) -> TokenStream {
        if !self.options.remote {
            return TokenStream::new();
        }
        let Self { server, options } = self;
        let (krate, cfgs, ty) = (&options.krate, &server.cfgs, &server.ty);
        let (generics, _, where_clause) = server.generics.split_for_impl();
        let [call, cast, info] = [self.of_term(Kind::Call), self.of_term(Kind::Cast), self.of_term(Kind::Info)];
        let [calls, casts, infos] = [self.to_term(Kind::Call), self.to_term(Kind::Cast), self.to_term(Kind::Info)];
        quote! {
            #cfgs
            #[allow(deprecated, clippy::type_complexity, unused_variables)]
            impl #generics #krate::dist::RemoteServer for #ty #where_clause {
                fn call(
                    server: &#krate::gen_server::ServerRef<Self>,
                    request: #krate::etf::Term,
                ) -> ::core::result::Result<#krate::dist::Reply, #krate::dist::Refused> {
                    #call
                }
                fn cast(
                    request: #krate::etf::Term,
                ) -> ::core::result::Result<<Self as #krate::gen_server::GenServer>::Cast, #krate::dist::Refused> {
                    #cast
                }
                fn info(
                    request: #krate::etf::Term,
                ) -> ::core::result::Result<<Self as #krate::gen_server::GenServer>::Info, #krate::dist::Refused> {
                    #info
                }
            }
            #cfgs
            #[allow(deprecated, unused_variables)]
            impl #generics #krate::dist::Forward for #ty #where_clause {
                fn forward(
                    message: #krate::gen_server::Received<Self>,
                    to: &#krate::dist::Remote,
                ) -> #krate::dist::Forwarded {
                    match message {
                        #krate::gen_server::Received::Call(message) => #calls,
                        #krate::gen_server::Received::Cast(message) => #casts,
                        #krate::gen_server::Received::Info(message) => #infos,
                        _ => #krate::dist::Forwarded::dropped(),
                    }
                }
            }
        }
    }

    /// Makes a message of the term `request`.
    fn of_term(&self, kind: Kind) -> TokenStream {
        let krate = &self.options.krate;
        let arms = self.server.all(kind.role()).map(|method| {
            let (cfgs, name, message) = (method.cfgs(), text(method), self.fields(kind, method));
            let names = method.value_names();
            let arguments = if names.is_empty() {
                quote!(request.no_arguments()?;)
            } else {
                let types = method.value_types(&self.server.ty);
                quote!(let (#(#names,)*) = request.arguments::<(#(#types,)*)>()?;)
            };
            let message = if kind == Kind::Call {
                let from = names::local("from");
                quote!(#krate::dist::Reply::of(server.call(|#from| #message)))
            } else {
                message
            };
            quote!(#cfgs #name => {
                #arguments
                ::core::result::Result::Ok(#message)
            })
        });
        quote! {
            let request = #krate::dist::Request::of(request)?;
            match ::std::string::String::from(request.name()).as_str() {
                #(#arms)*
                _ => ::core::result::Result::Err(request.unknown()),
            }
        }
    }

    /// Sends `message` as a term.
    fn to_term(&self, kind: Kind) -> TokenStream {
        let krate = &self.options.krate;
        if self.server.one(kind.role()).is_none() {
            return quote!(match message {});
        }
        let arms = self.server.all(kind.role()).map(|method| {
            let (cfgs, name, message) = (method.cfgs(), text(method), self.fields(kind, method));
            let values = method.value_names();
            let name = quote!(#krate::etf::Atom::from_static(#name));
            let term = if values.is_empty() { name } else { quote!((#name, #(#values,)*)) };
            let sent = match kind {
                Kind::Call => {
                    let from = names::local("from");
                    quote!(#krate::dist::Forwarded::call(to, &#term, #from))
                }
                Kind::Cast => quote!(#krate::dist::Forwarded::cast(to, &#term)),
                _ => quote!(#krate::dist::Forwarded::info(to, &#term)),
            };
            quote!(#cfgs #message => #sent,)
        });
        let unused = self.unused_arm(kind);
        quote!(match message { #(#arms)* #unused })
    }
}

/// The name of a request: that of its method.
fn text(method: &Method) -> String {
    method.name.unraw().to_string()
}
