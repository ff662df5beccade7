//! A method that runs in a state: the state itself, what runs when it is entered, and what looks at it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, GenericParam, Ident, ImplItemFn, Pat, PatType, ReturnType, Signature, Type};

use crate::errors::Errors;
use crate::gen_server::names;
use crate::gen_server::types::{as_reference, is_named, replace_self};

/// What kind of method it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HookKind {
    State,
    Enter,
    Terminate,
    FormatStatus,
}

/// A method that runs in a state.
#[derive(Clone)]
pub(super) struct Hook {
    pub(super) kind: HookKind,
    pub(super) name: Ident,
    pub(super) params: Vec<Given>,
    attrs: Vec<Attribute>,
    is_async: bool,
    output: ReturnType,
}

/// What the generated code passes to a method.
#[allow(clippy::large_enum_variant, reason = "a method has a few, and they live for one expansion")]
#[derive(Clone)]
pub(super) enum Given {
    /// Data of the state, which is lent.
    Data { name: Ident, ty: Type },
    /// `Event<Self>`.
    Event,
    /// `&mut Context<'_, Self>`.
    Context,
    /// `Option<&DoorState>`: the old state.
    Old,
    /// `&ExitReason`.
    Reason,
    /// `&mut DoorState`.
    State,
}

impl Hook {
    /// Reads a method, and reports its errors.
    pub(super) fn read(kind: HookKind, function: &ImplItemFn, errors: &mut Errors) -> Hook {
        let signature = &function.sig;
        let typed: Vec<&PatType> = signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                FnArg::Typed(typed) => Some(typed),
                FnArg::Receiver(_) => None,
            })
            .collect();
        let named = names::arguments(typed.iter().map(|typed| -> &Pat { &typed.pat }));
        let given = |(typed, name): (&&PatType, Ident)| match classify(kind, &typed.ty, name) {
            Ok(Given::Data { .. }) if !matches!(*typed.pat, Pat::Ident(_)) => {
                errors.add(&typed.pat, "this parameter is a field of the state; give it a name");
                None
            }
            Ok(given) => Some(given),
            Err(text) => {
                errors.add(&typed.ty, text);
                None
            }
        };
        let params = typed.iter().zip(named).filter_map(given).collect();
        let hook = Hook {
            kind,
            name: signature.ident.clone(),
            params,
            attrs: function.attrs.clone(),
            is_async: signature.asyncness.is_some(),
            output: signature.output.clone(),
        };
        hook.check(signature, errors);
        hook
    }

    /// The data of the state that the method takes, as they are written outside the `impl`.
    pub(super) fn data(&self) -> impl Iterator<Item = (&Ident, &Type)> {
        self.params.iter().filter_map(|param| match param {
            Given::Data { name, ty } => Some((name, ty)),
            _ => None,
        })
    }

    /// The same, with their types as they are written outside the `impl`.
    pub(super) fn fields(&self, machine: &Type) -> Vec<(&Ident, TokenStream)> {
        self.data().map(|(name, ty)| (name, replace_self(ty.to_token_stream(), machine))).collect()
    }

    pub(super) fn takes(&self, wanted: fn(&Given) -> bool) -> bool {
        self.params.iter().any(wanted)
    }

    /// The attributes of a name, `doc` or `cfg`.
    pub(super) fn attributes(&self, name: &str) -> TokenStream {
        self.attrs.iter().filter(|attribute| attribute.path().is_ident(name)).map(ToTokens::to_token_stream).collect()
    }

    /// Makes the call of the method, with `.await` if it is async.
    pub(super) fn invoke(&self) -> TokenStream {
        let name = &self.name;
        let at = self.result_span(Span::call_site());
        let params = self.params.iter().map(|param| match param {
            Given::Data { name, .. } => name.to_token_stream(),
            Given::Event => names::local("event").to_token_stream(),
            Given::Context => names::local("ctx").to_token_stream(),
            Given::Old => names::local("old").to_token_stream(),
            Given::Reason => names::local("reason").to_token_stream(),
            Given::State => names::local("state").to_token_stream(),
        });
        let wait = self.is_async.then(|| quote_spanned!(at=> .await));
        quote_spanned!(at=> Self::#name(self #(, #params)*) #wait)
    }

    /// The span for an error about the method's result: the return type, or the name if there is none.
    pub(super) fn result_span(&self, hygiene: Span) -> Span {
        hygiene.located_at(match &self.output {
            ReturnType::Type(_, ty) => ty.span(),
            ReturnType::Default => self.name.span(),
        })
    }

    fn check(&self, signature: &Signature, errors: &mut Errors) {
        let attribute = self.kind.attribute();
        for param in &signature.generics.params {
            if !matches!(param, GenericParam::Lifetime(_)) {
                errors.add(param, format!("the machine calls a `{attribute}` method; remove the type parameter"));
            }
        }
        if !matches!(signature.inputs.first(), Some(FnArg::Receiver(receiver)) if is_reference(receiver)) {
            let receiver = if self.kind == HookKind::FormatStatus { "`&self`" } else { "`&mut self` or `&self`" };
            errors.add(
                &signature.ident,
                format!("a `{attribute}` method works on the machine's data; take {receiver} first"),
            );
        }
        if let (HookKind::FormatStatus, Some(asyncness)) = (self.kind, &signature.asyncness) {
            errors.add(asyncness, "a `#[format_status]` method only looks at the state; remove `async`");
        }
        match (self.kind, &signature.output) {
            (HookKind::State, ReturnType::Default) => errors
                .add(&signature.ident, "a state decides what follows; return `Transition<Self>`, or a `Result` of it"),
            (HookKind::FormatStatus, ReturnType::Default) => {
                errors.add(&signature.ident, "a `#[format_status]` method returns a `String`");
            }
            _ => {}
        }
        let count = |wanted: fn(&Given) -> bool| self.params.iter().filter(|given| wanted(given)).count();
        if count(|given| matches!(given, Given::Event)) > 1 || count(|given| matches!(given, Given::Context)) > 1 {
            errors.add(&signature.inputs, "there is one event and one context; remove the second parameter");
        }
        if let syn::Safety::Unsafe(unsafety) = &signature.safety {
            errors.add(unsafety, format!("a `{attribute}` method is called by safe code; remove `unsafe`"));
        }
        if self.kind == HookKind::State && !self.takes(|given| matches!(given, Given::Event)) {
            errors.add(&signature.ident, "a state handles events; give it a parameter `event: Event<Self>`");
        }
    }
}

impl HookKind {
    fn attribute(self) -> &'static str {
        match self {
            Self::State => "#[state]",
            Self::Enter => "#[enter]",
            Self::Terminate => "#[terminate]",
            Self::FormatStatus => "#[format_status]",
        }
    }
}

/// Classifies a parameter by the name of its type, which is all that a macro sees.
fn classify(kind: HookKind, ty: &Type, name: Ident) -> Result<Given, &'static str> {
    let lent = as_reference(ty).map(|reference| &*reference.elem);
    match (kind, lent) {
        (HookKind::FormatStatus, Some(_)) => Ok(Given::State),
        (HookKind::FormatStatus, None) => {
            Err("a `#[format_status]` method takes `&self` and the state, as a reference; remove this parameter")
        }
        (_, Some(lent)) if is_named(lent, "Context") => Ok(Given::Context),
        (HookKind::Terminate, Some(lent)) if is_named(lent, "ExitReason") => Ok(Given::Reason),
        (HookKind::Terminate, Some(_)) => Ok(Given::State),
        (HookKind::State | HookKind::Enter, Some(lent)) => Ok(Given::Data { name, ty: lent.clone() }),
        (HookKind::State, None) if is_named(ty, "Event") => Ok(Given::Event),
        (HookKind::Enter, None) if is_named(ty, "Option") => Ok(Given::Old),
        (_, None) if is_named(ty, "Context") => Err("the context is lent; take `&mut Context<'_, Self>`"),
        (HookKind::State, None) => {
            Err("a state keeps its data after an event; take a reference, such as `&mut u32`, or `Event<Self>`")
        }
        (HookKind::Enter, None) => {
            Err("the data of a state are lent, such as `&mut u32`; the old state is `Option<&…State>`")
        }
        (HookKind::Terminate, None) => {
            Err("a `#[terminate]` method takes `&ExitReason`, the state as `&mut …State`, and the context")
        }
    }
}

fn is_reference(receiver: &syn::Receiver) -> bool {
    match &receiver.kind {
        syn::ReceiverKind::Reference(..) => true,
        syn::ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
        _ => false,
    }
}
