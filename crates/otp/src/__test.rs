//! The code that `#[otp::test]` expands to: one macro for each backend, under the backend's name, and `all`. This
//! module is not part of the public API and may change in any release.
//!
//! `#[otp::test]` passes the same five groups of tokens to every backend: the attributes of the test, its return type,
//! a function from `System` to a future, the number of seeds and the faults. The last two are for the simulator, and
//! empty unless they were set. Only this module knows which backends exist, from the features of this crate.
//!
//! To add a backend, add a line in `__test_on_all`, a macro `__test_on_…` like those below, a line in `off`, and the
//! import under the feature. The macros of otp-macros do not change.
//!
//! The functions that run a test body have this form, one for each backend:
//!
//! ```text
//! pub fn test<F, Fut>(body: F) -> Fut::Output
//! where
//!     F: FnOnce(System) -> Fut,
//!     Fut: Future;
//! ```
//!
//! They make an executor and a `System` on it, wait for the future of `body`, shut the system down and drop the
//! executor, so that tests can run side by side. A panic of the body has to leave the function with its original
//! payload (`resume_unwind`, where it was caught); otherwise `#[should_panic(expected = …)]` does not see it.
//!
//! ```text
//! otp::tokio::test                   multi-thread, two workers
//! otp::tokio::test_current_thread    the current thread
//! otp::smol::test
//! otp::sim::test                     takes seeds and faults before the body, which is an `Fn` there
//! ```
//!
//! The bounds `Send + 'static` on `F`, `Fut` and the output are possible (where the body runs as a process); they then
//! apply to all tests. `otp::tokio::run` and `otp::smol::run`, for `#[otp::main]`, have the same form.
//!
//! A backend whose feature is off still exists here, as a macro that expands to no test. An import by name takes
//! precedence over a glob import, so enabling a feature only adds.

use otp_core::System;

pub use crate::__test_on_all as all;
// With every feature on, nothing of the glob import is used.
#[allow(unreachable_pub, unused_imports)]
pub use self::off::*;

#[cfg(feature = "sim")]
pub use crate::__test_on_sim as sim;
#[cfg(feature = "smol")]
pub use crate::__test_on_smol as smol;
#[cfg(feature = "tokio")]
pub use crate::{__test_on_tokio as tokio, __test_on_tokio_current as tokio_current};

#[allow(unreachable_pub, unused_imports)]
mod off {
    pub use crate::{__test_off as sim, __test_off as smol, __test_off as tokio, __test_off as tokio_current};
}

/// Runs the body of a test; with the feature `test`, it then shuts down everything that the test supervised.
pub async fn body<F, Fut>(system: System, body: F) -> Fut::Output
where
    F: FnOnce(System) -> Fut,
    Fut: Future,
{
    #[cfg(feature = "test")]
    return otp_test::run_supervised(system, body).await;
    #[cfg(not(feature = "test"))]
    body(system).await
}

/// The parameter of a test: the `System`.
#[diagnostic::on_unimplemented(
    message = "a `#[otp::test]` function cannot take a `{Self}`",
    label = "write `System`, or remove the parameter"
)]
pub trait Given {
    /// Returns the parameter.
    fn given(system: System) -> Self;
}

impl Given for System {
    fn given(system: System) -> System {
        system
    }
}

/// Returns the parameter of a test, by the type that the test asks for.
pub fn given<T: Given>(system: System) -> T {
    T::given(system)
}

/// Writes the test for every enabled backend.
#[doc(hidden)]
#[macro_export]
macro_rules! __test_on_all {
    ($($case:tt)*) => {
        $crate::__test::tokio! { $($case)* }
        $crate::__test::tokio_current! { $($case)* }
        $crate::__test::smol! { $($case)* }
        $crate::__test::sim! { $($case)* }
    };
}

/// Writes the test for one backend, under its name; `run` runs it.
#[doc(hidden)]
#[macro_export]
macro_rules! __test_case {
    ($backend:ident, $run:path, { $($attributes:tt)* } { $($output:tt)* } { $body:expr } $($simulated:tt)*) => {
        #[::core::prelude::v1::test]
        $($attributes)*
        fn $backend() $($output)* {
            $run($body)
        }
    };
}

/// Writes no test, for a backend that is not enabled.
#[doc(hidden)]
#[macro_export]
macro_rules! __test_off {
    ($($case:tt)*) => {};
}

#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __test_on_tokio {
    ($($case:tt)*) => {
        $crate::__test_case! { tokio, $crate::tokio::test, $($case)* }
    };
}

#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __test_on_tokio_current {
    ($($case:tt)*) => {
        $crate::__test_case! { tokio_current, $crate::tokio::test_current_thread, $($case)* }
    };
}

#[cfg(feature = "smol")]
#[doc(hidden)]
#[macro_export]
macro_rules! __test_on_smol {
    ($($case:tt)*) => {
        $crate::__test_case! { smol, $crate::smol::test, $($case)* }
    };
}

#[cfg(feature = "sim")]
#[doc(hidden)]
#[macro_export]
macro_rules! __test_on_sim {
    ({ $($attributes:tt)* } { $($output:tt)* } { $body:expr } { $($seeds:expr)? } { $($faults:expr)? }) => {
        #[::core::prelude::v1::test]
        $($attributes)*
        fn sim() $($output)* {
            $crate::sim::test([$($seeds)?].first().copied(), [$($faults)?].into_iter().next(), $body)
        }
    };
}
