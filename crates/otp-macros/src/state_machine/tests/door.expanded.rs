/** # Transitions

```mermaid
stateDiagram-v2
    Locked --> Open
    Open --> Locked
```
*/
impl Door {
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn init(code: u32) -> Init<Self> {
        Init::ok(Door { code }, Locked { attempts: 0 })
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn code(&self) -> u32 {
        self.code
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn reset(&mut self, code: u32) -> Result<(), Text> {
        self.set(code)
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    async fn gone(&mut self, down: Down) {
        self.forget(down);
    }
    /// Nobody passes.
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    async fn locked(
        &mut self,
        attempts: &mut u32,
        event: Event<Self>,
    ) -> Transition<Self, Locked> {
        self.decide(attempts, event)
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn open(
        &mut self,
        event: Event<Self>,
        ctx: &mut Context<'_, Self>,
    ) -> Transition<Self, Open> {
        self.close_at_night(event, ctx)
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn locks(&mut self, old: Option<&DoorState>, attempts: &mut u32) {
        self.count(old, attempts);
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn terminate(&mut self, reason: &ExitReason, state: &mut DoorState) {
        self.goodbye(reason, state);
    }
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self
    )]
    fn status(&self, state: &DoorState) -> String {
        self.text(state)
    }
    fn helper(&self) {}
}
/// The states of `Door`.
#[derive(Debug, PartialEq, Clone)]
#[allow(dead_code, private_interfaces, clippy::enum_variant_names)]
#[non_exhaustive]
pub(crate) enum DoorState {
    /// Nobody passes.
    Locked {
        /// The data `attempts` of the state.
        attempts: u32,
    },
    /// Handled by `Door::open`.
    Open,
}
/// Nobody passes.
///
/// The state [`DoorState::Locked`], as the type that the table of transitions knows it by.
#[derive(Debug)]
#[allow(dead_code, private_interfaces, clippy::exhaustive_structs)]
pub(crate) struct Locked {
    /// The data `attempts` of the state.
    pub(crate) attempts: u32,
}
impl ::core::convert::From<Locked> for DoorState {
    fn from(Locked { attempts }: Locked) -> DoorState {
        DoorState::Locked { attempts }
    }
}
/// Handled by `Door::open`.
///
/// The state [`DoorState::Open`], as the type that the table of transitions knows it by.
#[derive(Debug)]
#[allow(dead_code, private_interfaces, clippy::exhaustive_structs)]
pub(crate) struct Open;
impl ::core::convert::From<Open> for DoorState {
    fn from(Open: Open) -> DoorState {
        DoorState::Open
    }
}
impl ::otp::statem::GoesTo<Open> for Locked {}
impl ::otp::statem::GoesTo<Locked> for Open {}
#[allow(dead_code)]
impl DoorState {
    /// The table of transitions, as a Mermaid state diagram.
    pub(crate) const DIAGRAM: &'static str = "stateDiagram-v2\n    Locked --> Open\n    Open --> Locked\n";
}
/// The calls of `Door`.
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub(crate) enum DoorCall {
    /// Opens the door, if this is its code.
    OpenWith(u32, ::otp::ReplyTo<bool>),
    /// For `Door::code`.
    Code(::otp::ReplyTo<u32>),
}
impl ::core::fmt::Debug for DoorCall {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            DoorCall::OpenWith(code, from) => {
                f.debug_tuple("OpenWith")
                    .field((&Show(code)).show())
                    .field((&Show(from)).show())
                    .finish()
            }
            DoorCall::Code(from) => {
                f.debug_tuple("Code").field((&Show(from)).show()).finish()
            }
        }
    }
}
/// The casts of `Door`.
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub(crate) enum DoorCast {
    /// For `Door::reset`.
    Reset(u32),
}
impl ::core::fmt::Debug for DoorCast {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            DoorCast::Reset(code) => {
                f.debug_tuple("Reset").field((&Show(code)).show()).finish()
            }
        }
    }
}
/// The internal events, and the contents of timeouts, of `Door`.
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub(crate) enum DoorInternal {
    /// For `Door::close`.
    Close,
}
impl ::core::fmt::Debug for DoorInternal {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            DoorInternal::Close => f.debug_tuple("Close").finish(),
        }
    }
}
/// The names of the timeouts of `Door`.
#[derive(PartialEq)]
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub(crate) enum DoorTimer {
    /// For `Door::alarm`.
    Alarm(u8),
}
impl ::core::fmt::Debug for DoorTimer {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            DoorTimer::Alarm(floor) => {
                f.debug_tuple("Alarm").field((&Show(floor)).show()).finish()
            }
        }
    }
}
#[allow(deprecated, clippy::type_complexity)]
impl ::otp::statem::StateMachine for Door {
    type Args = u32;
    type State = DoorState;
    type Call = DoorCall;
    type Cast = DoorCast;
    type Info = ::otp::gen_server::NoMessage;
    type Internal = DoorInternal;
    type Timer = DoorTimer;
    const RESTART: ::otp::supervisor::Restart = ::otp::supervisor::Restart::Transient;
    async fn init(
        code: u32,
        _: &mut ::otp::statem::Context<'_, Self>,
    ) -> ::core::result::Result<::otp::statem::Init<Self>, ::otp::ExitReason> {
        ::otp::statem::__private::IntoInit::<Self>::into_init(Self::init(code))
    }
    async fn handle(
        &mut self,
        state: &mut Self::State,
        event: ::otp::statem::Event<Self>,
        ctx: &mut ::otp::statem::Context<'_, Self>,
    ) -> ::core::result::Result<::otp::statem::Transition<Self>, ::otp::ExitReason> {
        let event = match event {
            ::otp::statem::Event::Call(DoorCall::Code(from)) => {
                ::otp::ReplyTo::reply(from, Self::code(self));
                return ::core::result::Result::Ok(
                    ::otp::statem::Transition::<Self>::keep(),
                );
            }
            ::otp::statem::Event::Cast(DoorCast::Reset(code)) => {
                ::otp::statem::__private::IntoKept::into_kept(Self::reset(self, code))?;
                return ::core::result::Result::Ok(
                    ::otp::statem::Transition::<Self>::keep(),
                );
            }
            ::otp::statem::Event::Info(::otp::gen_server::Info::Down(down)) => {
                ::otp::statem::__private::IntoKept::into_kept(
                    Self::gone(self, down).await,
                )?;
                return ::core::result::Result::Ok(
                    ::otp::statem::Transition::<Self>::keep(),
                );
            }
            other => other,
        };
        match state {
            DoorState::Locked { attempts } => {
                ::otp::statem::__private::IntoTransition::<
                    Self,
                    Locked,
                >::into_transition(Self::locked(self, attempts, event).await)
            }
            DoorState::Open => {
                ::otp::statem::__private::IntoTransition::<
                    Self,
                    Open,
                >::into_transition(Self::open(self, event, ctx))
            }
        }
    }
    #[allow(unreachable_patterns)]
    async fn enter(
        &mut self,
        old: ::core::option::Option<&Self::State>,
        state: &mut Self::State,
        _: &mut ::otp::statem::Context<'_, Self>,
    ) -> ::core::result::Result<::otp::statem::Entered<Self>, ::otp::ExitReason> {
        match state {
            DoorState::Locked { attempts, .. } => {
                ::otp::statem::__private::IntoEntered::<
                    Self,
                >::into_entered(Self::locks(self, old, attempts))
            }
            _ => ::core::result::Result::Ok(::otp::statem::Entered::ok()),
        }
    }
    async fn terminate(
        &mut self,
        reason: &::otp::ExitReason,
        state: &mut Self::State,
        _: &mut ::otp::statem::Context<'_, Self>,
    ) -> ::core::result::Result<(), ::otp::ExitReason> {
        ::otp::__private::IntoTerminated::into_terminated(
            Self::terminate(self, reason, state),
        )
    }
    fn format_status(&self, state: &Self::State) -> ::std::string::String {
        Self::status(self, state)
    }
    fn diagram() -> ::core::option::Option<&'static str> {
        ::core::option::Option::Some(DoorState::DIAGRAM)
    }
    fn format_message(
        message: &::otp::gen_server::Incoming<'_, ::otp::statem::Machine<Door>>,
        f: &mut ::core::fmt::Formatter<'_>,
    ) -> ::core::fmt::Result {
        match message {
            ::otp::gen_server::Incoming::Call(message) => {
                ::core::fmt::Debug::fmt(message, f)
            }
            ::otp::gen_server::Incoming::Cast(message) => {
                ::core::fmt::Debug::fmt(message, f)
            }
            ::otp::gen_server::Incoming::Info(message) => {
                ::core::fmt::Debug::fmt(message, f)
            }
            _ => f.write_str("a message"),
        }
    }
}
/// What can be asked of a `Door`, as methods of its `MachineRef<Door>`.
#[allow(
    dead_code,
    clippy::new_ret_no_self,
    clippy::too_many_arguments,
    clippy::type_complexity
)]
pub(crate) trait DoorClient: ::otp::__private::Client<::otp::statem::Machine<Door>> {
    /// Opens the door, if this is its code.
    fn open_with(
        &self,
        code: u32,
    ) -> ::otp::Call<::otp::gen_server::Envelope<::otp::statem::Machine<Door>>, bool>;
    /// Calls `Door::code`.
    fn code(
        &self,
    ) -> ::otp::Call<::otp::gen_server::Envelope<::otp::statem::Machine<Door>>, u32>;
    /// Casts to `Door::reset`.
    fn reset(&self, code: u32);
}
#[allow(clippy::type_complexity)]
impl DoorClient for ::otp::gen_server::ServerRef<::otp::statem::Machine<Door>> {
    fn open_with(
        &self,
        code: u32,
    ) -> ::otp::Call<::otp::gen_server::Envelope<::otp::statem::Machine<Door>>, bool> {
        ::otp::gen_server::ServerRef::call(
            self,
            move |from| DoorCall::OpenWith(code, from),
        )
    }
    fn code(
        &self,
    ) -> ::otp::Call<::otp::gen_server::Envelope<::otp::statem::Machine<Door>>, u32> {
        ::otp::gen_server::ServerRef::call(self, DoorCall::Code)
    }
    fn reset(&self, code: u32) {
        ::otp::gen_server::ServerRef::cast(self, DoorCast::Reset(code));
    }
}
