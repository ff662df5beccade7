//! What becomes of crashes in a program that does not listen to `tracing`: each runs in a program of its own.

use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use otp::event::Event;
use otp::tokio::TokioExecutor;
use otp::{ExitReason, ProcessContext, System};

use crate::listener::{BROKEN, listen_for};

/// Runs one of the ignored tests below in a program of its own.
fn program(test: &str) -> Command {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", &format!("programs::{test}"), "--nocapture"]);
    command
}

#[track_caller]
fn stderr(Output { status, stderr, .. }: &Output) -> Vec<String> {
    let stderr = String::from_utf8_lossy(stderr);
    assert!(status.success(), "{stderr}");
    stderr.lines().map(str::to_owned).collect()
}

/// Ends a process abnormally, which has to be seen.
fn crash(prepare: impl FnOnce(&System), reason: ExitReason) {
    let ended = TokioExecutor::current_thread().run(async |system| {
        prepare(&system);
        system.spawn(async |_: ProcessContext<()>| reason).exited().await
    });
    assert!(ended.unwrap().is_abnormal());
}

#[test]
#[ignore = "another test runs it"]
fn a_crash() {
    crash(|_| {}, ExitReason::other("unheard"));
}

#[test]
fn a_crash_that_nobody_hears_goes_to_standard_error() {
    let lines = stderr(&program("a_crash").output().unwrap());
    assert!(lines.iter().any(|line| line == "crash: <0.2.0>: \"unheard\""), "{lines:#?}");
}

#[test]
#[ignore = "another test runs it"]
fn a_crash_with_a_hook() {
    let heard = Arc::new(Mutex::new(false));
    let hears = heard.clone();
    let hook = move |event: &Event| *hears.lock().unwrap() |= matches!(event, Event::Crashed(_));
    crash(|system| system.on_event(hook).forever(), ExitReason::other("counted"));
    assert!(*heard.lock().unwrap());
}

#[test]
fn a_crash_that_only_a_hook_hears_goes_to_standard_error() {
    let lines = stderr(&program("a_crash_with_a_hook").output().unwrap());
    assert!(lines.iter().any(|line| line == "crash: <0.2.0>: \"counted\""), "{lines:#?}");
}

#[test]
#[ignore = "another test runs it"]
fn a_crash_that_is_not_logged() {
    crash(|system| system.log_crashes(false), ExitReason::other("silent"));
}

#[test]
fn a_crash_that_is_not_to_be_logged_does_not_go_to_standard_error() {
    let lines = stderr(&program("a_crash_that_is_not_logged").output().unwrap());
    assert!(!lines.iter().any(|line| line.contains("crash: ")), "{lines:#?}");
}

#[test]
#[ignore = "another test runs it"]
fn a_crash_that_breaks_the_log() {
    listen_for("anything");
    crash(|_| {}, ExitReason::other(BROKEN));
}

#[test]
fn a_crash_whose_record_panics_goes_to_standard_error() {
    let lines = stderr(&program("a_crash_that_breaks_the_log").output().unwrap());
    for expected in ["a panic while the log was written: the listener is broken", "crash: <0.2.0>: \"breaks the log\""]
    {
        assert!(lines.iter().any(|line| line == expected), "{lines:#?}");
    }
}

#[test]
fn an_exit_is_published_also_where_nothing_can_be_written() {
    for test in ["a_crash", "a_crash_that_breaks_the_log"] {
        let (reader, stderr) = std::io::pipe().unwrap();
        drop(reader);
        let status = program(test).stdout(Stdio::null()).stderr(stderr).status().unwrap();
        assert!(status.success(), "{test}: {status}");
    }
}

#[test]
#[ignore = "another test runs it"]
fn an_occurrence_that_nobody_hears() {
    use crate::others::Alarm;
    let told = TokioExecutor::current_thread().run(async |system| {
        system.report(|| -> Alarm { panic!("nobody listens") });
        let mut events = system.subscribe();
        system.report(|| Alarm("rings"));
        events.next().await
    });
    assert_eq!(told.unwrap().downcast_ref(), Some(&Alarm("rings")));
}

#[test]
fn an_occurrence_that_nobody_hears_is_not_made() {
    stderr(&program("an_occurrence_that_nobody_hears").output().unwrap());
}
