//! What the operating system says about loaded libraries.

use std::collections::BTreeSet;
use std::{fs, io};

use hot_reload_abi::Library;

/// The names of the plugins that the process has in its memory, read from `/proc/self/maps`.
///
/// # Errors
///
/// If the file cannot be read: it is there on Linux alone.
pub fn plugins() -> io::Result<BTreeSet<String>> {
    let maps = fs::read_to_string("/proc/self/maps")?;
    // The file has no name any more, which is said behind its name.
    let names = maps.lines().filter_map(|line| line.trim_end_matches(" (deleted)").rsplit('/').next());
    Ok(names.filter(|name| name.starts_with(Library::PREFIX)).map(str::to_owned).collect())
}

/// Whether a library is in the memory of the process.
///
/// # Errors
///
/// As [`plugins`].
pub fn is_mapped(name: &str) -> io::Result<bool> {
    Ok(plugins()?.contains(name))
}
