//! Generates the `impl GenServer`: each callback unpacks the message and calls the user's method.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::Expansion;
use super::message::Kind;
use super::method::Method;
use super::names;
use super::role::Role;

/// The private trait that converts the result of the user's method.
enum Conversion {
    Init,
    Next,
    Terminated,
}

impl Expansion<'_> {
    /// Makes the `impl GenServer for …`.
    pub(crate) fn behaviour(&self) -> TokenStream {
        let (krate, server) = (&self.options.krate, self.server);
        let (cfgs, ty) = (&server.cfgs, &server.ty);
        let (generics, _, where_clause) = server.generics.split_for_impl();
        let args = self.args_type();
        let types = super::KINDS.map(|kind| self.associated_type(kind));
        let on_thread = self.options.thread.then(|| {
            quote!(
                const ON_THREAD: bool = true;
            )
        });
        let methods = [
            self.init(),
            self.handle_call(),
            self.handle_message(Kind::Cast),
            self.handle_info(),
            self.handle_message(Kind::Continue),
            self.terminate(),
            self.format_status(),
            self.format_message(),
        ];
        quote! {
            #cfgs
            // A server still answers deprecated calls.
            #[allow(deprecated, clippy::type_complexity)]
            impl #generics #krate::gen_server::GenServer for #ty #where_clause {
                type Args = #args;
                #(#types)*
                #on_thread
                #(#methods)*
            }
        }
    }

    /// The type of the start's arguments: `()`, the type of the only argument, or a tuple.
    pub(crate) fn args_type(&self) -> TokenStream {
        let types: Vec<_> = self.init_method().values().map(|(_, ty)| ty).collect();
        match types[..] {
            [one] => one.to_token_stream(),
            _ => quote!((#(#types),*)),
        }
    }

    /// The pattern of the start's arguments.
    pub(crate) fn args(&self) -> TokenStream {
        match self.init_method().value_names()[..] {
            [one] => one.to_token_stream(),
            ref names => quote!((#(#names),*)),
        }
    }

    fn init(&self) -> TokenStream {
        let method = self.init_method();
        let krate = &self.options.krate;
        let args = self.args();
        let args_type = self.args_type();
        let ctx = self.context_param(method.takes_context());
        let made = self.convert(Conversion::Init, method);
        quote! {
            async fn init(#args: #args_type, #ctx) -> ::core::result::Result<#krate::gen_server::Init<Self>, #krate::ExitReason> {
                #made
            }
        }
    }

    fn handle_call(&self) -> TokenStream {
        let krate = &self.options.krate;
        self.handler(Kind::Call, |method| {
            if method.is_deferred() {
                return self.convert(Conversion::Next, method);
            }
            let from = names::local("from");
            let reply = method.invoke();
            quote!({
                #krate::ReplyTo::reply_shown(#from, #reply, #krate::__private::shown!());
                ::core::result::Result::Ok(#krate::gen_server::Next::Receive)
            })
        })
    }

    fn handle_message(&self, kind: Kind) -> TokenStream {
        self.handler(kind, |method| self.convert(Conversion::Next, method))
    }

    /// Makes `handle_call`, `handle_cast` or `handle_continue`, with an arm for each method.
    fn handler(&self, kind: Kind, answer: impl Fn(&Method) -> TokenStream) -> TokenStream {
        if self.server.one(kind.role()).is_none() {
            return TokenStream::new();
        }
        let (name, param) = match kind {
            Kind::Call => (quote!(handle_call), names::local("call")),
            Kind::Cast => (quote!(handle_cast), names::local("cast")),
            _ => (quote!(handle_continue), names::local("arg")),
        };
        let arms = self.server.all(kind.role()).map(|method| {
            let (cfgs, pattern, answer) = (method.cfgs(), self.fields(kind, method), answer(method));
            quote!(#cfgs #pattern => #answer,)
        });
        let unused = self.unused_arm(kind);
        let ty = self.message_type(kind);
        let ctx = self.context_param(self.server.all(kind.role()).any(Method::takes_context));
        let next = self.next_type();
        quote! {
            async fn #name(&mut self, #param: #ty, #ctx) -> #next {
                match #param {
                    #(#arms)*
                    #unused
                }
            }
        }
    }

    /// Makes `handle_info`: an arm for each info of the server, and the default of the trait for all others.
    fn handle_info(&self) -> TokenStream {
        let krate = &self.options.krate;
        let system = [(Role::Down, quote!(Down)), (Role::Exit, quote!(Exit)), (Role::Timeout, quote!(Timeout))];
        let messages = self.server.all(Role::Info).map(|method| {
            let (cfgs, pattern, answer) =
                (method.cfgs(), self.fields(Kind::Info, method), self.convert(Conversion::Next, method));
            quote!(#cfgs #krate::gen_server::Info::Message(#pattern) => #answer,)
        });
        let signals = system.iter().filter_map(|(role, variant)| {
            let method = self.server.one(*role)?;
            let (cfgs, answer) = (method.cfgs(), self.convert(Conversion::Next, method));
            let fields = method.value_names();
            let fields = (!fields.is_empty()).then(|| quote!((#(#fields),*)));
            Some(quote!(#cfgs #krate::gen_server::Info::#variant #fields => #answer,))
        });
        let arms: Vec<_> = messages.chain(signals).collect();
        if arms.is_empty() {
            return TokenStream::new();
        }
        let (info, other, ctx) = (names::local("info"), names::local("other"), names::local("ctx"));
        let ty = self.message_type(Kind::Info);
        let next = self.next_type();
        quote! {
            // The last arm is unreachable if the server handles every kind of info.
            #[allow(unreachable_patterns)]
            async fn handle_info(&mut self, #info: #krate::gen_server::Info<#ty>, #ctx: &mut #krate::gen_server::Context<Self>) -> #next {
                match #info {
                    #(#arms)*
                    #other => #krate::__private::unhandled_info(#other, #ctx),
                }
            }
        }
    }

    fn terminate(&self) -> TokenStream {
        let Some(method) = self.server.one(Role::Terminate) else {
            return TokenStream::new();
        };
        let krate = &self.options.krate;
        let cfgs = method.cfgs();
        let takes_reason = method.params.iter().any(|param| matches!(param, super::method::Param::Reason(_)));
        let reason = if takes_reason { names::local("reason").to_token_stream() } else { quote!(_) };
        let ctx = self.context_param(method.takes_context());
        let done = self.convert(Conversion::Terminated, method);
        quote! {
            #cfgs
            async fn terminate(
                &mut self,
                #reason: &#krate::ExitReason,
                #ctx
            ) -> ::core::result::Result<(), #krate::ExitReason> {
                #done
            }
        }
    }

    fn format_status(&self) -> TokenStream {
        let Some(method) = self.server.one(Role::FormatStatus) else {
            return TokenStream::new();
        };
        let (cfgs, text) = (method.cfgs(), method.invoke());
        quote! {
            #cfgs
            fn format_status(&self) -> ::std::string::String {
                #text
            }
        }
    }

    /// Makes `format_message`, with the `Debug` of the enums.
    pub(crate) fn format_message(&self) -> TokenStream {
        let (krate, server) = (&self.options.krate, self.server);
        let process = if server.is_machine { server.process.to_token_stream() } else { quote!(Self) };
        let (message, f) = (names::local("message"), names::local("f"));
        quote! {
            fn format_message(
                #message: &#krate::gen_server::Incoming<'_, #process>,
                #f: &mut ::core::fmt::Formatter<'_>,
            ) -> ::core::fmt::Result {
                match #message {
                    #krate::gen_server::Incoming::Call(#message) => ::core::fmt::Debug::fmt(#message, #f),
                    #krate::gen_server::Incoming::Cast(#message) => ::core::fmt::Debug::fmt(#message, #f),
                    #krate::gen_server::Incoming::Info(#message) => ::core::fmt::Debug::fmt(#message, #f),
                    _ => #f.write_str("a message"),
                }
            }
        }
    }

    /// Makes the call of the user's method, and the conversion of its result by a private trait.
    fn convert(&self, to: Conversion, method: &Method) -> TokenStream {
        let krate = &self.options.krate;
        let result = method.invoke();
        let at = method.result_span(Span::mixed_site());
        let convert = match to {
            Conversion::Init => quote_spanned!(at=> IntoInit::<Self>::into_init),
            Conversion::Next => quote_spanned!(at=> IntoNext::<Self>::into_next),
            Conversion::Terminated => quote_spanned!(at=> IntoTerminated::into_terminated),
        };
        quote!(#krate::__private::#convert(#result))
    }

    fn next_type(&self) -> TokenStream {
        let krate = &self.options.krate;
        quote!(::core::result::Result<#krate::gen_server::Next<Self>, #krate::ExitReason>)
    }

    fn context_param(&self, is_used: bool) -> TokenStream {
        let krate = &self.options.krate;
        let name = if is_used { names::local("ctx").to_token_stream() } else { quote!(_) };
        quote!(#name: &mut #krate::gen_server::Context<Self>)
    }

    pub(crate) fn init_method(&self) -> &Method {
        self.server.one(Role::Init).expect("a server without `#[init]` is not expanded")
    }
}
