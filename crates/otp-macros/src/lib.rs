//! The attribute macros of [otp]: [`gen_server`], [`state_machine`] with [`transitions`], [`main`] and [`test`].
//!
//! Use them through the facade, as `otp::gen_server`, `otp::state_machine`, `otp::main` and `otp::test`. Everything they do can be written by
//! hand: the pages below show what they expand to.
//!
//! [otp]: https://docs.rs/otp
#![forbid(unsafe_code)]

mod attributes;
mod entry;
mod errors;
mod function;
mod gen_server;
mod options;
mod state_machine;
mod test;
mod transitions;

use proc_macro::TokenStream;

/// Generates a server from an `impl` block: its methods become the messages, and a typed client has the same methods.
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
/// The macro expands to the code that one would write by hand, here for `Account`:
///
/// - The methods, in a plain `impl Account`, without the attributes of this macro.
/// - An enum for each kind of message: `AccountCall`, `AccountCast`, `AccountInfo`, `AccountContinue`. A method
///   `add_one` is the variant `AddOne`, and its arguments are the fields, in order; the last field of a call is the
///   reply token `ReplyTo<R>`. The enum is `Debug`, and shows an argument whose type is not `Debug` as `..`. It is
///   `#[non_exhaustive]`: a `match` in another crate, as in a mock, needs a `_` arm. If a kind has no messages, there
///   is no enum, and the associated type is `NoMessage`.
/// - `impl Supervised for Account`, with the options of the attribute.
/// - `impl GenServer for Account`. Each of its methods destructures the message and calls your method.
/// - `trait AccountClient`, for `ServerRef<Account>`, with a method for each call and each cast. A call returns the
///   builder `Call`: `.await` it, or first set `.timeout(…)`, or use `.send_request()`. A cast returns nothing, and at
///   once. No other type can implement the trait, so that adding a call to a server breaks no code; for a trait that
///   others implement, see [protocols](#protocols).
///
/// The doc comments of the methods are copied to the variants and to the client.
///
/// # Roles
///
/// Every method with a role may be sync or `async` and may have a parameter `&mut Context<Self>` at any position; only
/// `#[format_status]` has neither. All but `#[init]` take `&mut self` or `&self`. An `async` method that takes `&self`
/// requires the server to be `Sync`; with `&mut self` it does not. Methods without a role are not changed.
///
/// | attribute | the method | returns |
/// |---|---|---|
/// | `#[init]` | makes the state; there is exactly one, without `self`. Its arguments are the server's `Args`: `()`, the type of the one, or a tuple | `Self`, `Init<Self>`, or a `Result` of one of them |
/// | `#[call]` | answers a call with its return value. A `Result` is an answer like any other: `account.withdraw(5).await?` is the `Result<i64, TooPoor>` | the reply |
/// | `#[call]` with a parameter `ReplyTo<R>` | answers a call through the token, now or later, from this process or another | as a cast |
/// | `#[call(Storage)]`, `#[cast(Storage)]` | as above, for a method of the [protocol](#protocols) `Storage` | as above |
/// | `#[cast]` | handles a cast | nothing, `Next<Self>`, or a `Result` of one of them |
/// | `#[info]` | handles another message, `AccountInfo::…`, sent by a timer, a task (`ctx.spawn_task(work, AccountInfo::…)`) or `ServerRef::info` | as a cast |
/// | `#[info(down)]` | handles the `Down` of a monitored process | as a cast |
/// | `#[info(exit)]` | handles the `Exit` of a linked process, if exits are trapped | as a cast |
/// | `#[info(timeout)]` | handles the timeout set by `Next::Timeout` or `Init::Timeout` | as a cast |
/// | `#[continue_to]` | continues after `Next::Continue(AccountContinue::…)` or `Init::Continue` | as a cast |
/// | `#[terminate]` | cleans up; takes `&ExitReason` | nothing, or `Result<(), E>` |
/// | `#[format_status]` | describes the state, with `&self` | `String` |
///
/// An `Err` from any method but a plain call ends the server; its error is an error type or an `ExitReason`. An info
/// without a method is logged and dropped, as by `GenServer::handle_info`.
///
/// Parameters are recognised by the last segment of their type, `Context` and `ReplyTo`: write these names, not an
/// alias. A bare `ReplyTo<R>` in the signature of any method of the block is the library's and needs no import.
///
/// # Protocols
///
/// A protocol is your trait, whose methods return `otp::call::BoxCall` if they are calls, and nothing if they are
/// casts. Code with an `Arc<dyn Storage>` does not know the implementation: a server, reached by a pid, a name or any
/// other route; a mock; a proxy that calls others; or a type that is not a process.
///
/// `#[call(Storage)]` makes `ServerRef<Memory>` implement `Storage`, with the arguments and the reply of the method. A
/// method of a protocol is not in `MemoryClient`. Write the path of a protocol the same way in each method of a server.
///
/// A `BoxCall` has the options of a `Call`, and needs one more allocation. A protocol is a contract: adding a method to
/// it breaks its implementors.
///
/// ```rust
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use otp::call::BoxCall;
/// use otp::prelude::*;
///
/// pub trait Storage: Send + Sync {
///     fn put(&self, key: &'static str, value: u64) -> BoxCall<Option<u64>>;
///     fn clear(&self);
/// }
///
/// /// A server.
/// struct Memory(std::collections::HashMap<&'static str, u64>);
///
/// #[gen_server]
/// impl Memory {
///     #[init]
///     fn init() -> Self {
///         Self(Default::default())
///     }
///
///     #[call(Storage)]
///     fn put(&mut self, key: &'static str, value: u64) -> Option<u64> {
///         self.0.insert(key, value)
///     }
///
///     #[cast(Storage)]
///     fn clear(&mut self) {
///         self.0.clear();
///     }
/// }
///
/// /// A mock that is not a process. The server of an `otp::test::Mock<Memory>` implements the protocol too.
/// struct Always(u64);
///
/// impl Storage for Always {
///     fn put(&self, _: &'static str, _: u64) -> BoxCall<Option<u64>> {
///         BoxCall::ready(Ok(Some(self.0)))
///     }
///
///     fn clear(&self) {}
/// }
///
/// /// A proxy that calls two others.
/// struct Mirrored(System, [Arc<dyn Storage>; 2]);
///
/// impl Storage for Mirrored {
///     fn put(&self, key: &'static str, value: u64) -> BoxCall<Option<u64>> {
///         let [first, second] = self.1.clone();
///         BoxCall::new(&self.0, "both storages", async move {
///             let earlier = first.put(key, value).await?;
///             Ok(second.put(key, value).await?.or(earlier))
///         })
///     }
///
///     fn clear(&self) {
///         self.1.iter().for_each(|storage| storage.clear());
///     }
/// }
///
/// /// Knows the protocol, and none of its implementors.
/// async fn second_value(storage: &dyn Storage) -> Result<Option<u64>, CallError> {
///     storage.clear();
///     storage.put("a", 1).await?;
///     storage.put("a", 2).timeout(Duration::from_secs(1)).await
/// }
///
/// #[otp::main]
/// async fn main(system: System) -> Result<(), Box<dyn std::error::Error>> {
///     let memory: Arc<dyn Storage> = Arc::new(Memory::start(&system, ()).await?);
///     let mock: Arc<dyn Storage> = Arc::new(Always(7));
///     let proxy = Mirrored(system, [memory.clone(), mock.clone()]);
///     assert_eq!(second_value(&*memory).await?, Some(1));
///     assert_eq!(second_value(&*mock).await?, Some(7));
///     assert_eq!(second_value(&proxy).await?, Some(7));
///     assert_eq!(memory.put("a", 3).await?, Some(2));
///     Ok(())
/// }
/// ```
///
/// # Options
///
/// - `vis = pub(crate)`: the visibility of the enums and of the client trait. The default is `pub`: a message may not
///   be less visible than its server, and the macro cannot see the visibility of the server. In a private module `pub`
///   exposes nothing to the outside.
/// - `crate = path`: the path of the library; the default is `::otp`.
/// - `remote`: other nodes may call the server, with the feature `dist`: it is a `RemoteServer` and a `Forward` of
///   `otp::dist`. A request is named as its method: `fn add(&mut self, n: u64)` is `{add, N}` in Erlang, and a method without
///   arguments an atom. Arguments and replies are types of serde, both ways.
/// - `thread`: the server runs on a thread of its own, which its methods may block. It may keep what is not `Send` in
///   an `otp::process::Local`. See `GenServer::ON_THREAD`.
/// - `messages = Account`: the server has the calls, casts and infos of the server `Account` of the same crate, and no
///   enums of its own. It has a method for each of them, with the same name, arguments and reply, and so it can take the
///   place of a running `Account`: see `otp::gen_server::Upgrade`.
/// - `restart = permanent | transient | temporary`, `shutdown = 30s | 500ms | 2m | infinity | brutal_kill`,
///   `significant = true`, `hand_over = 3`: how the server is supervised, and how many crashes its saved state
///   survives, unless its child spec overrides it. `Account::child(args)` makes the spec.
///
/// # Type parameters
///
/// Type parameters are carried over: `impl<T: Clone + Send + 'static> Cache<T>` generates `CacheCall<T>` and
/// `CacheClient<T>`. An enum that does not use one of them has a hidden variant, which no value can have. A server
/// cannot have a lifetime parameter.
///
/// # Errors
///
/// The compiler reports all mistakes at once, each at its place and with a correction: when there is not exactly one
/// `#[init]`, also because a server has a second block; when a method has two roles, or a role that may occur once
/// occurs twice; when a receiver is missing or by value; when an argument or a reply is borrowed, `impl Trait`,
/// generic, or a type of the standard library that is not `Send`; when the context has an alias; when a method that is
/// not a call has a `ReplyTo<R>`, or a call has two; when two methods give the same variant; when a client method would
/// be hidden by a method of `ServerRef`; when a protocol's method is missing or has other types; and when the `impl`
/// implements a trait.
#[proc_macro_attribute]
pub fn gen_server(options: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(options.into(), item.into()).into()
}

/// Makes an `async fn` the entry point of the program, on the selected backend.
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
/// A plain function with the same name and return type, which contains the async one and passes it to the backend's
/// `run`:
///
/// ```text
/// fn main() -> Result<(), ParseIntError> {
///     async fn main(system: System) -> Result<(), ParseIntError> { … }
///     ::otp::tokio::run(main)
/// }
/// ```
///
/// The parameter may be left out. When the function returns, `run` shuts down the remaining processes; its
/// documentation describes how.
///
/// # Options
///
/// - `backend = "tokio"`, `"smol"` or `"sim"`: the backend; the default is `"tokio"`. The feature of that name has to
///   be enabled.
/// - `seed = 42`: the seed of a run on the simulator; the default is 1.
/// - `crate = path`: the path of the library; the default is `::otp`.
///
/// # Errors
///
/// The function has to be `async`, without type parameters, and takes the `System` or nothing.
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(options.into(), item.into()).into()
}

/// Makes an `async fn` a test, which runs once on each enabled backend.
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
/// `two_and_two_is_four::sim`, if the features `tokio`, `smol` and `sim` are enabled. The last one runs on the
/// simulator, with several seeds, one after the other. Each test has its own executor and `System`, so they run in
/// parallel.
///
/// # What it expands to
///
/// The unchanged function, and a module of the same name with a `#[test]` for each backend. A macro of the facade
/// writes the module, because only the facade knows its features:
///
/// ```text
/// async fn two_and_two_is_four(system: System) { … }
///
/// mod two_and_two_is_four {
///     fn body(system: System) -> impl Future<Output = ()> {
///         super::two_and_two_is_four(system)
///     }
///
///     #[test]
///     fn tokio() {
///         ::otp::tokio::test(body)
///     }
///     …
/// }
/// ```
///
/// `#[should_panic]`, `#[ignore]` and attributes of other crates are applied to each of the tests; doc comments, lint
/// levels and `#[cfg]` stay with the function. The function may return a `Result`, as any test, and may leave out the
/// parameter. Its module must not contain another module with the function's name.
///
/// # Options
///
/// - `backends = [tokio, tokio_current, smol, sim]`: only these backends. A backend whose feature is off has no test.
/// - `seeds = 200`: how many seeds the simulator tries, unless the environment sets another number: see `otp::sim`.
/// - `faults = Faults::none().kill(20)`: the faults that the simulator injects; an expression, whose names are looked
///   up where the test is. The other backends ignore it.
/// - `crate = path`: the path of the library; the default is `::otp`.
///
/// # Errors
///
/// The function has to be `async`, without type parameters, takes the `System` or nothing, and has no other test
/// attribute, such as `#[test]` or `#[tokio::test]`. A backend that does not exist is reported as a macro that cannot
/// be found, at its name.
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(options.into(), item.into()).into()
}

/// Generates a state machine from an `impl` block: a method is a state, and a typed client has a method for each call
/// and each cast.
///
/// ```rust
/// use std::time::Duration;
///
/// use otp::prelude::*;
/// use otp::state_machine;
/// use otp::statem::{Entered, Event, Init, StateMachine, Transition};
///
/// /// A door that locks itself, and opens with a code.
/// struct Door {
///     code: u32,
/// }
///
/// #[state_machine]
/// #[transitions(Locked => [Open], Open => [Locked])]
/// impl Door {
///     #[init]
///     fn init(code: u32) -> Init<Self> {
///         Init::ok(Door { code }, Locked { attempts: 0 })
///     }
///
///     /// Opens the door, if this is its code.
///     #[call]
///     fn open_with(code: u32) -> bool;
///
///     /// Answered when the door is open.
///     #[call]
///     fn pass();
///
///     /// The code. A call with a body is handled alike in every state.
///     #[call]
///     fn code(&self) -> u32 {
///         self.code
///     }
///
///     #[internal]
///     fn close();
///
///     /// Nobody passes.
///     #[state]
///     fn locked(&mut self, attempts: &mut u32, event: Event<Self>) -> Transition<Self, Locked> {
///         match event {
///             Event::Call(DoorCall::OpenWith(code, from)) if code == self.code => Transition::next(Open).reply(from, true),
///             Event::Call(DoorCall::OpenWith(_, from)) => {
///                 *attempts += 1;
///                 Transition::keep().reply(from, false)
///             }
///             Event::Call(DoorCall::Pass(_)) => Transition::postpone(event),
///             _ => Transition::keep(),
///         }
///     }
///
///     /// Everybody passes.
///     #[state]
///     fn open(&mut self, event: Event<Self>) -> Transition<Self, Open> {
///         match event {
///             Event::Call(DoorCall::OpenWith(_, from)) => Transition::keep().reply(from, true),
///             Event::Call(DoorCall::Pass(from)) => Transition::keep().reply(from, ()),
///             Event::StateTimeout(DoorInternal::Close) => Transition::next(Locked { attempts: 0 }),
///             _ => Transition::keep(),
///         }
///     }
///
///     #[enter(Open)]
///     fn opens(&mut self) -> Entered<Self> {
///         Entered::ok().state_timeout(Duration::from_secs(5), DoorInternal::Close)
///     }
/// }
///
/// // A state needs no process: it is a function, and what it decides is data.
/// let mut attempts = 0;
/// let event = Event::Call(DoorCall::OpenWith(1, ReplyTo::with(|answer| assert_eq!(answer, Some(false)))));
/// let mut decided = Door { code: 1234 }.locked(&mut attempts, event);
/// assert_eq!((decided.next_state(), attempts), (None, 1));
/// decided.send_replies();
///
/// otp::tokio::run(async |system| {
///     let door = Door::start(&system, 1234).await.unwrap();
///     let passing = door.pass().send_request();
///     assert_eq!(door.open_with(1234).await, Ok(true));
///     assert_eq!(passing.await, Ok(()));
///     assert_eq!(door.code().await, Ok(1234));
/// });
/// ```
///
/// # What it expands to
///
/// The macro expands to the code that one would write by hand, here for `Door`:
///
/// - The methods, in a plain `impl Door`, without the attributes of this macro and without the declarations of
///   messages.
/// - `enum DoorState`: a method `locked` is the variant `Locked`, and the data that it takes are the fields. The enum is
///   `Debug` and `PartialEq`, and what `derive(…)` adds.
/// - An enum for each kind of message, `DoorCall`, `DoorCast`, `DoorInfo`, `DoorInternal`, `DoorTimer`, like those of
///   [`gen_server`](macro@gen_server#what-it-expands-to).
/// - `impl StateMachine for Door`, whose `handle` matches the state and calls its method.
/// - `trait DoorClient`, for `MachineRef<Door>`, with a method for each call and each cast, like that of a server.
/// - With a [table of transitions](macro@transitions): a type for each state, here `Locked` and `Open`, and the diagram,
///   in the documentation of the `impl`, in `DoorState::DIAGRAM` and in `Door::diagram()`.
///
/// # Messages
///
/// A message is declared, as a function without `self` and without a body; then the states handle it, as an event. Or it
/// has a body; then it is handled alike in every state, before the state's method is asked, and the machine keeps its
/// state. It is an event all the same, so it cancels the event timeout.
///
/// | attribute | declares | with a body |
/// |---|---|---|
/// | `#[call]` | `Event::Call(DoorCall::…)`; the last field is the token `ReplyTo<R>`, with the return type as `R` | answers with its return value, or through a parameter `ReplyTo<R>` |
/// | `#[cast]` | `Event::Cast(DoorCast::…)` | returns nothing, or a `Result<(), E>` |
/// | `#[info]` | `Event::Info(Info::Message(DoorInfo::…))` | as a cast |
/// | `#[info(down)]`, `#[info(exit)]` | | handles the `Down` of a monitored process, the `Exit` of a linked one |
/// | `#[internal]` | `DoorInternal::…`, the content of internal events and of timeouts | |
/// | `#[timer]` | `DoorTimer::…`, the name of a named timeout; its arguments are `PartialEq` | |
///
/// `#[call(Storage)]` and `#[cast(Storage)]` implement a protocol, as of a [server](macro@gen_server#protocols).
///
/// # Methods
///
/// All but `#[format_status]` may be sync or `async`, and have a parameter `&mut Context<'_, Self>` of `otp::statem`.
///
/// | attribute | the method | returns |
/// |---|---|---|
/// | `#[init]` | makes the data and the first state; its arguments are the machine's `Args` | `Init<Self>`, `(Self, DoorState)`, or a `Result` of one of them |
/// | `#[state]` | handles an `Event<Self>` in its state. Its other parameters are references to the data of the state, under the names of the fields | `Transition<Self>`, or a `Result` of it; with a table `Transition<Self, Locked>` |
/// | `#[enter(Open)]`, `#[enter(Open, Ajar)]` | runs when one of these states is entered. May take data of the state, by name, and the old state, `Option<&DoorState>` | nothing, `Entered<Self>`, or a `Result` of one of them |
/// | `#[enter]` | the same for all states that have no such method | the same |
/// | `#[terminate]` | cleans up; may take `&ExitReason` and `&mut DoorState` | nothing, or `Result<(), E>` |
/// | `#[format_status]` | describes the machine, with `&self` and `&DoorState` | `String` |
///
/// A state's method changes the data of its state in place, which is no transition. An `Err` ends the machine.
///
/// **What several states do alike** is a plain function, which they call with the events that they do not handle
/// themselves; `gen_statem` users write a `handle_common`. There are no superstates: the call says who handles what, and
/// in which order. With a table such a function is generic over the state, and its bounds say where it leads:
///
/// ```text
/// fn otherwise<S: GoesTo<Broken>>(&mut self, event: Event<Self>) -> Transition<Self, S>
/// ```
///
/// **When a state is left** its data are dropped, and the next state's `#[enter]` knows which it was. There is no exit
/// method, as in OTP.
///
/// # Options
///
/// Those of [`gen_server`](macro@gen_server#options), and `derive(Clone)`: what the enum of the states derives beside
/// `Debug` and `PartialEq`.
///
/// # Type parameters
///
/// Type parameters are carried over to all enums, as of a server. A machine that has some cannot have a table of
/// transitions.
///
/// # Errors
///
/// The compiler reports all mistakes at once, each at its place and with a correction; a transition that the table does
/// not list is reported where it is returned.
#[proc_macro_attribute]
pub fn state_machine(options: TokenStream, item: TokenStream) -> TokenStream {
    state_machine::expand(options.into(), item.into()).into()
}

/// Says which states may follow which: for the `enum` of a machine's states, or below `#[state_machine]`.
///
/// ```rust
/// use otp::transitions;
///
/// #[derive(Debug, PartialEq)]
/// #[transitions(Locked => [Open], Open => [Locked, Broken], Broken => [])]
/// enum State {
///     Locked { attempts: u32 },
///     Open,
///     Broken,
/// }
///
/// assert_eq!(State::from(Locked { attempts: 0 }), State::Locked { attempts: 0 });
/// assert!(State::DIAGRAM.starts_with("stateDiagram-v2\n    Locked --> Open\n    Open --> Locked\n"));
/// ```
///
/// A `Transition<M, Locked>` is what is decided in the state `Locked`. `Transition::next(Open)` makes one because the
/// table lists it, and `Transition::next(Broken)` does not compile. Staying, entering the same state again and stopping
/// are always possible; a change from `Locked` to another `Locked` has to be listed. See `otp::statem::GoesTo` for a
/// whole machine written by hand.
///
/// # What it expands to
///
/// - The enum, with the table as a [Mermaid](https://mermaid.js.org) diagram in its documentation.
/// - A struct for each state, with the name and the fields of the variant: `struct Locked { attempts: u32 }`,
///   `struct Open;`. It has the visibility of the enum, and converts into it. Its name must be free: two machines that
///   both have a state `Idle` are in two modules.
/// - `impl GoesTo<Open> for Locked {}` for each entry of the table.
/// - The constant `State::DIAGRAM`, for the `diagram()` of the machine.
///
/// `#[transitions(crate = my::otp, Locked => …)]` sets the path of the library.
///
/// # Errors
///
/// Every state has one list, which is empty if nothing follows. The enum has no type parameters.
#[proc_macro_attribute]
pub fn transitions(table: TokenStream, item: TokenStream) -> TokenStream {
    transitions::expand(table.into(), item.into()).into()
}
