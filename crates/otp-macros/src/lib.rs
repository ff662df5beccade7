//! The attribute macros of [otp]: [`gen_server`], [`main`] and [`test`].
//!
//! They are used through the facade, as `otp::gen_server`, `otp::main` and `otp::test`. None of them does anything that
//! cannot be written by hand: the pages below say what they expand to.
//!
//! [otp]: https://docs.rs/otp
#![forbid(unsafe_code)]

mod attributes;
mod entry;
mod errors;
mod function;
mod gen_server;
mod options;
mod test;

use proc_macro::TokenStream;

/// Makes a server of an `impl` block: its methods become the messages, and a typed client has the same methods.
///
/// ```rust
/// use otp::prelude::*;
///
/// #[derive(Debug, PartialEq)]
/// struct TooPoor;
///
/// struct Account {
///     balance: i64,
/// }
///
/// #[gen_server]
/// impl Account {
///     #[init]
///     fn init(balance: i64) -> Self {
///         Self { balance }
///     }
///
///     /// Pays in, and says what the balance is then.
///     #[call]
///     fn deposit(&mut self, amount: i64) -> i64 {
///         self.balance += amount;
///         self.balance
///     }
///
///     /// Pays out, if there is that much.
///     #[call]
///     fn withdraw(&mut self, amount: i64) -> Result<i64, TooPoor> {
///         if amount > self.balance {
///             return Err(TooPoor);
///         }
///         self.balance -= amount;
///         Ok(self.balance)
///     }
///
///     /// Back to nothing.
///     #[cast]
///     fn reset(&mut self) {
///         self.balance = 0;
///     }
/// }
///
/// #[otp::main]
/// async fn main(system: System) -> Result<(), Box<dyn std::error::Error>> {
///     let account = Account::start(&system, 10).await?;
///     assert_eq!(account.deposit(2).await?, 12);
///     assert_eq!(account.withdraw(20).await?, Err(TooPoor));
///     account.reset();
///     assert_eq!(account.deposit(1).await?, 1);
///     Ok(())
/// }
/// ```
///
/// # What it expands to
///
/// To what one writes by hand, here for `Account`:
///
/// - The methods, in a plain `impl Account`, without the attributes of this macro.
/// - An enum for each kind of message: `AccountCall`, `AccountCast`, `AccountInfo`, `AccountContinue`. A method
///   `add_one` is the variant `AddOne`, its arguments are the fields, in order; the last field of a call is the reply
///   token `ReplyTo<R>`. The enum is `Debug`, and shows an argument whose type is not as `..`. Where there is no message of
///   a kind, there is no enum, and the associated type is `NoMessage`.
/// - `impl Supervised for Account`, with the options of the attribute.
/// - `impl GenServer for Account`. Each of its methods takes the message apart and calls yours.
/// - `trait AccountClient`, for `ServerRef<Account>`, with a method for each call and each cast. A call returns the
///   builder `Call`: `.await` it, or set `.timeout(…)` first, or `.send_request()`. A cast returns nothing, at once.
///
/// The doc comments of the methods are copied to the variants and to the client.
///
/// # Roles
///
/// Every method with a role may be sync or `async` and may have a parameter `&mut Context<Self>`, in any place;
/// `#[format_status]` alone has neither. All but `#[init]` take `&mut self` or `&self`. An `async` method that takes
/// `&self` makes the server need `Sync`; with `&mut self` it does not. Methods without a role stay what they are.
///
/// | attribute | the method | returns |
/// |---|---|---|
/// | `#[init]` | makes the state; there is exactly one, without `self`. Its arguments are the server's `Args`: `()`, the type of the one, or a tuple | `Self`, `Init<Self>`, or a `Result` of one of them |
/// | `#[call]` | answers a call with what it returns. A `Result` is an answer like any other: `account.withdraw(5).await?` is the `Result<i64, TooPoor>` | the reply |
/// | `#[call]` with a parameter `ReplyTo<R>` | answers a call through the token, now or later, here or elsewhere | as a cast |
/// | `#[cast]` | handles a cast | nothing, `Next<Self>`, or a `Result` of one of them |
/// | `#[info]` | handles a message of the server's own, `AccountInfo::…`, sent by a timer or `ServerRef::info` | as a cast |
/// | `#[info(down)]` | handles the `Down` of a monitored process | as a cast |
/// | `#[info(exit)]` | handles the `Exit` of a linked process, if exits are trapped | as a cast |
/// | `#[info(timeout)]` | handles the timeout set by `Next::Timeout` or `Init::Timeout` | as a cast |
/// | `#[continue_to]` | goes on after `Next::Continue(AccountContinue::…)` or `Init::Continue` | as a cast |
/// | `#[terminate]` | cleans up; takes `&ExitReason` | nothing, or `Result<(), E>` |
/// | `#[format_status]` | describes the state, with `&self` | `String` |
///
/// An `Err` out of any but a plain call ends the server; its error is an error type or an `ExitReason`. An info that has
/// no method is logged and dropped, as `GenServer::handle_info` does it.
///
/// Parameters are told apart by the last word of their type, `Context` and `ReplyTo`: write these names, not an alias. A
/// bare `ReplyTo<R>` is always the library's and needs no import.
///
/// # Options
///
/// - `vis = pub(crate)`: the visibility of the enums and of the client trait. It is `pub` unless this is given: a message
///   may not be less visible than its server, and the macro cannot see how visible that is. In a private module `pub`
///   shows nothing to the outside.
/// - `crate = path`: where the library is; `::otp` unless this is given.
/// - `restart = permanent | transient | temporary`, `shutdown = 30s | 500ms | 2m | infinity | brutal_kill`,
///   `significant = true`: how the server is supervised, unless its child spec says something else. The spec is
///   `Account::child(args)`.
///
/// # Type parameters
///
/// They are carried over: `impl<T: Clone + Send + 'static> Cache<T>` gives `CacheCall<T>` and `CacheClient<T>`. An enum
/// that has no use for one of them has a hidden variant, which no value can have. A server cannot have a lifetime.
///
/// # Errors
///
/// The compiler says what to write instead, at the place in question and for all places at once, when there is not
/// exactly one `#[init]`; when a method has two roles or a role comes twice that may come once; when a receiver is missing
/// or by value; when an argument or a reply is borrowed, `impl Trait`, or generic; when a method that is no call has a
/// `ReplyTo<R>`, or a call two; when two methods give the same variant; when a client method would be hidden by a method of
/// `ServerRef`; and when the `impl` is one of a trait.
#[proc_macro_attribute]
pub fn gen_server(options: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(options.into(), item.into()).into()
}

/// Makes an `async fn` the program's entry, on the backend of choice.
///
/// ```rust
/// use otp::prelude::*;
///
/// #[otp::main]
/// async fn main(system: System) -> Result<(), std::num::ParseIntError> {
///     let answer: u8 = "42".parse()?;
///     assert_eq!(answer, 42);
///     drop(system);
///     Ok(())
/// }
/// ```
///
/// # What it expands to
///
/// A plain function of the same name and return type, which has the async one inside and hands it to the backend's `run`:
///
/// ```text
/// fn main() -> Result<(), ParseIntError> {
///     async fn main(system: System) -> Result<(), ParseIntError> { … }
///     ::otp::tokio::run(main)
/// }
/// ```
///
/// The parameter may be left out. What becomes of the processes that are left when the function returns is the affair of
/// `run`: see there.
///
/// # Options
///
/// - `backend = "tokio"`, `"smol"` or `"sim"`: whose `run` it is; `"tokio"` unless this is given. The feature of that
///   name has to be on.
/// - `seed = 42`: what decides a run on the simulator; 1 unless this is given.
/// - `crate = path`: where the backends are; `::otp` unless this is given.
///
/// # Errors
///
/// The function has to be `async`, without type parameters, and takes the `System` or nothing.
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(options.into(), item.into()).into()
}

/// Makes an `async fn` a test, which runs once on each backend that is enabled.
///
/// ```rust
/// use otp::prelude::*;
///
/// #[otp::test]
/// async fn two_and_two_is_four(system: System) {
///     assert_eq!(2 + 2, 4);
///     drop(system);
/// }
///
/// #[otp::test(backends = [smol])]
/// #[should_panic(expected = "entered unreachable code")]
/// async fn a_panic_reaches_the_test() {
///     unreachable!();
/// }
/// # fn main() {}
/// ```
///
/// The tests are `two_and_two_is_four::tokio`, `two_and_two_is_four::tokio_current`, `two_and_two_is_four::smol` and
/// `two_and_two_is_four::sim`, as far as the features `tokio`, `smol` and `sim` are on. The last one runs on the
/// simulator, with one seed after the other. Each has an executor and a `System` of its own, so they run side by side.
///
/// # What it expands to
///
/// The function as it is, and beside it a module of its name with a `#[test]` for each backend, written by a macro of the
/// facade, which knows its own features:
///
/// ```text
/// async fn two_and_two_is_four(system: System) { … }
///
/// mod two_and_two_is_four {
///     #[test]
///     fn tokio() {
///         ::otp::tokio::test(super::two_and_two_is_four)
///     }
///     …
/// }
/// ```
///
/// `#[should_panic]`, `#[ignore]` and attributes of other crates go to each of the tests; doc comments, lint levels and
/// `#[cfg]` stay with the function. The function may return a `Result`, as any test, and may leave the parameter out. Its
/// module must not have another module of the function's name.
///
/// # Options
///
/// - `backends = [tokio, tokio_current, smol, sim]`: only these. One whose feature is off has no test then either.
/// - `seeds = 200`: how many seeds the simulator tries, unless the environment says so: see `otp::sim`.
/// - `crate = path`: where the backends are; `::otp` unless this is given.
///
/// # Errors
///
/// The function has to be `async`, without type parameters, takes the `System` or nothing, and has no `#[test]` of its
/// own. A backend that does not exist is reported as a macro that cannot be found, at its name.
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(options.into(), item.into()).into()
}
