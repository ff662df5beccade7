//! A plugin's state, on the host's side.

use std::any::Any;
use std::ffi::c_void;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use crate::layout::{Bytes, DONE, NOTHING, PANICKED, REFUSED, Sink, State};
use crate::library::Library;

/// The state of a plugin, and the code that works on it.
pub struct Instance {
    state: NonNull<State>,
    library: Arc<Library>,
}

/// A state that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedState {
    /// The number of its format.
    pub format: u32,
    /// What the plugin wrote.
    pub bytes: Vec<u8>,
}

/// The error of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// It refused. Its state is as before.
    #[error("release {release} refuses: {why}")]
    Refused {
        /// Which release it is.
        release: u32,
        /// What it says.
        why: String,
    },
    /// It panicked. Its state may be half changed.
    #[error("release {release} panicked: {message}")]
    Panicked {
        /// Which release it is.
        release: u32,
        /// The message of the panic.
        message: String,
    },
    /// It does not keep to the ABI.
    #[error("release {release} does not keep to the ABI: {what}")]
    Faulty {
        /// Which release it is.
        release: u32,
        /// What it does.
        what: &'static str,
    },
}

impl Instance {
    /// Has a library make a state, of nothing or of a saved state.
    ///
    /// # Errors
    ///
    /// If the plugin refuses, or panics.
    pub fn open(library: &Arc<Library>, saved: Option<&SavedState>) -> Result<Instance, PluginError> {
        let (format, bytes) = saved.map_or((NOTHING, &[][..]), |saved| (saved.format, &saved.bytes));
        let mut state = ptr::null_mut();
        let open = |why: Sink<'_>| {
            // SAFETY: the bytes and the sink are lent for the time of this call, and `state` is a place for a pointer.
            unsafe { (library.table().open)(format, Bytes::new(bytes), why, &raw mut state) }
        };
        collect(library, open)?;
        let faulty = PluginError::Faulty { release: library.release(), what: "it opened no state" };
        Ok(Instance { state: NonNull::new(state).ok_or(faulty)?, library: library.clone() })
    }

    /// Has the plugin handle a request, and returns its answer.
    ///
    /// # Errors
    ///
    /// If the plugin refuses, or panics. After a panic the state is not to be trusted.
    pub fn handle(&mut self, request: &[u8]) -> Result<Vec<u8>, PluginError> {
        let (handle, state) = (self.library.table().handle, self.state.as_ptr());
        // SAFETY: the state is of this library, and borrowed mutably; the bytes and the sink are lent for this call.
        collect(&self.library, |answer| unsafe { handle(state, Bytes::new(request), answer) })
    }

    /// Has the plugin handle a request, and passes on what it answers piece by piece, while it runs. If `take` blocks,
    /// so does the plugin.
    ///
    /// # Errors
    ///
    /// As [`handle`](Instance::handle); then the last pieces are no answer.
    ///
    /// # Panics
    ///
    /// If `take` panics: when the plugin has returned. It is not called again.
    pub fn stream(&mut self, request: &[u8], take: impl FnMut(&[u8])) -> Result<(), PluginError> {
        let (handle, state) = (self.library.table().handle, self.state.as_ptr());
        // SAFETY: as in `handle`.
        let status = with_sink(take, |answer| unsafe { handle(state, Bytes::new(request), answer) });
        result(&self.library, status, &[])
    }

    /// Has the plugin save its state.
    ///
    /// # Errors
    ///
    /// If the plugin panics.
    pub fn save(&self) -> Result<SavedState, PluginError> {
        let (save, state) = (self.library.table().save, self.state.as_ptr());
        // SAFETY: the state is of this library. This has no mutable borrow, and cannot be shared between threads, so
        // nobody else uses it.
        let bytes = collect(&self.library, |saved| unsafe { save(state, saved) })?;
        Ok(SavedState { format: self.library.format(), bytes })
    }

    /// The library with its code.
    #[must_use]
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // A panic is over then, and there is nobody to whom it matters.
        // SAFETY: the state is of this library, which is unloaded after this at the earliest, and is not used any more.
        let _status = unsafe { (self.library.table().close)(self.state.as_ptr()) };
    }
}

// SAFETY: the state of a plugin is `Send` by the bound of `Plugin`, and the ABI demands it of others: its functions may be
// called from any thread. It is not `Sync`, since two threads could save the state at once.
unsafe impl Send for Instance {}

/// Calls the plugin, and returns what it has written.
fn collect(library: &Library, call: impl FnOnce(Sink<'_>) -> u32) -> Result<Vec<u8>, PluginError> {
    let mut written = Vec::new();
    let status = with_sink(|bytes| written.extend_from_slice(bytes), call);
    result(library, status, &written)?;
    Ok(written)
}

fn result(library: &Library, status: u32, written: &[u8]) -> Result<(), PluginError> {
    let release = library.release();
    let text = || String::from_utf8_lossy(written).into_owned();
    match status {
        DONE => Ok(()),
        REFUSED => Err(PluginError::Refused { release, why: text() }),
        PANICKED => Err(PluginError::Panicked { release, message: text() }),
        _ => Err(PluginError::Faulty { release, what: "it returned an unknown status" }),
    }
}

/// Calls the plugin with a sink that ends in `take`.
fn with_sink<T: FnMut(&[u8])>(take: T, call: impl FnOnce(Sink<'_>) -> u32) -> u32 {
    let mut taker = Taker { take, panic: None };
    // SAFETY: `write` is for a pointer to this `Taker`, which lives longer than the sink and is not used beside it, and it
    // does not unwind.
    let status = call(unsafe { Sink::new((&raw mut taker).cast(), write::<T>) });
    match taker.panic {
        Some(panic) => resume_unwind(panic),
        None => status,
    }
}

struct Taker<T> {
    take: T,
    /// It cannot cross the plugin.
    panic: Option<Box<dyn Any + Send>>,
}

/// # Safety
///
/// `context` is a pointer to a `Taker<T>` that nobody else uses; `bytes` are lent for the time of this call.
unsafe extern "C" fn write<T: FnMut(&[u8])>(context: *mut c_void, bytes: Bytes<'_>) {
    // SAFETY: by the contract of this function.
    let (taker, bytes) = unsafe { (&mut *context.cast::<Taker<T>>(), bytes.as_slice()) };
    if taker.panic.is_none() {
        taker.panic = catch_unwind(AssertUnwindSafe(|| (taker.take)(bytes))).err();
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instance").field(&self.library).finish()
    }
}
