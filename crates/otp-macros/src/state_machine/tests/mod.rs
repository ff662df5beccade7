//! The expansion, compared with handwritten code.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;

fn formatted(options: TokenStream, item: TokenStream) -> String {
    let file = syn::parse2(expand(options, item)).expect("the expansion is a list of items");
    prettyplease::unparse(&file)
}

#[test]
fn a_small_machine_expands_to_the_handwritten_form() {
    let text = formatted(
        quote!(vis = pub(crate), derive(Clone), restart = transient),
        quote! {
            #[transitions(Locked => [Open], Open => [Locked])]
            impl Door {
                #[init]
                fn init(code: u32) -> Init<Self> {
                    Init::ok(Door { code }, Locked { attempts: 0 })
                }

                /// Opens the door, if this is its code.
                #[call]
                fn open_with(code: u32) -> bool;

                #[call]
                fn code(&self) -> u32 {
                    self.code
                }

                #[cast]
                fn reset(&mut self, code: u32) -> Result<(), Text> {
                    self.set(code)
                }

                #[internal]
                fn close();

                #[timer]
                fn alarm(floor: u8);

                #[info(down)]
                async fn gone(&mut self, down: Down) {
                    self.forget(down);
                }

                /// Nobody passes.
                #[state]
                async fn locked(&mut self, attempts: &mut u32, event: Event<Self>) -> Transition<Self, Locked> {
                    self.decide(attempts, event)
                }

                #[state]
                fn open(&mut self, event: Event<Self>, ctx: &mut Context<'_, Self>) -> Transition<Self, Open> {
                    self.close_at_night(event, ctx)
                }

                #[enter(Locked)]
                fn locks(&mut self, old: Option<&DoorState>, attempts: &mut u32) {
                    self.count(old, attempts);
                }

                #[terminate]
                fn terminate(&mut self, reason: &ExitReason, state: &mut DoorState) {
                    self.goodbye(reason, state);
                }

                #[format_status]
                fn status(&self, state: &DoorState) -> String {
                    self.text(state)
                }

                fn helper(&self) {}
            }
        },
    );
    let expected = include_str!("door.expanded.rs");
    assert!(text == expected, "the expansion has changed; it is now\n{text}");
}

#[test]
fn without_a_table_a_state_has_no_type_of_its_own() {
    let text = formatted(
        quote!(),
        quote! {
            impl<T> Buffer<T> {
                #[init]
                fn init() -> (Self, BufferState<T>) { start() }
                #[state]
                fn empty(&mut self, event: Event<Self>) -> Transition<Self> { self.fill(event) }
                #[state]
                fn full(&mut self, value: &mut Vec<T>, event: Event<Self>) -> Transition<Self> { self.drain(event) }
            }
        },
    );
    assert!(text.contains("pub enum BufferState<T> {"), "{text}");
    assert!(text.contains("::otp::statem::AnyState"), "{text}");
    assert!(!text.contains("struct"), "{text}");
    assert!(!text.contains("__Unused"), "{text}");
}
