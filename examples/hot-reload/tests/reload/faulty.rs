//! What is no plugin, or none that keeps to the ABI.

use std::fs;

use hot_reload::mapped::plugins;
use hot_reload_abi::{Instance, Library, LoadError, PluginError};

use crate::plugins::in_c;

#[test]
fn a_plugin_can_be_written_in_another_language() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::load(&in_c(folder.path(), &[])).unwrap();
    assert_eq!((library.release(), library.format()), (30, 3));
    let mut instance = Instance::open(&library, None).unwrap();
    assert_eq!(instance.handle(b"hello").unwrap(), b"request 1 has 5 bytes");
    let mut other = Instance::open(&library, Some(&instance.save().unwrap())).unwrap();
    assert_eq!(other.handle(b"").unwrap(), b"request 2 has 0 bytes");
}

#[test]
fn a_plugin_of_another_version_of_the_abi_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = in_c(folder.path(), &["ABI=2"]);
    let refused = Library::load(&path).unwrap_err();
    assert!(matches!(&refused, LoadError::OtherAbi { abi: 2, .. }), "{refused:?}");
    let says = format!("{} is a plugin of version 2 of the ABI, and not of version 1", path.display());
    assert_eq!(refused.to_string(), says);
}

#[test]
fn what_is_no_plugin_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let no_plugin = Library::load(&in_c(folder.path(), &["NO_SYMBOL"])).unwrap_err();
    assert!(matches!(no_plugin, LoadError::NoPlugin { .. }), "{no_plugin:?}");
    let path = folder.path().join("text.so");
    fs::write(&path, "no library").unwrap();
    let no_library = Library::load(&path).unwrap_err();
    assert!(matches!(no_library, LoadError::NoLibrary { .. }), "{no_library:?}");
    let nothing = Library::load(&folder.path().join("nothing.so")).unwrap_err();
    assert!(matches!(nothing, LoadError::Unreadable { .. }), "{nothing:?}");
}

#[test]
fn a_library_that_is_refused_is_unloaded() {
    let folder = tempfile::tempdir().unwrap();
    let farewell = folder.path().join("farewell");
    let path = in_c(folder.path(), &["ABI=2", &format!("FAREWELL=\"{}\"", farewell.display())]);
    Library::load(&path).unwrap_err();
    assert!(farewell.exists(), "{:?} are loaded", plugins());
}

#[test]
fn an_unknown_status_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::load(&in_c(folder.path(), &["STATUS=7"])).unwrap();
    let faulty = Instance::open(&library, None).unwrap().handle(b"hello").unwrap_err();
    assert_eq!(faulty, PluginError::Faulty { release: 30, what: "it returned an unknown status" });
}

#[test]
fn a_plugin_that_opens_no_state_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::load(&in_c(folder.path(), &["NO_STATE"])).unwrap();
    let faulty = Instance::open(&library, None).unwrap_err();
    assert_eq!(faulty, PluginError::Faulty { release: 30, what: "it opened no state" });
}
