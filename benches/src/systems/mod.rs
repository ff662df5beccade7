//! The systems, a file for each: how its users write what the workloads ask for, and in which it takes part.

mod actix;
mod beam;
mod kameo;
mod otp;
mod ractor;
mod raw_smol;
mod raw_tokio;
mod rusm_otp;
mod tokio_actors;
mod xtra;

use crate::backends::{CurrentThread, MultiThread, Smol};
use crate::case::Entrant;

/// Every system in every workload that it takes part in.
pub fn all() -> Vec<Entrant> {
    let mut entrants: Vec<Entrant> = [
        otp::entrants::<MultiThread>(),
        otp::entrants::<CurrentThread>(),
        otp::entrants::<Smol>(),
        raw_tokio::entrants::<MultiThread>(),
        raw_tokio::entrants::<CurrentThread>(),
        raw_smol::entrants(),
        ractor::entrants(),
        kameo::entrants(),
        actix::entrants(),
        tokio_actors::entrants(),
        rusm_otp::entrants(),
        xtra::entrants::<MultiThread>(),
        xtra::entrants::<Smol>(),
    ]
    .into_iter()
    .flatten()
    .collect();
    entrants.extend(beam::entrants(&entrants));
    entrants
}
