//! The roles a method can have, and the attributes that give them.

use quote::ToTokens;
use syn::{Attribute, Ident, Meta, Path};

use crate::attributes;
use crate::errors::Errors;

/// The role of a method of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Init,
    Call,
    Cast,
    Info,
    Down,
    Exit,
    Timeout,
    Continue,
    Terminate,
    FormatStatus,
    /// Of a machine alone.
    Internal,
    /// Of a machine alone.
    Timer,
}

impl Role {
    /// The attribute as the user writes it.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Init => "#[init]",
            Self::Call => "#[call]",
            Self::Cast => "#[cast]",
            Self::Info => "#[info]",
            Self::Down => "#[info(down)]",
            Self::Exit => "#[info(exit)]",
            Self::Timeout => "#[info(timeout)]",
            Self::Continue => "#[continue_to]",
            Self::Terminate => "#[terminate]",
            Self::FormatStatus => "#[format_status]",
            Self::Internal => "#[internal]",
            Self::Timer => "#[timer]",
        }
    }

    /// Whether the server may have one method of this role at most.
    pub(crate) fn is_unique(self) -> bool {
        !self.takes_values() || self == Self::Init
    }

    /// Whether the method becomes a method of the client.
    pub(crate) fn is_in_client(self) -> bool {
        matches!(self, Self::Call | Self::Cast)
    }

    /// Whether the method has arguments of its own, which are fields of a message or arguments of the start.
    pub(crate) fn takes_values(self) -> bool {
        matches!(
            self,
            Self::Init | Self::Call | Self::Cast | Self::Info | Self::Continue | Self::Internal | Self::Timer
        )
    }
}

/// A role, and the protocol that the method belongs to: `Storage` of `#[call(Storage)]`.
pub(crate) type Marked = (Role, Option<Path>);

/// Removes the role attributes from `attrs`, and returns the role.
pub(crate) fn take_role(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Marked> {
    let mut role: Option<Marked> = None;
    for attribute in attributes::take(attrs, is_role) {
        let Some(Some(found)) = errors.take(read(&attribute)) else {
            continue;
        };
        match &role {
            None => role = Some(found),
            Some((first, _)) => errors.add(
                &attribute,
                format!(
                    "a method has one role, and this one is already `{}`; remove one of the two",
                    first.attribute()
                ),
            ),
        }
    }
    role
}

/// Removes the role attributes from an item that is not a method and reports each.
pub(crate) fn reject_roles(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    for attribute in attributes::take(attrs, is_role) {
        let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
        errors.add(&attribute, format!("`#[{name}]` marks a method; remove it here"));
    }
}

fn is_role(attribute: &Attribute) -> bool {
    named(attribute).is_some()
}

/// The role with the attribute's name, whatever its arguments.
fn named(attribute: &Attribute) -> Option<Role> {
    Some(match attribute.path().get_ident()?.to_string().as_str() {
        "init" => Role::Init,
        "call" => Role::Call,
        "cast" => Role::Cast,
        "info" => Role::Info,
        "continue_to" => Role::Continue,
        "terminate" => Role::Terminate,
        "format_status" => Role::FormatStatus,
        _ => return None,
    })
}

/// Reads a role of a server, with its arguments.
pub(crate) fn read(attribute: &Attribute) -> syn::Result<Option<Marked>> {
    let role = named(attribute);
    if let (Some(role @ (Role::Call | Role::Cast)), Meta::List(list)) = (role, &attribute.meta) {
        let protocol = list.parse_args().map_err(|_| {
            let name = role.attribute().trim_end_matches(']');
            let text = format!("name one protocol, a trait that the server's reference implements: `{name}(Storage)]`");
            syn::Error::new_spanned(attribute, text)
        });
        return Ok(Some((role, Some(protocol?))));
    }
    Ok(read_kind(attribute)?.map(|role| (role, None)))
}

fn read_kind(attribute: &Attribute) -> syn::Result<Option<Role>> {
    match (named(attribute), &attribute.meta) {
        (Some(Role::Info), Meta::List(list)) => {
            let kind: Ident = list.parse_args().map_err(|_| unknown_info(attribute))?;
            match kind.to_string().as_str() {
                "down" => Ok(Some(Role::Down)),
                "exit" => Ok(Some(Role::Exit)),
                "timeout" => Ok(Some(Role::Timeout)),
                _ => Err(unknown_info(&kind)),
            }
        }
        (Some(Role::Info), Meta::NameValue(_)) => Err(unknown_info(attribute)),
        (Some(role), Meta::List(_) | Meta::NameValue(_)) => Err(syn::Error::new_spanned(
            attribute,
            format!("this attribute takes no argument; write `{}`", role.attribute()),
        )),
        (role, _) => Ok(role),
    }
}

fn unknown_info(at: impl ToTokens) -> syn::Error {
    syn::Error::new_spanned(
        at,
        "unknown kind of info; write `#[info]`, `#[info(down)]`, `#[info(exit)]` or `#[info(timeout)]`",
    )
}
