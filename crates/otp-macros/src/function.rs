//! The one form of function that `#[main]` and `#[test]` accept.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{FnArg, ItemFn, Safety};

use crate::errors::Errors;

/// Reports what keeps `function` from being an `async fn` with a `System`, or nothing, as its parameter.
///
/// `attribute` is the macro as the user wrote it; `otherwise` says what to do with a function that is not async.
pub(crate) fn check(function: &ItemFn, attribute: &str, otherwise: &str, errors: &mut Errors) {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        errors.add(signature.fn_token, format!("`{attribute}` runs an `async fn`; add `async`{otherwise}"));
    }
    if let Some(constness) = &signature.constness {
        errors.add(constness, format!("a `{attribute}` function runs a system; remove `const`"));
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        errors.add(unsafety, format!("a `{attribute}` function is called by safe code; remove `unsafe`"));
    }
    if let Some(abi) = &signature.abi {
        errors.add(abi, format!("a `{attribute}` function is a plain one; remove `extern`"));
    }
    if !signature.generics.params.is_empty() {
        errors.add(
            &signature.generics,
            format!("nobody chooses the type parameters of a `{attribute}` function; remove them"),
        );
    }
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            errors.add(receiver, format!("a `{attribute}` function stands by itself, it is no method; remove `self`"));
        }
        _ => {
            for extra in signature.inputs.iter().skip(1) {
                errors.add(
                    extra,
                    format!("a `{attribute}` function takes the `System` or nothing; remove this parameter"),
                );
            }
        }
    }
}

/// Gives tokens the span `place`, where errors in them are shown.
pub(crate) fn located(tokens: TokenStream, place: Span) -> TokenStream {
    let located = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    located.collect()
}

/// Makes a `FnOnce(System)` that calls the function at `path`, with or without the system.
pub(crate) fn body(function: &ItemFn, path: &TokenStream) -> TokenStream {
    if function.sig.inputs.is_empty() { quote!(|_| #path()) } else { path.clone() }
}
