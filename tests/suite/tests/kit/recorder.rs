//! The kit's recorder: what happens, in order, compared with what should.

use std::time::Duration;

use otp::prelude::*;
use otp::test::Recorder;
use otp_suite::failure;

fn labelled(label: &'static str) -> SpawnOptions<()> {
    SpawnOptions::new().label(label)
}

#[otp::test]
async fn the_life_of_a_process_that_has_a_name_is_recorded(system: System) {
    let mut recorder = Recorder::start(&system);
    let journal = recorder.journal();
    system.spawn(async |_: ProcessContext<()>| {}).exited().await;
    let worker = system.spawn_with(labelled("worker"), async move |_: ProcessContext<()>| {
        journal.note("working");
        ExitReason::other("tired")
    });
    worker.unwrap().process.exited().await;
    recorder
        .expect(["worker spawned", "working", r#"worker crashed: "tired""#, r#"worker ended "tired""#])
        .within(Duration::from_secs(60))
        .await;
    assert_eq!(recorder.so_far(), [""; 0]);
}

#[otp::test]
async fn what_supervisors_do_is_recorded(system: System) {
    let mut recorder = Recorder::of(&system, |event| match event.downcast_ref()? {
        SupervisorEvent::Restarted { child, .. } => Some(format!("{child} again")),
        SupervisorEvent::GaveUp { child, .. } => Some(format!("{child} too often")),
        _ => None,
    });
    let ending = |supervisor: Process| {
        let process = supervisor.spawn_link(async |_: ProcessContext<()>| ExitReason::Shutdown);
        std::future::ready(process)
    };
    let supervisor = Supervisor::new(Strategy::OneForOne).intensity(2, Duration::from_secs(3600));
    let _ = supervisor.child(ChildSpec::worker("moth", ending)).start(&system).await;
    recorder.expect(["moth again", "moth again", "moth too often"]).await;
}

#[otp::test]
async fn a_difference_is_shown_line_by_line(system: System) {
    let mut recorder = Recorder::start(&system);
    for line in ["a", "x", "c"] {
        recorder.journal().note(line);
    }
    let text = failure(recorder.expect(["a", "b", "c"])).await;
    let (first, difference) = text.split_once('\n').unwrap();
    assert!(first.starts_with("what was recorded (+) is not what was expected (-), at tests/suite/tests/kit/recorder"));
    assert_eq!(difference, "  a\n- b\n+ x\n  c");
}

#[otp::test]
async fn lines_that_do_not_come_are_missing_in_the_difference(system: System) {
    let mut recorder = Recorder::start(&system);
    recorder.journal().note("a");
    let text = failure(recorder.expect(["a", "b"]).within(Duration::from_millis(1))).await;
    assert!(text.ends_with("\n  a\n- b"), "{text}");
    let text = failure(recorder.until("c").within(Duration::ZERO)).await;
    assert!(text.starts_with(r#""c" was not recorded within 0ns"#), "{text}");
    let text = failure(recorder.next().within(Duration::ZERO)).await;
    assert!(text.starts_with("nothing was recorded within 0ns"), "{text}");
}

#[otp::test]
async fn lines_are_read_once_and_those_to_come_are_waited_for(system: System) {
    let mut recorder = Recorder::start(&system);
    let (journal, own) = (recorder.journal(), system.clone());
    system.spawn(async move |_: ProcessContext<()>| {
        for line in ["a", "b", "c", "d"] {
            own.sleep(Duration::from_millis(1)).await;
            journal.note(line);
        }
    });
    assert_eq!(recorder.next().await, "a");
    assert_eq!(recorder.until("c").await, ["b", "c"]);
    recorder.expect(["d"]).await;
}
