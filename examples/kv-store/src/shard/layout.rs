//! The directory that holds the shards' files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A directory, held for as long as this value lives.
///
/// Which shard a key belongs to depends on their number, so the directory remembers for how many
/// shards it was made; starting with another number is refused. To change it, start a second server
/// with a new directory and send it the old files, whose records are commands:
/// `cat old/*.aof | redis-cli --pipe`.
#[derive(Debug)]
pub struct Layout {
    dir: PathBuf,
    shards: usize,
    _lock: File,
}

impl Layout {
    /// Name of the file that says how many shards there are.
    const MANIFEST: &'static str = "kv-store.layout";

    /// Opens a directory, or makes it, for this many shards.
    ///
    /// Blocks on the file system, but not for another server.
    ///
    /// # Errors
    ///
    /// If the directory was made for another number of shards, or is in use.
    pub fn open(dir: impl Into<PathBuf>, shards: usize) -> Result<Self, LayoutError> {
        let dir = dir.into();
        let failed = |source| LayoutError::Io { dir: dir.clone(), source };
        fs::create_dir_all(&dir).map_err(failed)?;
        let mut manifest = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join(Self::MANIFEST))
            .map_err(failed)?;
        match manifest.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LayoutError::InUse { dir }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut text = String::new();
        manifest.read_to_string(&mut text).map_err(failed)?;
        if text.is_empty() {
            writeln!(manifest, "version 1, shards {shards}").and_then(|()| manifest.sync_all()).map_err(failed)?;
        } else {
            let made_for = parse(&text).ok_or_else(|| LayoutError::Unknown { dir: dir.clone() })?;
            if made_for != shards {
                return Err(LayoutError::Shards { dir, made_for, asked_for: shards });
            }
        }
        Ok(Self { dir, shards, _lock: manifest })
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Number of shards.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.shards
    }

    /// Where the log of a shard is; they are counted from 0.
    #[must_use]
    pub fn log_path(&self, shard: usize) -> PathBuf {
        self.dir.join(format!("shard-{shard:03}.aof"))
    }
}

/// Why a directory cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The file system said no.
    #[error("cannot use the directory '{}'", dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another server holds the directory.
    #[error("the directory '{}' is in use by another server", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory's keys are split over another number of shards.
    #[error(
        "the directory '{}' was made for {made_for} shards and cannot be used with {asked_for}",
        dir.display()
    )]
    Shards {
        /// The directory.
        dir: PathBuf,
        /// The number it was made for.
        made_for: usize,
        /// The number it was opened with.
        asked_for: usize,
    },
    /// The directory was made by a later version, or its manifest is damaged.
    #[error("the directory '{}' has a manifest that cannot be read", dir.display())]
    Unknown {
        /// The directory.
        dir: PathBuf,
    },
}

fn parse(manifest: &str) -> Option<usize> {
    manifest.strip_prefix("version 1, shards ")?.strip_suffix('\n')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_made_once_and_opened_again() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("deep/data");
        let layout = Layout::open(&dir, 4).unwrap();
        assert_eq!(layout.log_path(3), dir.join("shard-003.aof"));
        drop(layout);
        assert_eq!(Layout::open(&dir, 4).unwrap().shards(), 4);
    }

    #[test]
    fn another_number_of_shards_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(Layout::open(dir.path(), 4).unwrap());
        let error = Layout::open(dir.path(), 5).unwrap_err().to_string();
        assert!(error.ends_with("was made for 4 shards and cannot be used with 5"), "{error}");
    }

    #[test]
    fn a_second_server_is_kept_out() {
        let dir = tempfile::tempdir().unwrap();
        let first = Layout::open(dir.path(), 4).unwrap();
        assert!(matches!(Layout::open(dir.path(), 4), Err(LayoutError::InUse { .. })));
        drop(first);
        Layout::open(dir.path(), 4).unwrap();
    }

    #[test]
    fn a_manifest_that_makes_no_sense_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(Layout::MANIFEST), "version 2, shards 4\n").unwrap();
        assert!(matches!(Layout::open(dir.path(), 4), Err(LayoutError::Unknown { .. })));
    }
}
