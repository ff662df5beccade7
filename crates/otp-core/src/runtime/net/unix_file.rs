use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Removes the file of a listening Unix socket when it is dropped, unless another file has taken its place; for
/// backends on Unix.
#[derive(Debug)]
#[must_use = "dropping it removes the file"]
pub struct UnixFile {
    path: PathBuf,
    /// The device and the inode number of the file, to distinguish it from another one at the same path.
    id: Option<(u64, u64)>,
}

impl UnixFile {
    /// Takes over the file at `path`, which a listener has just created.
    pub fn of(path: &Path) -> UnixFile {
        UnixFile { path: path.to_owned(), id: id(path) }
    }

    /// Removes the file of a socket on which nothing listens any more.
    ///
    /// # Errors
    ///
    /// If there is no file, or it is not a socket.
    pub fn remove(path: &Path) -> io::Result<()> {
        if !fs::symlink_metadata(path)?.file_type().is_socket() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the file is no socket"));
        }
        fs::remove_file(path)
    }
}

impl Drop for UnixFile {
    fn drop(&mut self) {
        if self.id.is_some() && self.id == id(&self.path) {
            // The error has no receiver; the next listener reports what is in its way.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn id(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
