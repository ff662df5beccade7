//! The life of an application, in its own process: OTP's application master.

mod inbox;
mod life;
mod seat;
mod starting;

pub(crate) use life::run;
pub(crate) use seat::Seat;
