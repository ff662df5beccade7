//! Mock servers that follow a script.

mod script;

use std::fmt::{self, Debug};
use std::panic::Location;
use std::sync::Arc;

use futures::StreamExt;
use futures::channel::mpsc;
use otp_behaviour::short_name;
use otp_core::behaviour::BehaviourContext;
use otp_core::{Doing, ExitReason, Message, NameError, ProcessContext, ProcessRef, SpawnOptions, System};
use otp_genserver::{Envelope, GenServer, Received, ServerName, ServerRef};

use crate::within::Within;
use script::{Rule, Script, Shown};

/// What a mock does with a request.
const FOLLOWING: Doing = Doing::new(|| "following its script");

/// Replaces a server of type `S` in a test, and follows a script: callers do not see the difference.
///
/// *Expected* requests have to come exactly once each, in the order of the script, calls, casts and infos alike.
/// *Allowed* requests may come any number of times, at any time; they are matched first. Each is written with
/// [`on!`](crate::on): a pattern, and what to do then.
///
/// A request that is neither expected nor allowed ends the mock, so that its caller fails at once: the exit reason says
/// what came and what was expected. [`done`](Mock::done) waits until all of the script has come, and panics in the test
/// otherwise. Dropping the mock does the same without waiting.
///
/// A mock is not a server, so [`sys`](otp_genserver::sys) cannot read its state; it stops on a request to stop.
///
/// ```
/// # use otp::prelude::*;
/// # struct Account;
/// # #[gen_server]
/// # impl Account {
/// #     #[init]
/// #     fn init() -> Self { Account }
/// #     #[call]
/// #     fn withdraw(&mut self, cents: u64) -> Result<u64, ()> { Err(()) }
/// #     #[call]
/// #     fn balance(&self) -> u64 { 0 }
/// #     #[cast]
/// #     fn note(&mut self, text: String) {}
/// # }
/// # fn main() {
/// # otp::tokio::run(async |system| {
/// use otp::test::{Mock, on};
///
/// let mut account = Mock::<Account>::start(&system);
/// account.allow_call(on!(AccountCall::Balance(from) => from.reply(12)));
/// account.expect_call(on!(AccountCall::Withdraw(cents, from) if cents < 12 => from.reply(Ok(12 - cents))));
/// account.expect_cast(on!(AccountCast::Note(_)));
///
/// // The code under test is given `account.server()`.
/// let server = account.server();
/// assert_eq!(server.balance().await, Ok(12));
/// assert_eq!(server.withdraw(5).await, Ok(Ok(7)));
/// server.note("paid out".to_owned());
///
/// account.done().await;
/// # });
/// # }
/// ```
///
/// To answer later, pass the token on, for example to a [`Probe`](crate::Probe) that receives `ReplyTo<…>`.
pub struct Mock<S: GenServer> {
    process: ProcessRef<Envelope<S>>,
    script: Arc<Script<S>>,
    /// Notified of each change of the script; closed when the mock has ended.
    changes: mpsc::UnboundedReceiver<()>,
}

/// A request for a [`Mock`] and its reaction; written with [`on!`](crate::on).
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "`on!` makes it")]
pub struct On<F> {
    /// The request as text, for the message of a failure.
    pub what: &'static str,
    /// Handles the request, or gives it back if it does not match.
    pub answer: F,
}

/// Makes a request for a [`Mock`](crate::Mock): a pattern, optionally with a guard, and what to do when it comes.
///
/// ```
/// # enum AccountCall { Add(i64, Vec<i64>), Clear }
/// use otp::test::on;
///
/// let mut add = on!(AccountCall::Add(n, mut list) if n > 0 => list.push(n));
/// assert_eq!(add.what, "AccountCall::Add(n, mut list) if n > 0");
/// assert!((add.answer)(AccountCall::Add(1, Vec::new())).is_ok());
/// assert!((add.answer)(AccountCall::Clear).is_err());
///
/// let clear = on!(AccountCall::Clear);
/// # assert!((clear.answer)(AccountCall::Clear).is_ok());
/// ```
#[macro_export]
macro_rules! on {
    ($request:pat $(if $guard:expr)? $(=> $answer:expr)?) => {
        $crate::On {
            what: ::core::stringify!($request $(if $guard)?),
            answer: move |request| {
                #[allow(unreachable_patterns)]
                match request {
                    $request $(if $guard)? => {
                        $($answer;)?
                        ::core::result::Result::Ok(())
                    }
                    other => ::core::result::Result::Err(other),
                }
            },
        }
    };
}

impl<S> Mock<S>
where
    S: GenServer<Call: Debug, Cast: Debug, Info: Debug>,
{
    /// Starts a mock that expects nothing yet.
    pub fn start(system: &System) -> Mock<S> {
        let script = Arc::new(Script::default());
        let (changed, changes) = mpsc::unbounded();
        let played = script.clone();
        let label = SpawnOptions::new().label(format!("mock of {}", short_name::<S>()));
        let body = async move |mut ctx: ProcessContext<Envelope<S>>| {
            loop {
                // It does not trap exits, and monitors no process.
                let Message::User(envelope) = ctx.receive().await else { continue };
                let request = envelope.open();
                // For the trace of a simulated run.
                ctx.begin_handling(FOLLOWING, &Shown(&request));
                let outcome = played.play(request);
                // If this fails, nothing waits for it.
                let _ = changed.unbounded_send(());
                if let Err(unexpected) = outcome {
                    return ExitReason::crash(unexpected);
                }
            }
        };
        let spawned = system.spawn_with(label, body).expect("only a name can be refused");
        Mock { process: spawned.process, script, changes }
    }

    /// Returns a reference to the mock, as the server that it replaces.
    pub fn server(&self) -> ServerRef<S> {
        ServerRef::from(self.process.clone())
    }

    /// Registers the mock under a name, so that the code under test finds it.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name is taken, or the mock has ended.
    pub fn register(&self, name: &ServerName<S>) -> Result<(), NameError> {
        self.process.system().register(name, &self.process)
    }

    /// Adds an expected call to the end of the script.
    #[track_caller]
    pub fn expect_call<F>(&mut self, on: On<F>)
    where
        F: FnOnce(S::Call) -> Result<(), S::Call> + Send + 'static,
    {
        self.script.expect(Rule::call(on.what, Location::caller(), on.answer));
    }

    /// Adds an expected cast to the end of the script.
    #[track_caller]
    pub fn expect_cast<F>(&mut self, on: On<F>)
    where
        F: FnOnce(S::Cast) -> Result<(), S::Cast> + Send + 'static,
    {
        self.script.expect(Rule::cast(on.what, Location::caller(), on.answer));
    }

    /// Adds an expected info to the end of the script.
    #[track_caller]
    pub fn expect_info<F>(&mut self, on: On<F>)
    where
        F: FnOnce(S::Info) -> Result<(), S::Info> + Send + 'static,
    {
        self.script.expect(Rule::info(on.what, Location::caller(), on.answer));
    }

    /// Allows a call, any number of times.
    pub fn allow_call<F>(&mut self, on: On<F>)
    where
        F: FnMut(S::Call) -> Result<(), S::Call> + Send + 'static,
    {
        let mut answer = on.answer;
        self.script.allow(move |request| match request {
            Received::Call(call) => answer(call).map_err(Received::Call),
            other => Err(other),
        });
    }

    /// Allows a cast, any number of times.
    pub fn allow_cast<F>(&mut self, on: On<F>)
    where
        F: FnMut(S::Cast) -> Result<(), S::Cast> + Send + 'static,
    {
        let mut answer = on.answer;
        self.script.allow(move |request| match request {
            Received::Cast(cast) => answer(cast).map_err(Received::Cast),
            other => Err(other),
        });
    }

    /// Allows an info, any number of times.
    pub fn allow_info<F>(&mut self, on: On<F>)
    where
        F: FnMut(S::Info) -> Result<(), S::Info> + Send + 'static,
    {
        let mut answer = on.answer;
        self.script.allow(move |request| match request {
            Received::Info(info) => answer(info).map_err(Received::Info),
            other => Err(other),
        });
    }

    /// Waits until all expected requests have come.
    ///
    /// # Panics
    ///
    /// If another request came, or if a request is missing when the time is up or the mock has ended.
    #[track_caller]
    pub fn done(&mut self) -> Within<'_, ()> {
        let at = Location::caller();
        Within::new(async move |limit| {
            let Mock { process, script, changes } = self;
            let played = async { while script.is_waiting() && changes.next().await.is_some() {} };
            let in_time = process.system().timeout(limit, played).await.is_ok();
            // The changes are over a moment before the mock has ended.
            let until = if in_time && (script.is_waiting() || !process.is_alive()) {
                format!("when it ended ({})", process.exited().await)
            } else {
                format!("after {limit:?}")
            };
            if let Some(failure) = script.failure(&until) {
                panic!("{}: {failure}\nat {at}", name(process));
            }
        })
    }
}

/// Panics if the script was not followed, unless [`done`](Mock::done) has reported it or the thread is panicking
/// already.
impl<S: GenServer> Drop for Mock<S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        if let Some(failure) = self.script.failure("when it was dropped") {
            panic!("{}: {failure}", name(&self.process));
        }
    }
}

impl<S: GenServer> fmt::Debug for Mock<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mock({}, {:?})", short_name::<S>(), self.process)
    }
}

fn name<S: GenServer>(mock: &ProcessRef<Envelope<S>>) -> String {
    format!("the mock of {} {}", short_name::<S>(), mock.pid())
}
