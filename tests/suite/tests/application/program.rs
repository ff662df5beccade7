//! An application as a program of its own, with real signals: the test runs its own program again, as the service.

use std::env;
use std::future::pending;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp::application::{App, AppContext, AppSpec, Application, ConfigSource, Service, Top};
use otp::prelude::*;
use rustix::process::{Pid as ProcessId, Signal, kill_process};

const BACKEND: &str = "OTP_SUITE_SERVICE";

/// The service: it tells of itself on its standard output.
struct Chatty;

/// Another number at each reading.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU32);

impl ConfigSource for Counting {
    type Config = u32;
    type Error = std::convert::Infallible;

    async fn load(&self, _: &System) -> Result<u32, Self::Error> {
        Ok(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[allow(clippy::print_stdout, reason = "its parent reads it")]
impl Application for Chatty {
    type State = ();
    type Config = u32;

    fn spec(&self) -> AppSpec {
        AppSpec::new("chatty")
    }

    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        println!("\nstart {}", ctx.config());
        Ok(Top::new(Supervisor::new(Strategy::OneForOne).start_link(ctx).await?))
    }

    async fn config_change(&self, old: &u32, new: &u32, (): &mut (), _: &AppContext<Self>) -> Result<(), ExitReason> {
        println!("change {old} {new}");
        Ok(())
    }

    async fn prep_stop(&self, (): &mut (), _: &AppContext<Self>) {
        println!("prep_stop");
        if env::var_os("OTP_SUITE_HANGS").is_some() {
            pending().await
        }
    }

    async fn stop(&self, (): (), _: &AppContext<Self>) {
        println!("stop");
    }
}

/// Not a test: what the tests below run as a program.
#[test]
#[ignore = "it is the program that other tests run"]
fn program() {
    let is_dead = Arc::new(AtomicBool::new(false));
    let service = Service::new(App::configured_by(Chatty, Counting::default())).alive_if(move |_| {
        // Alive once, and never again.
        let was_dead = is_dead.swap(env::var_os("OTP_SUITE_DIES").is_some(), Ordering::Relaxed);
        std::future::ready(!was_dead)
    });
    let report = match env::var(BACKEND).as_deref() {
        Ok("tokio") => otp::tokio::run_application(service),
        Ok("smol") => otp::smol::run_application(service),
        _ => return,
    };
    exit(report.exit_code().into());
}

struct Program {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(backend: &str, more: &[(&str, &str)]) -> Program {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "program::program", "--ignored", "--nocapture"]).env(BACKEND, backend);
        command.envs(more.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Program { child, lines }
    }

    fn tells(&mut self, line: &str) {
        let found = self.lines.find(|told| told.as_ref().is_ok_and(|told| told == line));
        assert!(found.is_some(), "it does not tell {line:?}");
    }

    fn signal(&self, signal: Signal) {
        kill_process(ProcessId::from_child(&self.child), signal).unwrap();
    }

    fn ends(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// A test must not leave its program behind.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn sigterm_ends_the_program_with_code_0_and_sighup_reloads() {
    for backend in ["tokio", "smol"] {
        let mut program = Program::start(backend, &[]);
        program.tells("start 0");
        // It listens since before that.
        program.signal(Signal::HUP);
        program.tells("change 0 1");
        program.signal(Signal::HUP);
        program.tells("change 1 2");
        program.signal(Signal::TERM);
        program.tells("prep_stop");
        program.tells("stop");
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{backend}");
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    for backend in ["tokio", "smol"] {
        let mut program = Program::start(backend, &[("OTP_SUITE_HANGS", "1")]);
        program.tells("start 0");
        // The start is over when this is done: one that is stopped in its middle has no `prep_stop`.
        program.signal(Signal::HUP);
        program.tells("change 0 1");
        program.signal(Signal::INT);
        program.tells("prep_stop");
        program.signal(Signal::TERM);
        assert_eq!(program.child.wait().unwrap().code(), Some(143), "{backend}");
    }
}

/// systemd's side of `sd_notify`.
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_types, reason = "the test is the service manager, which is no part of a system")]
struct Manager {
    socket: std::os::unix::net::UnixDatagram,
    path: std::path::PathBuf,
}

#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_types, reason = "the test is the service manager, which is no part of a system")]
impl Manager {
    fn new(name: &str) -> Manager {
        let path = env::temp_dir().join(format!("otp-suite-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Manager { socket, path }
    }

    /// Fills its queue: whoever writes to it has to wait. Returns how many messages that takes.
    fn fill(&self) -> usize {
        let writer = std::os::unix::net::UnixDatagram::unbound().unwrap();
        writer.set_nonblocking(true).unwrap();
        std::iter::repeat_with(|| writer.send_to(b"full", &self.path)).take_while(Result::is_ok).count()
    }

    fn is_told(&self) -> String {
        let mut message = [0; 200];
        let length = self.socket.recv(&mut message).expect("it is told something");
        String::from_utf8(message[..length].to_vec()).unwrap()
    }
}

#[cfg(target_os = "linux")]
impl Drop for Manager {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_service_manager_is_told_when_the_service_is_ready_reloads_and_stops() {
    for backend in ["tokio", "smol"] {
        let manager = Manager::new(backend);
        let program = Program::start(backend, &[("NOTIFY_SOCKET", manager.path.to_str().unwrap())]);
        assert_eq!(manager.is_told().trim(), "READY=1");
        program.signal(Signal::HUP);
        let reloading = manager.is_told();
        assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
        assert_eq!(manager.is_told().trim(), "READY=1");
        program.signal(Signal::TERM);
        assert_eq!(manager.is_told().trim(), "STOPPING=1");
        assert_eq!(program.ends().code(), Some(0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_stop_does_not_wait_for_a_service_manager_that_does_not_read() {
    for backend in ["tokio", "smol"] {
        let manager = Manager::new(&format!("full-{backend}"));
        let mut program = Program::start(backend, &[("NOTIFY_SOCKET", manager.path.to_str().unwrap())]);
        assert_eq!(manager.is_told().trim(), "READY=1");
        let waiting = manager.fill();
        program.signal(Signal::TERM);
        program.tells("prep_stop");
        program.tells("stop");
        for _ in 0..waiting {
            assert_eq!(manager.is_told(), "full");
        }
        assert_eq!(manager.is_told().trim(), "STOPPING=1");
        assert_eq!(program.ends().code(), Some(0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_watchdog_is_fed_only_as_long_as_the_service_is_alive() {
    let manager = Manager::new("watchdog");
    let path = manager.path.to_str().unwrap();
    let environment = [("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "100000"), ("OTP_SUITE_DIES", "1")];
    let program = Program::start("tokio", &environment);
    let first: Vec<_> = (0..2).map(|_| manager.is_told().trim().to_owned()).collect();
    assert!(first.contains(&"READY=1".to_owned()) && first.contains(&"WATCHDOG=1".to_owned()), "{first:?}");
    // The service manager would end it now: it says nothing more, for longer than the interval.
    manager.socket.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
    assert!(manager.socket.recv(&mut [0; 200]).is_err(), "it is not fed any more");
    manager.socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    program.signal(Signal::TERM);
    assert_eq!(manager.is_told().trim(), "STOPPING=1");
    assert_eq!(program.ends().code(), Some(0));
}
