//! The error text of each misuse.

use proc_macro2::TokenStream;
use quote::quote;

use crate::gen_server::expand;

/// The texts of all errors in the expansion.
fn errors(options: TokenStream, item: TokenStream) -> Vec<String> {
    let text = expand(options, item).to_string();
    let texts = text.split("compile_error ! { \"").skip(1);
    texts.map(|text| text.split("\" }").next().unwrap_or_default().to_owned()).collect()
}

/// The only error of an `impl` block.
fn error_in(item: TokenStream) -> String {
    let mut errors = errors(quote!(), item);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

/// The only error of a server that has `items` besides a proper `#[init]`.
fn error(items: TokenStream) -> String {
    error_in(quote! { impl Counter { #[init] fn init() -> Self { Self } #items } })
}

macro_rules! misuses {
    ($($name:ident: $call:ident { $($item:tt)* } => $text:literal;)*) => {$(
        #[test]
        fn $name() {
            let text = $call(quote! { $($item)* });
            assert!(text.contains($text), "{text}");
        }
    )*};
}

misuses! {
    no_init: error_in { impl Counter {} } => "mark one function `#[init]`";
    second_block: error_in { impl Counter { #[call] fn get(&self) -> u8 { 0 } } } => "a server has one `#[gen_server]` block";
    trait_impl: error_in { impl GenServer for Counter {} } => "remove the trait";
    no_impl_block: error_in { struct Counter; } => "goes on the server's `impl` block";
    no_nameable_server: error_in { impl (u8, u8) { #[init] fn init() -> Self { (0, 0) } } } => "a server is a struct or an enum";
    unsafe_impl: error_in { unsafe impl Counter { #[init] fn init() -> Self { Self } } } => "remove `unsafe`";
    lifetime_on_the_server: error_in { impl<'a> Counter<'a> { #[init] fn init() -> Self { Self } } } => "it cannot borrow";
    init_with_self: error_in { impl Counter { #[init] fn init(&self) -> Self { Self } } } => "there is no `self` yet";
    init_without_a_state: error_in { impl Counter { #[init] fn init() {} } } => "return `Self`, `Init<Self>`";
    two_inits: error { #[init] fn again() -> Self { Self } } => "a server has one `#[init]`";
    attribute_on_a_const: error { #[call] const N: u8 = 0; } => "`#[call]` marks a method";
    call_without_self: error { #[call] fn get() -> u8 { 0 } } => "give it `&mut self` or `&self`";
    call_with_self_by_value: error { #[call] fn get(self) -> u8 { 0 } } => "take `&mut self` or `&self`";
    call_with_boxed_self: error { #[call] fn get(self: Box<Self>) -> u8 { 0 } } => "take `&mut self` or `&self`";
    two_roles: error { #[call] #[cast] fn get(&self) {} } => "this one is already `#[call]`";
    argument_of_terminate: error { #[terminate(fast)] fn end(&self) {} } => "write `#[terminate]`";
    value_of_call: error { #[call = "Storage"] fn get(&self) {} } => "write `#[call]`";
    two_protocols: error { #[call(Storage, Health)] fn get(&self) {} } => "name one protocol, a trait that the server's reference implements: `#[call(Storage)]`";
    no_protocol: error { #[cast()] fn get(&self) {} } => "`#[cast(Storage)]`";
    unknown_info: error { #[info(up)] fn get(&self) {} } => "unknown kind of info";
    info_with_a_value: error { #[info = "down"] fn get(&self) {} } => "unknown kind of info";
    generic_method: error { #[call] fn put<T>(&mut self, value: T) {} } => "one concrete type per argument";
    impl_trait_argument: error { #[call] fn put(&mut self, value: impl Into<u8>) {} } => "one concrete type; name it";
    impl_trait_reply: error { #[call] fn get(&self) -> impl Iterator<Item = u8> { [].into_iter() } } => "one concrete type; name it";
    str_argument: error { #[call] fn put(&mut self, name: &str) {} } => "use `String`";
    slice_argument: error { #[cast] fn put(&mut self, bytes: Option<&[u8]>) {} } => "use `Vec<u8>`";
    borrowed_reply: error { #[call] fn get(&self) -> &str { "" } } => "use `String`";
    borrowed_deferred_reply: error { #[call] fn get(&self, from: ReplyTo<&str>) {} } => "use `String`";
    lifetime_in_an_argument: error { #[call] fn put(&mut self, name: Cow<'_, str>) {} } => "use a type without a lifetime";
    context_under_another_name: error { #[call] fn get(&self, ctx: &mut Ctx) {} } => "write `&mut Context<Self>`";
    context_with_a_lifetime: error { #[call] fn get(&self, ctx: Ctx<'_>) {} } => "write `&mut Context<Self>`";
    token_as_in_otp: error { #[call] fn get(&self, from: From<u8>) {} } => "the token that answers a call is `ReplyTo<u8>`";
    two_tokens: error { #[call] fn get(&self, a: ReplyTo<u8>, b: ReplyTo<u8>) {} } => "remove the second `ReplyTo`";
    token_in_a_cast: error { #[cast] fn get(&self, a: ReplyTo<u8>) {} } => "make it a `#[call]`";
    two_contexts: error { #[cast] fn get(&self, a: &mut Context<Self>, b: &mut Context<Self>) {} } => "remove the second parameter";
    context_by_value: error { #[cast] fn get(&self, ctx: Context<Self>) {} } => "take `&mut Context<Self>`";
    next_without_a_token: error { #[call] fn get(&self) -> Result<Next<Self>, E> { Ok(Next::Receive) } } => "add a parameter of type `ReplyTo<R>`";
    one_variant_twice: error { #[cast] fn add_one(&mut self) {} #[cast] fn addOne(&mut self) {} } => "the variant `AddOne` is taken by `add_one`";
    no_variant: error { #[cast] fn _1(&mut self) {} } => "no usable name";
    hidden_by_the_reference: error { #[call] fn pid(&self) -> u8 { 0 } } => "`ServerRef` has a method `pid`";
    unsafe_method: error { #[call] unsafe fn get(&self) {} } => "remove `unsafe`";
    extern_method: error { #[call] extern "C" fn get(&self) {} } => "remove `extern`";
    two_downs: error { #[info(down)] fn a(&self, d: Down) {} #[info(down)] fn b(&self, d: Down) {} } => "a server has one `#[info(down)]`";
    down_without_its_down: error { #[info(down)] fn a(&self) {} } => "takes one argument, the `Down`";
    exit_with_more: error { #[info(exit)] fn a(&self, exit: Exit, n: u8) {} } => "takes one argument, the `Exit`";
    timeout_with_an_argument: error { #[info(timeout)] fn a(&self, n: u8) {} } => "takes no argument but the context";
    terminate_with_an_argument: error { #[terminate] fn a(&self, reason: ExitReason) {} } => "takes `&ExitReason`";
    two_reasons: error { #[terminate] fn a(&self, a: &ExitReason, b: &ExitReason) {} } => "there is one exit reason";
    async_status: error { #[format_status] async fn a(&self) -> String { String::new() } } => "remove `async`";
    status_that_changes: error { #[format_status] fn a(&mut self) -> String { String::new() } } => "take `&self`";
    status_without_self: error { #[format_status] fn a() -> String { String::new() } } => "needs `&self`";
    status_without_text: error { #[format_status] fn a(&self) {} } => "returns a `String`";
    status_with_an_argument: error { #[format_status] fn a(&self, n: u8) -> String { String::new() } } => "no argument but `&self`";
    status_with_a_context: error { #[format_status] fn a(&self, ctx: &Context<Self>) -> String { String::new() } } => "gets no context";
}

#[test]
fn unknown_options_are_named() {
    let server = quote! { impl Counter { #[init] fn init() -> Self { Self } } };
    for (options, text) in [
        (
            quote!(visibility = pub),
            "unknown option `visibility`; the options are `remote`, `thread`, `crate = path`, `vis = visibility`, \
             `messages = Server`, `restart = transient`, `shutdown = 30s`, `significant = true` and `hand_over = 3`",
        ),
        (quote!(vis), "unknown option `vis`; the options are"),
        (quote!(thread = true), "`thread` has no value; write `thread` alone"),
        (quote!(thread, thread), "option `thread` is given twice"),
        (quote!(vis = nothing), "expected a visibility"),
        (quote!(vis = pub, vis = pub), "option `vis` is given twice"),
        (quote!(restart = always), "`permanent`, `transient` or `temporary`"),
        (quote!(restart = "transient"), "`permanent`, `transient` or `temporary`"),
        (quote!(shutdown = 30), "a time as in `30s` or `500ms`, `infinity`, or `brutal_kill`"),
        (quote!(shutdown = 30_000_000_000_000_000_000_m), "a time as in `30s`"),
        (quote!(shutdown = later), "a time as in `30s`"),
        (quote!(shutdown = 1.5s), "a time as in `30s`"),
        (quote!(significant = yes), "`true` or `false`"),
    ] {
        let errors = errors(options, server.clone());
        assert!(errors.len() == 1 && errors[0].contains(text), "{errors:?}");
    }
}

#[test]
fn all_errors_of_a_server_are_reported_together() {
    let item = quote! {
        impl Counter {
            #[call] fn a(self, name: &str) {}
            #[cast] #[info] fn b(from: ReplyTo<u8>) {}
            #[call] const N: u8 = 0;
        }
    };
    assert_eq!(errors(quote!(nothing = 1), item).len(), 8);
}

#[test]
fn the_methods_stay_when_there_is_an_error() {
    let block =
        quote! { impl Counter { #[init] fn init() -> Self { Self } #[call] #[cast] fn get(&self) -> u8 { 0 } } };
    let text = expand(quote!(), block).to_string();
    assert!(text.contains("fn get (& self) -> u8"), "{text}");
    assert!(!text.contains("# [call]"), "{text}");
}

#[test]
fn a_block_without_init_asks_for_no_server_since_another_may_make_it_one() {
    let block = quote! { impl Counter { #[call] fn get(&self, ctx: &mut Context<Self>) -> u8 { ctx.pid() } } };
    let text = expand(quote!(), block).to_string();
    assert!(!text.contains("GenServer") && !text.contains("Context"), "{text}");
    assert!(text.contains("fn get (& self"), "{text}");
}
