use std::fmt::Debug;
use std::panic::Location;
use std::time::Duration;

use otp_core::System;

use crate::within::Within;

/// Waits until `condition` holds, and returns what it found. The condition is checked repeatedly: at first each
/// millisecond, then less often, and a last time when the time is up; in virtual time whenever nothing else can run.
///
/// A condition is a `bool`, an `Option` or a `Result`: `true`, `Some` and `Ok` hold. The message of a failure contains
/// the error of a `Result`.
///
/// Prefer to wait for the event itself, where there is one: this function is for states that are reached without an
/// event.
///
/// ```
/// # otp::tokio::run(async |system| {
/// use std::time::Duration;
///
/// use otp::test::eventually;
/// use otp::{Name, ProcessContext};
/// use otp::process::SpawnOptions;
///
/// const LATE: Name<()> = Name::new("late");
/// let later = system.clone();
/// system.spawn(async move |_: ProcessContext<()>| {
///     later.sleep(Duration::from_millis(5)).await;
///     let named = SpawnOptions::new().name(LATE);
///     later.spawn_with(named, async |_: ProcessContext<()>| std::future::pending::<()>().await).unwrap();
///     std::future::pending::<()>().await
/// });
///
/// let late = eventually(&system, async || system.whereis(&LATE).unwrap()).await;
/// assert!(late.is_alive());
/// eventually(&system, async || system.process_count() == 2).within(Duration::from_secs(60)).await;
/// # });
/// ```
///
/// # Panics
///
/// If the condition does not hold in time, or panics.
#[track_caller]
pub fn eventually<'a, C, F>(system: &'a System, mut condition: C) -> Within<'a, <F::Output as Holds>::Value>
where
    C: FnMut() -> F + Send + 'a,
    F: Future<Output: Holds> + Send + 'a,
{
    let at = Location::caller();
    Within::new(async move |limit| {
        let start = system.now();
        let deadline = start + limit;
        loop {
            let last = match system.timeout(deadline - system.now(), condition()).await.map(Holds::holds) {
                Ok(Ok(value)) => return value,
                Ok(Err(why)) => why,
                Err(_) => "; at last it was still looking".to_owned(),
            };
            let now = system.now();
            assert!(now < deadline, "the condition did not hold within {limit:?}, at {at}{last}");
            let pause = ((now - start) / 16).max(Duration::from_millis(1));
            system.sleep(pause.min(deadline - now)).await;
        }
    })
}

/// The return types of a condition of [`eventually`].
pub trait Holds {
    /// The value that the condition found; nothing for a `bool`.
    type Value: Send;

    /// Returns the value, or why the condition does not hold.
    ///
    /// # Errors
    ///
    /// The text for the message of a failure.
    fn holds(self) -> Result<Self::Value, String>;
}

impl Holds for bool {
    type Value = ();

    fn holds(self) -> Result<(), String> {
        if self { Ok(()) } else { Err(String::new()) }
    }
}

impl<T: Send> Holds for Option<T> {
    type Value = T;

    fn holds(self) -> Result<T, String> {
        self.ok_or_else(String::new)
    }
}

impl<T: Send, E: Debug> Holds for Result<T, E> {
    type Value = T;

    fn holds(self) -> Result<T, String> {
        self.map_err(|why| format!("; at last: {why:?}"))
    }
}
