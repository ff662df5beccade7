//! What a host and its plugins agree on, and all unsafe code of the example.
//!
//! A plugin is a `cdylib`. It implements [`Plugin`], in safe Rust, and [`export!`]s it. With the feature `load`, a host
//! [loads](Library::load) it, and has [instances](Instance) of it: the plugin's state, which the plugin's code works on.
//!
//! # The ABI
//!
//! A library exports one symbol, the static `HOT_RELOAD_PLUGIN`, a [`Table`]. Its first four bytes are the [version of
//! the ABI](ABI), which is read before anything else is; a library of another version is refused. All types in the table
//! are `repr(C)` or numbers, and all functions `extern "C"`: neither the compiler's version nor its flags matter, nor does
//! the language. What must hold on both sides:
//!
//! - **Only bytes cross.** Requests and saved states are lent for the time of a call. What the plugin answers it writes
//!   into a [sink](layout::Sink), which copies it: nobody frees what the other has allocated.
//! - **The state is opaque.** The host has a pointer, and gives it back to the functions of the same library only, to one
//!   at a time, from any thread. `close` ends it.
//! - **No panic crosses**, in either direction: [`export!`] catches those of the plugin, and they are a
//!   [status](layout::PANICKED) with a text. (A plugin that is compiled with `panic = "abort"` ends the process.)
//! - **Nothing else stays.** A plugin starts no threads, and gives the host no pointer to its code or data. So nobody can
//!   come back into a library that has no states and no running calls, and it can be unloaded.
//! - **The state goes from one library to the next in saved form**: bytes, with the number of their format. The new
//!   library says whether it can read them.
//!
//! The version guards against accidents, not against attacks: to load a library is to run its code.
//!
//! # When a library is unloaded
//!
//! Each [`Instance`] holds its [`Library`] by an `Arc`, and a call borrows the instance. So the library is closed by the
//! drop of the last instance or handle: when nobody runs in it and nobody can any more.

mod export;
#[cfg(feature = "load")]
mod instance;
pub mod layout;
#[cfg(feature = "load")]
mod library;

pub use export::{Out, Plugin, Saved};
#[cfg(feature = "load")]
pub use instance::{Instance, PluginError, SavedState};
pub use layout::{ABI, Table};
#[cfg(feature = "load")]
pub use library::{Library, LoadError};
