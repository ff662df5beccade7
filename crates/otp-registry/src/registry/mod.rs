//! Keys that lead to processes.
//!
//! | module | contents |
//! |---|---|
//! | `handle` | [`Registry`], and how it is found by its name |
//! | `kinds`, `name` | unique and duplicate keys; the typed name of a registry |
//! | `server` | the process that keeps a registry open, and how it is started |
//! | `register`, `update`, `unregister` | what a process does with its own entries |
//! | `find`, `select` | looking entries up, by key and all of them |
//! | `via` | a key as a route, and as a registration |
//! | `listen`, `meta` | who is told of changes; what else a registry stores |
//! | `table`, `bunch`, `record`, `entry` | the entries, by key |
//! | `owner`, `own` | the entries by process |
//! | `closing`, `awaited`, `hash`, `dropping` | the end of a registry, wakers by key, hashes, drops of users' values |
//!
//! No user code runs under a lock. A map cannot know the `Eq` of the keys then: it maps the hash of a key, of 64 bits,
//! to the entries with that hash, which are compared outside the lock. Each process that has entries has one belonging,
//! and a list of its entries, so that its end costs what it has, not what the registry has.

mod awaited;
mod bunch;
mod closing;
mod dropping;
mod entry;
mod find;
mod handle;
mod hash;
mod kinds;
mod listen;
mod meta;
mod name;
mod own;
mod owner;
mod record;
mod register;
mod select;
mod server;
mod table;
mod unregister;
mod update;
mod via;

pub use entry::Entry;
pub use handle::{Registry, ServerRegistry};
pub use kinds::{Duplicate, Key, Keys, Unique};
pub use listen::{Change, Listening};
pub use meta::{MetaError, NotRunning};
pub use name::RegistryName;
pub use register::{RegisterError, Registrant};
pub use server::{RegistryServer, StartRegistry};
pub use update::UpdateError;
pub use via::{ToKey, Via};
