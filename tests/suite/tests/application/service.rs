//! An application as a whole program, in simulations: signals, deadlines, reports.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::join;
use otp::application::{self, App, Halt, Service, ServiceReport, StartType, StopCause};
use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::runtime::OsSignal;
use otp::sim::{Config, check, raise};
use otp::sys;
use otp_suite::forever;

use crate::told::{Log, Told, top};

const LIMIT: Duration = Duration::from_secs(20);

/// Two applications, of which `user` is the service; and what else happens.
async fn service<Fut>(system: &System, log: &Log, user: Told, world: impl FnOnce() -> Fut) -> ServiceReport
where
    Fut: Future<Output = ()>,
{
    let base = App::new(Told::new("base", log));
    let service = Service::new(user.depends_on(base)).stop_within(LIMIT).notify(false);
    let (report, ()) = join!(service.serve(system), async { world().await });
    report
}

async fn until_started(system: &System, app: &str) {
    while !application::running(system).iter().any(|name| name.as_str() == app) {
        system.sleep(Duration::from_millis(1)).await;
    }
}

fn seeds() -> Config {
    Config::new().seeds(30)
}

#[test]
fn the_first_signal_stops_all_in_reverse() {
    for signal in [OsSignal::Terminate, OsSignal::Interrupt] {
        check(seeds(), move |system| async move {
            let log = Log::default();
            let other = system.spawn(async |_: ProcessContext<()>| pending::<()>().await);
            let world = async || {
                until_started(&system, "user").await;
                assert!(raise(signal));
            };
            let report = service(&system, &log, Told::new("user", &log), world).await;
            assert_eq!((report.cause.clone(), report.exit_code()), (StopCause::Signal(signal), 0));
            let order = ["user prep_stop", "user stop", "base prep_stop", "base stop"];
            assert_eq!(log.take(), [&["base start", "user start"], &order[..]].concat());
            assert_eq!(report.shutdown.ended[0].pid, other.pid(), "what is no application ends after them");
            assert_eq!(report.apps.iter().map(|end| end.app.as_str()).collect::<Vec<_>>(), ["user", "base"]);
        });
    }
}

#[test]
fn a_signal_in_the_middle_of_the_start_stops_it() {
    check(seeds(), async |system| {
        let log = Log::default();
        let user = Told::new("user", &log).on("start", async |_| {
            // A signal to read the configuration means nothing yet.
            assert!(raise(OsSignal::Hangup) && raise(OsSignal::Terminate));
            pending().await
        });
        let report = service(&system, &log, user, async || {}).await;
        assert_eq!((report.cause.clone(), report.exit_code()), (StopCause::Signal(OsSignal::Terminate), 0));
        assert_eq!(log.take(), ["base start", "user start", "base prep_stop", "base stop"]);
        assert_eq!(system.process_count(), 0);
    });
}

#[test]
fn a_second_signal_ends_the_service_at_once() {
    check(seeds(), async |system| {
        let log = Log::default();
        let user = Told::new("user", &log).on("prep_stop", async |_| {
            assert!(raise(OsSignal::Interrupt));
            pending().await
        });
        let world = async || {
            until_started(&system, "user").await;
            raise(OsSignal::Terminate);
        };
        let report = service(&system, &log, user, world).await;
        assert_eq!((report.cut_by, report.exit_code()), (Some(OsSignal::Interrupt), 130));
        assert!(report.took < LIMIT);
        let text = report.to_string();
        assert!(text.ends_with("cut by a second signal, SIGINT; not stopped: user, base"), "{text}");
    });
}

#[test]
fn what_has_not_stopped_in_time_is_killed_and_reported() {
    check(seeds(), async |system| {
        let log = Log::default();
        let user = Told::new("user", &log).on("stop", async |_| pending().await);
        let world = async || {
            until_started(&system, "user").await;
            raise(OsSignal::Terminate);
        };
        let report = service(&system, &log, user, world).await;
        assert_eq!(report.exit_code(), 3);
        let killed = &report.apps[0].killed[0];
        assert_eq!(killed.label.as_ref().unwrap().as_str(), "application user");
        let text = report.to_string();
        assert!(text.contains("; killed at the deadline: application user <"), "{text}");
        assert_eq!(system.process_count(), 0);
    });
}

#[test]
fn a_hang_within_code_that_is_no_application_is_killed_too() {
    check(seeds(), async |system| {
        let stubborn = system.spawn(async |ctx: ProcessContext<()>| {
            ctx.trap_exit(true);
            pending::<()>().await
        });
        let log = Log::default();
        let world = async || {
            until_started(&system, "user").await;
            raise(OsSignal::Terminate);
        };
        let report = service(&system, &log, Told::new("user", &log), world).await;
        assert_eq!(report.shutdown.killed().map(|ended| ended.pid).collect::<Vec<_>>(), [stubborn.pid()]);
        assert_eq!(report.exit_code(), 3);
        assert!(report.took >= LIMIT);
    });
}

// APP-6, APP-12
#[test]
fn the_end_of_an_application_ends_the_service() {
    check(seeds(), async |system| {
        let log = Log::default();
        let world = async || {
            until_started(&system, "user").await;
            system.exit(top(&system, "base"), ExitReason::Kill);
        };
        let report = service(&system, &log, Told::new("user", &log), world).await;
        assert_eq!(report.cause.to_string(), "stopped: the application base has ended: killed");
        assert_eq!(report.exit_code(), 2);
        assert!(application::running(&system).is_empty());
    });
}

/// The exit code of a service to which this happens when it runs: an application of the type that it has started itself ends.
fn code_after(start_type: StartType, reason: ExitReason) -> Vec<u8> {
    let codes = Arc::new(Mutex::new(Vec::new()));
    let kept = codes.clone();
    check(seeds(), move |system| {
        let (kept, reason) = (kept.clone(), reason.clone());
        async move {
            let log = Log::default();
            let world = async || {
                until_started(&system, "user").await;
                let side = App::new(Told::new("side", &log));
                application::start(&system, side).start_type(start_type).await.unwrap();
                let side = top(&system, "side");
                let ended = system.exited(side);
                match &reason {
                    ExitReason::Kill => system.exit(side, ExitReason::Kill),
                    reason => sys::stop(&system, side).reason(reason.clone()).await.unwrap(),
                }
                ended.await;
                // If nothing follows from it, the service goes on until it is told to stop.
                system.sleep(LIMIT).await;
                raise(OsSignal::Terminate);
            };
            let report = service(&system, &log, Told::new("user", &log), world).await;
            assert_eq!(system.process_count(), 0);
            kept.lock().unwrap().push(report.exit_code());
        }
    });
    let mut codes = codes.lock().unwrap().clone();
    codes.dedup();
    codes
}

// APP-6
#[test]
fn the_exit_code_tells_how_an_application_of_each_type_has_ended() {
    let reasons = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::Kill];
    for (start_type, codes) in
        [(StartType::Permanent, [0, 2, 2]), (StartType::Transient, [0, 2, 2]), (StartType::Temporary, [0, 0, 0])]
    {
        for (reason, code) in reasons.iter().zip(codes) {
            assert_eq!(code_after(start_type, reason.clone()), [code], "{start_type:?} {reason}");
        }
    }
}

#[test]
fn a_service_that_does_not_start_says_why() {
    check(seeds(), async |system| {
        let log = Log::default();
        let user = Told::new("user", &log).on("start", async |_| Err(ExitReason::other("port in use")));
        let report = service(&system, &log, user, async || {}).await;
        assert_eq!(report.exit_code(), 1);
        let text = report.to_string();
        let why = "not started: the application user did not start: not started: \"port in use\"";
        assert!(text.starts_with(why), "{text}");
        assert_eq!(log.take(), ["base start", "user start", "base prep_stop", "base stop"]);
    });
}

/// Starts an application that fails, and whose failure means that everything stops, and does without it.
async fn does_without(system: System, start_type: StartType) -> Result<(), ExitReason> {
    let side = Told::new("side", &Log::default()).on("start", async |_| Err(ExitReason::other("no")));
    application::start(&system, App::new(side)).start_type(start_type).await.unwrap_err();
    Ok(())
}

// APP-12
#[test]
fn a_start_that_does_without_an_application_that_did_not_start_ends_the_service() {
    for start_type in [StartType::Permanent, StartType::Transient] {
        check(seeds(), move |system| async move {
            let log = Log::default();
            let user = Told::new("user", &log).on("start", move |system| does_without(system, start_type));
            let report = service(&system, &log, user, async || {}).await;
            let text = report.to_string();
            let why = "stopped: the application side did not start: not started: \"no\"";
            assert!(text.starts_with(why), "{text}");
            assert_eq!(report.exit_code(), 1);
            let order = ["user prep_stop", "user stop", "base prep_stop", "base stop"];
            assert_eq!(log.take(), [&["base start", "user start"], &order[..]].concat());
            assert_eq!(system.process_count(), 0);
        });
    }
}

#[test]
fn the_failure_that_keeps_the_others_from_starting_is_the_cause() {
    check(seeds(), async |system| {
        let first =
            Told::new("first", &Log::default()).on("start", |system| does_without(system, StartType::Permanent));
        let log = Log::default();
        let user = Told::new("user", &log).depends_on(App::new(first));
        let report = service(&system, &log, user, async || {}).await;
        let text = report.to_string();
        assert!(text.starts_with("stopped: the application side did not start: "), "{text}");
        assert_eq!((report.exit_code(), log.take()), (1, vec![]));
    });
}

#[test]
fn a_signal_while_a_failed_start_is_rolled_back_is_not_the_cause() {
    check(seeds(), async |system| {
        let log = Log::default();
        let slow = Told::new("slow", &Log::default()).on("stop", async |system| {
            assert!(raise(OsSignal::Terminate));
            system.sleep(Duration::from_secs(5)).await;
            Ok(())
        });
        let user = Told::new("user", &log).depends_on(App::new(slow));
        let user = user.on("start", async |_| Err(ExitReason::other("port in use")));
        let report = service(&system, &log, user, async || {}).await;
        let text = report.to_string();
        assert!(text.starts_with("stopped: the application user did not start: "), "{text}");
        assert_eq!((report.exit_code(), report.is_clean()), (1, true));
    });
}

#[test]
fn a_failed_start_that_does_not_roll_back_within_the_limit_is_stopped() {
    check(seeds(), async |system| {
        let log = Log::default();
        let stuck = Told::new("stuck", &Log::default()).on("stop", async |_| pending().await);
        let user = Told::new("user", &log).depends_on(App::new(stuck));
        let user = user.on("start", async |_| Err(ExitReason::other("port in use")));
        let began = system.now();
        let report = service(&system, &log, user, async || {}).await;
        assert!(system.now() - began < 3 * LIMIT);
        assert_eq!((report.exit_code(), report.is_clean()), (1, false));
        let killed: Vec<_> = report.apps.iter().flat_map(|end| &end.killed).collect();
        assert_eq!(killed[0].label.as_ref().unwrap().as_str(), "application stuck");
        assert_eq!(system.process_count(), 0);
    });
}

#[test]
fn the_report_tells_how_each_application_ended() {
    check(seeds(), async |system| {
        let log = Log::default();
        let moment = Duration::from_secs(1);
        let user = Told::new("user", &log).on("start", async |system| {
            // Outside of the tree.
            system.spawn_with(SpawnOptions::new().label("stray"), forever::<()>).unwrap();
            Ok(())
        });
        let user = user.on("stop", move |system| async move {
            system.sleep(moment).await;
            Ok(())
        });
        let world = async || {
            until_started(&system, "user").await;
            raise(OsSignal::Terminate);
        };
        let report = service(&system, &log, user, world).await;
        let [user, base] = &report.apps[..] else { panic!("{report}") };
        assert_eq!([&user.reason, &base.reason], [&Some(ExitReason::Shutdown); 2]);
        assert!(user.took >= moment, "{report}");
        assert_eq!(user.strays[0].label.as_ref().unwrap().as_str(), "stray");
        assert_eq!((report.exit_code(), report.is_clean()), (0, true), "it ends with its application");
    });
}

#[test]
fn a_circle_is_a_service_that_does_not_start() {
    let own = App::library(application::AppSpec::new("own").depends_on("own"));
    let report = otp::sim::run_application(3, own, async |_| {});
    assert_eq!(report.to_string(), "not started: applications depend on each other in a circle: own > own");
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn a_program_may_ask_for_its_end() {
    check(seeds(), async |system| {
        let log = Log::default();
        let world = async || {
            until_started(&system, "user").await;
            application::halt(&system);
        };
        let report = service(&system, &log, Told::new("user", &log), world).await;
        assert_eq!((report.cause.clone(), report.exit_code()), (StopCause::Halt(Halt::Requested), 0));
    });
}

#[test]
fn an_application_that_ends_while_others_start_is_the_cause() {
    check(seeds(), async |system| {
        let log = Log::default();
        let user = Told::new("user", &log).on("start", async |system| {
            system.exit(top(&system, "base"), ExitReason::Kill);
            application::halting(&system).await;
            Err(ExitReason::other("no base"))
        });
        let report = service(&system, &log, user, async || {}).await;
        assert_eq!(report.cause.to_string(), "stopped: the application base has ended: killed");
        assert_eq!(report.exit_code(), 2);
    });
}

#[test]
fn nothing_can_be_started_while_all_stops() {
    check(seeds(), async |system| {
        let log = Log::default();
        let tells = log.clone();
        let user = Told::new("user", &log).on("prep_stop", move |system| {
            let log = tells.clone();
            async move {
                let late = App::library(application::AppSpec::new("late"));
                let started = application::start(&system, late).start_type(StartType::Permanent).await;
                log.add(started.unwrap_err());
                Ok(())
            }
        });
        let world = async || {
            until_started(&system, "user").await;
            raise(OsSignal::Terminate);
        };
        let report = service(&system, &log, user, world).await;
        assert_eq!(report.exit_code(), 0);
        assert_eq!(log.take()[3], "the application late cannot start: all applications are being stopped");
    });
}
