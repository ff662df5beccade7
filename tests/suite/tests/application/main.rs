//! Applications. What OTP's application does is compared with it in tests/conformance; here is what Rust adds.

mod belonging;
mod callbacks;
mod circles;
mod configuration;
mod dependencies;
mod drain;
mod environment;
mod halts;
mod limits;
mod names;
#[cfg(unix)]
mod program;
mod service;
mod told;
