//! Reads the `impl` block: the server's type, and its methods by role.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, FnArg, Generics, Ident, ImplItem, ItemImpl, Path, Signature, Type};

use super::method::Method;
use super::names;
use super::role::{Role, reject_roles, take_role};
use super::types::{last_segment, replace_self, std_from, with_reply_path};
use crate::errors::Errors;

/// The methods of `ServerRef` itself and of the traits of the prelude: a client method of the same name could not be
/// called with a dot.
const TAKEN: [&str; 22] = [
    "call",
    "cast",
    "try_cast",
    "cast_when_room",
    "info",
    "try_info",
    "info_when_room",
    "info_address",
    "log_dropped",
    "send_after",
    "start_timer",
    "stop",
    "exit",
    "exited",
    "await_holder",
    "pid",
    "system",
    "address",
    "clone",
    "to_owned",
    "into",
    "try_into",
];

/// A server, as its `impl` block describes it.
pub(crate) struct ServerImpl {
    /// `Counter`, the base of the generated names.
    pub(crate) name: Ident,
    /// `Cache<T>`.
    pub(crate) ty: Type,
    /// The server that runs: the same type, or `Machine<Door>` of a machine.
    pub(crate) process: Type,
    pub(crate) is_machine: bool,
    /// `<T: Clone>` and the where clause, without `Self`.
    pub(crate) generics: Generics,
    /// The `#[cfg]`s of the `impl`.
    pub(crate) cfgs: TokenStream,
    methods: Vec<Method>,
}

impl ServerImpl {
    /// Reads `block`, removes the role attributes from it and gives reply tokens their path in `krate`. `None` if the
    /// block cannot be a server at all.
    pub(crate) fn read(block: &mut ItemImpl, krate: &Path, errors: &mut Errors) -> Option<Self> {
        let methods = take_methods(block, krate, errors);
        let server = Self::new(block, methods, "gen_server", errors)?;
        server.check(
            "a server starts somewhere: mark one function `#[init]`, `fn init(…) -> Self`; if that is in another block, \
             move these methods there: a server has one `#[gen_server]` block",
            errors,
        );
        Some(server)
    }

    /// Makes a server of its methods, which are read already. `attribute` is the macro as the user knows it.
    pub(crate) fn new(block: &ItemImpl, methods: Vec<Method>, attribute: &str, errors: &mut Errors) -> Option<Self> {
        if let Some((path, _)) = &block.trait_ {
            errors.add(
                path,
                format!("`#[{attribute}]` goes on the server's own `impl`, it writes the trait's; remove the trait"),
            );
            return None;
        }
        let Some(segment) = last_segment(&block.self_ty) else {
            errors.add(&block.self_ty, "a server is a struct or an enum; name one here");
            return None;
        };
        if let Some(lifetime) = block.generics.lifetimes().next() {
            errors.add(lifetime, "a server outlives whoever started it, so it cannot borrow; use owned fields");
            return None;
        }
        if let Some(unsafety) = &block.unsafety {
            errors.add(unsafety, "remove `unsafe`; nothing about a server is");
        }
        Some(Self {
            name: segment.ident.clone(),
            ty: (*block.self_ty).clone(),
            process: (*block.self_ty).clone(),
            is_machine: false,
            generics: read_generics(block, errors),
            cfgs: block
                .attrs
                .iter()
                .filter(|attribute| attribute.path().is_ident("cfg"))
                .map(Attribute::to_token_stream)
                .collect(),
            methods,
        })
    }

    /// The methods of a role, in the order of the block.
    pub(crate) fn all(&self, role: Role) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(move |method| method.role == role)
    }

    /// The method of a role that is unique.
    pub(crate) fn one(&self, role: Role) -> Option<&Method> {
        self.all(role).next()
    }

    /// The methods that become methods of the client.
    pub(crate) fn client_methods(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|method| method.role.is_in_client() && method.protocol.is_none())
    }

    /// The types that are sent from one process to another.
    pub(crate) fn sent_types(&self) -> impl Iterator<Item = &Type> {
        self.methods.iter().filter(|method| method.role.takes_values()).flat_map(|method| {
            let reply = (method.role == Role::Call).then(|| method.reply()).flatten();
            method.values().map(|(_, ty)| ty).chain(reply)
        })
    }

    /// The methods that belong to a protocol, with its path.
    pub(crate) fn protocol_methods(&self) -> impl Iterator<Item = (&Path, &Method)> {
        self.methods.iter().filter_map(|method| Some((method.protocol.as_ref()?, method)))
    }

    /// Reports errors that involve several methods; `no_init` is the text if there is no `#[init]`.
    pub(crate) fn check(&self, no_init: &str, errors: &mut Errors) {
        if self.one(Role::Init).is_none() {
            errors.add(&self.name, no_init);
        }
        for (index, method) in self.methods.iter().enumerate() {
            let earlier = || self.methods.iter().take(index).filter(|earlier| earlier.role == method.role);
            if method.role.is_unique() {
                if earlier().next().is_some() {
                    let attribute = method.role.attribute();
                    errors.add(
                        &method.name,
                        format!("a server has one `{attribute}`, and there is one above; remove one"),
                    );
                }
                continue;
            }
            let Some(variant) = errors.take(names::variant(&method.name)) else {
                continue;
            };
            // Methods of the same name are alternatives under `cfg`; otherwise the error of rustc is better.
            if let Some(other) = earlier().find(|earlier| earlier.name != method.name && earlier.variant() == variant) {
                errors.add(
                    &method.name,
                    format!("the variant `{variant}` is taken by `{}`; rename one of the methods", other.name),
                );
            }
            if method.role.is_in_client() && method.protocol.is_none() && TAKEN.iter().any(|name| method.name == name) {
                errors.add(
                    &method.name,
                    format!(
                        "`ServerRef` has a method `{0}` of its own, which would hide the client's; rename the method",
                        method.name
                    ),
                );
            }
        }
    }
}

/// Removes the roles from the methods of a server, and reads those that have one.
fn take_methods(block: &mut ItemImpl, krate: &Path, errors: &mut Errors) -> Vec<Method> {
    let mut methods = Vec::new();
    for item in &mut block.items {
        match item {
            ImplItem::Fn(function) => {
                let role = take_role(&mut function.attrs, errors);
                let method = role.map(|role| Method::read(role, function, errors));
                find_reply_tokens(&mut function.sig, krate);
                forget_from(&mut function.sig, krate);
                if let Some(mut method) = method {
                    method.types().for_each(|ty| find_reply_tokens(ty, krate));
                    methods.push(method);
                    // The method has no choice: a message owns its arguments, and a handler needs `self`.
                    function
                        .attrs
                        .push(syn::parse_quote!(#[allow(clippy::needless_pass_by_value, clippy::unused_self)]));
                }
            }
            ImplItem::Const(item) => reject_roles(&mut item.attrs, errors),
            ImplItem::Type(item) => reject_roles(&mut item.attrs, errors),
            ImplItem::Macro(item) => reject_roles(&mut item.attrs, errors),
            _ => {}
        }
    }
    methods
}

/// Gives each bare `ReplyTo<R>` the path of the library, so that it needs no import.
pub(crate) fn find_reply_tokens<T: ToTokens + syn::parse::Parse>(node: &mut T, krate: &Path) {
    if let Ok(found) = syn::parse2(with_reply_path(node.to_token_stream(), krate)) {
        *node = found;
    }
}

/// Replaces `From<R>` after it was reported: otherwise rustc would report the trait again, as a type.
pub(crate) fn forget_from(signature: &mut Signature, krate: &Path) {
    for input in &mut signature.inputs {
        if let FnArg::Typed(typed) = input
            && let Some(reply) = std_from(&typed.ty)
        {
            *typed.ty = syn::parse_quote!(#krate::ReplyTo<#reply>);
        }
    }
}

/// Makes the generics usable on an enum, where `Self` would mean the enum.
fn read_generics(block: &ItemImpl, errors: &mut Errors) -> Generics {
    let mut generics = block.generics.clone();
    for param in &mut generics.params {
        *param = reread(param, &block.self_ty, errors).unwrap_or_else(|| param.clone());
    }
    if let Some(clause) = &mut generics.where_clause {
        for predicate in &mut clause.predicates {
            *predicate = reread(predicate, &block.self_ty, errors).unwrap_or_else(|| predicate.clone());
        }
    }
    generics
}

fn reread<T: ToTokens + syn::parse::Parse>(node: &T, server: &Type, errors: &mut Errors) -> Option<T> {
    errors.take(syn::parse2(replace_self(node.to_token_stream(), server)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_reference_is_taken() {
        let source = syn::parse_file(include_str!("../../../otp-genserver/src/server_ref.rs")).unwrap();
        let own = source.items.iter().filter_map(|item| match item {
            syn::Item::Impl(block) if block.trait_.is_none() => Some(block),
            _ => None,
        });
        let of_reference = own.filter(|block| crate::gen_server::types::is_named(&block.self_ty, "ServerRef"));
        let functions = of_reference.flat_map(|block| &block.items).filter_map(|item| match item {
            ImplItem::Fn(function) if function.sig.receiver().is_some() => Some(function.sig.ident.to_string()),
            _ => None,
        });
        let missing: Vec<String> = functions.filter(|name| !TAKEN.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
