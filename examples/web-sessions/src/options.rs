//! The configuration: a file, environment variables, the command line.

use std::net::{Ipv4Addr, SocketAddr};

use otp::config::Config;
use serde::{Deserialize, Serialize};

/// How to run the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Executor to run on, and with it the shell.
    pub backend: Backend,
    /// Port to listen on, on loopback; 0 takes any free one.
    pub port: u16,
    /// Sessions at once.
    pub limit: usize,
    /// How many seconds a session lives without being used.
    pub idle_secs: u64,
    /// Connections at once, with hyper.
    pub connections: usize,
    /// How many seconds clients have to finish their requests when the service stops.
    pub patience_secs: u64,
    /// Where to answer `/livez` and `/readyz`, if anywhere.
    pub health: Option<SocketAddr>,
}

/// What the service can run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// axum on tokio.
    Tokio,
    /// hyper on smol.
    Smol,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            backend: Backend::Tokio,
            port: 8080,
            limit: 10_000,
            idle_secs: 1800,
            connections: 256,
            patience_secs: 3,
            health: None,
        }
    }
}

impl Options {
    /// Where they come from.
    pub fn config() -> Config<Options> {
        Config::new("web-sessions")
            .about("One session store behind two shells: axum on tokio, hyper on smol.")
            .version(env!("CARGO_PKG_VERSION"))
            .defaults(&Options::default())
            .file_if_present("web-sessions.toml")
            .environment()
            .command_line()
            .describe("backend", "executor to run on, and with it the shell")
            .describe("port", "port on 127.0.0.1, 0 for any free one")
            .describe("limit", "sessions at once")
            .describe("idle_secs", "how long a session lives without being used")
            .describe("connections", "connections at once, with hyper")
            .describe("patience_secs", "how long clients have to finish their requests at the end")
            .describe("health", "address of /livez and /readyz")
    }

    /// Where the service is to listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}
