//! The state in the report of a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp::event::{CrashReport, Event};
use otp::prelude::*;

/// A server that says how its state looks, as it is told to.
struct Till {
    coins: u32,
    looks: Arc<AtomicUsize>,
}

#[gen_server]
impl Till {
    #[init]
    fn init(looks: Arc<AtomicUsize>) -> Self {
        Till { coins: 1, looks }
    }

    #[cast]
    fn drop_after(&mut self, coins: u32) {
        self.coins += coins;
        panic!("dropped");
    }

    #[cast]
    fn end(&mut self, reason: ExitReason) -> Next<Self> {
        Next::Stop(reason)
    }

    #[terminate]
    fn terminate(&mut self) {
        if self.coins == 66 {
            self.coins += 1;
            panic!("and the key is lost");
        }
        self.coins = 0;
    }

    #[format_status]
    fn format_status(&self) -> String {
        self.looks.fetch_add(1, Ordering::Relaxed);
        match self.coins {
            13 => panic!("not this one"),
            1000 => "€".repeat(CrashReport::STATE),
            coins => format!("Till {{ coins: {coins} }}"),
        }
    }
}

/// The reasons and the states in the reports of the crashes of a till that is told this.
async fn states(system: &System, tell: impl FnOnce(&ServerRef<Till>)) -> Vec<String> {
    let mut reports = otp::test::Recorder::of(system, |event| match event {
        Event::Crashed(report) => Some(format!("{} in {}", report.reason, report.state.as_deref().unwrap_or("none"))),
        _ => None,
    });
    let till = Till::start(system, Arc::default()).await.unwrap();
    let exited = till.exited();
    tell(&till);
    exited.await;
    reports.so_far()
}

#[otp::test]
async fn the_report_shows_the_state_as_the_failed_callback_left_it_before_terminate(system: System) {
    system.log_crashes(false);
    assert_eq!(states(&system, |till| till.drop_after(4)).await, ["crash: dropped in Till { coins: 5 }"]);
    let stopped = states(&system, |till| till.end(ExitReason::other("odd"))).await;
    assert_eq!(stopped, ["\"odd\" in Till { coins: 1 }"]);
    assert!(states(&system, |till| till.end(ExitReason::Shutdown)).await.is_empty(), "it is no crash");
}

#[otp::test]
async fn each_of_two_crashes_has_its_state(system: System) {
    system.log_crashes(false);
    let both = states(&system, |till| till.drop_after(65)).await;
    assert_eq!(both, ["crash: dropped in Till { coins: 66 }", "crash: and the key is lost in Till { coins: 67 }"]);
}

#[otp::test]
async fn a_state_that_panics_or_is_long_harms_nothing(system: System) {
    system.log_crashes(false);
    let broken = states(&system, |till| till.drop_after(12)).await;
    assert_eq!(broken, ["crash: dropped in (showing it panicked: not this one)"]);
    let long = states(&system, |till| till.drop_after(999)).await;
    let text = long[0].strip_prefix("crash: dropped in ").unwrap();
    assert!(text.len() <= CrashReport::STATE + '…'.len_utf8() && text.ends_with("€…"), "{} bytes", text.len());
}

/// A simulation always hears.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_state_that_nobody_hears_of_is_not_formatted(system: System) {
    system.log_crashes(false);
    let looks = Arc::new(AtomicUsize::new(0));
    for is_heard in [false, true] {
        let hook = is_heard.then(|| system.on_report(|_| {}));
        let till = Till::start(&system, looks.clone()).await.unwrap();
        let exited = till.exited();
        till.drop_after(1);
        exited.await;
        drop(hook);
        assert_eq!(looks.load(Ordering::Relaxed), usize::from(is_heard));
    }
}

#[otp::test]
async fn a_server_that_does_not_say_how_its_state_looks_has_none_in_the_report(system: System) {
    struct Quiet;

    #[gen_server]
    impl Quiet {
        #[init]
        fn init((): ()) -> Self {
            Quiet
        }

        #[cast]
        fn fall(&mut self) {
            panic!("fallen");
        }
    }

    system.log_crashes(false);
    let mut reports = otp::test::Recorder::of(&system, |event| match event {
        Event::Crashed(report) => Some(format!("{:?}", report.state)),
        _ => None,
    });
    let quiet = Quiet::start(&system, ()).await.unwrap();
    let exited = quiet.exited();
    quiet.fall();
    exited.await;
    assert_eq!(reports.so_far(), ["None"]);
}
