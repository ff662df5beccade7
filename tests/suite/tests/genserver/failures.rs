//! Errors at both ends of a call: those that leave a handler, and replies that are a `Result`.

use std::error::Error;
use std::io;
use std::time::Duration;

use otp::call::BoxCall;
use otp::prelude::*;
use otp_suite::servers::boom;

type BoxError = Box<dyn Error + Send + Sync>;

fn denied() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "the log cannot be opened")
}

/// A server whose handlers fail with errors of all kinds.
struct Careless;

#[gen_server]
impl Careless {
    #[init]
    fn init(fails: bool) -> anyhow::Result<Self> {
        anyhow::ensure!(!fails, "it was told to fail");
        Ok(Careless)
    }

    #[cast]
    fn anyhow(&mut self) -> anyhow::Result<()> {
        use anyhow::Context as _;
        Err(denied()).context("while starting to write")
    }

    #[cast]
    fn eyre(&mut self) -> eyre::Result<()> {
        use eyre::WrapErr as _;
        Err(denied()).wrap_err("while starting to write")
    }

    #[cast]
    async fn boxed(&mut self) -> Result<(), BoxError> {
        Err(denied())?
    }

    #[cast]
    fn text(&mut self) -> Result<Next<Self>, String> {
        Err("no room left".to_owned())
    }

    #[cast]
    fn literal(&mut self) -> Result<(), &'static str> {
        Err("no room left")
    }

    #[cast]
    fn reason(&mut self) -> Result<(), ExitReason> {
        Err(boom())
    }

    #[cast]
    fn boxed_reason(&mut self) -> Result<(), BoxError> {
        Err(boom())?
    }

    #[cast]
    fn by_hand(&mut self) -> Result<(), ExitReason> {
        let failing: anyhow::Result<()> = Err(denied().into());
        failing.map_err(ExitReason::error)
    }
}

/// Why the server ends when it is told this, in words, and the kind of the error that is kept.
async fn ends(system: &System, tell: impl FnOnce(&ServerRef<Careless>)) -> (String, ExitReason) {
    let server = Careless::start(system, false).await.unwrap();
    let exited = server.exited();
    tell(&server);
    let reason = exited.await;
    (reason.to_string(), reason)
}

#[otp::test]
async fn any_error_may_leave_a_handler_and_its_sources_are_kept(system: System) {
    system.log_crashes(false);
    let chain = "crash: while starting to write: the log cannot be opened";
    assert_eq!(ends(&system, |server| server.anyhow()).await.0, chain);
    assert_eq!(ends(&system, |server| server.eyre()).await.0, chain);
    assert_eq!(ends(&system, |server| server.text()).await.0, "crash: no room left");
    assert_eq!(ends(&system, |server| server.literal()).await.0, "crash: no room left");

    let (text, reason) = ends(&system, |server| server.boxed()).await;
    assert_eq!(text, "crash: the log cannot be opened");
    let ExitReason::Error(crash) = reason else { panic!("{reason}") };
    assert!(crash.place().unwrap().file.ends_with("failures.rs"), "the place is in the server's code");
    assert_eq!(crash.error().unwrap().downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(ends(&system, |server| server.by_hand()).await.0, "crash: the log cannot be opened");
}

#[otp::test]
async fn a_reason_that_leaves_a_handler_is_the_reason_also_if_it_was_boxed(system: System) {
    system.log_crashes(false);
    assert_eq!(ends(&system, |server| server.reason()).await.1, boom());
    assert_eq!(ends(&system, |server| server.boxed_reason()).await.1, boom());
}

#[otp::test]
async fn any_error_may_be_why_a_server_does_not_start(system: System) {
    system.log_crashes(false);
    let error = Careless::start(&system, true).await.unwrap_err();
    assert_eq!(error.to_string(), "Careless was not started: crash: it was told to fail");
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum PayError {
    #[error("{0} are missing")]
    TooPoor(u64),
    #[error(transparent)]
    Call(#[from] CallError),
}

struct Account(u64);

#[gen_server]
impl Account {
    #[init]
    fn init(start: u64) -> Self {
        Account(start)
    }

    #[call]
    fn pay(&mut self, n: u64) -> Result<u64, PayError> {
        self.0 = self.0.checked_sub(n).ok_or_else(|| PayError::TooPoor(n - self.0))?;
        Ok(self.0)
    }

    #[call]
    async fn freeze(&mut self, ctx: &mut Context<Self>) -> Result<(), PayError> {
        ctx.system().sleep(Duration::from_secs(3600)).await;
        Ok(())
    }
}

#[otp::test]
async fn a_reply_that_is_a_result_and_the_failure_of_its_call_are_one_result(system: System) {
    let account = Account::start(&system, 10).await.unwrap();
    assert_eq!(account.pay(7).flat().await, Ok(3));
    assert_eq!(account.pay(7).flat().await, Err(PayError::TooPoor(4)));
    assert_eq!(BoxCall::from(account.pay(1)).flat().await, Ok(2));
    assert_eq!(BoxCall::from(account.pay(1)).map(|reply| reply.is_ok()).await, Ok(true));
    // The builder's options come first.
    let error = account.freeze().timeout(Duration::from_millis(1)).flat().await.unwrap_err();
    assert!(matches!(error, PayError::Call(CallError::Timeout { .. })), "{error}");
    account.exit(ExitReason::Kill);
    account.exited().await;
    let error = account.pay(1).flat().await.unwrap_err();
    assert!(matches!(error, PayError::Call(CallError::NoProc(_))), "{error}");
}

#[otp::test]
async fn a_reply_is_mapped_in_the_caller_and_a_failure_is_not(system: System) {
    let account = Account::start(&system, 10).await.unwrap();
    let own = std::thread::current().id();
    let left = account.pay(3).map(|reply| (reply, std::thread::current().id())).await.unwrap();
    assert_eq!(left.0, Ok(7));
    if system.runtime().name() != "tokio" {
        assert_eq!(left.1, own, "it runs in the caller's poll");
    }
    account.stop().await.unwrap();
    let never = account.pay(3).map(|_| -> u8 { unreachable!("there is no reply") });
    assert!(matches!(never.await, Err(CallError::NoProc(_))));
}

/// The simulator has one thread, which it would block.
fn on_threads(test: impl AsyncFn(System)) {
    otp::tokio::run(async |system| test(system).await);
    otp::smol::run(async |system| test(system).await);
}

#[test]
fn code_that_is_not_async_calls_by_blocking_its_thread() {
    on_threads(async |system| {
        let account = Account::start(&system, 10).await.unwrap();
        let of_thread = account.clone();
        let replies = system.spawn_blocking(move || {
            // Somebody else's unparking is not the answer.
            std::thread::current().unpark();
            let paid = BoxCall::from(of_thread.pay(7)).blocking();
            let late = of_thread.freeze().timeout(Duration::from_millis(5)).blocking();
            of_thread.exit(ExitReason::Kill);
            (paid, late, of_thread.pay(1).blocking())
        });
        let (paid, late, dead) = replies.await.unwrap();
        assert_eq!(paid, Ok(Ok(3)));
        assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
        assert!(dead.is_err(), "{dead:?}");
    });
}

#[test]
fn the_outcome_of_a_program_has_the_report_of_its_shutdown() {
    let main = async |system: System| {
        let account = Account::start(&system, 10).await.unwrap();
        let stubborn = SpawnOptions::new().label("stubborn").trap_exit(true);
        let ended = system.spawn_with(stubborn, async |mut ctx: ProcessContext<()>| {
            ctx.receive().await;
            ExitReason::other("in its own time")
        });
        (account.pid().unwrap(), ended.unwrap().process.pid())
    };
    for ran in [otp::tokio::run_and_report(main), otp::smol::run_and_report(main)] {
        let (account, stubborn) = ran.output;
        let ended: Vec<_> = ran.shutdown.ended.iter().map(|ended| (ended.pid, ended.reason.clone())).collect();
        // The youngest first.
        assert_eq!(ended, [(stubborn, ExitReason::other("in its own time")), (account, ExitReason::Shutdown)]);
        assert_eq!(ran.shutdown.killed().count(), 0);
    }
}
