use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Crash;

/// Calls code of somebody else's; a panic in it comes back as a [`Crash`], which is for the caller to report.
///
/// What the code was about to change stays as the panic left it: it is for the caller to know that this does no harm.
///
/// ```
/// use otp_core::behaviour::contain;
///
/// assert_eq!(contain(|| 1 + 1), Ok(2));
/// let crash = contain(|| -> u32 { panic!("no sum") }).unwrap_err();
/// assert_eq!(crash.message(), "no sum");
/// ```
#[inline]
pub fn contain<T>(code: impl FnOnce() -> T) -> Result<T, Crash> {
    catch_unwind(AssertUnwindSafe(code)).map_err(Crash::from_panic)
}
