use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The file of a Unix socket that listens, for backends on Unix. Dropping it removes the file, unless another one has
/// taken its place.
#[derive(Debug)]
#[must_use = "dropping it removes the file"]
pub struct UnixFile {
    path: PathBuf,
    /// The device and the number of the file, which tell it from another one at the same path.
    id: Option<(u64, u64)>,
}

impl UnixFile {
    /// The file at `path`, which a listener has just made.
    pub fn of(path: &Path) -> UnixFile {
        UnixFile { path: path.to_owned(), id: id(path) }
    }

    /// Removes a socket's file that nobody listens on any more.
    ///
    /// # Errors
    ///
    /// If there is no file, or it is no socket.
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
            // Nobody is there to be told, and the next listener says what is in its way.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn id(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
