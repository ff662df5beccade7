/// A number that can be counted with [`update_counter`](super::Table::update_counter).
pub trait Counter: Copy + Send + Sync + 'static + sealed::Sealed {
    /// The number, in the type in which it is calculated.
    #[doc(hidden)]
    fn widen(self) -> i128;
    /// The number of this type; `None` if it is too large or too small.
    #[doc(hidden)]
    fn narrow(number: i128) -> Option<Self>;
}

macro_rules! counters {
    ($($number:ty)*) => {$(
        impl sealed::Sealed for $number {}
        impl Counter for $number {
            fn widen(self) -> i128 {
                self as i128
            }
            fn narrow(number: i128) -> Option<$number> {
                number.try_into().ok()
            }
        }
    )*};
}

counters!(i8 i16 i32 i64 u8 u16 u32 u64 isize usize);

/// How a counter changes: by a number, perhaps with a threshold; and what it begins with.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// # use otp::{ProcessContext, table::{Set, Step}};
/// # let owner = system.spawn(async |ctx: ProcessContext<()>| {
/// let hits: Set<&str, u32> = Set::new(&ctx);
/// assert_eq!(hits.update_counter("home", Step::by(1).or_insert(0)).unwrap(), 1);
/// assert_eq!(hits.update_counter("home", 5).unwrap(), 6);
/// // Beyond 7, it begins with 0 again.
/// assert_eq!(hits.update_counter("home", Step::by(5).threshold(7, 0)).unwrap(), 0);
/// # });
/// # assert_eq!(owner.exited().await, otp::ExitReason::Normal);
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Step<N> {
    by: i64,
    threshold: Option<(N, N)>,
    pub(crate) first: Option<N>,
}

impl<N: Counter> Step<N> {
    /// Adds a number, which may be negative.
    pub fn by(by: i64) -> Step<N> {
        Step { by, threshold: None, first: None }
    }

    /// Sets the counter to `reset` instead, if it would exceed `limit`; if the step is negative, if it would fall below it.
    pub fn threshold(self, limit: N, reset: N) -> Step<N> {
        Step { threshold: Some((limit, reset)), ..self }
    }

    /// If there is no row, begins with this number, to which the step is added.
    #[doc(alias = "default")]
    pub fn or_insert(self, first: N) -> Step<N> {
        Step { first: Some(first), ..self }
    }

    /// The next number; `None` if it is not one of this type.
    pub(crate) fn next(&self, number: N) -> Option<N> {
        let next = number.widen() + i128::from(self.by);
        match self.threshold {
            Some((limit, reset)) if self.by >= 0 && next > limit.widen() => Some(reset),
            Some((limit, reset)) if self.by < 0 && next < limit.widen() => Some(reset),
            _ => N::narrow(next),
        }
    }
}

impl<N: Counter> From<i64> for Step<N> {
    fn from(by: i64) -> Step<N> {
        Step::by(by)
    }
}

impl<N: Counter> From<i32> for Step<N> {
    fn from(by: i32) -> Step<N> {
        Step::by(by.into())
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}
}
