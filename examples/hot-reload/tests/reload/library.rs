//! Libraries without servers.

use std::fs;
use std::sync::Arc;
use std::thread;

use hot_reload::mapped::is_mapped;
use hot_reload_abi::{Instance, Library, PluginError};

use crate::plugins::{in_c, loaded, release};

fn ask(instance: &mut Instance, request: &str) -> String {
    String::from_utf8(instance.handle(request.as_bytes()).unwrap()).unwrap()
}

#[test]
fn the_state_of_one_release_goes_on_in_the_next_one() {
    let (first, second) = (loaded(1), loaded(2));
    let mut old = Instance::open(&first, None).unwrap();
    assert_eq!(ask(&mut old, "add ann 5"), "release 1: ann has 5");
    let mut new = Instance::open(&second, Some(&old.save().unwrap())).unwrap();
    assert_eq!(ask(&mut new, "add ann 2"), "release 2: ann has 7 of 1");
    // Until it is closed, the old one is a state of its own.
    assert_eq!(ask(&mut old, "add ann 1"), "release 1: ann has 6");
    let mut next = Instance::open(&loaded(3), Some(&new.save().unwrap())).unwrap();
    assert_eq!(ask(&mut next, "add ann 2"), "release 3: ann has 9 of 2");
}

#[test]
fn a_state_that_cannot_be_read_is_refused() {
    let new = Instance::open(&loaded(2), None).unwrap();
    let refused = Instance::open(&loaded(1), Some(&new.save().unwrap())).unwrap_err();
    assert_eq!(refused, PluginError::Refused { release: 1, why: "it cannot read format 2".to_owned() });
    let mut broken = new.save().unwrap();
    broken.bytes = b"ann five\n".to_vec();
    let refused = Instance::open(&loaded(2), Some(&broken)).unwrap_err();
    assert_eq!(refused.to_string(), "release 2 refuses: what was saved is no list of counts");
}

#[test]
fn a_refused_request_changes_nothing() {
    let mut instance = Instance::open(&loaded(2), None).unwrap();
    ask(&mut instance, "add ann 5");
    for (request, why) in [
        (&b"add ann 18446744073709551615"[..], "the total is too large"),
        (b"add ann -1", "-1 is no number"),
        (b"\xff", "invalid utf-8 sequence of 1 bytes from index 0"),
        (b"", "what can be asked is: add KEY NUMBER, report, crash KEY"),
    ] {
        let refused = instance.handle(request).unwrap_err();
        assert_eq!(refused, PluginError::Refused { release: 2, why: why.to_owned() });
    }
    assert_eq!(ask(&mut instance, "report"), "release 2: ann has 5 of 1\n");
}

#[test]
fn a_library_is_unloaded_with_its_last_instance_and_not_before() {
    let library = loaded(1);
    let name = library.name().to_owned();
    let mut instance = Instance::open(&library, None).unwrap();
    drop(library);
    assert_eq!(ask(&mut instance, "add ann 5"), "release 1: ann has 5");
    assert!(is_mapped(&name).unwrap());
    drop(instance);
    assert!(!is_mapped(&name).unwrap());
}

#[test]
fn what_is_to_run_when_a_library_is_unloaded_runs() {
    let folder = tempfile::tempdir().unwrap();
    let farewell = folder.path().join("farewell");
    let library = Library::load(&in_c(folder.path(), &[&format!("FAREWELL=\"{}\"", farewell.display())])).unwrap();
    let instance = Instance::open(&library, None).unwrap();
    drop(library);
    assert!(!farewell.exists());
    drop(instance);
    assert!(farewell.exists());
}

#[test]
fn a_panic_of_a_plugin_is_an_error_and_its_library_is_unloaded_all_the_same() {
    let library = loaded(1);
    let name = library.name().to_owned();
    let mut instance = Instance::open(&library, None).unwrap();
    let panicked = instance.handle(b"crash ann").unwrap_err();
    assert_eq!(panicked, PluginError::Panicked { release: 1, message: "it was asked to".to_owned() });
    drop((instance, library));
    assert!(!is_mapped(&name).unwrap());
}

#[test]
fn a_state_can_be_used_and_closed_by_another_thread() {
    let library = loaded(2);
    let name = library.name().to_owned();
    let mut instance = Instance::open(&library, None).unwrap();
    drop(library);
    ask(&mut instance, "add ann 5");
    let other = thread::scope(|scope| scope.spawn(move || ask(&mut instance, "add ann 5")).join().unwrap());
    assert_eq!(other, "release 2: ann has 10 of 2");
    assert!(!is_mapped(&name).unwrap());
}

#[test]
fn the_file_of_a_library_in_use_may_be_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.so");
    fs::copy(release(1), &path).unwrap();
    let first = Library::load(&path).unwrap();
    let mut old = Instance::open(&first, None).unwrap();
    fs::write(&path, b"").unwrap();
    assert_eq!(ask(&mut old, "add ann 5"), "release 1: ann has 5");
    fs::copy(release(2), &path).unwrap();
    let second = Library::load(&path).unwrap();
    assert_eq!((first.release(), second.release()), (1, 2));
    assert_eq!(ask(&mut old, "add ann 5"), "release 1: ann has 10");
}

#[test]
fn a_library_that_is_loaded_twice_is_two_libraries() {
    let (one, other) = (loaded(1), loaded(1));
    assert_ne!(one.name(), other.name());
    let name = one.name().to_owned();
    drop(one);
    assert!(!is_mapped(&name).unwrap() && is_mapped(other.name()).unwrap());
}

#[test]
fn a_panic_of_the_host_in_the_middle_of_an_answer_goes_around_the_plugin() {
    let mut instance = Instance::open(&loaded(1), None).unwrap();
    ask(&mut instance, "add ann 5");
    ask(&mut instance, "add bob 5");
    let mut pieces = 0;
    let stream = std::panic::AssertUnwindSafe(|| {
        instance.stream(b"report", |_| {
            pieces += 1;
            panic!("no more");
        })
    });
    let panic = std::panic::catch_unwind(stream).unwrap_err();
    assert_eq!((panic.downcast_ref(), pieces), (Some(&"no more"), 1));
    assert_eq!(ask(&mut instance, "add ann 5"), "release 1: ann has 10");
    assert_eq!(Arc::strong_count(instance.library()), 1);
}
