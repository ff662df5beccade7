//! `#[state_machine]`: expands an `impl` block to the handwritten form of a state machine.
//!
//! [`machine`] reads the block; [`states`] and [`behaviour`] write the enum of the states and the `impl StateMachine`.
//! The enums of the messages and the client are those of [`gen_server`](crate::gen_server).

mod behaviour;
mod hook;
mod machine;
mod options;
mod role;
mod states;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use self::machine::MachineImpl;
use self::options::Options;
use crate::errors::Errors;
use crate::gen_server::message::Kind;
use crate::gen_server::role::Role;
use crate::gen_server::{self, hollow};

/// The kinds of messages that a machine has.
const KINDS: [Kind; 5] = [Kind::Call, Kind::Cast, Kind::Info, Kind::Internal, Kind::Timer];

/// The input of the generated code.
struct Expansion<'a> {
    machine: &'a MachineImpl,
    options: &'a Options,
}

/// Expands `#[state_machine(options)] item`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = errors.take(Options::parse(options)).unwrap_or_default();
    let mut block = match syn::parse2::<Item>(item) {
        Ok(Item::Impl(block)) => block,
        Ok(other) => {
            errors.add(
                &other,
                "`#[state_machine]` goes on the machine's `impl` block: `#[state_machine] impl Door { … }`",
            );
            let errors = errors.into_compile_errors();
            return quote!(#other #errors);
        }
        Err(error) => {
            errors.push(error);
            return errors.into_compile_errors();
        }
    };
    let machine = MachineImpl::read(&mut block, &options, &mut errors);
    let Some(mut machine) = machine else {
        let errors = errors.into_compile_errors();
        return quote!(#block #errors);
    };
    let (states, docs) = Expansion { machine: &machine, options: &options }.states(&mut errors);
    let is_whole = machine.server.one(Role::Init).is_some();
    match errors.finish() {
        Ok(()) => {
            let check = machine.server.assert_send(&options.server.krate);
            let generated = Expansion { machine: &machine, options: &options }.generate(false);
            quote!(#docs #block #check #states #generated)
        }
        // The types and a `StateMachine` stay, so that the compiler does not report that they are missing.
        Err(error) => {
            hollow(&mut block);
            let error = error.into_compile_error();
            let stub = is_whole.then(|| {
                let generated = Expansion { machine: &machine, options: &options }.generate(true);
                quote!(#states #generated)
            });
            quote!(#block #error #stub)
        }
    }
}

impl Expansion<'_> {
    fn generate(&self, is_stub: bool) -> TokenStream {
        let shared = self.shared();
        let messages = KINDS.map(|kind| shared.message(kind));
        let (behaviour, client, protocols) = (self.behaviour(is_stub), shared.client(), shared.protocols());
        quote!(#(#messages)* #behaviour #client #protocols)
    }

    /// What is the same as for a server.
    fn shared(&self) -> gen_server::Expansion<'_> {
        gen_server::Expansion { server: &self.machine.server, options: &self.options.server }
    }
}
