//! The expansion, compared with handwritten code.

use proc_macro2::TokenStream;
use quote::quote;

use crate::gen_server::expand;

fn formatted(options: TokenStream, item: TokenStream) -> String {
    let file = syn::parse2(expand(options, item)).expect("the expansion is a list of items");
    prettyplease::unparse(&file)
}

#[test]
fn a_small_server_expands_to_the_handwritten_form() {
    let text = formatted(
        quote!(),
        quote! {
            impl Counter {
                #[init]
                fn init(start: i64) -> Self {
                    Self { n: start }
                }

                /// Adds `n`, and says what the sum is.
                #[call]
                fn add(&mut self, n: i64) -> i64 {
                    self.n += n;
                    self.n
                }

                /// Takes `n` away, if there is that much.
                #[call]
                async fn withdraw(&mut self, n: i64) -> Result<i64, TooPoor> {
                    self.n = self.n.checked_sub(n).ok_or(TooPoor)?;
                    Ok(self.n)
                }

                /// Answers at the next tick.
                #[call]
                fn wait(&mut self, from: ReplyTo<i64>) {
                    self.waiting.push(from);
                }

                /// Back to nothing.
                #[cast]
                fn reset(&mut self) {
                    self.n = 0;
                }

                #[info]
                fn tick(&mut self, ctx: &mut Context<Self>) -> Next<Self> {
                    self.answer();
                    Next::Timeout(ctx.tick())
                }

                #[info(timeout)]
                fn idle(&mut self) -> Result<(), std::io::Error> {
                    self.save()
                }

                #[terminate]
                fn terminate(&mut self, reason: &ExitReason) {
                    self.goodbye(reason);
                }

                fn answer(&mut self) {}
            }
        },
    );
    let expected = include_str!("counter.expanded.rs");
    assert!(text == expected, "the expansion has changed; it is now\n{text}");
}

#[test]
fn the_options_say_how_the_server_is_supervised() {
    let text = |options| formatted(options, quote! { impl Counter { #[init] fn init() -> Self { Self } } });
    let transient = text(quote!(restart = transient, shutdown = 2m, significant = true));
    assert!(transient.contains("::otp::supervisor::Restart::Transient"), "{transient}");
    assert!(transient.contains("from_millis(120000u64)"), "{transient}");
    assert!(transient.contains("const SIGNIFICANT: bool = true;"), "{transient}");
    for (options, variant) in
        [(quote!(shutdown = infinity), "Infinity"), (quote!(shutdown = brutal_kill), "BrutalKill")]
    {
        let text = text(options);
        assert!(text.contains(&format!("::otp::supervisor::Shutdown::{variant}")), "{text}");
    }
}

#[test]
fn the_options_change_paths_and_visibility() {
    let server = quote! { impl Counter { #[init] fn init() -> Self { Self } #[call] fn get(&self) -> u8 { 0 } } };
    let text = formatted(quote!(vis = pub(crate), crate = crate), server);
    assert!(text.contains("pub(crate) enum CounterCall"), "{text}");
    assert!(text.contains("pub(crate) trait CounterClient"), "{text}");
    assert!(text.contains("impl crate::gen_server::GenServer for Counter"), "{text}");

    let server = quote! {
        impl Counter {
            #[init] fn init() -> Self { Self }
            #[call] fn get(&self, from: ReplyTo<u8>) {}
            #[call] fn put(&self, from: mine::ReplyTo<u8>) {}
            #[info] fn park(&mut self, all: Vec<ReplyTo<u8>>) {}
            fn parked(&self) -> Option<&ReplyTo<u8>> { None }
        }
    };
    let text = formatted(quote!(crate = crate), server);
    assert!(text.contains("fn get(&self, from: crate::ReplyTo<u8>)"), "{text}");
    assert!(text.contains("fn put(&self, from: mine::ReplyTo<u8>)"), "{text}");
    assert!(text.contains("Park(Vec<crate::ReplyTo<u8>>)"), "{text}");
    assert!(text.contains("fn parked(&self) -> Option<&crate::ReplyTo<u8>>"), "{text}");
    assert!(!text.contains("::otp"), "{text}");
}

#[test]
fn no_argument_one_and_several_make_the_args() {
    let args = |function| formatted(quote!(), quote! { impl Counter { #[init] #function } });
    assert!(
        args(quote!(
            fn init() -> Self {}
        ))
        .contains("type Args = ();")
    );
    assert!(
        args(quote!(
            fn init(ctx: &mut Context<Self>) -> Self {}
        ))
        .contains("type Args = ();")
    );
    assert!(
        args(quote!(
            fn init(n: u8) -> Self {}
        ))
        .contains("type Args = u8;")
    );
    assert!(
        args(quote!(
            fn init(n: u8, (a, b): (u8, u8)) -> Self {}
        ))
        .contains("type Args = (u8, (u8, u8));")
    );
}

#[test]
fn a_server_without_messages_has_neither_enums_nor_a_client() {
    let text = formatted(quote!(), quote! { impl Idle { #[init] fn init() -> Self { Self } } });
    assert_eq!(text.matches("::otp::gen_server::NoMessage;").count(), 4);
    assert!(!text.contains("enum") && !text.contains("trait ") && !text.contains("handle_"), "{text}");
}

#[test]
fn type_parameters_are_carried_over_and_the_unused_ones_hidden() {
    let text = formatted(
        quote!(),
        quote! {
            impl<K: Ord, T> Cache<K, T> where K: Send {
                #[init] fn init() -> Self { Self }
                #[call] fn get(&self, key: K) -> Option<T> { None }
                #[cast] fn remove(&mut self, key: K) {}
                #[info] fn clear(&mut self) {}
            }
        },
    );
    let unused =
        |params: &str| format!("__Unused(::otp::gen_server::NoMessage, ::core::marker::PhantomData<({params},)>)");
    assert!(text.contains("pub enum CacheCall<K: Ord, T>\nwhere\n    K: Send,\n{"), "{text}");
    assert!(text.contains("impl<K: Ord, T> CacheClient<K, T> for ::otp::gen_server::ServerRef<Cache<K, T>>"), "{text}");
    assert!(text.contains(&unused("fn() -> T")), "{text}");
    assert!(text.contains("CacheCast::__Unused(never, _) => match never {}"), "{text}");
    assert!(!text.contains("CacheCall::__Unused"), "{text}");
}

#[test]
fn parameters_that_are_patterns_get_names_in_the_message() {
    let text = formatted(
        quote!(),
        quote! {
            impl Counter {
                #[init] fn init() -> Self { Self }
                #[call] fn put(&mut self, (a, b): (u8, u8), mut n: u8, _: bool, _ctx: &mut Context<Self>) {}
            }
        },
    );
    assert!(text.contains("arg0: (u8, u8),\n        n: u8,\n        arg2: bool,"), "{text}");
    assert!(text.contains("Self::put(self, arg0, n, arg2, ctx)"), "{text}");
}

#[test]
fn cfg_holds_for_everything_made_from_a_method() {
    let text = formatted(
        quote!(),
        quote! {
            impl Counter {
                #[init] fn init() -> Self { Self }
                #[cfg(unix)] #[cast] fn reset(&mut self) {}
            }
        },
    );
    // The method, the variant, its arms in `Debug` and in the callback, and the client's declaration and definition.
    assert_eq!(text.matches("#[cfg(unix)]").count(), 6, "{text}");
}

#[test]
fn methods_of_a_protocol_make_an_impl_of_it_instead_of_a_client() {
    let text = formatted(
        quote!(),
        quote! {
            impl<T: Send> Memory<T> {
                #[init] fn init() -> Self { Self }
                #[call(a::Storage<T>)] fn put(&mut self, key: String, value: T) -> Option<T> { None }
                #[cast(Health)] #[cfg(unix)] fn check(&self) {}
                #[cast(a::Storage<T>)] fn clear(&mut self) {}
            }
        },
    );
    let blocks = include_str!("protocols.expanded.rs");
    assert!(text.ends_with(blocks), "{text}");
    assert!(!text.contains("MemoryClient"), "{text}");
}

#[test]
fn a_server_on_a_thread_says_so_in_its_behaviour() {
    let server = quote!(impl Driver { #[init] fn open() -> Self { Self } });
    let says = |options| formatted(options, server.clone()).contains("const ON_THREAD: bool = true;");
    assert!(says(quote!(thread)) && says(quote!(vis = pub, thread)));
    assert!(!says(quote!()));
}
