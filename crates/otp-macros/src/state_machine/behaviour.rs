//! Generates the `impl StateMachine`: `handle` calls the method of the state.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::hook::{Given, Hook};
use super::machine::State;
use super::{Expansion, KINDS};
use crate::gen_server::message::Kind;
use crate::gen_server::method::Method;
use crate::gen_server::names::local;
use crate::gen_server::role::Role;

impl Expansion<'_> {
    /// Makes the `impl StateMachine for …`. With `is_stub` its callbacks do nothing: the block has errors.
    pub(super) fn behaviour(&self, is_stub: bool) -> TokenStream {
        let Self { machine, options } = self;
        let (krate, server) = (&options.server.krate, &machine.server);
        let (cfgs, ty) = (&server.cfgs, &server.ty);
        let (generics, arguments, where_clause) = server.generics.split_for_impl();
        let shared = self.shared();
        let types = KINDS.map(|kind| shared.associated_type(kind));
        let (state, supervision) = (machine.state_name(), shared.supervision());
        let on_thread = options.server.thread.then(|| {
            quote!(
                const ON_THREAD: bool = true;
            )
        });
        let args = match is_stub {
            true => quote!(()),
            false => shared.args_type(),
        };
        let methods = if is_stub {
            self.hollow_methods()
        } else {
            let message = shared.format_message();
            let methods =
                [self.init(), self.handle(), self.enter(), self.terminate(), self.format_status(), self.diagram()];
            quote!(#(#methods)* #message)
        };
        quote! {
            #cfgs
            // A machine still answers deprecated calls.
            #[allow(deprecated, clippy::type_complexity)]
            impl #generics #krate::statem::StateMachine for #ty #where_clause {
                type Args = #args;
                type State = #state #arguments;
                #(#types)*
                #on_thread
                #supervision
                #methods
            }
        }
    }

    fn init(&self) -> TokenStream {
        let krate = &self.options.server.krate;
        let shared = self.shared();
        let method = shared.init_method();
        let (args, args_type, ctx) = (shared.args(), shared.args_type(), self.context(method.takes_context()));
        let (result, at) = (method.invoke(), method.result_span(Span::mixed_site()));
        let convert = quote_spanned!(at=> IntoInit::<Self>::into_init);
        quote! {
            async fn init(
                #args: #args_type,
                #ctx
            ) -> ::core::result::Result<#krate::statem::Init<Self>, #krate::ExitReason> {
                #krate::statem::__private::#convert(#result)
            }
        }
    }

    /// Makes `handle`: first the messages that are handled alike in every state, then the states.
    fn handle(&self) -> TokenStream {
        let Self { machine, options } = self;
        let krate = &options.server.krate;
        let (state, event, name) = (local("state"), local("event"), machine.state_name());
        let shared = self.shared_arms();
        let first = (!shared.is_empty()).then(|| {
            let other = local("other");
            quote! {
                let #event = match #event {
                    #(#shared)*
                    #other => #other,
                };
            }
        });
        let arms = machine.states.iter().map(|State { variant, handler, .. }| {
            let (cfgs, result) = (handler.attributes("cfg"), handler.invoke());
            let fields: Vec<_> = handler.data().map(|(name, _)| name).collect();
            let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
            let (of, at) = (self.state_type(variant), handler.result_span(Span::mixed_site()));
            let convert = quote_spanned!(at=> IntoTransition::<Self, #of>::into_transition);
            quote!(#cfgs #name::#variant #fields => #krate::statem::__private::#convert(#result),)
        });
        let unused = self.unused_arm();
        let takes = |given: fn(&Given) -> bool| machine.states.iter().any(|state| state.handler.takes(given));
        let messages = [Role::Call, Role::Cast, Role::Info, Role::Down, Role::Exit];
        let is_used = takes(|given| matches!(given, Given::Context))
            || messages.iter().any(|role| machine.shared(*role).any(Method::takes_context));
        let ctx = self.context(is_used);
        quote! {
            async fn handle(
                &mut self,
                #state: &mut Self::State,
                #event: #krate::statem::Event<Self>,
                #ctx
            ) -> ::core::result::Result<#krate::statem::Transition<Self>, #krate::ExitReason> {
                #first
                match #state {
                    #(#arms)*
                    #unused
                }
            }
        }
    }

    /// The arms of the messages with a body.
    fn shared_arms(&self) -> Vec<TokenStream> {
        let krate = &self.options.server.krate;
        let shared = self.shared();
        let from = local("from");
        let kept = quote!(::core::result::Result::Ok(#krate::statem::Transition::<Self>::keep()));
        let done = |method: &Method| {
            let (result, at) = (method.invoke(), method.result_span(Span::mixed_site()));
            let convert = quote_spanned!(at=> IntoKept::into_kept);
            quote!({
                #krate::statem::__private::#convert(#result)?;
                return #kept;
            })
        };
        let calls = self.machine.shared(Role::Call).map(|method| {
            let (cfgs, pattern) = (method.cfgs(), shared.fields(Kind::Call, method));
            let done = if method.is_deferred() {
                done(method)
            } else {
                let reply = method.invoke();
                quote!({
                    #krate::ReplyTo::reply(#from, #reply);
                    return #kept;
                })
            };
            quote!(#cfgs #krate::statem::Event::Call(#pattern) => #done)
        });
        let casts = self.machine.shared(Role::Cast).map(|method| {
            let (cfgs, pattern, done) = (method.cfgs(), shared.fields(Kind::Cast, method), done(method));
            quote!(#cfgs #krate::statem::Event::Cast(#pattern) => #done)
        });
        let infos = self.machine.shared(Role::Info).map(|method| {
            let (cfgs, pattern, done) = (method.cfgs(), shared.fields(Kind::Info, method), done(method));
            quote!(#cfgs #krate::statem::Event::Info(#krate::gen_server::Info::Message(#pattern)) => #done)
        });
        let signals = self.machine.shared(Role::Down).chain(self.machine.shared(Role::Exit)).map(|method| {
            let (cfgs, fields, done) = (method.cfgs(), method.value_names(), done(method));
            let variant = if method.role == Role::Down { quote!(Down) } else { quote!(Exit) };
            quote!(#cfgs #krate::statem::Event::Info(#krate::gen_server::Info::#variant(#(#fields),*)) => #done)
        });
        calls.chain(casts).chain(infos).chain(signals).collect()
    }

    fn enter(&self) -> TokenStream {
        let Self { machine, options } = self;
        let krate = &options.server.krate;
        let hooks: Vec<&Hook> = machine.states.iter().filter_map(|state| state.enter.as_ref()).collect();
        if hooks.is_empty() {
            return TokenStream::new();
        }
        let (state, name) = (local("state"), machine.state_name());
        let arms = machine.states.iter().filter_map(|State { variant, enter, handler }| {
            let enter = enter.as_ref()?;
            let (cfgs, result) = (handler.attributes("cfg"), enter.invoke());
            let fields = enter.data().map(|(name, _)| name);
            let convert = quote_spanned!(enter.result_span(Span::mixed_site())=> IntoEntered::<Self>::into_entered);
            quote!(#cfgs #name::#variant { #(#fields,)* .. } => #krate::statem::__private::#convert(#result),).into()
        });
        let takes = |given: fn(&Given) -> bool| hooks.iter().any(|hook| hook.takes(given));
        let old = if takes(|given| matches!(given, Given::Old)) { local("old").to_token_stream() } else { quote!(_) };
        let ctx = self.context(takes(|given| matches!(given, Given::Context)));
        quote! {
            // The last arm is unreachable if every state has such a method.
            #[allow(unreachable_patterns)]
            async fn enter(
                &mut self,
                #old: ::core::option::Option<&Self::State>,
                #state: &mut Self::State,
                #ctx
            ) -> ::core::result::Result<#krate::statem::Entered<Self>, #krate::ExitReason> {
                match #state {
                    #(#arms)*
                    _ => ::core::result::Result::Ok(#krate::statem::Entered::ok()),
                }
            }
        }
    }

    fn terminate(&self) -> TokenStream {
        let Some(hook) = &self.machine.terminate else { return TokenStream::new() };
        let krate = &self.options.server.krate;
        let used = |name: &str, given: fn(&Given) -> bool| match hook.takes(given) {
            true => local(name).to_token_stream(),
            false => quote!(_),
        };
        let reason = used("reason", |given| matches!(given, Given::Reason));
        let state = used("state", |given| matches!(given, Given::State));
        let ctx = self.context(hook.takes(|given| matches!(given, Given::Context)));
        let (cfgs, result) = (hook.attributes("cfg"), hook.invoke());
        let convert = quote_spanned!(hook.result_span(Span::mixed_site())=> IntoTerminated::into_terminated);
        quote! {
            #cfgs
            async fn terminate(
                &mut self,
                #reason: &#krate::ExitReason,
                #state: &mut Self::State,
                #ctx
            ) -> ::core::result::Result<(), #krate::ExitReason> {
                #krate::__private::#convert(#result)
            }
        }
    }

    fn format_status(&self) -> TokenStream {
        let Some(hook) = &self.machine.format_status else { return TokenStream::new() };
        let (cfgs, text) = (hook.attributes("cfg"), hook.invoke());
        let takes_state = hook.takes(|given| matches!(given, Given::State));
        let state = if takes_state { local("state").to_token_stream() } else { quote!(_) };
        quote! {
            #cfgs
            fn format_status(&self, #state: &Self::State) -> ::std::string::String {
                #text
            }
        }
    }

    fn diagram(&self) -> TokenStream {
        if self.machine.table.is_none() {
            return TokenStream::new();
        }
        let name = self.machine.state_name();
        quote! {
            fn diagram() -> ::core::option::Option<&'static str> {
                ::core::option::Option::Some(#name::DIAGRAM)
            }
        }
    }

    fn hollow_methods(&self) -> TokenStream {
        let krate = &self.options.server.krate;
        let result = |of: TokenStream| quote!(::core::result::Result<#krate::statem::#of<Self>, #krate::ExitReason>);
        let (init, transition, ctx) = (result(quote!(Init)), result(quote!(Transition)), self.context(false));
        quote! {
            async fn init((): (), #ctx) -> #init {
                ::core::unreachable!()
            }

            async fn handle(&mut self, _: &mut Self::State, _: #krate::statem::Event<Self>, #ctx) -> #transition {
                ::core::unreachable!()
            }
        }
    }

    fn context(&self, is_used: bool) -> TokenStream {
        let krate = &self.options.server.krate;
        let name = if is_used { local("ctx").to_token_stream() } else { quote!(_) };
        quote!(#name: &mut #krate::statem::Context<'_, Self>)
    }
}
