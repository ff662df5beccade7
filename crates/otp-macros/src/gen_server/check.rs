//! Checks a method with a role. Each error says what to write instead.

use syn::{FnArg, GenericParam, Receiver, ReceiverKind, Safety, Signature, Type};

use super::method::{Method, Param};
use super::role::Role;
use super::types::{is_named, plain, reject_argument, reject_in_message, std_from, type_arguments};
use crate::errors::Errors;

/// Reports all errors of `method`.
pub(crate) fn method(method: &Method, signature: &Signature, errors: &mut Errors) {
    qualifiers(method.role, signature, errors);
    receiver(method.role, signature, errors);
    one_each(method, errors);
    values(method, errors);
    output(method, signature, errors);
}

/// Reports all errors of a message without a method.
pub(crate) fn declaration(method: &Method, signature: &Signature, errors: &mut Errors) {
    let attribute = method.role.attribute();
    qualifiers(method.role, signature, errors);
    if let Some(asyncness) = &signature.asyncness {
        errors.add(asyncness, "this declares a message, which the states handle; remove `async`");
    }
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        errors.add(
            receiver,
            format!(
                "this declares a message, which the states handle; remove `self`, or give `{}` a body",
                method.name
            ),
        );
    }
    for param in &method.params {
        match param {
            Param::Reply { ty, reply } => {
                errors.add(
                    ty,
                    format!("the states get the token with the event; write the reply as `-> {}`", plain(reply)),
                );
            }
            Param::Context(ty) => errors.add(ty, "the states get the context, a message does not; remove it"),
            Param::Value { .. } | Param::Reason(_) => {}
        }
    }
    values(method, errors);
    match (method.role, &method.output) {
        (Role::Call, Some(ty)) => drop(errors.take(reject_in_message(ty))),
        (_, Some(ty)) => errors.add(ty, format!("nobody waits for a reply to a `{attribute}`; remove it")),
        (_, None) => {}
    }
}

/// Reports `unsafe`, `extern`, generics, and `async` on a role that cannot be async.
fn qualifiers(role: Role, signature: &Signature, errors: &mut Errors) {
    let attribute = role.attribute();
    if let Safety::Unsafe(unsafety) = &signature.safety {
        errors.add(unsafety, format!("a `{attribute}` method is called by safe code; remove `unsafe`"));
    }
    if let Some(abi) = &signature.abi {
        errors.add(abi, format!("a `{attribute}` method is a plain one; remove `extern`"));
    }
    for param in &signature.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            errors.add(
                param,
                "a message has one concrete type per argument; remove the parameter, or put it on the `impl`",
            );
        }
    }
    if let (Role::FormatStatus, Some(asyncness)) = (role, &signature.asyncness) {
        errors.add(asyncness, "a `#[format_status]` method only looks at the state; remove `async`");
    }
}

fn receiver(role: Role, signature: &Signature, errors: &mut Errors) {
    let attribute = role.attribute();
    match (role, signature.inputs.first()) {
        (Role::Init, Some(FnArg::Receiver(receiver))) => {
            errors.add(receiver, "`#[init]` makes the state, so there is no `self` yet; remove it");
        }
        (Role::Init, _) => {}
        (Role::FormatStatus, Some(FnArg::Receiver(receiver))) if !is_shared(receiver) => {
            errors.add(receiver, "a `#[format_status]` method only looks at the state; take `&self`");
        }
        (_, Some(FnArg::Receiver(receiver))) if !is_reference(receiver) => {
            errors.add(
                receiver,
                format!("the server keeps its state after a `{attribute}`; take `&mut self` or `&self`"),
            );
        }
        (_, Some(FnArg::Receiver(_))) => {}
        (Role::FormatStatus, _) => {
            errors.add(&signature.ident, "a `#[format_status]` method needs `&self` as its first parameter")
        }
        _ => errors.add(
            &signature.ident,
            format!("a `{attribute}` method works on the state; give it `&mut self` or `&self` as its first parameter"),
        ),
    }
}

/// Checks that there is at most one context and one reply token, each in its right form.
fn one_each(method: &Method, errors: &mut Errors) {
    let (mut contexts, mut replies, mut reasons) = (0, 0, 0);
    for param in &method.params {
        match param {
            Param::Context(ty) => {
                contexts += 1;
                if contexts > 1 {
                    errors.add(ty, "there is one context; remove the second parameter");
                }
                if method.role == Role::FormatStatus {
                    errors.add(ty, "a `#[format_status]` method gets no context; remove the parameter");
                }
            }
            Param::Reply { ty, .. } => {
                replies += 1;
                if replies > 1 {
                    errors.add(ty, "a call has one reply; remove the second `ReplyTo`");
                }
                if method.role != Role::Call {
                    let attribute = method.role.attribute();
                    errors.add(
                        ty,
                        format!(
                            "nobody waits for a reply to a `{attribute}`; make it a `#[call]` or remove the `ReplyTo`"
                        ),
                    );
                }
            }
            Param::Reason(ty) => {
                reasons += 1;
                if reasons > 1 {
                    errors.add(ty, "there is one exit reason; remove the second parameter");
                }
            }
            Param::Value { ty, .. } if is_named(ty, "Context") => {
                errors.add(ty, "the context is lent to the method; take `&mut Context<Self>`");
            }
            Param::Value { .. } => {}
        }
    }
}

/// Checks the other arguments: any number of owned ones for a message, and exactly those of the role otherwise.
fn values(method: &Method, errors: &mut Errors) {
    let types: Vec<&Type> = method.values().map(|(_, ty)| ty).filter(|ty| !is_named(ty, "Context")).collect();
    if method.role.takes_values() {
        for ty in types {
            match std_from(ty) {
                Some(reply) => errors.add(
                    ty,
                    format!("`From` is a trait; the token that answers a call is `ReplyTo<{}>`", plain(reply)),
                ),
                None => drop(errors.take(reject_argument(ty))),
            }
        }
        return;
    }
    let (expected, text) = match method.role {
        Role::Down => (1, "an `#[info(down)]` method takes one argument, the `Down`, and the context if it wants it"),
        Role::Exit => (1, "an `#[info(exit)]` method takes one argument, the `Exit`, and the context if it wants it"),
        Role::Timeout => (0, "an `#[info(timeout)]` method takes no argument but the context if it wants it"),
        Role::Terminate => (0, "a `#[terminate]` method takes `&ExitReason`, and the context if it wants it"),
        _ => (0, "a `#[format_status]` method takes no argument but `&self`"),
    };
    for extra in types.iter().skip(expected) {
        errors.add(extra, text);
    }
    if types.len() < expected {
        errors.add(&method.name, text);
    }
}

fn output(method: &Method, signature: &Signature, errors: &mut Errors) {
    match (method.role, &method.output) {
        (Role::Init, None) => errors.add(
            &signature.ident,
            "`#[init]` makes the state; return `Self`, `Init<Self>`, or a `Result` of one of them",
        ),
        (Role::FormatStatus, None) => errors.add(&signature.ident, "a `#[format_status]` method returns a `String`"),
        (Role::Call, Some(ty)) if !method.is_deferred() => {
            if is_next(ty) {
                errors.add(
                    ty,
                    "a call that returns `Next` answers through a token; add a parameter of type `ReplyTo<R>`",
                );
            } else {
                errors.take(reject_in_message(ty));
            }
        }
        _ => {}
    }
    for param in &method.params {
        if let Param::Reply { reply, .. } = param {
            errors.take(reject_in_message(reply));
        }
    }
}

/// Whether the type is `Next<…>` or `Result<Next<…>, …>`.
fn is_next(ty: &Type) -> bool {
    is_named(ty, "Next") || (is_named(ty, "Result") && type_arguments(ty).first().is_some_and(|ty| is_next(ty)))
}

/// Whether the receiver is `&self`, `&mut self`, or the same with a type, such as `self: &Self`.
fn is_reference(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
        _ => false,
    }
}

fn is_shared(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_none(),
        ReceiverKind::Typed(_, ty) => matches!(&**ty, Type::Reference(reference) if reference.mutability.is_none()),
        _ => false,
    }
}
