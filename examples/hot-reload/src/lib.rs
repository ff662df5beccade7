//! A server whose code is a plugin, which is rebuilt and swapped while clients use it.
//!
//! From the plugin outwards:
//!
//! - [`hot_reload_abi`] loads a library, and holds all unsafe code;
//! - [`plugged`] is a server whose code is a library's, and which is upgraded from one library to the next;
//! - [`service`] has a number of them under a supervisor, and reloads them together;
//! - `client` is the process that serves one client, `listener` lets clients in;
//! - [`serve`] has all of that as an application.
//!
//! And around it:
//!
//! - [`measure`] swaps the code of a server under as many calls as there can be, and says what that costs;
//! - [`mapped`] asks the operating system which libraries are loaded;
//! - [`args`] reads the command line.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod args;
mod client;
mod listener;
pub mod mapped;
pub mod measure;
pub mod plugged;
pub mod serve;
pub mod service;
