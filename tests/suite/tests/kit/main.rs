//! What `otp::test` offers to tests.

mod eventually;
mod mock;
mod probe;
mod recorder;
mod supervised;
