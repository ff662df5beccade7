//! The configuration: defaults, a file, environment variables, the command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use otp::config::{Config, Secret};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::shard::Fsync;

/// How to run the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Options {
    /// Name of the executor to run on; empty for the first one that the program can run on.
    pub backend: String,
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Number of shards.
    pub shards: Within<1, 256>,
    /// Directory of the append-only files.
    pub dir: PathBuf,
    /// Connections served at once.
    pub max_connections: Within<1, 1_000_000>,
    /// When writes are forced to the disk.
    pub fsync: Fsync,
    /// How many seconds a client may take no reply. It can be changed while the server runs.
    pub write_timeout: Within<1, 86400>,
    /// Where to answer `/livez` and `/readyz`, if anywhere.
    pub health: Option<SocketAddr>,
    /// Where to answer `/metrics`, for Prometheus, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Where to show the live page of the running system, if anywhere.
    pub observer: Option<SocketAddr>,
    /// Lets those who know it trace, suspend and kill processes on that page; without it, nobody can.
    #[serde(skip_serializing)]
    pub observer_token: Option<Secret<String>>,
}

/// The server cannot go over to other options while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("only write_timeout can be changed while the server runs")]
pub struct NeedsRestart;

impl Default for Options {
    fn default() -> Self {
        Self {
            backend: String::new(),
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 6379,
            shards: Within(4),
            dir: PathBuf::from("kv-data"),
            max_connections: Within(1000),
            fsync: Fsync::default(),
            write_timeout: Within(30),
            health: None,
            metrics: None,
            observer: None,
            observer_token: None,
        }
    }
}

impl Options {
    /// Where they come from, for a program that can run on these executors, by default on the first: `kv-store.toml`, if
    /// there is one, the environment, the command line.
    pub fn config(backends: &'static [&'static str]) -> Config<Options> {
        Options::described(backends).environment().command_line()
    }

    /// The same without what is the program's own.
    fn described(backends: &'static [&'static str]) -> Config<Options> {
        Config::new("kv-store")
            .about("A supervised in-memory key-value server that speaks RESP2.")
            .version(env!("CARGO_PKG_VERSION"))
            .defaults(&Options { backend: backends[0].to_owned(), ..Options::default() })
            .file_if_present("kv-store.toml")
            .describe("backend", format!("executor to run on: {}", backends.join(" or ")))
            .describe("host", "address to listen on")
            .describe("port", "port to listen on, 0 for any free one")
            .describe("shards", "shards to split the keys over, 1 to 256; fixed once the directory exists")
            .describe("dir", "where the append-only files live")
            .describe("max_connections", "connections served at once")
            .describe(
                "fsync",
                "when to force writes to the disk; they reach the operating system before the reply in any case",
            )
            .describe("write_timeout", "seconds that a client may take no reply before it is closed, 1 to 86400")
            .describe("health", "address of /livez and /readyz")
            .describe("metrics", "address of /metrics, for Prometheus")
            .describe("observer", "address of a live page of the running system, on loopback")
            .describe(
                "observer_token",
                "lets those who know it trace and kill processes on that page; 16 bytes at least",
            )
            .check(|options: &Options| match backends.contains(&options.backend.as_str()) {
                true => Ok(()),
                false => Err(format!("there is no backend {:?}, only {}", options.backend, backends.join(" and "))),
            })
    }

    /// How long a client may take no reply.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.write_timeout.0)
    }

    /// Whether the server can go over to other options while it runs.
    ///
    /// # Errors
    ///
    /// Something else has changed than what it can change.
    pub fn can_become(&self, new: &Options) -> Result<(), NeedsRestart> {
        let changed = Options { write_timeout: self.write_timeout, ..new.clone() };
        if changed == *self { Ok(()) } else { Err(NeedsRestart) }
    }
}

/// A number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Within<const LOW: u64, const HIGH: u64>(u64);

impl<const LOW: u64, const HIGH: u64> Within<LOW, HIGH> {
    /// The number.
    #[must_use]
    pub fn count(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<const LOW: u64, const HIGH: u64> TryFrom<u64> for Within<LOW, HIGH> {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        if (LOW..=HIGH).contains(&number) {
            return Ok(Self(number));
        }
        Err(format!("expected a number from {LOW} to {HIGH}, found {number}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKENDS: [&str; 2] = ["cart", "ship"];

    fn read(arguments: &[&str]) -> Result<Options, String> {
        let config = Options::described(&BACKENDS).arguments(arguments.iter().copied());
        config.read().map_err(|error| error.to_string())
    }

    #[test]
    fn no_arguments_means_the_defaults() {
        assert_eq!(read(&[]), Ok(Options { backend: "cart".to_owned(), ..Options::default() }));
    }

    #[test]
    fn every_option_takes_its_value() {
        let read = read(&[
            "--backend=ship",
            "--host=::1",
            "--port=0",
            "--shards=8",
            "--dir=/tmp/x",
            "--max-connections=5",
            "--fsync=everysec",
            "--write-timeout=7",
            "--health=127.0.0.1:0",
            "--metrics=127.0.0.1:9100",
            "--observer=127.0.0.1:9911",
        ]);
        let expected = Options {
            backend: "ship".to_owned(),
            host: "::1".parse().unwrap(),
            port: 0,
            shards: Within(8),
            dir: "/tmp/x".into(),
            max_connections: Within(5),
            fsync: Fsync::EverySecond,
            write_timeout: Within(7),
            health: Some("127.0.0.1:0".parse().unwrap()),
            metrics: Some("127.0.0.1:9100".parse().unwrap()),
            observer: Some("127.0.0.1:9911".parse().unwrap()),
            observer_token: None,
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn errors_name_the_option_and_the_value() {
        let error = |arguments: &[&str]| read(arguments).unwrap_err();
        let horse = "the configuration is refused: there is no backend \"horse\", only cart and ship";
        assert_eq!(error(&["--backend", "horse"]), horse);
        assert_eq!(error(&["--port=70000"]), "option --port: expected u16, found 70000");
        assert_eq!(error(&["--shards", "0"]), "option --shards: expected a number from 1 to 256, found 0");
        assert_eq!(error(&["--colour"]), "unknown option --colour");
    }

    #[test]
    fn only_what_the_running_server_can_change_may_change() {
        let old = Options::default();
        assert_eq!(old.can_become(&Options { write_timeout: Within(1), ..old.clone() }), Ok(()));
        assert!(old.can_become(&Options { port: 1, ..old.clone() }).is_err());
    }
}
