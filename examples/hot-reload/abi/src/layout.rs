//! The types that cross: changing any of them is a new version of the [`ABI`].
#![allow(clippy::exhaustive_structs, reason = "their layout is the promise")]

use std::ffi::{CStr, c_void};
use std::fmt;
use std::marker::PhantomData;
use std::slice;

/// The version of this ABI.
pub const ABI: u32 = 1;

/// The symbol of a library's [`Table`].
pub const SYMBOL: &CStr = c"HOT_RELOAD_PLUGIN";

/// A status: done.
pub const DONE: u32 = 0;
/// A status: the plugin refuses, and has written why. Its state is as before.
pub const REFUSED: u32 = 1;
/// A status: the plugin panicked, and has written the message. Its state may be half changed; it can be closed.
pub const PANICKED: u32 = 2;

/// The number of the format of no saved state, with which a plugin begins.
pub const NOTHING: u32 = 0;

/// What a library exports. A status is a number, not an enum, so that an unknown one is an error instead of undefined
/// behaviour.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// [`ABI`], in every version at this place.
    pub abi: u32,
    /// Which release of the plugin this is.
    pub release: u32,
    /// The format in which it saves its state.
    pub format: u32,
    /// Makes a state from a saved one of some format, and writes a pointer to it to `state`, if it is [`DONE`].
    pub open: unsafe extern "C" fn(format: u32, saved: Bytes<'_>, why: Sink<'_>, state: *mut *mut State) -> u32,
    /// Handles a request and writes the answer.
    pub handle: unsafe extern "C" fn(state: *mut State, request: Bytes<'_>, answer: Sink<'_>) -> u32,
    /// Writes the state.
    pub save: unsafe extern "C" fn(state: *const State, saved: Sink<'_>) -> u32,
    /// Frees the state, whatever the status is.
    pub close: unsafe extern "C" fn(state: *mut State) -> u32,
}

/// The state of a plugin, seen from outside.
#[repr(C)]
#[derive(Debug)]
pub struct State {
    opaque: [u8; 0],
}

/// Bytes that are lent.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    start: *const u8,
    length: usize,
    lent: PhantomData<&'a [u8]>,
}

impl<'a> Bytes<'a> {
    /// Lends bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Bytes { start: bytes.as_ptr(), length: bytes.len(), lent: PhantomData }
    }

    /// The bytes.
    ///
    /// # Safety
    ///
    /// They are there, and nobody changes them, for the time `'a`; so it is if [`Bytes::new`] made this.
    #[must_use]
    pub unsafe fn as_slice(self) -> &'a [u8] {
        // Another language may have no other pointer for no bytes.
        if self.length == 0 {
            return &[];
        }
        // SAFETY: by the contract of this function.
        unsafe { slice::from_raw_parts(self.start, self.length) }
    }
}

/// A function of the caller's to which the callee writes, as often as it likes, while it runs.
#[repr(C)]
pub struct Sink<'a> {
    context: *mut c_void,
    write: unsafe extern "C" fn(context: *mut c_void, bytes: Bytes<'_>),
    lent: PhantomData<&'a mut ()>,
}

impl<'a> Sink<'a> {
    /// A sink that calls `write` with `context`.
    ///
    /// # Safety
    ///
    /// `write` may be called with `context` for the time `'a`, and does not unwind.
    #[must_use]
    pub unsafe fn new(
        context: *mut c_void,
        write: unsafe extern "C" fn(context: *mut c_void, bytes: Bytes<'_>),
    ) -> Self {
        Sink { context, write, lent: PhantomData }
    }

    /// Writes.
    pub fn write(&mut self, bytes: &[u8]) {
        // SAFETY: whoever made this has promised that it may be called so.
        unsafe { (self.write)(self.context, Bytes::new(bytes)) }
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.length)
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}
