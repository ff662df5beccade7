//! A plugin's library, in the process.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libloading::os::unix::{self, RTLD_LOCAL, RTLD_NOW};

use crate::layout::{ABI, SYMBOL, Table};

/// A library that is loaded, until the last handle and the last [`Instance`](crate::Instance) are dropped.
pub struct Library {
    table: Table,
    name: String,
    /// Last of all: the functions of the table are in it.
    _loaded: unix::Library,
}

impl Library {
    /// Loads a library.
    ///
    /// It is a copy of the file that is loaded, under a name of its own: the file may be written again while the library
    /// is in use, and the next library is not taken for this one. The file must be complete: wait for the compiler. The
    /// copy is in the folder for temporary files, from which libraries must be allowed to be loaded (no `noexec`).
    ///
    /// Blocks its thread, and runs what the library does when it is loaded.
    ///
    /// # Errors
    ///
    /// If it cannot be loaded, is no plugin, or one of another ABI. Then it is unloaded again.
    pub fn load(path: &Path) -> Result<Arc<Library>, LoadError> {
        let unreadable = |error| LoadError::Unreadable { path: path.to_owned(), error };
        let broken = |error| LoadError::NoLibrary { path: path.to_owned(), error };
        let copy = tempfile::Builder::new().prefix(Library::PREFIX).suffix(".so").tempfile().map_err(unreadable)?;
        std::fs::copy(path, &copy).map_err(unreadable)?;
        // SAFETY: this runs the initialisers of the library. Those of a Rust `cdylib` do nothing that could be unsound;
        // for others, the file is trusted, as this crate's documentation says. Its symbols are bound now, so that one that
        // is missing is an error here.
        let loaded = unsafe { unix::Library::open(Some(copy.path()), RTLD_NOW | RTLD_LOCAL) }.map_err(broken)?;
        // SAFETY: a symbol of this name is a table, or begins with the version of the ABI: it is a `u32` in either case.
        let abi = unsafe { loaded.get::<*const u32>(SYMBOL) };
        let abi = match &abi {
            // SAFETY: as above; the library is loaded while it is read.
            Ok(symbol) if !symbol.is_null() => unsafe { symbol.read() },
            _ => return Err(LoadError::NoPlugin { path: path.to_owned() }),
        };
        if abi != ABI {
            return Err(LoadError::OtherAbi { path: path.to_owned(), abi });
        }
        // SAFETY: of this version of the ABI, the symbol is a table.
        let table = unsafe { *loaded.get::<*const Table>(SYMBOL).map_err(broken)?.cast::<Table>() };
        let name = copy.path().file_name().unwrap_or(OsStr::new("")).to_string_lossy().into_owned();
        // The copy is removed here: the library needs its file, but not its name.
        Ok(Arc::new(Library { table, name, _loaded: loaded }))
    }

    /// With which the names of all loaded libraries begin.
    pub const PREFIX: &str = "hot-reload-";

    /// Which release of the plugin it is.
    #[must_use]
    pub fn release(&self) -> u32 {
        self.table.release
    }

    /// The number of the format in which it saves states.
    #[must_use]
    pub fn format(&self) -> u32 {
        self.table.format
    }

    /// The name under which the process has it mapped: on Linux it is in `/proc/self/maps` as long as it is loaded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }
}

/// The error of loading a library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read, or not be copied.
    #[error("{} cannot be copied: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is no library that this process can load.
    #[error("{} cannot be loaded: {error}", path.display())]
    NoLibrary {
        /// The file.
        path: PathBuf,
        /// What the loader says.
        error: libloading::Error,
    },
    /// The library is no plugin.
    #[error("{} is no plugin: it exports no HOT_RELOAD_PLUGIN", path.display())]
    NoPlugin {
        /// The file.
        path: PathBuf,
    },
    /// The plugin was made for another version of the ABI.
    #[error("{} is a plugin of version {abi} of the ABI, and not of version {ABI}", path.display())]
    OtherAbi {
        /// The file.
        path: PathBuf,
        /// Its version.
        abi: u32,
    },
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Library(release {}, {})", self.release(), self.name)
    }
}
