//! A method of the server with a role, as far as the generated code needs it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, ImplItemFn, Pat, PatType, Path, ReturnType, Signature, Type};

use super::check;
use super::names;
use super::role::{Marked, Role};
use super::types::{as_reference, is_named, replace_self, type_arguments};
use crate::errors::Errors;

/// A method with a role.
pub(crate) struct Method {
    pub(crate) role: Role,
    /// The trait that the method belongs to, instead of the server's client.
    pub(crate) protocol: Option<Path>,
    pub(crate) name: Ident,
    pub(crate) is_async: bool,
    /// Whether there is only the signature of a message, which the states of a machine handle.
    pub(crate) is_declared: bool,
    pub(crate) params: Vec<Param>,
    /// The declared return type; `None` stands for `()`.
    pub(crate) output: Option<Type>,
    attrs: Vec<Attribute>,
}

/// A parameter, by the kind of value that the generated code passes.
#[allow(clippy::large_enum_variant, reason = "a method has a few, and they live for one expansion")]
pub(crate) enum Param {
    /// A field of the message, or an argument of the start.
    Value { name: Ident, ty: Type },
    /// `&mut Context<Self>`.
    Context(Type),
    /// `ReplyTo<R>`.
    Reply { ty: Type, reply: Type },
    /// `&ExitReason` of `#[terminate]`.
    Reason(Type),
}

impl Method {
    /// Reads a method, and reports its errors.
    pub(crate) fn read(marked: Marked, function: &ImplItemFn, errors: &mut Errors) -> Self {
        let method = Self::new(marked, &function.sig, &function.attrs);
        check::method(&method, &function.sig, errors);
        method
    }

    /// Reads the signature of a message that has no method.
    pub(crate) fn declared(marked: Marked, signature: &Signature, attrs: &[Attribute], errors: &mut Errors) -> Self {
        let method = Self { is_declared: true, ..Self::new(marked, signature, attrs) };
        check::declaration(&method, signature, errors);
        method
    }

    fn new((role, protocol): Marked, signature: &Signature, attrs: &[Attribute]) -> Self {
        Self {
            role,
            protocol,
            name: signature.ident.clone(),
            is_async: signature.asyncness.is_some(),
            is_declared: false,
            params: read_params(role, signature.inputs.iter()),
            output: match &signature.output {
                ReturnType::Type(_, ty) if !is_unit(ty) => Some((**ty).clone()),
                _ => None,
            },
            attrs: attrs.to_vec(),
        }
    }

    /// The types in the method's signature.
    pub(crate) fn types(&mut self) -> impl Iterator<Item = &mut Type> {
        let params = self.params.iter_mut().map(|param| match param {
            Param::Value { ty, .. } | Param::Context(ty) | Param::Reply { reply: ty, .. } | Param::Reason(ty) => ty,
        });
        params.chain(&mut self.output)
    }

    /// The fields of the method's message or the arguments of the start, in the order of the parameters.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&Ident, &Type)> {
        self.params.iter().filter_map(|param| match param {
            Param::Value { name, ty } => Some((name, ty)),
            _ => None,
        })
    }

    pub(crate) fn value_names(&self) -> Vec<&Ident> {
        self.values().map(|(name, _)| name).collect()
    }

    /// The types of the values, as they are written outside the `impl`.
    pub(crate) fn value_types(&self, server: &Type) -> Vec<TokenStream> {
        self.values().map(|(_, ty)| replace_self(ty.to_token_stream(), server)).collect()
    }

    /// Whether the method answers through a `ReplyTo<R>` instead of its return value.
    pub(crate) fn is_deferred(&self) -> bool {
        self.params.iter().any(|param| matches!(param, Param::Reply { .. }))
    }

    pub(crate) fn takes_context(&self) -> bool {
        self.params.iter().any(|param| matches!(param, Param::Context(_)))
    }

    /// The type of the reply: `R` of `ReplyTo<R>`, otherwise the return type, also if it is a `Result`.
    pub(crate) fn reply_type(&self, server: &Type) -> TokenStream {
        match self.reply() {
            Some(ty) => replace_self(ty.to_token_stream(), server),
            None => quote!(()),
        }
    }

    /// The type of the reply as it is written in the `impl`; `None` stands for `()`.
    pub(crate) fn reply(&self) -> Option<&Type> {
        let deferred = self.params.iter().find_map(|param| match param {
            Param::Reply { reply, .. } => Some(reply),
            _ => None,
        });
        deferred.or(self.output.as_ref())
    }

    /// The variant of the method's message; [`ServerImpl`](super::server::ServerImpl) has checked that its name is
    /// valid.
    pub(crate) fn variant(&self) -> Ident {
        names::variant(&self.name).unwrap_or_else(|_| self.name.clone())
    }

    /// The doc comment, or `otherwise` if there is none.
    pub(crate) fn docs(&self, otherwise: &str) -> TokenStream {
        let docs: Vec<_> = self.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
        if docs.is_empty() { quote!(#[doc = #otherwise]) } else { quote!(#(#docs)*) }
    }

    /// The `#[cfg]`s, which apply to everything that is generated from the method.
    pub(crate) fn cfgs(&self) -> TokenStream {
        self.attributes("cfg")
    }

    pub(crate) fn deprecation(&self) -> TokenStream {
        self.attributes("deprecated")
    }

    fn attributes(&self, name: &str) -> TokenStream {
        self.attrs.iter().filter(|attribute| attribute.path().is_ident(name)).map(ToTokens::to_token_stream).collect()
    }

    /// Makes the call of the method in a callback of the behaviour, with `.await` if the method is async.
    pub(crate) fn invoke(&self) -> TokenStream {
        let name = &self.name;
        let at = self.result_span(Span::call_site());
        let receiver = (self.role != Role::Init).then(|| quote_spanned!(at=> self));
        let params = self.params.iter().map(|param| match param {
            Param::Value { name, .. } => name.to_token_stream(),
            Param::Context(_) => names::local("ctx").to_token_stream(),
            Param::Reply { .. } => names::local("from").to_token_stream(),
            Param::Reason(_) => names::local("reason").to_token_stream(),
        });
        let arguments = receiver.into_iter().chain(params);
        let wait = self.is_async.then(|| quote_spanned!(at=> .await));
        quote_spanned!(at=> Self::#name(#(#arguments),*) #wait)
    }

    /// The span for an error about the method's result: the return type, or the name if there is none.
    pub(crate) fn result_span(&self, hygiene: Span) -> Span {
        hygiene.located_at(self.output.as_ref().map_or_else(|| self.name.span(), Spanned::span))
    }
}

fn read_params<'a>(role: Role, inputs: impl Iterator<Item = &'a FnArg>) -> Vec<Param> {
    let typed: Vec<&PatType> = inputs
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let names = names::arguments(typed.iter().map(|typed| -> &Pat { &typed.pat }));
    typed.into_iter().zip(names).map(|(typed, name)| classify(role, &typed.ty, name)).collect()
}

/// Classifies a parameter by the name of its type, which is all that a macro sees.
fn classify(role: Role, ty: &Type, name: Ident) -> Param {
    let ty = ty.clone();
    match as_reference(&ty) {
        Some(reference) if is_named(&reference.elem, "Context") => return Param::Context(ty),
        Some(reference) if role == Role::Terminate && is_named(&reference.elem, "ExitReason") => {
            return Param::Reason(ty);
        }
        _ => {}
    }
    match type_arguments(&ty)[..] {
        [reply] if is_named(&ty, "ReplyTo") => Param::Reply { reply: reply.clone(), ty },
        _ => Param::Value { name, ty },
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}
