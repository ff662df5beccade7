//! A server whose code is a plugin's. Each swap loads a library anew, and the old one is unloaded.

use std::fmt::Display;
use std::path::PathBuf;

use otp::prelude::*;
use otp::process::Term;

use super::Subject;
use crate::plugged::{Code, Plugged, PluggedClient};
use crate::service::Service;

pub(super) struct Plugins {
    system: System,
    server: ServerRef<Plugged>,
    paths: [PathBuf; 2],
    releases: [u64; 2],
}

impl Plugins {
    pub(super) async fn start(system: &System, paths: &[PathBuf; 2]) -> Result<Self, String> {
        let first = Service::load(system, paths[0].clone()).await.map_err(text)?;
        let second = Service::load(system, paths[1].clone()).await.map_err(text)?;
        let releases = [first.release().into(), second.release().into()];
        let server = Plugged::start(system, first).await.map_err(text)?;
        Ok(Self { system: system.clone(), server, paths: paths.clone(), releases })
    }

    fn at(swaps: u64) -> usize {
        usize::from(swaps % 2 == 1)
    }
}

impl Subject for Plugins {
    fn release(&self, swaps: u64) -> u64 {
        self.releases[Self::at(swaps)]
    }

    async fn add(&self, caller: usize) -> Result<(u64, u64), String> {
        let answer = self.server.ask(format!("add {caller} 1")).no_timeout().await.map_err(text)?.map_err(text)?;
        read(&answer).ok_or(answer)
    }

    async fn swap(&self, swaps: u64) -> Result<(), String> {
        let library = Service::load(&self.system, self.paths[Self::at(swaps)].clone()).await.map_err(text)?;
        self.server.upgrade::<Plugged>(Term::new(Code(library))).await.map_err(text)
    }
}

/// Reads `release RELEASE: KEY has TOTAL …`.
fn read(answer: &str) -> Option<(u64, u64)> {
    let mut words = answer.split_whitespace();
    let release = words.nth(1)?.strip_suffix(':')?.parse().ok()?;
    Some((release, words.nth(2)?.parse().ok()?))
}

fn text(error: impl Display) -> String {
    error.to_string()
}
