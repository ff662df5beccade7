//! Generates the enums: one for each kind of message that the server has.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{GenericParam, Ident, Path};

use super::Expansion;
use super::method::Method;
use super::names;
use super::role::Role;

/// A kind of message. Each has an associated type of `GenServer` or `StateMachine`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Call,
    Cast,
    Info,
    Continue,
    /// The internal events and the contents of timeouts of a machine.
    Internal,
    /// The names of the timeouts of a machine.
    Timer,
}

impl Kind {
    /// The role of the methods that become variants of this kind.
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Call => Role::Call,
            Self::Cast => Role::Cast,
            Self::Info => Role::Info,
            Self::Continue => Role::Continue,
            Self::Internal => Role::Internal,
            Self::Timer => Role::Timer,
        }
    }

    /// The name of the associated type, which is also the suffix of the enum's name.
    fn name(self) -> &'static str {
        match self {
            Self::Call => "Call",
            Self::Cast => "Cast",
            Self::Info => "Info",
            Self::Continue => "Continue",
            Self::Internal => "Internal",
            Self::Timer => "Timer",
        }
    }

    fn doc(self) -> &'static str {
        match self {
            Self::Call => "The calls",
            Self::Cast => "The casts",
            Self::Info => "The infos",
            Self::Continue => "The continuations",
            Self::Internal => "The internal events, and the contents of timeouts,",
            Self::Timer => "The names of the timeouts",
        }
    }
}

impl Expansion<'_> {
    /// Makes the enum of one kind; empty if the server has no message of it.
    pub(crate) fn message(&self, kind: Kind) -> TokenStream {
        if self.server.one(kind.role()).is_none() || self.of_another(kind).is_some() {
            return TokenStream::new();
        }
        let Self { server, options, .. } = self;
        let (vis, cfgs, generics) = (&options.vis, &server.cfgs, &server.generics);
        let where_clause = &generics.where_clause;
        let name = self.message_name(kind);
        let doc = format!(" {} of `{}`.", kind.doc(), server.name);
        let variants = server.all(kind.role()).map(|method| self.variant(kind, method));
        let (unused, debug) = (self.unused_variant(kind), self.debug(kind));
        let derives = (kind == Kind::Timer).then(|| quote!(#[derive(PartialEq)]));
        quote! {
            #cfgs
            #[doc = #doc]
            #derives
            // The visibility of an argument's type is up to the method; whether a message is sent is up to the program.
            #[allow(dead_code, private_interfaces, clippy::enum_variant_names, clippy::type_complexity)]
            // So that a new message does not break a `match` in another crate, as in a mock.
            #[non_exhaustive]
            #vis enum #name #generics #where_clause {
                #(#variants,)*
                #unused
            }
            #debug
        }
    }

    /// Makes a `Debug` for an enum, which shows arguments that are `Debug`: others may be part of a message, too.
    fn debug(&self, kind: Kind) -> TokenStream {
        let Self { server, options } = self;
        let (krate, cfgs) = (&options.krate, &server.cfgs);
        let (impl_generics, arguments, where_clause) = server.generics.split_for_impl();
        let (name, f, never) = (self.message_name(kind), names::local("f"), names::local("never"));
        let arms = server.all(kind.role()).map(|method| {
            let (cfgs, pattern, variant) = (method.cfgs(), self.fields(kind, method), method.variant().to_string());
            let fields = self.field_names(kind, method);
            quote!(#cfgs #pattern => #f.debug_tuple(#variant)#(.field((&Show(#fields)).show()))*.finish(),)
        });
        let unused =
            (!self.unused_variant(kind).is_empty()).then(|| quote!(#name::__Unused(#never, _) => match *#never {},));
        quote! {
            #cfgs
            impl #impl_generics ::core::fmt::Debug for #name #arguments #where_clause {
                #[allow(clippy::needless_borrow)]
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #[allow(unused_imports)]
                    use #krate::__private::{Show, ShowDebug as _, ShowOther as _};
                    match self {
                        #(#arms)*
                        #unused
                    }
                }
            }
        }
    }

    /// The associated type: the enum, or `NoMessage`.
    pub(crate) fn message_type(&self, kind: Kind) -> TokenStream {
        let krate = &self.options.krate;
        if let Some(server) = self.of_another(kind) {
            let name = format_ident!("{}", kind.name());
            return quote!(<#server as #krate::gen_server::GenServer>::#name);
        }
        if self.server.one(kind.role()).is_none() {
            return quote!(#krate::gen_server::NoMessage);
        }
        let name = self.message_name(kind);
        let (_, arguments, _) = self.server.generics.split_for_impl();
        quote!(#name #arguments)
    }

    pub(crate) fn associated_type(&self, kind: Kind) -> TokenStream {
        let name = format_ident!("{}", kind.name());
        let ty = self.message_type(kind);
        quote!(type #name = #ty;)
    }

    /// Makes the variant of a method with the names of its fields, which is both a pattern and an expression.
    pub(crate) fn fields(&self, kind: Kind, method: &Method) -> TokenStream {
        let (name, variant, fields) = (self.message_path(kind), method.variant(), self.field_names(kind, method));
        if fields.is_empty() { quote!(#name::#variant) } else { quote!(#name::#variant(#(#fields),*)) }
    }

    fn field_names(&self, kind: Kind, method: &Method) -> Vec<Ident> {
        let from = (kind == Kind::Call).then(|| names::local("from"));
        method.value_names().into_iter().cloned().chain(from).collect()
    }

    /// Makes the arm for the hidden variant, which no value has.
    pub(crate) fn unused_arm(&self, kind: Kind) -> TokenStream {
        if self.unused_variant(kind).is_empty() {
            return TokenStream::new();
        }
        let name = self.message_name(kind);
        let never = names::local("never");
        quote!(#name::__Unused(#never, _) => match #never {},)
    }

    /// The server whose messages of this kind this one has, if it has not its own.
    fn of_another(&self, kind: Kind) -> Option<&Path> {
        self.options.messages.as_ref().filter(|_| kind != Kind::Continue)
    }

    /// The path of the enum.
    pub(crate) fn message_path(&self, kind: Kind) -> Path {
        let Some(server) = self.of_another(kind) else { return self.message_name(kind).into() };
        let mut path = server.clone();
        if let Some(last) = path.segments.last_mut() {
            last.ident = format_ident!("{}{}", last.ident, kind.name());
        }
        path
    }

    fn message_name(&self, kind: Kind) -> Ident {
        // The server's span, not the macro's: the user writes this name.
        format_ident!("{}{}", self.server.name, kind.name())
    }

    fn variant(&self, kind: Kind, method: &Method) -> TokenStream {
        let (krate, server) = (&self.options.krate, self.server);
        let cfgs = method.cfgs();
        let docs = method.docs(&format!(" For `{}::{}`.", server.name, method.name));
        let variant = method.variant();
        let mut fields = method.value_types(&server.ty);
        if kind == Kind::Call {
            let reply = method.reply_type(&server.ty);
            fields.push(quote!(#krate::ReplyTo<#reply>));
        }
        let fields = (!fields.is_empty()).then(|| quote!((#(#fields),*)));
        quote!(#cfgs #docs #variant #fields)
    }

    /// Makes a variant with the type parameters that no message of the kind uses: an enum must use all of them.
    fn unused_variant(&self, kind: Kind) -> TokenStream {
        let krate = &self.options.krate;
        let unused: Vec<&Ident> = self
            .server
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Type(param) => Some(&param.ident),
                _ => None,
            })
            .filter(|param| !self.mentions(kind, param))
            .collect();
        if unused.is_empty() {
            return TokenStream::new();
        }
        quote! {
            #[doc(hidden)]
            __Unused(#krate::gen_server::NoMessage, ::core::marker::PhantomData<(#(fn() -> #unused,)*)>),
        }
    }

    /// Whether a field certainly uses the parameter itself. `T::Item` and `<T as Trait>::Item` do not count.
    fn mentions(&self, kind: Kind, param: &Ident) -> bool {
        let server = &self.server.ty;
        self.server.all(kind.role()).filter(|method| method.cfgs().is_empty()).any(|method| {
            let reply = (kind == Kind::Call).then(|| method.reply_type(server));
            method.value_types(server).into_iter().chain(reply).any(|ty| uses(ty, param))
        })
    }
}

fn uses(ty: TokenStream, param: &Ident) -> bool {
    let mut found = false;
    let mut is_projection = false;
    let mut pending = vec![ty];
    while let Some(tokens) = pending.pop() {
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                proc_macro2::TokenTree::Group(group) => pending.push(group.stream()),
                proc_macro2::TokenTree::Ident(ident) if ident == "as" => is_projection = true,
                proc_macro2::TokenTree::Ident(ident) if ident == param => {
                    let is_prefix = tokens.get(index + 1).is_some_and(|next| next.to_string() == ":");
                    found |= !is_prefix;
                }
                _ => {}
            }
        }
    }
    found && !is_projection
}
