//! Typed configuration out of defaults, a file, environment variables and the command line.
//!
//! * A configuration is a value of the user's own type, a struct with serde's `Deserialize`. [`Config`] says where it comes
//!   from; later sources override earlier ones, key by key.
//! * [`Problem`] is one thing that is wrong with it. All of them are told at once, and each names its [`Origin`]: file, line
//!   and column; variable; option. An unknown key is one of them, and the known key that is most like it is suggested.
//! * [`Secret`] is a value that no error, no `Debug` and no help shows.
//! * `--help` is made of the struct's fields.
//!
//! With the feature `application`, a [`Config`] is the source of an application's configuration, which is loaded again at
//! SIGHUP.
//!
//! Nothing here needs a process: a `main` [reads](Config::read) its configuration, a process [loads](Config::load) it, in a
//! blocking job.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::config::Config;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Options {
//!     port: u16,
//!     #[serde(default)]
//!     verbose: bool,
//! }
//!
//! let config = Config::<Options>::new("shop").file_if_present("/etc/shop.toml").environment();
//! let options = config.arguments(["--port", "80", "--verbose"]).load(&system).await.unwrap();
//! assert_eq!((options.port, options.verbose), (80, true));
//! # }).unwrap();
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod config;
mod files;
mod help;
mod key;
mod origin;
mod problem;
mod read;
mod secret;
mod shape;
#[cfg(feature = "application")]
mod source;
mod tree;

pub use config::Config;
pub use key::Key;
pub use origin::Origin;
pub use problem::{LoadError, Problem, Problems};
pub use secret::Secret;
