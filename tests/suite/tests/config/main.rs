//! Configuration: what it takes from where, and what it says when something is wrong.

mod application;
mod errors;
mod hostile;
mod load;
mod secrets;
mod sources;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use otp::config::Config;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// A configuration with a bit of everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) name: Option<String>,
    pub(crate) verbose: bool,
    pub(crate) peers: Vec<String>,
    pub(crate) limits: BTreeMap<String, u32>,
    pub(crate) store: Store,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Store {
    pub(crate) max_size: u64,
    pub(crate) ratio: f64,
    pub(crate) dir: PathBuf,
    pub(crate) sync: Sync,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sync {
    Always,
    EverySecond,
    Never,
}

impl Default for Store {
    fn default() -> Store {
        Store { max_size: 1000, ratio: 0.5, dir: PathBuf::from("data"), sync: Sync::Never }
    }
}

pub(crate) fn config() -> Config<Options> {
    Config::new("kv-store")
}

/// A directory with a file.
pub(crate) struct Dir(TempDir);

impl Dir {
    pub(crate) fn with(text: impl AsRef<[u8]>) -> Dir {
        let dir = Dir(tempfile::tempdir().unwrap());
        dir.write(text);
        dir
    }

    pub(crate) fn write(&self, text: impl AsRef<[u8]>) {
        std::fs::write(self.file(), text).unwrap();
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path("kv.toml")
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// What a configuration says of the file, with its path cut short.
    pub(crate) fn refused<T: serde::de::DeserializeOwned + std::fmt::Debug>(&self, config: &Config<T>) -> String {
        config.read().unwrap_err().to_string().replace(&self.file().display().to_string(), "kv.toml")
    }
}
