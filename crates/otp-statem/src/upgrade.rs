use otp_core::{ExitReason, Term};
use otp_genserver::Upgrade;

use crate::event::Event;
use crate::machine::Machine;
use crate::state_machine::StateMachine;

/// Makes a machine that takes the place of a running machine of type `Old`, with other states, other data and other code:
/// OTP's code change of a `gen_statem`.
///
/// The new machine has the messages, the timers and the internal events of the old one. Its process, its timers that run,
/// and its events that are inserted or postponed stay. As in OTP, it does not enter its state, and does not retry postponed
/// events. [`ServerRef::upgrade`](otp_genserver::ServerRef::upgrade) makes it happen, and so does an upgrade of all children
/// of a supervisor: `machine.upgrade::<Machine<New>>(extra)`.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// # use otp::prelude::*;
/// use otp::process::Term;
/// use otp::statem::{self, Event, Machine, StateMachine, Transition, UpgradeMachine};
///
/// /// A lamp that is on or off.
/// struct Lamp;
///
/// #[derive(Debug, PartialEq)]
/// enum Light {
///     Off,
///     On,
/// }
///
/// impl StateMachine for Lamp {
///     type Args = ();
///     type State = Light;
///     type Call = ReplyTo<String>;
///     type Cast = NoMessage;
///     type Info = NoMessage;
///     type Internal = NoMessage;
///     type Timer = NoMessage;
///
///     async fn init((): (), _: &mut statem::Context<'_, Self>) -> Result<statem::Init<Self>, ExitReason> {
///         Ok(statem::Init::ok(Lamp, Light::On))
///     }
///
///     async fn handle(
///         &mut self, state: &mut Light, event: Event<Self>, _: &mut statem::Context<'_, Self>,
///     ) -> Result<Transition<Self>, ExitReason> {
///         if let Event::Call(from) = event {
///             from.reply(format!("{state:?}"));
///         }
///         Ok(Transition::keep())
///     }
/// }
///
/// /// A lamp that can be dimmed.
/// struct Dimmer;
///
/// impl StateMachine for Dimmer {
///     type Args = ();
///     type State = u8;
///     type Call = ReplyTo<String>;
///     type Cast = NoMessage;
///     type Info = NoMessage;
///     type Internal = NoMessage;
///     type Timer = NoMessage;
///
///     async fn init((): (), _: &mut statem::Context<'_, Self>) -> Result<statem::Init<Self>, ExitReason> {
///         Ok(statem::Init::ok(Dimmer, 0))
///     }
///
///     async fn handle(
///         &mut self, percent: &mut u8, event: Event<Self>, _: &mut statem::Context<'_, Self>,
///     ) -> Result<Transition<Self>, ExitReason> {
///         if let Event::Call(from) = event {
///             from.reply(format!("{percent} %"));
///         }
///         Ok(Transition::keep())
///     }
/// }
///
/// impl UpgradeMachine<Lamp> for Dimmer {
///     fn upgrade(_: &Lamp, state: &Light, _: &Term) -> Result<(Dimmer, u8), ExitReason> {
///         Ok((Dimmer, if *state == Light::On { 100 } else { 0 }))
///     }
/// }
///
/// let lamp = Lamp::start(&system, ()).await.unwrap();
/// assert_eq!(lamp.call(|from| from).await.unwrap(), "On");
/// lamp.upgrade::<Machine<Dimmer>>(Term::new(())).await.unwrap();
/// assert_eq!(lamp.call(|from| from).await.unwrap(), "100 %");
/// # }).unwrap();
/// ```
pub trait UpgradeMachine<Old>:
    StateMachine<Call = Old::Call, Cast = Old::Cast, Info = Old::Info, Internal = Old::Internal, Timer = Old::Timer>
where
    Old: StateMachine,
{
    /// Makes the new data and the new state from the old ones, between two events of the machine.
    ///
    /// # Errors
    ///
    /// The reason why the upgrade is refused. Then the old machine goes on as it was; it also does if this panics.
    fn upgrade(data: &Old, state: &Old::State, extra: &Term) -> Result<(Self, Self::State), ExitReason>;

    /// Takes from the old data and the old state what could not be cloned, when it is certain that the new machine takes
    /// over. The default drops them.
    fn take_over(&mut self, state: &mut Self::State, old: Old, old_state: Old::State) {
        let _ = state;
        drop((old, old_state));
    }
}

impl<Old, New> Upgrade<Machine<Old>> for Machine<New>
where
    Old: StateMachine,
    New: UpgradeMachine<Old>,
{
    fn upgrade(old: &Machine<Old>, extra: &Term) -> Result<Machine<New>, ExitReason> {
        let (data, state) = New::upgrade(&old.data, &old.state, extra)?;
        Ok(Machine::new(data, state))
    }

    fn take_over(&mut self, old: Machine<Old>, _: &mut otp_genserver::Context<Machine<New>>) {
        let (data, state) = self.inherit(old);
        self.data.take_over(&mut self.state, data, state);
    }
}

impl<Old: StateMachine> Event<Old> {
    /// The same event of a machine that has the same messages.
    pub(crate) fn retyped<New: UpgradeMachine<Old>>(self) -> Event<New> {
        match self {
            Event::Call(call) => Event::Call(call),
            Event::Cast(cast) => Event::Cast(cast),
            Event::Info(info) => Event::Info(info),
            Event::Internal(content) => Event::Internal(content),
            Event::StateTimeout(content) => Event::StateTimeout(content),
            Event::EventTimeout(content) => Event::EventTimeout(content),
            Event::Timeout(name, content) => Event::Timeout(name, content),
        }
    }
}
