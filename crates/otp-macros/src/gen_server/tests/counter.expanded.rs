impl Counter {
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn init(start: i64) -> Self {
        Self { n: start }
    }
    /// Adds `n`, and says what the sum is.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn add(&mut self, n: i64) -> i64 {
        self.n += n;
        self.n
    }
    /// Takes `n` away, if there is that much.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    async fn withdraw(&mut self, n: i64) -> Result<i64, TooPoor> {
        self.n = self.n.checked_sub(n).ok_or(TooPoor)?;
        Ok(self.n)
    }
    /// Answers at the next tick.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn wait(&mut self, from: ::otp::ReplyTo<i64>) {
        self.waiting.push(from);
    }
    /// Back to nothing.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn reset(&mut self) {
        self.n = 0;
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn tick(&mut self, ctx: &mut Context<Self>) -> Next<Self> {
        self.answer();
        Next::Timeout(ctx.tick())
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn idle(&mut self) -> Result<(), std::io::Error> {
        self.save()
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn terminate(&mut self, reason: &ExitReason) {
        self.goodbye(reason);
    }
    fn answer(&mut self) {}
}
/// The calls of `Counter`.
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub enum CounterCall {
    /// Adds `n`, and says what the sum is.
    Add(i64, ::otp::ReplyTo<i64>),
    /// Takes `n` away, if there is that much.
    Withdraw(i64, ::otp::ReplyTo<Result<i64, TooPoor>>),
    /// Answers at the next tick.
    Wait(::otp::ReplyTo<i64>),
}
impl ::core::fmt::Debug for CounterCall {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            CounterCall::Add(n, from) => {
                f.debug_tuple("Add")
                    .field((&Show(n)).show())
                    .field((&Show(from)).show())
                    .finish()
            }
            CounterCall::Withdraw(n, from) => {
                f.debug_tuple("Withdraw")
                    .field((&Show(n)).show())
                    .field((&Show(from)).show())
                    .finish()
            }
            CounterCall::Wait(from) => {
                f.debug_tuple("Wait").field((&Show(from)).show()).finish()
            }
        }
    }
}
/// The casts of `Counter`.
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub enum CounterCast {
    /// Back to nothing.
    Reset,
}
impl ::core::fmt::Debug for CounterCast {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            CounterCast::Reset => f.debug_tuple("Reset").finish(),
        }
    }
}
/// The infos of `Counter`.
#[allow(
    dead_code,
    private_interfaces,
    clippy::enum_variant_names,
    clippy::type_complexity
)]
#[non_exhaustive]
pub enum CounterInfo {
    /// For `Counter::tick`.
    Tick,
}
impl ::core::fmt::Debug for CounterInfo {
    #[allow(clippy::needless_borrow)]
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use ::otp::__private::{Show, ShowDebug as _, ShowOther as _};
        match self {
            CounterInfo::Tick => f.debug_tuple("Tick").finish(),
        }
    }
}
#[allow(deprecated, clippy::type_complexity)]
impl ::otp::gen_server::GenServer for Counter {
    type Args = i64;
    type Call = CounterCall;
    type Cast = CounterCast;
    type Info = CounterInfo;
    type Continue = ::otp::gen_server::NoMessage;
    async fn init(
        start: i64,
        _: &mut ::otp::gen_server::Context<Self>,
    ) -> ::core::result::Result<::otp::gen_server::Init<Self>, ::otp::ExitReason> {
        ::otp::__private::IntoInit::<Self>::into_init(Self::init(start))
    }
    async fn handle_call(
        &mut self,
        call: CounterCall,
        _: &mut ::otp::gen_server::Context<Self>,
    ) -> ::core::result::Result<::otp::gen_server::Next<Self>, ::otp::ExitReason> {
        match call {
            CounterCall::Add(n, from) => {
                ::otp::ReplyTo::reply_shown(
                    from,
                    Self::add(self, n),
                    ::otp::__private::shown!(),
                );
                ::core::result::Result::Ok(::otp::gen_server::Next::Receive)
            }
            CounterCall::Withdraw(n, from) => {
                ::otp::ReplyTo::reply_shown(
                    from,
                    Self::withdraw(self, n).await,
                    ::otp::__private::shown!(),
                );
                ::core::result::Result::Ok(::otp::gen_server::Next::Receive)
            }
            CounterCall::Wait(from) => {
                ::otp::__private::IntoNext::<Self>::into_next(Self::wait(self, from))
            }
        }
    }
    async fn handle_cast(
        &mut self,
        cast: CounterCast,
        _: &mut ::otp::gen_server::Context<Self>,
    ) -> ::core::result::Result<::otp::gen_server::Next<Self>, ::otp::ExitReason> {
        match cast {
            CounterCast::Reset => {
                ::otp::__private::IntoNext::<Self>::into_next(Self::reset(self))
            }
        }
    }
    #[allow(unreachable_patterns)]
    async fn handle_info(
        &mut self,
        info: ::otp::gen_server::Info<CounterInfo>,
        ctx: &mut ::otp::gen_server::Context<Self>,
    ) -> ::core::result::Result<::otp::gen_server::Next<Self>, ::otp::ExitReason> {
        match info {
            ::otp::gen_server::Info::Message(CounterInfo::Tick) => {
                ::otp::__private::IntoNext::<Self>::into_next(Self::tick(self, ctx))
            }
            ::otp::gen_server::Info::Timeout => {
                ::otp::__private::IntoNext::<Self>::into_next(Self::idle(self))
            }
            other => ::otp::__private::unhandled_info(other, ctx),
        }
    }
    async fn terminate(
        &mut self,
        reason: &::otp::ExitReason,
        _: &mut ::otp::gen_server::Context<Self>,
    ) -> ::core::result::Result<(), ::otp::ExitReason> {
        ::otp::__private::IntoTerminated::into_terminated(Self::terminate(self, reason))
    }
    fn format_message(
        message: &::otp::gen_server::Incoming<'_, Self>,
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
impl ::otp::supervisor::Supervised for Counter {}
/// What can be asked of a `Counter`, as methods of its `ServerRef<Counter>`.
#[allow(
    dead_code,
    clippy::new_ret_no_self,
    clippy::too_many_arguments,
    clippy::type_complexity
)]
pub trait CounterClient: ::otp::__private::Client<Counter> {
    /// Adds `n`, and says what the sum is.
    fn add(&self, n: i64) -> ::otp::Call<::otp::gen_server::Envelope<Counter>, i64>;
    /// Takes `n` away, if there is that much.
    fn withdraw(
        &self,
        n: i64,
    ) -> ::otp::Call<::otp::gen_server::Envelope<Counter>, Result<i64, TooPoor>>;
    /// Answers at the next tick.
    fn wait(&self) -> ::otp::Call<::otp::gen_server::Envelope<Counter>, i64>;
    /// Back to nothing.
    fn reset(&self);
}
#[allow(clippy::type_complexity)]
impl CounterClient for ::otp::gen_server::ServerRef<Counter> {
    fn add(&self, n: i64) -> ::otp::Call<::otp::gen_server::Envelope<Counter>, i64> {
        ::otp::gen_server::ServerRef::call(self, move |from| CounterCall::Add(n, from))
    }
    fn withdraw(
        &self,
        n: i64,
    ) -> ::otp::Call<::otp::gen_server::Envelope<Counter>, Result<i64, TooPoor>> {
        ::otp::gen_server::ServerRef::call(
            self,
            move |from| CounterCall::Withdraw(n, from),
        )
    }
    fn wait(&self) -> ::otp::Call<::otp::gen_server::Envelope<Counter>, i64> {
        ::otp::gen_server::ServerRef::call(self, CounterCall::Wait)
    }
    fn reset(&self) {
        ::otp::gen_server::ServerRef::cast(self, CounterCast::Reset);
    }
}
