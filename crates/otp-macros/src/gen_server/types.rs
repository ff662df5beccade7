//! Inspects types by their tokens, which is all that a macro sees.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, Path, PathArguments, PathSegment, Type, TypeParamBound, TypeReference};

use crate::function::located;

/// The last segment of a path type, `ReplyTo<R>` of `otp::ReplyTo<R>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether `ty` is a path that ends in `name`, with or without generic arguments.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// Gives each bare `ReplyTo<…>` its path in `krate`, at any depth. The path has the span of the name.
pub(crate) fn with_reply_path(tokens: TokenStream, krate: &Path) -> TokenStream {
    let mut replaced = TokenStream::new();
    // A path has two, a parameter one.
    let mut colons = 0;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_colon = is_punct(Some(&token), ':');
        match token {
            TokenTree::Ident(ident) if ident == "ReplyTo" && colons < 2 && is_punct(tokens.peek(), '<') => {
                replaced.extend(located(quote!(#krate::), ident.span()));
                replaced.extend([TokenTree::Ident(ident)]);
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), with_reply_path(group.stream(), krate));
                inner.set_span(group.span());
                replaced.extend([TokenTree::Group(inner)]);
            }
            other => replaced.extend([other]),
        }
        colons = if is_colon { colons + 1 } else { 0 };
    }
    replaced
}

fn is_punct(token: Option<&TokenTree>, punct: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == punct)
}

/// The reference in `ty`, if it is one.
pub(crate) fn as_reference(ty: &Type) -> Option<&TypeReference> {
    match ty {
        Type::Reference(reference) => Some(reference),
        Type::Group(group) => as_reference(&group.elem),
        Type::Paren(paren) => as_reference(&paren.elem),
        _ => None,
    }
}

/// The types between the angle brackets of a path's last segment.
pub(crate) fn type_arguments(ty: &Type) -> Vec<&Type> {
    let Some(PathArguments::AngleBracketed(list)) = last_segment(ty).map(|segment| &segment.arguments) else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// The `R` of a bare `From<R>`, as OTP calls the token. The trait is never a type.
pub(crate) fn std_from(ty: &Type) -> Option<&Type> {
    match (ty, &type_arguments(ty)[..]) {
        (Type::Path(path), [reply]) if path.path.segments.len() == 1 && is_named(ty, "From") => Some(reply),
        _ => None,
    }
}

/// Reports why a parameter's type cannot be a field of a message. It may be an alias of the context, which a macro
/// cannot know.
pub(crate) fn reject_argument(ty: &Type) -> syn::Result<()> {
    let is_lent = as_reference(ty).is_some_and(|reference| reference.mutability.is_some());
    let is_alias = |segment: &PathSegment| match &segment.arguments {
        PathArguments::None => is_lent,
        PathArguments::AngleBracketed(list) => {
            list.args.iter().all(|argument| matches!(argument, GenericArgument::Lifetime(_)))
        }
        PathArguments::Parenthesized(_) => false,
    };
    let named = as_reference(ty).map_or(ty, |reference| &reference.elem);
    reject_in_message(ty).map_err(|error| match last_segment(named).is_some_and(is_alias) {
        true => syn::Error::new(
            error.span(),
            format!("{error}; if it is the context under another name, write `&mut Context<Self>`"),
        ),
        false => error,
    })
}

/// Reports why a type cannot be part of a message: a message is owned, and each part has one concrete type.
pub(crate) fn reject_in_message(ty: &Type) -> syn::Result<()> {
    match ty {
        Type::Reference(reference)
            if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static") =>
        {
            Ok(())
        }
        Type::Reference(reference) => Err(syn::Error::new_spanned(
            ty,
            format!("messages and replies are owned values; {}", owned_form(&reference.elem)),
        )),
        Type::ImplTrait(_) => Err(syn::Error::new_spanned(
            ty,
            "messages and replies have one concrete type; name it, or box it as `Box<dyn … + Send>`",
        )),
        Type::Array(array) => reject_in_message(&array.elem),
        Type::Slice(slice) => reject_in_message(&slice.elem),
        Type::Group(group) => reject_in_message(&group.elem),
        Type::Paren(paren) => reject_in_message(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().try_for_each(reject_in_message),
        Type::Path(path) => path.path.segments.iter().try_for_each(reject_in_arguments),
        // The types inside a function pointer or a trait object are not part of the message.
        _ => Ok(()),
    }
}

fn reject_in_arguments(segment: &PathSegment) -> syn::Result<()> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return Ok(());
    };
    list.args.iter().try_for_each(|argument| match argument {
        GenericArgument::Type(ty) => reject_in_message(ty),
        GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => Err(syn::Error::new_spanned(
            lifetime,
            "messages and replies are owned values; use a type without a lifetime, or `'static`",
        )),
        _ => Ok(()),
    })
}

fn owned_form(borrowed: &Type) -> String {
    let owned = [("str", "String"), ("Path", "PathBuf"), ("OsStr", "OsString"), ("CStr", "CString")]
        .into_iter()
        .find(|(name, _)| is_named(borrowed, name));
    match (owned, borrowed) {
        (Some((_, owned)), _) => format!("use `{owned}`"),
        (None, Type::Slice(slice)) => format!("use `Vec<{}>`", slice.elem.to_token_stream()),
        (None, Type::TraitObject(_)) => "use a `Box` or an `Arc`".to_owned(),
        (None, Type::Path(_)) => format!("use `{}`, or an `Arc` of it", plain(borrowed)),
        (None, _) => "take it by value".to_owned(),
    }
}

/// Types of the standard library that stay on their thread, by name.
const LOCAL: [&str; 6] = ["Rc", "NonNull", "MutexGuard", "RwLockReadGuard", "RwLockWriteGuard", "LocalBoxFuture"];

/// Traits of the standard library that have types which stay on their thread.
const OPEN: [&str; 9] = ["Any", "AsyncFn", "Debug", "Display", "Error", "Fn", "FnMut", "FnOnce", "Future"];

/// Whether a field of this type may keep a message from being `Send`, judging by the name, which may be of another
/// type.
pub(crate) fn may_be_local(ty: &Type) -> bool {
    match ty {
        Type::Ptr(_) => true,
        Type::Array(array) => may_be_local(&array.elem),
        Type::Group(group) => may_be_local(&group.elem),
        Type::Paren(paren) => may_be_local(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(may_be_local),
        Type::TraitObject(object) => {
            let traits = || {
                object.bounds.iter().filter_map(|bound| match bound {
                    TypeParamBound::Trait(bound) => bound.path.segments.last(),
                    _ => None,
                })
            };
            traits().all(|segment| segment.ident != "Send")
                && traits().any(|segment| OPEN.iter().any(|name| segment.ident == name))
        }
        Type::Path(_) => {
            LOCAL.iter().any(|name| is_named(ty, name)) || type_arguments(ty).into_iter().any(may_be_local)
        }
        _ => false,
    }
}

/// A type as a person would write it: `Vec<u8>` where the token stream prints `Vec < u8 >`.
pub(crate) fn plain(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(" < ", "<").replace(" >", ">").replace(" :: ", "::").replace(" ,", ",")
}

/// Replaces `Self`, which would mean the enum or the trait in the generated code.
///
/// Works on tokens, not on the syntax tree, so that it also replaces `Self` in macro calls and array lengths.
pub(crate) fn replace_self(tokens: TokenStream, server: &Type) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let is_qualified = is_punct(tokens.peek(), ':');
                // `Cache<T>::N` is no expression, `<Cache<T>>::N` is.
                replaced.extend(if is_qualified { quote!(<#server>) } else { quote!(#server) });
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace_self(group.stream(), server));
                inner.set_span(group.span());
                replaced.extend([TokenTree::Group(inner)]);
            }
            other => replaced.extend([other]),
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(ty: &str) -> String {
        reject_in_message(&syn::parse_str(ty).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn each_borrowed_type_is_answered_with_its_owned_form() {
        assert!(error("&str").ends_with("use `String`"));
        assert!(error("&mut [u8]").ends_with("use `Vec<u8>`"));
        assert!(error("&std::path::Path").ends_with("use `PathBuf`"));
        assert!(error("&dyn Fn()").ends_with("use a `Box` or an `Arc`"));
        assert!(error("&HashMap<u8, u8>").ends_with("use `HashMap<u8, u8>`, or an `Arc` of it"));
        assert!(error("Option<(u8, &'a str)>").ends_with("use `String`"));
        assert!(error("Cow<'_, str>").ends_with("or `'static`"));
        assert!(error("Vec<impl Clone>").contains("one concrete type"));
    }

    #[test]
    fn owned_types_and_static_references_pass() {
        for ty in
            ["String", "&'static str", "Box<dyn Fn(&str) -> &str + Send>", "fn(&str)", "Cow<'static, str>", "[u8; 4]"]
        {
            reject_in_message(&syn::parse_str(ty).unwrap()).unwrap();
        }
    }

    #[test]
    fn what_may_be_an_aliased_context_is_answered_with_the_context() {
        for (ty, is_alias) in [("&mut Ctx", true), ("Ctx<'_>", true), ("&str", false), ("&mut Vec<u8>", false)] {
            let text = reject_argument(&syn::parse_str(ty).unwrap()).unwrap_err().to_string();
            assert_eq!(text.ends_with("write `&mut Context<Self>`"), is_alias, "{text}");
        }
    }

    #[test]
    fn a_bare_reply_token_gets_its_path_at_every_depth() {
        let krate = syn::parse_quote!(my::otp);
        let tokens = with_reply_path(quote!(Vec<(ReplyTo<u8>, a::ReplyTo<u8>, ReplyTo)>), &krate);
        assert_eq!(tokens.to_string(), quote!(Vec<(my::otp::ReplyTo<u8>, a::ReplyTo<u8>, ReplyTo)>).to_string());
    }

    #[test]
    fn types_that_stay_on_their_thread_are_known_by_their_names() {
        for (ty, is_local) in [
            ("Rc<u8>", true),
            ("Vec<(u8, std::rc::Rc<u8>)>", true),
            ("*const u8", true),
            ("Box<dyn Error>", true),
            ("Box<dyn FnOnce(u8) -> Rc<u8>>", true),
            ("Box<dyn Error + Send + Sync>", false),
            ("Box<dyn FnOnce(Rc<u8>) + Send>", false),
            ("Arc<dyn Storage>", false),
            ("Arc<str>", false),
            ("fn(Rc<u8>)", false),
        ] {
            assert_eq!(may_be_local(&syn::parse_str(ty).unwrap()), is_local, "{ty}");
        }
    }

    #[test]
    fn self_is_replaced_at_every_depth() {
        let server = syn::parse_quote!(Cache<T>);
        let replaced: Type = syn::parse2(replace_self(quote!(Option<(Self, [u8; Self::N])>), &server)).unwrap();
        assert_eq!(replaced, syn::parse_quote!(Option<(Cache<T>, [u8; <Cache<T>>::N])>));
    }
}
