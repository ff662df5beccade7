//! The plugin's side.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::layout::{ABI, Bytes, DONE, NOTHING, PANICKED, REFUSED, Sink, State, Table};

/// The code of a plugin, and its state.
pub trait Plugin: Sized + Send + 'static {
    /// Which release this is.
    const RELEASE: u32;

    /// The number of the format in which [`save`](Plugin::save) writes; not 0.
    const FORMAT: u32;

    /// Begins, with nothing or with a state that was saved, by this release or another one.
    ///
    /// # Errors
    ///
    /// Why the state cannot be read. Then the plugin that saved it goes on.
    fn open(saved: Option<Saved<'_>>) -> Result<Self, String>;

    /// Handles a request, and writes the answer. What is written reaches the host at once.
    ///
    /// # Errors
    ///
    /// Why it is refused; then the state must be as before, and what was written is no answer.
    fn handle(&mut self, request: &[u8], answer: &mut Out<'_>) -> Result<(), String>;

    /// Writes the state.
    fn save(&self, saved: &mut Out<'_>);
}

/// A state that was saved.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Saved<'a> {
    /// The number of its format.
    pub format: u32,
    /// What was written.
    pub bytes: &'a [u8],
}

/// Where a plugin writes to, also by `write!`, which never fails.
#[derive(Debug)]
pub struct Out<'a>(Sink<'a>);

impl Out<'_> {
    /// Writes bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

impl fmt::Write for Out<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}

/// Makes a [`Plugin`] what the library exports; once in a library.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        /// What the library exports.
        // SAFETY: no library that this is linked with has another symbol of this name.
        #[unsafe(no_mangle)]
        pub static HOT_RELOAD_PLUGIN: $crate::Table = $crate::Table::of::<$plugin>();
    };
}

impl Table {
    /// The table of a plugin.
    #[must_use]
    pub const fn of<P: Plugin>() -> Self {
        assert!(P::FORMAT != NOTHING, "the number 0 stands for no saved state");
        Table {
            abi: ABI,
            release: P::RELEASE,
            format: P::FORMAT,
            open: open::<P>,
            handle: handle::<P>,
            save: save::<P>,
            close: close::<P>,
        }
    }
}

/// # Safety
///
/// `saved` and `why` as the types say; `state` can be written to.
unsafe extern "C" fn open<P: Plugin>(format: u32, saved: Bytes<'_>, why: Sink<'_>, state: *mut *mut State) -> u32 {
    contained(why, |_| {
        // SAFETY: the host lends them for the time of this call.
        let bytes = unsafe { saved.as_slice() };
        let plugin = P::open((format != NOTHING).then_some(Saved { format, bytes }))?;
        // SAFETY: the host has a place for it.
        unsafe { state.write(Box::into_raw(Box::new(plugin)).cast()) };
        Ok(())
    })
}

/// # Safety
///
/// `state` is from `open` of the same `P`, was not closed, and nobody else uses it; the others as the types say.
unsafe extern "C" fn handle<P: Plugin>(state: *mut State, request: Bytes<'_>, answer: Sink<'_>) -> u32 {
    contained(answer, |answer| {
        // SAFETY: `open` has made it of a box of a `P`, which nobody else uses.
        let plugin = unsafe { &mut *state.cast::<P>() };
        // SAFETY: the host lends it for the time of this call.
        plugin.handle(unsafe { request.as_slice() }, answer)
    })
}

/// # Safety
///
/// As `handle`.
unsafe extern "C" fn save<P: Plugin>(state: *const State, saved: Sink<'_>) -> u32 {
    contained(saved, |saved| {
        // SAFETY: as in `handle`.
        unsafe { &*state.cast::<P>() }.save(saved);
        Ok(())
    })
}

/// # Safety
///
/// As `handle`; and nobody uses `state` afterwards.
unsafe extern "C" fn close<P: Plugin>(state: *mut State) -> u32 {
    // SAFETY: `open` has made it of a box of a `P`, and it is given back once.
    let plugin = unsafe { Box::from_raw(state.cast::<P>()) };
    match catch_unwind(AssertUnwindSafe(|| drop(plugin))) {
        Ok(()) => DONE,
        Err(panic) => {
            std::mem::forget(panic);
            PANICKED
        }
    }
}

/// Runs code of the plugin, and says how it went.
fn contained(sink: Sink<'_>, work: impl FnOnce(&mut Out<'_>) -> Result<(), String>) -> u32 {
    let mut out = Out(sink);
    // What the panic leaves half done is the plugin's own state, of which the host is told.
    match catch_unwind(AssertUnwindSafe(|| work(&mut out))) {
        Ok(Ok(())) => DONE,
        Ok(Err(why)) => {
            out.write(why.as_bytes());
            REFUSED
        }
        Err(panic) => {
            out.write(message(&*panic).as_bytes());
            // Its drop is code of the plugin, which could panic again.
            std::mem::forget(panic);
            PANICKED
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}
