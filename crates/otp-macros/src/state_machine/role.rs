//! The roles that a method of a machine can have, and the attributes that give them.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Meta, Token};

use crate::attributes;
use crate::errors::Errors;
use crate::gen_server::role::{Marked, Role, read as read_of_server};

/// The role of a method of a machine.
pub(super) enum MachineRole {
    /// As of a server: `#[init]`, or a message.
    OfServer(Marked),
    /// The method is a state.
    State,
    /// Runs when one of these states is entered; if there are none, at each that has no such method.
    Enter(Vec<Ident>),
    Terminate,
    FormatStatus,
}

impl MachineRole {
    pub(super) fn attribute(&self) -> &'static str {
        match self {
            Self::OfServer((role, _)) => role.attribute(),
            Self::State => "#[state]",
            Self::Enter(_) => "#[enter]",
            Self::Terminate => "#[terminate]",
            Self::FormatStatus => "#[format_status]",
        }
    }
}

/// Removes the role attributes from `attrs`, and returns the role.
pub(super) fn take_role(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<MachineRole> {
    let mut role: Option<MachineRole> = None;
    for attribute in attributes::take(attrs, is_role) {
        let Some(found) = errors.take(read(&attribute)) else { continue };
        match &role {
            None => role = Some(found),
            Some(first) => errors.add(
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
pub(super) fn reject_roles(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    for attribute in attributes::take(attrs, is_role) {
        let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
        errors.add(&attribute, format!("`#[{name}]` marks a method; remove it here"));
    }
}

fn is_role(attribute: &Attribute) -> bool {
    const NAMES: [&str; 12] = [
        "init",
        "call",
        "cast",
        "info",
        "internal",
        "timer",
        "state",
        "enter",
        "exit",
        "terminate",
        "format_status",
        "continue_to",
    ];
    NAMES.iter().any(|name| attribute.path().is_ident(name))
}

fn read(attribute: &Attribute) -> syn::Result<MachineRole> {
    let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
    let refused = |text: &str| Err(syn::Error::new_spanned(attribute, text));
    let role = match name.as_str() {
        "state" => MachineRole::State,
        "terminate" => MachineRole::Terminate,
        "format_status" => MachineRole::FormatStatus,
        "internal" => MachineRole::OfServer((Role::Internal, None)),
        "timer" => MachineRole::OfServer((Role::Timer, None)),
        "enter" => return Ok(MachineRole::Enter(entered(attribute)?)),
        "exit" => {
            return refused(
                "a state has no exit method, as in OTP: let its data do in `Drop` what must be done, or the next \
                 state's `#[enter]`, which knows the old state",
            );
        }
        "continue_to" => return refused("a machine continues with an internal event; write `#[internal]`"),
        _ => {
            return match read_of_server(attribute)? {
                Some((Role::Timeout, _)) => {
                    refused("a machine has timeouts of its own, which its states handle; remove the method")
                }
                Some(marked) => Ok(MachineRole::OfServer(marked)),
                None => refused("unknown role"),
            };
        }
    };
    match &attribute.meta {
        Meta::Path(_) => Ok(role),
        _ => Err(syn::Error::new_spanned(
            attribute,
            format!("this attribute takes no argument; write `{}`", role.attribute()),
        )),
    }
}

/// The states in `#[enter(Open, Broken)]`.
fn entered(attribute: &Attribute) -> syn::Result<Vec<Ident>> {
    match &attribute.meta {
        Meta::Path(_) => Ok(Vec::new()),
        Meta::List(list) => {
            let states = Punctuated::<Ident, Token![,]>::parse_terminated.parse2(list.tokens.clone());
            states.map(|states| states.into_iter().collect())
        }
        Meta::NameValue(_) => Err(syn::Error::new_spanned(attribute, "name the states: `#[enter(Open, Broken)]`")),
    }
}
