//! Questions about types that have to be answered from their tokens.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, Path, PathArguments, PathSegment, Type, TypePath, TypeReference};

/// The last segment of a path type, `ReplyTo<R>` of `otp::ReplyTo<R>`.
pub(super) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether `ty` is a path that ends in `name`, with or without generic arguments.
pub(super) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// The bare `name<…>` as `krate::name<…>`; `None` for any other type.
pub(super) fn with_path(ty: &Type, name: &str, krate: &Path) -> Option<Type> {
    let bare = match ty {
        Type::Path(TypePath { qself: None, path, .. }) if path.leading_colon.is_none() => path,
        _ => return None,
    };
    match bare.segments.iter().collect::<Vec<_>>()[..] {
        [segment] if segment.ident == name && !segment.arguments.is_none() => Some(syn::parse_quote!(#krate::#segment)),
        _ => None,
    }
}

/// The reference in `ty`, if it is one.
pub(super) fn as_reference(ty: &Type) -> Option<&TypeReference> {
    match ty {
        Type::Reference(reference) => Some(reference),
        Type::Group(group) => as_reference(&group.elem),
        Type::Paren(paren) => as_reference(&paren.elem),
        _ => None,
    }
}

/// The types between the angle brackets of a path's last segment.
pub(super) fn type_arguments(ty: &Type) -> Vec<&Type> {
    let Some(PathArguments::AngleBracketed(list)) = last_segment(ty).map(|segment| &segment.arguments) else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Why a type cannot be part of a message: a message is owned, and each of its parts has one concrete type.
pub(super) fn reject_in_message(ty: &Type) -> syn::Result<()> {
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
        // What stands inside a function pointer or a trait object is not part of the message.
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

/// A type as a person would write it: `Vec<u8>` where the token stream prints `Vec < u8 >`.
fn plain(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(" < ", "<").replace(" >", ">").replace(" :: ", "::").replace(" ,", ",")
}

/// Replaces `Self`, which would mean the enum or the trait where the tokens are going to stand.
///
/// On tokens, not on the syntax tree: so it also reaches macro calls and array lengths.
pub(super) fn replace_self(tokens: TokenStream, server: &Type) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let is_qualified = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
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
    fn self_is_replaced_at_every_depth() {
        let server = syn::parse_quote!(Cache<T>);
        let replaced: Type = syn::parse2(replace_self(quote!(Option<(Self, [u8; Self::N])>), &server)).unwrap();
        assert_eq!(replaced, syn::parse_quote!(Option<(Cache<T>, [u8; <Cache<T>>::N])>));
    }
}
