//! Spans: what is their parent, and when they are open.

use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::{Key, MailboxPolicy, MessageRef, Overflow, SpawnOptions};
use otp::task::Task;
use otp::telemetry::{Metrics, Spans};
use otp::{ExitReason, Message, ProcessContext, ProcessRef};
use otp_suite::inside;
use tracing::{Instrument, Span};

use super::ledger::Ledger;
use super::listener::{Heard, below, root};
use super::servers::*;

/// The names of spans, each behind its parent's, from the root on: of a trace without branches.
fn line(spans: &[Heard]) -> Vec<String> {
    let (mut line, mut at) = (Vec::new(), spans[0].number);
    loop {
        let next: Vec<_> = spans.iter().filter(|span| span.parent == Some(at)).collect();
        assert!(next.len() <= 1, "it branches: {next:?}");
        let Some(next) = next.first() else { return line };
        line.push(format!("{} {} {}", next.name, next.fields["label"], next.fields["doing"]));
        at = next.number;
    }
}

async fn links(system: &System, count: usize) -> ServerRef<Link> {
    let mut next = None;
    for _ in 0..count {
        next = Some(Link::start(system, next).await.unwrap());
    }
    next.unwrap()
}

#[otp::test]
async fn one_trace_goes_through_five_servers_that_call_each_other(system: System) {
    let _spans = Spans::new().start(&system);
    let first = links(&system, 5).await;
    for inline in [true, false] {
        let root = root();
        assert_eq!(first.depth().inline(inline).instrument(root.clone()).await, Ok(5));
        let spans = below(&root);
        assert_eq!(line(&spans), vec!["handle Link handling a call"; 5]);
        let pids: std::collections::BTreeSet<_> = spans[1..].iter().map(|span| span.fields["pid"].clone()).collect();
        assert_eq!(pids.len(), 5, "each is of another server");
        assert!(
            spans[1..]
                .iter()
                .all(|span| span.target == "otp::span" && span.fields["otel.name"] == "Link: handling a call")
        );
    }
}

#[otp::test]
async fn a_cast_has_its_sender_as_the_parent_also_from_server_to_server(system: System) {
    let _spans = Spans::new().start(&system);
    let (first, root) = (links(&system, 5).await, root());
    let (arrived, all) = oneshot::channel();
    root.in_scope(|| first.pass(arrived));
    all.await.unwrap();
    settle(&system, &root, 6).await;
    assert_eq!(line(&below(&root)), vec!["handle Link handling a cast"; 5]);
}

/// Waits until so many spans of a trace are closed, beside the root.
pub(super) async fn settle(system: &System, root: &Span, count: usize) -> Vec<Heard> {
    for _ in 0..10_000 {
        let spans = below(root);
        if spans.len() == count && spans[1..].iter().all(|span| span.closed) {
            return spans;
        }
        system.sleep(Duration::from_millis(1)).await;
    }
    panic!("the trace does not end: {:#?}", below(root));
}

#[otp::test]
async fn a_timer_has_the_code_that_set_it_as_the_parent(system: System) {
    let _spans = Spans::new().start(&system);
    let root = root();
    let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
        assert_eq!(ctx.receive().await, Message::User(1));
        assert_eq!(ctx.receive().await, Message::User(2));
        let timer = ctx.set_timer(Duration::from_millis(1));
        ctx.receive_match(|message| matches!(message, MessageRef::Timer(other) if *other == timer)).await;
    });
    root.in_scope(|| {
        system.send_after(Duration::from_millis(1), &process, 1);
        system.start_timer(Duration::from_millis(2), &process, |_| 2);
    });
    process.exited().await;
    let spans = settle(&system, &root, 4).await;
    let parents: Vec<_> = spans[1..].iter().map(|span| (span.name, span.parent)).collect();
    // The third one was set by the second.
    let expected = [spans[0].number, spans[0].number, spans[2].number].map(|parent| ("run", Some(parent)));
    assert_eq!(parents, expected);
}

#[otp::test]
async fn a_task_and_what_it_calls_belong_to_the_trace_of_the_process_that_started_it(system: System) {
    let _spans = Spans::new().start(&system);
    let (clerk, root) = (Clerk::start(&system, ()).await.unwrap(), root());
    let work = async {
        let task = Task::spawn(&system, async move { clerk.work().await });
        task.await
    };
    assert_eq!(work.instrument(root.clone()).await.unwrap(), Ok(1));
    let spans = settle(&system, &root, 3).await;
    assert_eq!(spans[1].name, "run");
    assert_eq!((spans[2].name, spans[2].parent), ("handle", Some(spans[1].number)));
}

#[otp::test]
async fn the_start_of_a_server_belongs_to_the_trace_of_its_starter(system: System) {
    let _spans = Spans::new().start(&system);
    let root = root();
    let started = Clerk::start(&system, ()).into_future().instrument(root.clone()).await;
    let clerk = started.unwrap();
    let spans = settle(&system, &root, 2).await;
    assert_eq!((spans[1].name, &*spans[1].fields["otel.name"]), ("start", "Clerk: starting"));
    // It was there before, and is nobody's child.
    clerk.work().await.unwrap();
    assert_eq!(below(&root).len(), 2);
}

#[otp::test]
async fn a_message_from_outside_of_any_span_has_a_trace_of_its_own_or_none(system: System) {
    struct Mirror;

    #[gen_server]
    impl Mirror {
        #[init]
        fn init((): ()) -> Self {
            Mirror
        }

        #[call]
        fn span(&self) -> Option<&'static str> {
            Span::current().metadata().map(|about| about.name())
        }
    }

    let root = root();
    for (roots, alone) in [(true, Some("handle")), (false, None)] {
        let spans = Spans::new().roots(roots).start(&system);
        let mirror = Mirror::start(&system, ()).await.unwrap();
        assert_eq!(mirror.span().await, Ok(alone));
        assert_eq!(mirror.span().instrument(root.clone()).await, Ok(Some("handle")));
        spans.exit(ExitReason::Shutdown);
        spans.exited().await;
    }
    // Only the two that were sent within it.
    assert_eq!(below(&root).len(), 3);
}

#[otp::test]
async fn a_span_is_entered_whenever_its_handler_runs_and_closed_when_that_is_over(system: System) {
    struct Slow(ProcessRef<()>);

    #[gen_server]
    impl Slow {
        #[init]
        fn init(helper: ProcessRef<()>) -> Self {
            Slow(helper)
        }

        #[call]
        async fn twice(&mut self) -> bool {
            tracing::info!("one");
            otp::process::yield_now().await;
            tracing::info!("two");
            self.0.try_send(()).unwrap();
            self.0.exited().await;
            tracing::info!("three");
            !Span::current().is_none()
        }
    }

    let _spans = Spans::new().start(&system);
    let helper = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
    let (slow, root) = (Slow::start(&system, helper).await.unwrap(), root());
    assert_eq!(slow.twice().instrument(root.clone()).await, Ok(true));
    assert!(Span::current().is_none(), "what ran here is left again");
    let spans = settle(&system, &root, 3).await;
    assert_eq!(spans[1].events, ["one", "two", "three"]);
    assert_eq!(spans[2].parent, Some(spans[1].number), "the helper runs because of the handler");
    assert!(spans[1..].iter().all(|span| span.entered == 0 && span.closed), "{spans:#?}");
}

#[otp::test]
async fn the_span_of_a_handler_that_crashes_or_is_killed_is_closed(system: System) {
    system.log_crashes(false);
    let _spans = Spans::new().start(&system);
    let (fainting, killed) = (Clerk::start(&system, ()).await.unwrap(), Clerk::start(&system, ()).await.unwrap());
    let root = root();
    assert!(fainting.crash().instrument(root.clone()).await.is_err());
    let never = root.in_scope(|| killed.never().send_request());
    while below(&root).len() < 3 {
        otp::process::yield_now().await;
    }
    system.exit(killed.pid().unwrap(), ExitReason::Kill);
    assert!(never.await.is_err());
    let spans = settle(&system, &root, 3).await;
    assert!(spans[1..].iter().all(|span| span.entered == 0), "{spans:#?}");
}

#[otp::test]
async fn a_handle_continue_is_part_of_what_it_continues(system: System) {
    struct Slow(u32);

    #[gen_server]
    impl Slow {
        #[init]
        fn init((): ()) -> Init<Slow> {
            Init::Continue(Slow(0), SlowContinue::GoOn(5))
        }

        #[continue_to]
        fn go_on(&mut self, n: u32) {
            tracing::info!("going on");
            self.0 = n;
        }

        #[call]
        fn read(&self) -> u32 {
            self.0
        }
    }

    let _spans = Spans::new().start(&system);
    let root = root();
    let slow = Slow::start(&system, ()).into_future().instrument(root.clone()).await.unwrap();
    assert_eq!(slow.read().await, Ok(5));
    let spans = settle(&system, &root, 2).await;
    assert_eq!((spans[1].name, &*spans[1].events), ("start", &["going on".to_owned()][..]));
}

#[otp::test]
async fn a_sender_that_waits_for_room_is_the_parent_and_so_is_one_through_a_name_or_a_map(system: System) {
    let _spans = Spans::new().start(&system);
    let root = root();
    let of = root.clone();
    let count = inside(&system, async move |ctx: ProcessContext<()>| {
        let bounded = SpawnOptions::new().mailbox(1);
        let reader = async |mut ctx: ProcessContext<u32>| {
            let mut left = 5;
            while left > 0 {
                if let Message::User(_) = ctx.receive().await {
                    left -= 1;
                }
            }
        };
        let process = ctx.system().spawn_with(bounded, reader).unwrap().process;
        let mapped = otp::Address::from(&process).map_message(|text: &str| text.len() as u32);
        async {
            process.send(1).await.unwrap();
            process.send(2).await.unwrap();
            process.send(3).await.unwrap();
            mapped.send("four").await.unwrap();
            mapped.send("five.").await.unwrap();
        }
        .instrument(of)
        .await;
        process.exited().await;
        5
    })
    .await;
    let spans = settle(&system, &root, 1 + count).await;
    assert!(spans[1..].iter().all(|span| span.parent == Some(spans[0].number)), "{spans:#?}");
}

#[otp::test]
async fn a_mailbox_with_a_policy_keeps_the_parents_of_what_it_delivers(system: System) {
    let ledger = Ledger::default();
    let _metrics = Metrics::new().recorder(ledger.clone()).time_one_in(1).start(&system);
    let _spans = Spans::new().start(&system);
    let policy =
        MailboxPolicy::new().input(3, Overflow::DropOldest).coalesce(|n: &u32| (*n > 100).then(|| Key::from(7_u64)));
    let (wakes, woken) = oneshot::channel::<()>();
    let reader = async |mut ctx: ProcessContext<u32>| {
        let _ = woken.await;
        let mut seen = Vec::new();
        while seen.last() != Some(&0) {
            if let Message::User(n) = ctx.receive().await {
                tracing::info!("{n}");
                seen.push(n);
            }
        }
        seen
    };
    let of = system.clone();
    let root = root();
    let process = {
        let options = SpawnOptions::new().policy(policy);
        of.spawn_with(options, async move |ctx| drop(reader(ctx).await)).unwrap().process
    };
    // 1 is dropped, and 102 takes the place of 101.
    root.in_scope(|| [1, 101, 2, 102, 0].map(|n| process.try_send(n).unwrap()));
    wakes.send(()).unwrap();
    process.exited().await;
    let spans = settle(&system, &root, 4).await;
    assert!(spans[1..].iter().all(|span| span.parent == Some(spans[0].number)), "{spans:#?}");
    let seen: Vec<_> = spans[1..].iter().flat_map(|span| span.events.clone()).collect();
    assert_eq!(seen, ["102", "2", "0"]);
    assert_eq!(ledger.values("otp_wait_seconds{type=process}").len(), 3);
}

#[otp::test]
async fn a_message_is_shown_only_if_that_is_asked_for_and_is_cut_if_it_is_long(system: System) {
    struct Reader;

    #[gen_server]
    impl Reader {
        #[init]
        fn init((): ()) -> Self {
            Reader
        }

        #[call]
        fn read(&self, text: String) -> usize {
            text.len()
        }
    }

    let reader = Reader::start(&system, ()).await.unwrap();
    for (on, text) in [(false, "secret".to_owned()), (true, "short".to_owned()), (true, "ü".repeat(5000))] {
        let spans = Spans::new().messages(on).start(&system);
        let root = root();
        reader.read(text.clone()).instrument(root.clone()).await.unwrap();
        let heard = below(&root).pop().unwrap();
        match heard.fields.get("message") {
            None => assert!(!on),
            Some(shown) => {
                assert!(on && shown.contains(&text[..4]), "{shown}");
                assert!(shown.len() < 1100, "{} bytes", shown.len());
            }
        }
        spans.exit(ExitReason::Shutdown);
        spans.exited().await;
    }
}
