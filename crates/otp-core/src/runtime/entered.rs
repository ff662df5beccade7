use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use super::NestedRun;

thread_local! {
    static ENTERED: Cell<bool> = const { Cell::new(false) };
}

/// Marks the thread as running an executor, as long as this value lives; for backends.
pub struct Entered {
    // Must stay on its thread.
    _not_send: PhantomData<*const ()>,
}

impl Entered {
    /// Marks the calling thread as running the executor `runtime`.
    ///
    /// # Errors
    ///
    /// [`NestedRun`] if the thread is marked already.
    pub fn enter(runtime: &'static str) -> Result<Entered, NestedRun> {
        if ENTERED.replace(true) { Err(NestedRun::new(runtime)) } else { Ok(Entered { _not_send: PhantomData }) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.set(false);
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entered")
    }
}
