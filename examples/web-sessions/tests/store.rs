//! The store, without a shell: on every backend, and in the simulator.

use std::time::Duration;

use otp::prelude::*;
use otp::test::eventually;
use web_sessions::sessions::{CreateError, PutError, Session, Sessions};

const IDLE: Duration = Duration::from_millis(50);
const HOUR: Duration = Duration::from_secs(3600);

async fn store(system: &System, most: usize, idle: Duration) -> Sessions {
    let sessions = Sessions::new(system, most, idle);
    sessions.add_to(Supervisor::new(Strategy::RestForOne)).start(system).await.unwrap();
    sessions
}

#[otp::test]
async fn a_session_keeps_its_values_apart_from_others(system: System) {
    let sessions = store(&system, 10, HOUR).await;
    let (one, two) = (sessions.create().await.unwrap(), sessions.create().await.unwrap());
    assert_eq!(sessions.put(one, "a".into(), "1".into()).await, Ok(Some(Ok(()))));
    assert_eq!(sessions.put(one, "a".into(), "2".into()).await, Ok(Some(Ok(()))));
    assert_eq!(sessions.contents(one).await.unwrap().unwrap().values, [("a".to_owned(), "2".to_owned())].into());
    assert!(sessions.contents(two).await.unwrap().unwrap().values.is_empty());
    assert!(sessions.end(one).await);
    assert_eq!((sessions.contents(one).await, sessions.end(one).await), (Ok(None), false));
    assert_eq!(sessions.count(), 1);
}

#[otp::test]
async fn a_session_that_nobody_uses_expires(system: System) {
    let sessions = store(&system, 10, IDLE).await;
    let token = sessions.create().await.unwrap();
    eventually(&system, async || sessions.count() == 0).await;
    assert_eq!(sessions.contents(token).await, Ok(None));
}

/// In virtual time: nobody can be too late.
#[otp::test(backends = [sim])]
async fn a_session_that_is_used_does_not_expire(system: System) {
    let sessions = store(&system, 10, IDLE).await;
    let token = sessions.create().await.unwrap();
    for _ in 0..20 {
        system.sleep(IDLE - Duration::from_millis(1)).await;
        assert!(sessions.contents(token).await.unwrap().is_some());
    }
    system.sleep(IDLE + Duration::from_millis(1)).await;
    assert_eq!(sessions.contents(token).await, Ok(None));
}

#[otp::test]
async fn there_are_only_so_many_sessions_and_an_end_makes_room(system: System) {
    let sessions = store(&system, 2, HOUR).await;
    let first = sessions.create().await.unwrap();
    sessions.create().await.unwrap();
    assert_eq!(sessions.create().await, Err(CreateError::Full { most: 2 }));
    assert!(sessions.end(first).await);
    eventually(&system, async || sessions.create().await.is_ok()).await;
}

#[otp::test]
async fn a_session_is_bounded(system: System) {
    let sessions = store(&system, 1, HOUR).await;
    let token = sessions.create().await.unwrap();
    let put = async |key: String, value: String| sessions.put(token, key, value).await.unwrap().unwrap();
    for key in 0..Session::MOST {
        assert_eq!(put(key.to_string(), "x".repeat(Session::LONGEST_VALUE)).await, Ok(()));
    }
    assert_eq!(put("more".into(), String::new()).await, Err(PutError::Full));
    assert_eq!(put("0".into(), "y".into()).await, Ok(()));
    assert_eq!(put(String::new(), String::new()).await, Err(PutError::TooLong));
    assert_eq!(put("0".into(), "x".repeat(Session::LONGEST_VALUE + 1)).await, Err(PutError::TooLong));
}

#[otp::test]
async fn a_store_that_is_restarted_has_forgotten_its_sessions_and_makes_new_ones(system: System) {
    system.log_crashes(false);
    let sessions = store(&system, 10, HOUR).await;
    let token = sessions.create().await.unwrap();
    let supervisor = SupervisorRef::named(&system, web_sessions::sessions::SESSIONS);
    system.exit(supervisor.pid().unwrap(), ExitReason::Kill);
    eventually(&system, async || sessions.create().await.is_ok()).await;
    assert_eq!(sessions.contents(token).await, Ok(None));
}
