//! Append-only file of records.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use thiserror::Error;

use super::record::{Batch, Record};
use super::table::Table;
use crate::resp::{Decoder, Limits};

/// Append-only file that a shard recovers from.
///
/// A record that [`append`](Self::append) has written survives the process, whatever becomes of it;
/// one that [`sync`](Self::sync) has confirmed survives the machine.
///
/// Every function here blocks on the file system. A log has one owner at a time: a second
/// [`open`](Self::open) of the same path waits until the first log is dropped, so that a restarted
/// shard does not read what a dying one is still writing.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    len: u64,
    /// Beside the log and not the log itself, which compaction replaces.
    _lock: File,
}

/// What opening a log found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Whole records replayed.
    pub records: u64,
    /// Bytes they take.
    pub bytes: u64,
    /// Bytes of a last record that was not written whole, which were cut off.
    pub dropped: u64,
}

impl Log {
    /// Bounds on a record, well above what a request can bring about: a length beyond them cannot
    /// have been written.
    const LIMITS: Limits = Limits { max_args: 1 << 20, max_bulk: 32 << 20, max_request: 64 << 20, max_inline: 0 };

    /// Size of the pieces that are read and written at a time.
    const CHUNK: usize = 64 << 10;

    /// Opens a log, or creates it, and hands its records to `replay` in order.
    ///
    /// A last record that ends too early was being written when the process or the machine stopped,
    /// and was never acknowledged: it is cut off and reported.
    ///
    /// Blocks until everything is read, and while another `Log` has the file open.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] if bytes before the end are not a record; the file is left as it is.
    /// A damaged length that points beyond the end of the file cannot be told from a torn record.
    pub fn open(path: impl Into<PathBuf>, replay: impl FnMut(Record)) -> Result<(Self, Recovery), LogError> {
        let path = path.into();
        let lock = lock(&path).map_err(|error| LogError::io("lock", &path, error))?;
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|error| LogError::io("open", &path, error))?;
        let recovery = recover(&file, &path, replay)?;
        if recovery.dropped > 0 {
            file.set_len(recovery.bytes).map_err(|error| LogError::io("truncate", &path, error))?;
        }
        Ok((Self { path, file, len: recovery.bytes, _lock: lock }, recovery))
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes in the file.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Hands the records to the operating system, in one `write` as a rule.
    ///
    /// Blocks, as a rule for microseconds.
    ///
    /// # Errors
    ///
    /// Then none of the records counts as written: what was is cut off again, or is a torn tail for
    /// the next [`open`](Self::open) to cut off. The log must not be appended to after that.
    pub fn append(&mut self, batch: &Batch) -> Result<(), LogError> {
        let bytes = batch.as_bytes();
        if let Err(error) = self.file.write_all(bytes) {
            // The write's error is the one to tell.
            let _ = self.file.set_len(self.len);
            return Err(LogError::io("append to", &self.path, error));
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Waits until what was appended is on the disk.
    ///
    /// Blocks for as long as the disk takes: milliseconds, or seconds under load.
    ///
    /// # Errors
    ///
    /// Nobody knows then what is on the disk; open the log anew.
    pub fn sync(&self) -> Result<(), LogError> {
        self.file.sync_data().map_err(|error| LogError::io("sync", &self.path, error))
    }

    /// Replaces the file by one that holds a table and no history.
    ///
    /// Written beside the log, synced and renamed over it: whenever the process or the machine
    /// stops, one of both is there, whole. Blocks for as long as writing the table takes.
    ///
    /// # Errors
    ///
    /// The log goes on as it was, unless the directory could not be synced after the renaming;
    /// then it goes on as the new file.
    pub fn rewrite(&mut self, table: &Table) -> Result<(), LogError> {
        let path = beside(&self.path, "new");
        let (file, len) = write_table(&path, table).map_err(|error| {
            // A half-written file is in nobody's way; the next rewriting starts it over.
            let _ = fs::remove_file(&path);
            LogError::io("write", &path, error)
        })?;
        fs::rename(&path, &self.path).map_err(|error| LogError::io("rename", &path, error))?;
        self.file = file;
        self.len = len;
        sync_parent(&self.path).map_err(|error| LogError::io("sync the directory of", &self.path, error))
    }
}

/// Why a log could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// The file system said no.
    #[error("cannot {action} '{}'", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file holds something that no shard writes.
    #[error("'{}' is corrupt at offset {offset}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where the record begins that is none.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl LogError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}

fn recover(mut file: &File, path: &Path, mut replay: impl FnMut(Record)) -> Result<Recovery, LogError> {
    let mut recovery = Recovery::default();
    let mut decoder = Decoder::new(Log::LIMITS);
    let mut chunk = vec![0; Log::CHUNK];
    let mut buf = BytesMut::new();
    loop {
        let read = file.read(&mut chunk).map_err(|error| LogError::io("read", path, error))?;
        if read == 0 {
            recovery.dropped = buf.len() as u64;
            return Ok(recovery);
        }
        buf.extend_from_slice(&chunk[..read]);
        loop {
            let before = buf.len();
            let corrupt = |reason: &str| LogError::Corrupt {
                path: path.to_owned(),
                offset: recovery.bytes,
                reason: reason.to_owned(),
            };
            let arguments = match decoder.decode(&mut buf) {
                Ok(Some(arguments)) => arguments,
                Ok(None) => break,
                Err(error) => {
                    let reason = error.to_string();
                    return Err(corrupt(reason.trim_start_matches("ERR Protocol error: ")));
                }
            };
            replay(Record::parse(&arguments).ok_or_else(|| corrupt("not a record"))?);
            recovery.records += 1;
            recovery.bytes += (before - buf.len()) as u64;
        }
    }
}

fn write_table(path: &Path, table: &Table) -> io::Result<(File, u64)> {
    // Appending is for the log it is going to be; what an earlier attempt left goes first.
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.set_len(0)?;
    let mut len = 0;
    let mut batch = Batch::default();
    for (key, entry) in table.iter() {
        batch.set(key, &entry.value, entry.expires);
        if batch.as_bytes().len() >= Log::CHUNK {
            file.write_all(batch.as_bytes())?;
            len += batch.as_bytes().len() as u64;
            batch.clear();
        }
    }
    file.write_all(batch.as_bytes())?;
    len += batch.as_bytes().len() as u64;
    file.sync_all()?;
    Ok((file, len))
}

fn lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(beside(path, "lock"))?;
    file.lock()?;
    Ok(file)
}

/// `shard.aof` and `new` make `shard.aof.new`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
