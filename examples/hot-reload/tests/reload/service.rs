//! Servers whose code is reloaded.

use std::sync::mpsc;
use std::time::Duration;

use hot_reload::mapped::is_mapped;
use hot_reload::measure::{self, Load};
use hot_reload::service::{ReloadError, Service};
use hot_reload_abi::PluginError;
use otp::prelude::*;
use otp::supervisor::UpgradeError;
use otp::test::eventually;

use crate::plugins::{in_c, loaded, release};

/// Keys of which every one of the servers has some.
const KEYS: [&str; 12] = ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal", "ian", "joe", "kim", "lee"];

/// A service of this release, and the name of its library.
async fn start(system: &System, number: u32) -> (Service, String) {
    let library = loaded(number);
    let name = library.name().to_owned();
    let service = Service::new(system, 3, library);
    Supervisor::new(Strategy::OneForOne).child(service.child()).start(system).await.unwrap();
    (service, name)
}

async fn add(service: &Service, key: &str, number: u32) -> String {
    service.ask(key, format!("add {key} {number}")).await.unwrap()
}

#[otp::test(seeds = 3)]
async fn a_reload_changes_the_code_of_all_servers_and_keeps_their_states(system: System) {
    let (service, old) = start(&system, 1).await;
    for key in KEYS {
        assert_eq!(add(&service, key, 5).await, format!("release 1: {key} has 5"));
    }
    assert_eq!(service.reload(release(2)).await.unwrap(), 2);
    for key in KEYS {
        assert_eq!(add(&service, key, 2).await, format!("release 2: {key} has 7 of 1"));
    }
    assert_eq!(service.reload(release(3)).await.unwrap(), 3);
    assert_eq!(add(&service, "ann", 1).await, "release 3: ann has 8 of 2");
    eventually(&system, async || !is_mapped(&old).unwrap()).await;
}

#[otp::test(seeds = 3)]
async fn a_library_that_refuses_the_state_is_not_used(system: System) {
    let (service, old) = start(&system, 2).await;
    add(&service, "ann", 5).await;
    let refused = service.reload(release(1)).await.unwrap_err();
    assert!(matches!(&refused, ReloadError::Upgrade(UpgradeError::Child { .. })), "{refused:?}");
    assert!(refused.to_string().contains("release 1 refuses: it cannot read format 2"), "{refused}");
    for key in KEYS {
        assert!(add(&service, key, 1).await.starts_with("release 2: "));
    }
    assert!(is_mapped(&old).unwrap());
}

#[otp::test(backends = [tokio, smol])]
async fn what_is_no_plugin_of_this_abi_is_not_used(system: System) {
    let (service, _) = start(&system, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let refused = service.reload(in_c(folder.path(), &["ABI=2"])).await.unwrap_err();
    assert!(matches!(refused, ReloadError::Load(_)), "{refused:?}");
    assert_eq!(add(&service, "ann", 5).await, "release 1: ann has 5");
}

#[otp::test(seeds = 3)]
async fn a_server_that_crashes_is_started_again_in_the_code_of_the_last_reload(system: System) {
    let (service, _) = start(&system, 1).await;
    service.reload(release(2)).await.unwrap();
    let crashed = service.ask("ann", "crash ann".to_owned()).await.unwrap_err();
    let panicked = PluginError::Panicked { release: 2, message: "it was asked to".to_owned() };
    assert_eq!(crashed, panicked.into());
    let answer = eventually(&system, async || service.ask("ann", "add ann 1".to_owned()).await).await;
    assert_eq!(answer, "release 2: ann has 1 of 1");
}

#[otp::test(backends = [tokio, smol])]
async fn what_runs_in_old_code_runs_on_in_it_and_keeps_it_loaded(system: System) {
    let (service, old) = start(&system, 1).await;
    add(&service, "ann", 5).await;
    let snapshot = service.snapshot("ann").await.unwrap();
    let ((running, runs), (go_on, gate)) = (mpsc::channel(), mpsc::channel::<()>());
    let report = system.spawn_blocking(move || {
        let mut answer = Vec::new();
        // Blocks in the middle of the plugin's code.
        let done = snapshot.answer("report", |piece| {
            let _ = (running.send(()), gate.recv());
            answer.extend_from_slice(piece);
        });
        done.map(|()| String::from_utf8(answer).unwrap())
    });
    system.spawn_blocking(move || runs.recv().unwrap()).await.unwrap();
    assert_eq!(service.reload(release(2)).await.unwrap(), 2);
    assert_eq!(add(&service, "ann", 1).await, "release 2: ann has 6 of 1");
    assert!(is_mapped(&old).unwrap());
    drop(go_on);
    assert_eq!(report.await.unwrap().unwrap(), "release 1: ann has 5\n");
    eventually(&system, async || !is_mapped(&old).unwrap()).await;
}

#[otp::test(backends = [tokio, smol])]
async fn no_call_is_lost_or_answered_wrongly_while_the_code_is_swapped(system: System) {
    let load = Load { callers: 8, length: Duration::from_millis(300), every: Duration::from_millis(5) };
    for plugins in [None, Some([release(2), release(3)])] {
        let outcome = measure::swapping(&system, &load, plugins.as_ref()).await.unwrap();
        assert!(outcome.is_right() && outcome.swaps > 0 && outcome.calls > 0, "{outcome}");
    }
}
