/// A state from which the table of transitions leads to the state `T`. [`Transition::next`](crate::Transition::next)
/// requires it.
///
/// The attribute macro `#[transitions]` implements it for the types of the states:
///
/// ```
/// use otp::prelude::*;
/// use otp::statem::{self, Event, StateMachine, Transition};
/// use otp::transitions;
///
/// /// A door that opens once.
/// struct Door;
///
/// #[derive(Debug, PartialEq)]
/// #[transitions(Locked => [Open], Open => [])]
/// enum State {
///     Locked { attempts: u32 },
///     Open,
/// }
///
/// impl Door {
///     /// Handles an event in the state `Locked`. `Transition::next(Locked { attempts: 0 })` would not compile here.
///     fn locked(&mut self, attempts: &mut u32, event: Event<Self>) -> Transition<Self, Locked> {
///         match event {
///             Event::Cast(1234) => Transition::next(Open),
///             _ => {
///                 *attempts += 1;
///                 Transition::keep()
///             }
///         }
///     }
/// }
///
/// impl StateMachine for Door {
///     type Args = ();
///     type State = State;
///     type Call = NoMessage;
///     type Cast = u32;
///     type Info = NoMessage;
///     type Internal = NoMessage;
///     type Timer = NoMessage;
///
///     async fn init((): (), _: &mut statem::Context<'_, Self>) -> Result<statem::Init<Self>, ExitReason> {
///         Ok(statem::Init::ok(Door, Locked { attempts: 0 }))
///     }
///
///     async fn handle(
///         &mut self,
///         state: &mut State,
///         event: Event<Self>,
///         _: &mut statem::Context<'_, Self>,
///     ) -> Result<Transition<Self>, ExitReason> {
///         Ok(match state {
///             State::Locked { attempts } => self.locked(attempts, event).into_any(),
///             State::Open => Transition::keep(),
///         })
///     }
///
///     fn diagram() -> Option<&'static str> {
///         Some(State::DIAGRAM)
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let decided = Door.locked(&mut 0, Event::Cast(1234));
/// assert_eq!(decided.next_state(), Some(&State::Open));
/// assert_eq!(Door::diagram(), Some("stateDiagram-v2\n    Locked --> Open\n    Open\n"));
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "the table of transitions has no transition from `{Self}` to `{T}`",
    label = "`{Self}` does not go to `{T}`",
    note = "`#[transitions(…)]` lists, for each state, the states that may follow; a state is named by its own type, as in \
            `Transition::next(Open)`, not by the variant"
)]
pub trait GoesTo<T> {}

/// The state of a [`Transition`](crate::Transition) that may go anywhere: there is no table of transitions, or it does
/// not apply.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum AnyState {}

impl<T> GoesTo<T> for AnyState {}
