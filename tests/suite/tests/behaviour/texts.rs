//! The texts of errors: each names who it is about.

use std::any::type_name;
use std::time::Duration;

use otp::behaviour::{StartError, StopError};
use otp::call::Callee;
use otp::prelude::*;
use otp::process::{LookupError, NameError, SendError, SpawnOptions, Target, TrySendError, WrongType};
use otp::sys::{CodeChangeError, SysError};
use otp_suite::forever;

const LIMIT: Duration = Duration::from_secs(1);

/// A process of another type than [`wrong_type`] expects.
async fn wrong_type(system: &System) -> WrongType {
    let options = SpawnOptions::new().name(Name::<u8>::new("bank"));
    system.spawn_with(options, forever).unwrap();
    system.whereis(&Name::<u16>::new("bank")).unwrap_err()
}

#[otp::test]
async fn the_text_of_every_error_names_who_it_is_about(system: System) {
    let bank = || Callee::new(Some("bank".into()), None);
    let wrong = wrong_type(&system).await;
    let (pid, reason) = (wrong.pid, ExitReason::crash("robbed"));
    let doing = || "counting".into();
    let crash = otp::process::Crash::new("robbed");
    let to = || Target::Name("bank".into());
    let calls = [
        CallError::NoProc(bank()),
        wrong.clone().into(),
        CallError::Exited { callee: bank(), reason: reason.clone(), begun: true },
        CallError::Exited { callee: bank(), reason: reason.clone(), begun: false },
        CallError::Timeout { callee: bank(), after: LIMIT, queued: 1, doing: doing(), begun: true },
        CallError::NoReply(bank()),
        CallError::CallingSelf(bank()),
        CallError::Interrupted(bank()),
        CallError::Full { callee: bank(), limit: 1, after: LIMIT, shed: false },
        CallError::Full { callee: bank(), limit: 1, after: Duration::ZERO, shed: false },
        CallError::Full { callee: bank(), limit: 1, after: Duration::ZERO, shed: true },
    ];
    let stops = [
        StopError::NoProc(bank()),
        StopError::WrongType(wrong.clone()),
        StopError::Exited { callee: bank(), reason: reason.clone() },
        StopError::Timeout { callee: bank(), limit: LIMIT },
        StopError::CallingSelf(bank()),
    ];
    let starts = [
        StartError::Ignore("bank".into()),
        StartError::AlreadyStarted { name: "bank".into(), pid },
        StartError::Timeout { label: "bank".into(), limit: LIMIT },
        StartError::failed(reason.clone()).of("bank"),
        StartError::NotLinked { label: "bank".into(), pid },
    ];
    let sends =
        [SendError::NoProc { to: to(), message: () }, SendError::WrongType { wrong: wrong.clone(), message: () }];
    let tries = [
        TrySendError::NoProc { to: to(), message: () },
        TrySendError::Full { to: to(), message: () },
        TrySendError::WrongType { wrong: wrong.clone(), message: () },
    ];
    let names = [
        NameError::Taken { name: "bank".into(), holder: pid },
        NameError::AlreadyNamed { name: "bank".into(), pid, has: "shop".into() },
        NameError::NoProc { name: "bank".into(), pid },
        NameError::NotRegistered { name: "bank".into() },
    ];
    let request = "suspend";
    let systems = [
        SysError::NotSupported { callee: bank(), request },
        SysError::WrongType { callee: bank(), request, expected: type_name::<u8>() },
        SysError::Panicked { callee: bank(), request, crash },
    ];
    let changes = [CodeChangeError::NotSuspended(bank()), CodeChangeError::Refused { callee: bank(), reason }];
    let mut texts: Vec<String> = calls.iter().map(ToString::to_string).collect();
    texts.extend(stops.iter().map(ToString::to_string));
    texts.extend(starts.iter().map(ToString::to_string));
    texts.extend(sends.iter().map(ToString::to_string));
    texts.extend(tries.iter().map(ToString::to_string));
    texts.extend(names.iter().map(ToString::to_string));
    texts.extend(systems.iter().map(ToString::to_string));
    texts.extend(changes.iter().map(ToString::to_string));
    texts.push(wrong.to_string());
    texts.push(LookupError::from(wrong).to_string());
    for text in texts {
        assert!(text.contains("bank"), "{text}");
    }
    for error in [LookupError::NoProc(pid), LookupError::NoConnection(pid)] {
        assert!(error.to_string().contains(&pid.to_string()), "{error}");
    }
}
