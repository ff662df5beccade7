//! Reads the `impl` block: the machine's messages, its states, and the methods that run in them.

use quote::format_ident;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, ImplItem, ItemImpl, Meta, Signature, Token, Type, Visibility};

use super::hook::{Hook, HookKind};
use super::options::Options;
use super::role::{MachineRole, reject_roles, take_role};
use crate::attributes;
use crate::errors::Errors;
use crate::gen_server::method::Method;
use crate::gen_server::names;
use crate::gen_server::role::Role;
use crate::gen_server::server::{ServerImpl, find_reply_tokens, forget_from};
use crate::transitions::Table;

/// A machine, as its `impl` block describes it.
pub(super) struct MachineImpl {
    /// What it has as a server: its type, its messages, `#[init]`.
    pub(super) server: ServerImpl,
    pub(super) states: Vec<State>,
    pub(super) table: Option<Table>,
    pub(super) terminate: Option<Hook>,
    pub(super) format_status: Option<Hook>,
}

/// A state: a method, and what runs when it is entered.
pub(super) struct State {
    /// `Locked`, of the method `locked`.
    pub(super) variant: Ident,
    pub(super) handler: Hook,
    /// What runs when it is entered; one method may serve several states.
    pub(super) enter: Option<Hook>,
}

/// What the methods of the block are.
#[derive(Default)]
struct Methods {
    messages: Vec<Method>,
    states: Vec<Hook>,
    /// With the states that they are for; none means all others.
    enters: Vec<(Vec<Ident>, Hook)>,
    terminate: Option<Hook>,
    format_status: Option<Hook>,
}

impl MachineImpl {
    /// Reads `block`, and removes from it the attributes of the macro and the declarations of messages. `None` if the
    /// block cannot be a machine at all.
    pub(super) fn read(block: &mut ItemImpl, options: &Options, errors: &mut Errors) -> Option<Self> {
        let table = take_table(block, options, errors);
        let methods = Methods::take(block, options, errors);
        let mut server = ServerImpl::new(block, methods.messages, "state_machine", errors)?;
        let (krate, ty) = (&options.server.krate, &server.ty);
        let process: Type = syn::parse_quote!(#krate::statem::Machine<#ty>);
        (server.process, server.is_machine) = (process, true);
        server.check(
            "a machine starts somewhere: mark one function `#[init]`, `fn init(…) -> Init<Self>`; if that is in another \
             block, move these methods there: a machine has one `#[state_machine]` block",
            errors,
        );
        if methods.states.is_empty() {
            errors.add(&server.name, "a machine has states: mark a method `#[state]` for each");
        }
        let mut states: Vec<State> = Vec::new();
        for handler in methods.states {
            let Some(variant) = errors.take(names::variant(&handler.name)) else { continue };
            let taken = |other: &&State| other.variant == variant && other.handler.name != handler.name;
            if let Some(other) = states.iter().find(taken) {
                errors.add(
                    &handler.name,
                    format!("the state `{variant}` is taken by `{}`; rename one of the methods", other.handler.name),
                );
            }
            states.push(State { variant, handler, enter: None });
        }
        enter(&mut states, methods.enters, errors);
        Some(Self { server, states, table, terminate: methods.terminate, format_status: methods.format_status })
    }

    /// `DoorState`.
    pub(super) fn state_name(&self) -> Ident {
        format_ident!("{}State", self.server.name)
    }

    /// The messages with a body, which are handled alike in every state.
    pub(super) fn shared(&self, role: Role) -> impl Iterator<Item = &Method> {
        self.server.all(role).filter(|method| !method.is_declared)
    }
}

impl Methods {
    fn take(block: &mut ItemImpl, options: &Options, errors: &mut Errors) -> Methods {
        let mut methods = Methods::default();
        let items = std::mem::take(&mut block.items);
        for mut item in items {
            match &mut item {
                ImplItem::Fn(function) => {
                    let role = take_role(&mut function.attrs, errors);
                    let has_role = role.is_some();
                    if let Some(role) = role {
                        methods.add(role, function, options, errors);
                    }
                    find_reply_tokens(&mut function.sig, &options.server.krate);
                    forget_from(&mut function.sig, &options.server.krate);
                    if has_role {
                        // The method has no choice: a message owns its arguments, and a handler needs `self`.
                        function.attrs.push(syn::parse_quote!(
                            #[allow(clippy::needless_pass_by_ref_mut, clippy::needless_pass_by_value, clippy::unused_self)]
                        ));
                    }
                }
                ImplItem::Verbatim(tokens) => {
                    if let Ok(declared) = syn::parse2::<Declaration>(tokens.clone()) {
                        methods.declare(declared, options, errors);
                        continue;
                    }
                }
                ImplItem::Const(item) => reject_roles(&mut item.attrs, errors),
                ImplItem::Type(item) => reject_roles(&mut item.attrs, errors),
                ImplItem::Macro(item) => reject_roles(&mut item.attrs, errors),
                _ => {}
            }
            block.items.push(item);
        }
        methods
    }

    fn add(&mut self, role: MachineRole, function: &syn::ImplItemFn, options: &Options, errors: &mut Errors) {
        let unique = |slot: &mut Option<Hook>, kind, errors: &mut Errors| {
            let hook = Hook::read(kind, function, errors);
            if slot.is_some() {
                let attribute = role.attribute();
                errors.add(&hook.name, format!("a machine has one `{attribute}`, and there is one above; remove one"));
            }
            *slot = Some(hook);
        };
        match &role {
            MachineRole::OfServer((role @ (Role::Internal | Role::Timer), _)) => errors.add(
                &function.sig.ident,
                format!("`{}` is only declared, and the states handle it; replace the body by `;`", role.attribute()),
            ),
            MachineRole::OfServer(marked) => {
                let mut method = Method::read(marked.clone(), function, errors);
                method.types().for_each(|ty| find_reply_tokens(ty, &options.server.krate));
                self.messages.push(method);
            }
            MachineRole::State => self.states.push(Hook::read(HookKind::State, function, errors)),
            MachineRole::Enter(states) => {
                self.enters.push((states.clone(), Hook::read(HookKind::Enter, function, errors)));
            }
            MachineRole::Terminate => unique(&mut self.terminate, HookKind::Terminate, errors),
            MachineRole::FormatStatus => unique(&mut self.format_status, HookKind::FormatStatus, errors),
        }
    }

    fn declare(&mut self, mut declared: Declaration, options: &Options, errors: &mut Errors) {
        let name = declared.signature.ident.clone();
        match take_role(&mut declared.attrs, errors) {
            Some(MachineRole::OfServer(marked)) if marked.0.takes_values() && marked.0 != Role::Init => {
                let mut method = Method::declared(marked, &declared.signature, &declared.attrs, errors);
                method.types().for_each(|ty| find_reply_tokens(ty, &options.server.krate));
                self.messages.push(method);
            }
            Some(role) => errors.add(name, format!("a `{}` method has a body; add one", role.attribute())),
            None => errors.add(
                name,
                "this is a message, or a method without a body: say which message with `#[call]`, `#[cast]`, \
                 `#[info]`, `#[internal]` or `#[timer]`",
            ),
        }
    }
}

/// Gives each state the method that runs when it is entered.
fn enter(states: &mut [State], enters: Vec<(Vec<Ident>, Hook)>, errors: &mut Errors) {
    let known = states.iter().map(|state| format!("`{}`", state.variant)).collect::<Vec<_>>().join(", ");
    let (rest, named): (Vec<_>, Vec<_>) = enters.into_iter().partition(|(wanted, _)| wanted.is_empty());
    for (wanted, hook) in named {
        for name in &wanted {
            match states.iter_mut().find(|state| state.variant == *name) {
                None => errors.add(name, format!("there is no state `{name}`; the states are {known}")),
                Some(state) if state.enter.is_some() => {
                    errors.add(name, format!("`{name}` has an `#[enter]` above; remove one"));
                }
                Some(state) => state.enter = Some(hook.clone()),
            }
        }
    }
    for (index, (_, hook)) in rest.iter().enumerate() {
        if index > 0 {
            errors.add(&hook.name, "there is an `#[enter]` for all other states above; name the states of this one");
        }
    }
    for state in states.iter_mut() {
        if let (None, Some((_, hook))) = (&state.enter, rest.first()) {
            state.enter = Some(hook.clone());
        }
        let State { variant, handler, enter } = state;
        for (name, _) in enter.iter().flat_map(Hook::data) {
            if handler.data().all(|(field, _)| field != name) {
                errors
                    .add(name, format!("the state `{variant}` has no data `{name}`; remove it, or name other states"));
            }
        }
    }
}

/// Removes `#[transitions(…)]` from the block.
fn take_table(block: &mut ItemImpl, options: &Options, errors: &mut Errors) -> Option<Table> {
    let last = |attribute: &Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "transitions");
    let mut tables = attributes::take(&mut block.attrs, last).into_iter();
    let table = tables.next()?;
    for second in tables {
        errors.add(&second, "a machine has one table of transitions; make one of the two");
    }
    let Meta::List(list) = &table.meta else {
        errors.add(&table, "list the states that may follow each state: `#[transitions(Locked => [Open], …)]`");
        return None;
    };
    let mut table: Table = errors.take(list.parse_args())?;
    table.krate = options.server.krate.clone();
    Some(table)
}

/// A message without a method: `#[call] fn enter(code: u32) -> bool;`.
struct Declaration {
    attrs: Vec<Attribute>,
    signature: Signature,
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let signature = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok(Self { attrs, signature })
    }
}
