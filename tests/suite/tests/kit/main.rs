//! What `otp::test` offers to tests.

mod eventually;
// Public, since its server is.
pub mod handler;
mod mock;
mod probe;
mod recorder;
mod supervised;
