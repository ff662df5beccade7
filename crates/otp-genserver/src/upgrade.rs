use std::any::type_name;
use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use otp_behaviour::sys::{CodeChangeError, SysError};
use otp_behaviour::{Ask, Mode, Parent, SystemRequest, Systemic, ask, contain, report_crash};
use otp_core::{Callee, ExitReason, Pid, ProcessInfo, ReplyTo, System, Target, Term};

use crate::context::Context;
use crate::mailbox::{Content, Mailbox};
use crate::rare::Rare;
use crate::run::{Fate, ServerLoop};
use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};

/// Makes a server that takes the place of a running server of type `Old`, with other code and another state: OTP's code
/// change, from one version of a server to the next.
///
/// The new server has the messages of the old one: its pid, names, links, monitors, mailbox and timers stay, and calls that
/// wait are answered by the new code. References to the old server are references to the new one.
///
/// [`ServerRef::upgrade`] upgrades one running server, and
/// [`SupervisorRef::upgrade`](https://docs.rs/otp-supervisor/latest/otp_supervisor/struct.SupervisorRef.html#method.upgrade)
/// all children of a supervisor together.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::gen_server::{Context, GenServer, Init, Next, NoMessage, Upgrade};
/// use otp::process::Term;
/// use otp::{ExitReason, ReplyTo};
///
/// /// Counts calls.
/// struct Counter(u32);
///
/// impl GenServer for Counter {
///     type Args = u32;
///     type Call = ReplyTo<u64>;
///     type Cast = NoMessage;
///     type Info = NoMessage;
///     type Continue = NoMessage;
///
///     async fn init(start: u32, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         Ok(Init::Ok(Counter(start)))
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
///         self.0 += 1;
///         from.reply(self.0.into());
///         Ok(Next::Receive)
///     }
/// }
///
/// /// Counts further than four billion.
/// struct LongCounter(u64);
///
/// impl GenServer for LongCounter {
///     type Args = u64;
///     type Call = ReplyTo<u64>;
///     type Cast = NoMessage;
///     type Info = NoMessage;
///     type Continue = NoMessage;
///
///     async fn init(start: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         Ok(Init::Ok(LongCounter(start)))
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
///         self.0 += 1;
///         from.reply(self.0);
///         Ok(Next::Receive)
///     }
/// }
///
/// impl Upgrade<Counter> for LongCounter {
///     fn upgrade(old: &Counter, _: &Term) -> Result<LongCounter, ExitReason> {
///         Ok(LongCounter(old.0.into()))
///     }
/// }
///
/// let counter = Counter::start(&system, u32::MAX - 1).await.unwrap();
/// assert_eq!(counter.call(|from| from).await, Ok(u32::MAX.into()));
/// counter.upgrade::<LongCounter>(Term::new(())).await.unwrap();
/// assert_eq!(counter.call(|from| from).await, Ok(1 << 32));
/// # }).unwrap();
/// ```
///
/// OTP's [`code_change/3`](https://www.erlang.org/doc/apps/stdlib/gen_server.html#c:code_change/3). A change of the state of
/// the same type is [`sys::change_code`](crate::sys::change_code).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take the place of a running `{Old}`",
    note = "implement `Upgrade<{Old}>` for `{Self}`, which makes its state from the old one"
)]
pub trait Upgrade<Old>: GenServer<Call = Old::Call, Cast = Old::Cast, Info = Old::Info>
where
    Old: GenServer,
{
    /// Makes the new state from the old one, between two messages of the server.
    ///
    /// # Errors
    ///
    /// The reason why the upgrade is refused. Then the old server goes on, with its state, which this cannot have changed;
    /// it also goes on if this panics.
    fn upgrade(old: &Old, extra: &Term) -> Result<Self, ExitReason>;

    /// Takes from the old state what could not be cloned, such as a socket, when it is certain that the new server takes
    /// over, and before it handles a message. The default drops the old state.
    ///
    /// A panic is one of the new server, which ends.
    fn take_over(&mut self, old: Old, ctx: &mut Context<Self>) {
        let _ = ctx;
        drop(old);
    }
}

impl<S: GenServer> ServerRef<S> {
    /// Upgrades the server to type `T`, between two messages, whether it is suspended or not. Messages that wait are
    /// handled by the new server; see [`Upgrade`]. If a supervisor restarts the server later, it is an `S` again, unless
    /// the supervisor itself has upgraded it.
    ///
    /// `self` remains a reference to the server, and [`retyped`](ServerRef::retyped) makes one to a `T` of it.
    ///
    /// # Errors
    ///
    /// See [`CodeChangeError`]. After [`CodeChangeError::Refused`] the old server goes on, with its state. A server that is
    /// no `S`, because it was upgraded already, is a [`SysError::WrongType`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the server may be upgraded or not. A request that has not been served
    /// when it is dropped, or times out, is not served any more.
    pub fn upgrade<T: Upgrade<S>>(&self, extra: Term) -> Ask<(), CodeChangeError> {
        request_if_awaited(self.system(), self, move |by| Prepared::<S>::make::<T>(by, &extra)?.replace(by))
    }

    /// Returns a reference to the same server for code that knows it as a `T`, which has the same messages: one that was
    /// [upgraded](ServerRef::upgrade) to a `T`, or will be.
    pub fn retyped<T>(&self) -> ServerRef<T>
    where
        T: GenServer<Call = S::Call, Cast = S::Cast, Info = S::Info>,
    {
        ServerRef::from(self.address().map_message(|envelope: Envelope<T>| Content::of(envelope).into_envelope()))
    }
}

/// A server that is ready to take the place of a running server of type `S`, which is suspended meanwhile. For several
/// servers that are upgraded together or not at all: each of them is [prepared](Prepared::new), and then all are
/// [finished](Prepared::finish) or all [abandoned](Prepared::abandon).
#[must_use = "the server is suspended until this is finished or abandoned"]
pub struct Prepared<S: GenServer> {
    process: Pid,
    /// The mode of the server before.
    mode: Mode,
    take_over: Box<TakeOver<S>>,
}

type TakeOver<S> = dyn FnOnce(Left<S>) -> BoxFuture<'static, Fate> + Send;

/// What a server leaves to the one that takes its place.
pub(crate) struct Left<S: GenServer> {
    pub(crate) mailbox: Mailbox<S>,
    pub(crate) rare: Option<Box<Rare<S>>>,
    pub(crate) old: S,
    pub(crate) parent: Parent,
    pub(crate) mode: Mode,
    /// How long it was to wait for a message.
    pub(crate) waits: Option<Duration>,
}

/// A server whose place another one takes.
pub(crate) struct Replaced<S: GenServer> {
    pub(crate) old: S,
    pub(crate) by: Prepared<S>,
    pub(crate) waits: Option<Duration>,
}

impl<S: GenServer> Prepared<S> {
    /// Suspends a server of type `S`, and makes the state of the `T` that is to take its place, beside the old state.
    ///
    /// # Errors
    ///
    /// As those of [`ServerRef::upgrade`]. Then the server goes on as before.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the server may be suspended, and has to be resumed.
    pub fn new<T: Upgrade<S>>(
        system: &System,
        server: impl Into<Target>,
        extra: Term,
    ) -> Ask<Prepared<S>, CodeChangeError> {
        request_if_awaited(system, server, move |by| {
            let mut prepared = Prepared::<S>::make::<T>(by, &extra)?;
            match by.mode() {
                Some(mode) => prepared.mode = std::mem::replace(mode, Mode::Suspended),
                None => return Err(not_supported(by)),
            }
            Ok(prepared)
        })
    }

    /// Lets the new server take over, and resumes it if the old one was running.
    ///
    /// # Errors
    ///
    /// See [`CodeChangeError`]; it fails only if the process has ended, or was upgraded by somebody else meanwhile.
    pub fn finish(self, system: &System) -> Ask<(), CodeChangeError> {
        request(system, self.process, move |by| {
            let mode = self.mode;
            self.replace(by)?;
            resume(by, mode);
            Ok(())
        })
    }

    /// Drops the new state, and resumes the old server if it was running.
    ///
    /// # Errors
    ///
    /// See [`CodeChangeError`]; it fails only if the process has ended.
    pub fn abandon(self, system: &System) -> Ask<(), CodeChangeError> {
        let mode = self.mode;
        request(system, self.process, move |by| {
            resume(by, mode);
            discard(self, by);
            Ok(())
        })
    }

    pub(crate) fn run(self, left: Left<S>) -> BoxFuture<'static, Fate> {
        (self.take_over)(left)
    }

    /// Makes the new state, in the process of the server.
    fn make<T: Upgrade<S>>(by: &mut dyn Systemic, extra: &Term) -> Result<Prepared<S>, CodeChangeError> {
        let Some(state) = by.state() else { return Err(not_supported(by)) };
        let Some(old) = state.downcast_ref::<S>() else { return Err(wrong_type::<S>(by)) };
        let upgraded = contain(|| T::upgrade(old, extra)).unwrap_or_else(|crash| {
            report_crash(by.process(), &crash);
            Err(ExitReason::Error(crash))
        });
        let process = by.process().pid();
        match upgraded {
            Ok(state) => {
                let take_over: Box<TakeOver<S>> = Box::new(|left| Box::pin(ServerLoop::take_over(state, left)));
                Ok(Prepared { process, mode: Mode::Running, take_over })
            }
            Err(reason) => Err(CodeChangeError::Refused { callee: by.process().into(), reason }),
        }
    }

    fn replace(self, by: &mut dyn Systemic) -> Result<(), CodeChangeError> {
        by.replace(Box::new(self)).map_err(|refused| {
            discard(refused, by);
            wrong_type::<S>(by)
        })
    }
}

/// Drops a state that is not used: code of the user, whose panic the old server survives.
fn discard<T>(unused: T, by: &dyn Systemic) {
    if let Err(crash) = contain(|| drop(unused)) {
        report_crash(by.process(), &crash);
    }
}

fn resume(by: &mut dyn Systemic, to: Mode) {
    if let Some(mode) = by.mode() {
        *mode = to;
    }
}

fn request<R, F>(system: &System, server: impl Into<Target>, serve: F) -> Ask<R, CodeChangeError>
where
    R: Send + 'static,
    F: FnOnce(&mut dyn Systemic) -> Result<R, CodeChangeError> + Send + 'static,
{
    ask(system, server, |from| Box::new(Request { serve, in_any_case: true, from }))
}

/// Makes a request that is not served if its requester has given up: nobody would know of what it did.
fn request_if_awaited<R, F>(system: &System, server: impl Into<Target>, serve: F) -> Ask<R, CodeChangeError>
where
    R: Send + 'static,
    F: FnOnce(&mut dyn Systemic) -> Result<R, CodeChangeError> + Send + 'static,
{
    ask(system, server, |from| Box::new(Request { serve, in_any_case: false, from }))
}

/// A request to a server, which is served by a function.
struct Request<R: Send + 'static, F> {
    serve: F,
    in_any_case: bool,
    from: ReplyTo<Result<R, CodeChangeError>>,
}

impl<R, F> SystemRequest for Request<R, F>
where
    R: Send + 'static,
    F: FnOnce(&mut dyn Systemic) -> Result<R, CodeChangeError> + Send,
{
    fn name(&self) -> &'static str {
        UPGRADE
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let Request { serve, in_any_case, from } = *self;
        if in_any_case || from.is_awaited() {
            from.reply(serve(by));
        }
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        let callee = Callee::from(&about);
        self.from.reply(Err(SysError::NotSupported { callee, request: UPGRADE }.into()));
    }
}

const UPGRADE: &str = "upgrade";

fn not_supported(by: &dyn Systemic) -> CodeChangeError {
    SysError::NotSupported { callee: by.process().into(), request: UPGRADE }.into()
}

fn wrong_type<S>(by: &dyn Systemic) -> CodeChangeError {
    SysError::WrongType { callee: by.process().into(), request: UPGRADE, expected: type_name::<S>() }.into()
}

impl<S: GenServer> fmt::Debug for Prepared<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared(for {})", self.process)
    }
}
