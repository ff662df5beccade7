use std::any::type_name;
use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use otp_behaviour::sys::{CodeChangeError, SysError};
use otp_behaviour::{Ask, Mode, Parent, SystemRequest, Systemic, ask, contain, report_crash};
use otp_core::{Callee, ExitReason, ProcessInfo, ReplyTo, Term};

use crate::context::Context;
use crate::mailbox::{Came, Mailbox};
use crate::rare::Rare;
use crate::run::ServerLoop;
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
    /// If the future is dropped, the server is upgraded, or it is not.
    pub fn upgrade<T: Upgrade<S>>(&self, extra: Term) -> Ask<(), CodeChangeError> {
        ask(self.system(), self, |from| {
            let upgrade =
                move |by: &mut dyn Systemic| prepare::<S, T>(by, &extra).and_then(|prepared| prepared.replace(by));
            Box::new(Request { serve: upgrade, from })
        })
    }

    /// Makes the new state of a suspended server, beside the old one: the first of two steps, for several servers that are
    /// upgraded together. The second is [`finish_upgrade`](ServerRef::finish_upgrade). To go back instead, drop what this
    /// returns, and resume the server.
    ///
    /// # Errors
    ///
    /// As those of [`upgrade`](ServerRef::upgrade), and [`CodeChangeError::NotSuspended`].
    pub fn prepare_upgrade<T: Upgrade<S>>(&self, extra: Term) -> Ask<Prepared<S>, CodeChangeError> {
        ask(self.system(), self, |from| {
            let prepare = move |by: &mut dyn Systemic| match by.mode() {
                Some(Mode::Suspended) => prepare::<S, T>(by, &extra),
                Some(_) => Err(CodeChangeError::NotSuspended(by.process().into())),
                None => Err(not_supported(by)),
            };
            Box::new(Request { serve: prepare, from })
        })
    }

    /// Lets the server that was prepared take over; it is suspended as the old one is.
    ///
    /// # Errors
    ///
    /// See [`CodeChangeError`]; it fails only if the process has ended, or was upgraded by somebody else meanwhile.
    pub fn finish_upgrade(&self, prepared: Prepared<S>) -> Ask<(), CodeChangeError> {
        ask(self.system(), self, |from| Box::new(Request { serve: |by: &mut dyn Systemic| prepared.replace(by), from }))
    }

    /// Returns a reference to the same server for code that knows it as a `T`, which has the same messages: one that was
    /// [upgraded](ServerRef::upgrade) to a `T`, or will be.
    pub fn retyped<T>(&self) -> ServerRef<T>
    where
        T: GenServer<Call = S::Call, Cast = S::Cast, Info = S::Info>,
    {
        ServerRef::from(self.address().map_message(|envelope: Envelope<T>| Came::from(envelope.open()).into_envelope()))
    }
}

/// A server that is ready to take the place of a running server of type `S`; see [`ServerRef::prepare_upgrade`].
#[must_use = "it takes over with `finish_upgrade`"]
pub struct Prepared<S: GenServer>(Box<TakeOver<S>>);

type TakeOver<S> = dyn FnOnce(Left<S>) -> BoxFuture<'static, ExitReason> + Send;

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
    pub(crate) fn run(self, left: Left<S>) -> BoxFuture<'static, ExitReason> {
        (self.0)(left)
    }

    fn replace(self, by: &mut dyn Systemic) -> Result<(), CodeChangeError> {
        by.replace(Box::new(self)).map_err(|_| wrong_type::<S>(by))
    }
}

/// Makes the new state, in the process of the server.
fn prepare<S: GenServer, T: Upgrade<S>>(by: &mut dyn Systemic, extra: &Term) -> Result<Prepared<S>, CodeChangeError> {
    let Some(state) = by.state() else { return Err(not_supported(by)) };
    let Some(old) = state.downcast_ref::<S>() else { return Err(wrong_type::<S>(by)) };
    let upgraded = contain(|| T::upgrade(old, extra)).unwrap_or_else(|crash| {
        report_crash(by.process(), &crash);
        Err(ExitReason::Error(crash))
    });
    match upgraded {
        Ok(state) => Ok(Prepared(Box::new(|left| Box::pin(ServerLoop::take_over(state, left))))),
        Err(reason) => Err(CodeChangeError::Refused { callee: by.process().into(), reason }),
    }
}

/// A request to a server, which is served by a function.
struct Request<R: Send + 'static, F> {
    serve: F,
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
        let Request { serve, from } = *self;
        from.reply(serve(by));
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
        write!(f, "Prepared(for {})", S::type_label())
    }
}
