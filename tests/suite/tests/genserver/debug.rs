//! What a server does can be watched, live and within limits: SPEC §20, SYS-4, SYS-8, SYS-13.

use std::fmt;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc;
use otp::prelude::*;
use otp::process::Exit;
use otp::sys::{self, Limit, SysError, SysEvent, What};
use otp_suite::servers::inside;

pub(crate) struct Till(i64);

/// A message that is shown at length, or not at all.
pub(crate) struct Note(usize);

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert_ne!(self.0, 13, "no note has this number");
        write!(f, "{}", "ö".repeat(self.0))
    }
}

#[gen_server]
impl Till {
    #[init]
    fn init(amount: i64, ctx: &mut Context<Self>) -> Self {
        ctx.trap_exit(true);
        Till(amount)
    }

    #[call]
    fn pay(&mut self, amount: i64) -> i64 {
        self.0 += amount;
        self.0
    }

    #[cast]
    fn note(&mut self, _note: Note) {}

    #[cast]
    fn wait(&mut self, limit: Duration) -> Next<Self> {
        Next::Timeout(limit)
    }

    #[info(timeout)]
    fn waited(&mut self) {}

    #[info(exit)]
    fn ended(&mut self, _: Exit) {}

    #[format_status]
    fn format_status(&self) -> String {
        format!("{} in it", self.0)
    }
}

/// The events of a trace, without the pid.
async fn texts(system: &System, till: &ServerRef<Till>, limit: Limit) -> impl StreamExt<Item = String> + Unpin {
    let pid = format!("{} ", till.pid().unwrap());
    let trace = sys::trace(system, till, limit).await.unwrap();
    trace.map(move |event| event.to_string().replacen(&pid, "", 1))
}

// SYS-4
#[otp::test]
async fn a_trace_shows_what_comes_in_and_goes_out_and_the_state_after(system: System) {
    let till = Till::start(&system, 40).await.unwrap();
    let trace = texts(&system, &till, Limit::new().events(5)).await;
    till.pay(2).await.unwrap();
    till.note(Note(2));
    assert_eq!(
        trace.collect::<Vec<_>>().await,
        ["in Pay(2, ReplyTo)", "out 42", "state 42 in it", "in Note(öö)", "state 42 in it"]
    );
    assert!(!sys::status(&system, &till).await.unwrap().debug);
}

// SYS-4
#[otp::test]
async fn signals_and_timeouts_are_shown(system: System) {
    let till = Till::start(&system, 40).await.unwrap();
    let mut trace = texts(&system, &till, Limit::new()).await;
    till.wait(Duration::from_millis(1));
    for expected in ["in Wait(1ms)", "state 40 in it", "in a timeout", "state 40 in it"] {
        assert_eq!(trace.next().await.unwrap(), expected);
    }
    let pid = till.pid().unwrap();
    inside(&system, async move |ctx| ctx.system().exit(pid, ExitReason::other("enough"))).await;
    let shown = trace.next().await.unwrap();
    assert!(shown.starts_with("in exit of ") && shown.ends_with("\"enough\""), "{shown}");
    till.stop().await.unwrap();
    assert_eq!(trace.next().await.unwrap(), "state 40 in it");
    assert_eq!(trace.next().await, None);
}

#[otp::test]
async fn long_texts_are_cut_and_a_debug_that_panics_is_shown_as_such(system: System) {
    let till = Till::start(&system, 40).await.unwrap();
    let mut trace = texts(&system, &till, Limit::new()).await;
    till.note(Note(1_000_000));
    let shown = trace.next().await.unwrap();
    assert!(shown.len() < SysEvent::TEXT + 20 && shown.ends_with("ö…"), "{}", shown.len());
    trace.next().await.unwrap();
    till.note(Note(13));
    let shown = trace.next().await.unwrap();
    assert!(shown.contains("showing it panicked") && shown.contains("no note has this number"), "{shown}");
    assert_eq!(till.pay(1).await, Ok(41));
}

#[otp::test]
async fn a_trace_that_is_not_read_costs_the_server_nothing_and_says_what_it_skipped(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    let limit = Limit::none();
    let mut trace = sys::trace(&system, &till, limit).await.unwrap();
    for _ in 0..200 {
        till.pay(1).await.unwrap();
    }
    sys::get_state(&system, &till, |_| ()).await.unwrap();
    let mut seen = 0;
    while seen < 256 {
        assert_eq!(trace.next().await.unwrap().skipped, 0);
        seen += 1;
    }
    till.pay(1).await.unwrap();
    assert_eq!(trace.next().await.unwrap().skipped, 600 - 256);
}

#[otp::test]
async fn a_rate_skips_and_counts(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    sys::keep_statistics(&system, &till, true).await.unwrap();
    let mut trace = sys::trace(&system, &till, Limit::none().per_second(2)).await.unwrap();
    till.pay(1).await.unwrap();
    till.pay(1).await.unwrap();
    assert!(matches!(trace.next().await.unwrap().what, What::In(_)));
    assert!(matches!(trace.next().await.unwrap().what, What::Out(_)));
    // What is skipped is handled all the same.
    let statistics = sys::statistics(&system, &till).await.unwrap().unwrap();
    assert_eq!((statistics.messages_in, statistics.messages_out), (2, 2));
}

#[otp::test(backends = [sim])]
async fn a_trace_is_over_when_its_time_is(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    let begun = system.now();
    let trace = sys::trace(&system, &till, Limit::new().within(Duration::from_secs(3))).await.unwrap();
    assert_eq!(trace.collect::<Vec<_>>().await, []);
    assert_eq!((system.now() - begun).as_secs(), 3);
    till.pay(1).await.unwrap();
    assert!(!sys::status(&system, &till).await.unwrap().debug);
}

// SYS-8
#[otp::test]
async fn a_dropped_trace_is_removed(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    let trace = sys::trace(&system, &till, Limit::none()).await.unwrap();
    assert!(sys::status(&system, &till).await.unwrap().debug);
    drop(trace);
    till.pay(1).await.unwrap();
    assert!(!sys::status(&system, &till).await.unwrap().debug);
}

// SYS-4, SYS-13
#[otp::test]
async fn log_and_statistics_are_kept_until_they_are_switched_off(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    assert_eq!(sys::statistics(&system, &till).await, Ok(None));
    sys::keep_statistics(&system, &till, true).await.unwrap();
    sys::keep_log(&system, &till, 4).await.unwrap();
    till.pay(1).await.unwrap();
    till.note(Note(1));
    till.pay(1).await.unwrap();
    let statistics = sys::statistics(&system, &till).await.unwrap().unwrap();
    assert_eq!((statistics.messages_in, statistics.messages_out), (3, 2));
    let kept = sys::log(&system, &till).await.unwrap().unwrap();
    let pid = till.pid().unwrap().to_string();
    let kinds: Vec<_> = kept.iter().map(|event| event.to_string().replacen(&pid, "", 1)).collect();
    assert_eq!(kinds, [" state 1 in it", " in Pay(1, ReplyTo)", " out 2", " state 2 in it"]);
    sys::keep_log(&system, &till, 1).await.unwrap();
    assert_eq!(sys::log(&system, &till).await.unwrap().unwrap().len(), 1);
    sys::keep_log(&system, &till, 0).await.unwrap();
    assert_eq!(sys::log(&system, &till).await, Ok(None));
    sys::keep_statistics(&system, &till, false).await.unwrap();
    assert_eq!(sys::statistics(&system, &till).await, Ok(None));
    assert!(!sys::status(&system, &till).await.unwrap().debug);
}

// SYS-13
#[otp::test]
async fn statistics_that_are_switched_on_again_go_on(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    for _ in 0..2 {
        sys::keep_statistics(&system, &till, true).await.unwrap();
        till.pay(1).await.unwrap();
    }
    let statistics = sys::statistics(&system, &till).await.unwrap().unwrap();
    assert_eq!((statistics.messages_in, statistics.messages_out), (2, 2));
}

#[otp::test]
async fn a_debug_function_is_there_until_it_breaks_panics_or_is_removed(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    let (tell, mut told) = mpsc::unbounded();
    let teller = |name: &'static str, last: usize| {
        let (tell, mut seen) = (tell.clone(), 0);
        move |_: &SysEvent| {
            seen += 1;
            tell.unbounded_send(name).unwrap();
            assert!(name != "panics" || seen < last, "it has seen enough");
            if seen < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }
    };
    sys::install(&system, &till, Limit::none(), teller("breaks", 1)).await.unwrap();
    sys::install(&system, &till, Limit::none(), teller("panics", 2)).await.unwrap();
    let removed = sys::install(&system, &till, Limit::none(), teller("removed", 100)).await.unwrap();
    till.pay(1).await.unwrap();
    assert_eq!(sys::remove(&system, &till, removed).await, Ok(true));
    assert_eq!(sys::remove(&system, &till, removed).await, Ok(false));
    till.pay(1).await.unwrap();
    assert!(!sys::status(&system, &till).await.unwrap().debug);
    told.close();
    let mut seen: Vec<_> = told.collect().await;
    seen.sort_unstable();
    assert_eq!(seen, ["breaks", "panics", "panics", "removed", "removed", "removed"]);
}

#[otp::test]
async fn a_debug_function_may_ask_and_is_not_seen_by_itself(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    let other = Till::start(&system, 0).await.unwrap();
    let (tell, mut told) = mpsc::unbounded();
    let (own, ask) = (till.clone(), system.clone());
    sys::install(&system, &till, Limit::none().events(1), move |event| {
        other.note(Note(1));
        let vain = futures::FutureExt::now_or_never(sys::get_state(&ask, &own, |_| ()));
        tell.unbounded_send((event.to_string(), vain)).unwrap();
        ControlFlow::Continue(())
    })
    .await
    .unwrap();
    till.pay(1).await.unwrap();
    let (shown, vain) = told.next().await.unwrap();
    assert!(shown.ends_with("in Pay(1, ReplyTo)"), "{shown}");
    assert!(matches!(vain, None | Some(Err(SysError::Call(CallError::CallingSelf(_))))), "{vain:?}");
    assert_eq!(told.next().await, None);
}

#[otp::test]
async fn no_debug_removes_everything(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    sys::keep_log(&system, &till, 3).await.unwrap();
    sys::keep_statistics(&system, &till, true).await.unwrap();
    let trace = sys::trace(&system, &till, Limit::none()).await.unwrap();
    sys::no_debug(&system, &till).await.unwrap();
    assert_eq!(trace.collect::<Vec<_>>().await, []);
    assert_eq!(sys::log(&system, &till).await, Ok(None));
    assert!(!sys::status(&system, &till).await.unwrap().debug);
}

/// A writer that fails after some lines.
struct Paper(Arc<Mutex<Vec<u8>>>, usize);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        self.1 = self.1.saturating_sub(bytes.iter().filter(|byte| **byte == b'\n').count());
        if self.1 == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[otp::test]
async fn a_trace_is_written_until_the_writer_fails(system: System) {
    let till = Till::start(&system, 0).await.unwrap();
    let paper = Arc::new(Mutex::new(Vec::new()));
    sys::trace_to(&system, &till, Limit::none(), Paper(paper.clone(), 2)).await.unwrap();
    till.pay(1).await.unwrap();
    till.pay(1).await.unwrap();
    let pid = till.pid().unwrap();
    let written = String::from_utf8(paper.lock().unwrap().clone()).unwrap();
    assert_eq!(written, format!("{pid} in Pay(1, ReplyTo)\n{pid} out 1\n"));
    assert!(!sys::status(&system, &till).await.unwrap().debug);
}

#[otp::test]
async fn a_plain_process_cannot_be_traced(system: System) {
    let plain = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
    let error = sys::trace(&system, plain.pid(), Limit::new()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot trace {}: it is no server that supports this", plain.pid()));
}
