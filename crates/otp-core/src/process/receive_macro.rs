/// Receives the first message that one of several patterns matches (selective receive), and runs that pattern's
/// expression: Erlang's `receive … after … end`.
///
/// ```text
/// receive! { ctx =>
///     pattern => expression,
///     pattern if guard => expression,
///     after duration => expression,
/// }
/// ```
///
/// `ctx` is a [`ProcessContext`](crate::ProcessContext). The patterns are those of a `match` on a
/// [`Message`](crate::Message): `Message::User(..)`, `Message::Down(..)`, `Message::Exit(..)`, or `_` for any message.
/// For each message, in order of arrival, they are tried from the first to the last. Messages that none of them matches
/// stay in the mailbox, in order. The macro awaits: it is used in async code, and its value is that of the expression,
/// which may use `?`, `return`, `break` and `.await`.
///
/// In an expression, a pattern's variables have their values. In a guard, the variables of `Message::User` are
/// references, since the message is still in the mailbox: write `*n > 3`. For the same reason a text cannot be a literal
/// in a pattern (compare it in a guard), and a variable inside of a message cannot be `mut`. A guard may borrow
/// everything but `ctx`.
///
/// `after` is the last arm. It runs if no message that matches came within the duration; with a duration of zero the
/// macro looks at the mailbox once. No message is lost then.
///
/// This is [`receive_match`](crate::ProcessContext::receive_match) and
/// [`receive_match_timeout`](crate::ProcessContext::receive_match_timeout) in another form, and costs as much: each
/// message is looked at once, whatever the number of patterns.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
///
/// use otp::{ExitReason, Message, ProcessContext, receive};
///
/// #[derive(Debug, PartialEq)]
/// enum Parcel {
///     Letter(u32),
///     Box { weight: u32, content: String },
/// }
///
/// let process = system.spawn(async |mut ctx: ProcessContext<Parcel>| {
///     let me = ctx.this();
///     me.send(Parcel::Letter(1)).await.unwrap();
///     me.send(Parcel::Box { weight: 2, content: "tea".to_owned() }).await.unwrap();
///     me.send(Parcel::Box { weight: 20, content: "books".to_owned() }).await.unwrap();
///     let helper = ctx.spawn(async |_: ProcessContext<()>| ExitReason::Shutdown);
///     let monitor = ctx.monitor(&helper);
///
///     let limit = 10;
///     let heavy: String = receive! { ctx =>
///         Message::User(Parcel::Box { weight, content }) if *weight > limit => content,
///     };
///     assert_eq!(heavy, "books");
///
///     let reason = receive! { ctx =>
///         Message::Down(down) if down.monitor == monitor => down.reason,
///         after Duration::from_secs(5) => panic!("the helper goes on"),
///     };
///     assert_eq!(reason, ExitReason::Shutdown);
///
///     // What was not asked for is still there, in order.
///     receive! { ctx => Message::User(first) => assert_eq!(first, Parcel::Letter(1)) };
///     let next = receive! { ctx =>
///         Message::User(Parcel::Letter(_)) => "a letter",
///         _ => "something else",
///     };
///     assert_eq!(next, "something else");
///     assert!(receive! { ctx => _ => false, after Duration::ZERO => true });
/// });
/// assert_eq!(process.exited().await, ExitReason::Normal);
/// # }).unwrap();
/// ```
///
/// # Cancel safety
///
/// If the future is dropped while it waits, no message is lost. If it is dropped while an expression runs, the message of
/// that expression is.
///
/// The macro follows the [`receive` expression](https://www.erlang.org/doc/system/expressions.html#receive) of Erlang.
#[macro_export]
macro_rules! receive {
    // Takes the arms apart, one after the other, and numbers them.
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*] after $limit:expr => $late:expr $(,)?) => {
        $crate::receive!(@limited $ctx, [$($arm)*], $limit, $late)
    };
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*] after $limit:expr => $late:expr, $($more:tt)+) => {
        ::core::compile_error!("`after` is the last arm of `receive!`")
    };
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*]) => {
        $crate::receive!(@unlimited $ctx, [$($arm)*])
    };
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*] $pattern:pat $(if $guard:expr)? => $body:block, $($rest:tt)*) => {
        $crate::receive!(@arms $ctx, $n + 1, [$($arm)* ($n, $pattern, [$($guard)?], $body)] $($rest)*)
    };
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*] $pattern:pat $(if $guard:expr)? => $body:block $($rest:tt)*) => {
        $crate::receive!(@arms $ctx, $n + 1, [$($arm)* ($n, $pattern, [$($guard)?], $body)] $($rest)*)
    };
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*] $pattern:pat $(if $guard:expr)? => $body:expr, $($rest:tt)*) => {
        $crate::receive!(@arms $ctx, $n + 1, [$($arm)* ($n, $pattern, [$($guard)?], $body)] $($rest)*)
    };
    (@arms $ctx:expr, $n:expr, [$($arm:tt)*] $pattern:pat $(if $guard:expr)? => $body:expr) => {
        $crate::receive!(@arms $ctx, $n + 1, [$($arm)* ($n, $pattern, [$($guard)?], $body)])
    };
    (@arms $($other:tt)*) => {
        ::core::compile_error!(
            "an arm of `receive!` is `pattern => expression`, `pattern if guard => expression`, or, as the last one, \
             `after duration => expression`"
        )
    };

    (@unlimited $ctx:expr, [$($arm:tt)*]) => {{
        let mut chosen = 0_usize;
        let message = $ctx.receive_match($crate::receive!(@filter chosen, $($arm)*)).await;
        $crate::receive!(@run chosen, message, $($arm)*)
    }};
    (@limited $ctx:expr, [$($arm:tt)*], $limit:expr, $late:expr) => {{
        let mut chosen = 0_usize;
        match $ctx.receive_match_timeout($crate::receive!(@filter chosen, $($arm)*), $limit).await {
            ::core::option::Option::Some(message) => $crate::receive!(@run chosen, message, $($arm)*),
            ::core::option::Option::None => $late,
        }
    }};

    // A message in the mailbox is only looked at, so that which arm it is for is noted.
    (@filter $chosen:ident, $(($n:expr, $pattern:pat, [$($guard:expr)?], $body:expr))*) => {
        |message: $crate::MessageRef<'_, _>| {
            $chosen = match message.into_message() {
                $(#[allow(unused_mut, unused_variables, unreachable_patterns)] $pattern $(if $guard)? => $n,)*
                #[allow(unreachable_patterns)]
                _ => 0,
            };
            $chosen != 0
        }
    };
    // The pattern of that arm takes the message apart.
    (@run $chosen:ident, $message:ident, $(($n:expr, $pattern:pat, [$($guard:expr)?], $body:expr))*) => {
        $(if $chosen == $n { $crate::receive!(@take $message, $pattern, [$($guard)?], $body) } else)* {
            ::core::unreachable!("a message is received for one of the arms")
        }
    };
    (@take $message:ident, $pattern:pat, [], $body:expr) => {
        match $message {
            $pattern => $body,
            #[allow(unreachable_patterns)]
            _ => ::core::unreachable!("it matched in the mailbox"),
        }
    };
    // What a guard uses, the expression need not use.
    (@take $message:ident, $pattern:pat, [$guard:expr], $body:expr) => {
        match $message {
            #[allow(unused_variables)]
            $pattern => $body,
            #[allow(unreachable_patterns)]
            _ => ::core::unreachable!("it matched in the mailbox"),
        }
    };

    ($ctx:expr => $($arms:tt)+) => {
        $crate::receive!(@arms $ctx, 1_usize, [] $($arms)+)
    };
    ($($other:tt)*) => {
        ::core::compile_error!("`receive!` begins with the context of the process: `receive! { ctx => pattern => expression }`")
    };
}
