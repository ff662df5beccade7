//! The systems, a file for each: how its users write what the workloads ask for, and in which it takes part.

mod actix;
mod beam;
mod codecs;
mod kameo;
mod otp;
mod ractor;
mod raw_scaling;
mod raw_smol;
mod raw_tokio;
mod rusm_otp;
mod tokio_actors;
mod xtra;

use std::collections::BTreeSet;

pub use self::beam::release as beam_release;
use crate::backends::{Backend, CurrentThread, MultiThread, Smol};
use crate::case::{Entrant, Id, Row};

/// Rows by how their names begin, and why a system takes no part in them.
type LeftOut = &'static [(&'static str, &'static str)];

/// Why a system takes no part in a row; `None` if nobody has said.
pub fn why_left_out(system: Id, row: &str) -> Option<&'static str> {
    if ["spawn/task", "restart/panic"].contains(&row) {
        return Some("nothing of its own is in it");
    }
    if row.starts_with("etf/") && system.name != "beam" {
        return match (system.name, row) {
            ("erltf" | "eetf", "etf/serde") => Some("its serde has other conventions"),
            ("otp", _) => Some("a codec needs no executor"),
            _ => Some("it has no terms"),
        };
    }
    if row.starts_with("scaling/") {
        return match (system.name, system.backend) {
            ("raw", Smol::NAME) => Some("on tokio there are the same maps"),
            ("raw", _) => raw_scaling::LEFT_OUT.iter().find(|(rows, _)| row.starts_with(rows)).map(|(_, why)| *why),
            ("otp", _) => None,
            _ => Some("otp on more threads is compared with otp on fewer"),
        };
    }
    // The same timers.
    let row = if row.starts_with("tail/timer") { "timers" } else { row };
    let left_out = match system.name {
        "erltf" | "eetf" => codecs::LEFT_OUT,
        "raw" if system.backend == Smol::NAME => raw_smol::LEFT_OUT,
        "raw" => raw_tokio::LEFT_OUT,
        "ractor" => ractor::LEFT_OUT,
        "kameo" => kameo::LEFT_OUT,
        "actix" => actix::LEFT_OUT,
        "tokio-actors" => tokio_actors::LEFT_OUT,
        "rusm-otp" => rusm_otp::LEFT_OUT,
        "xtra" => xtra::LEFT_OUT,
        "beam" => beam::LEFT_OUT,
        _ => &[],
    };
    left_out.iter().find(|(rows, _)| row.starts_with(rows)).map(|(_, why)| *why)
}

/// A system and a row that it takes no part in, though nobody has said why.
pub fn unexplained(entrants: &[Entrant]) -> Option<(Id, String)> {
    let rows_of = |entrant: &Entrant| entrant.case.rows.iter().map(Row::name);
    let systems: BTreeSet<_> = entrants.iter().map(|entrant| entrant.system).collect();
    let rows: BTreeSet<_> = entrants.iter().flat_map(rows_of).collect();
    let part: BTreeSet<_> =
        entrants.iter().flat_map(|entrant| rows_of(entrant).map(|row| (entrant.system, row))).collect();
    let mut pairs = systems.into_iter().flat_map(|system| rows.iter().map(move |row| (system, row.clone())));
    pairs.find(|pair| !part.contains(pair) && why_left_out(pair.0, &pair.1).is_none())
}

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
        codecs::entrants(),
    ]
    .into_iter()
    .flatten()
    .collect();
    entrants.extend(beam::entrants(&entrants));
    entrants
}
