//! `receive!`: selective receive with patterns.

use std::cell::Cell;
use std::time::Duration;

use futures::poll;
use otp::process::{Down, Exit};
use otp::{ExitReason, Message, ProcessContext, System, receive};
use otp_suite::{inside, obey, user};

#[derive(Debug, PartialEq)]
enum Job {
    Add(u32, u32),
    Say { text: String, loud: bool },
    Stop,
}

fn say(text: &str, loud: bool) -> Job {
    Job::Say { text: text.to_owned(), loud }
}

// MBX-1
#[otp::test]
async fn the_first_message_that_any_pattern_matches_is_received_and_the_rest_stays_in_order(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Job>| {
        for job in [say("a", false), Job::Add(1, 2), say("b", true), Job::Stop] {
            ctx.this().send(job).await.unwrap();
        }
        let received = receive! { ctx =>
            Message::User(Job::Say { text, loud: true }) => text,
            Message::User(Job::Add(a, b)) => (a + b).to_string(),
        };
        assert_eq!(received, "3");
        let received: String = receive! { ctx =>
            Message::User(Job::Say { text, loud: true }) => text,
            Message::User(Job::Stop) => { "stop".to_owned() }
        };
        assert_eq!(received, "b");
        assert_eq!(user(ctx.receive().await), say("a", false));
        assert_eq!(user(ctx.receive().await), Job::Stop);
    })
    .await;
}

#[otp::test]
async fn a_guard_sees_the_message_where_it_is_and_may_borrow(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Job>| {
        for job in [Job::Add(1, 1), say("tea", false), say("coffee", false), Job::Add(5, 5)] {
            ctx.this().send(job).await.unwrap();
        }
        let (limit, wanted) = (4, "coffee".to_owned());
        let sum = receive! { ctx => Message::User(Job::Add(a, b)) if *a + *b > limit => a + b };
        assert_eq!(sum, 10);
        let is_loud = receive! { ctx =>
            Message::User(Job::Say { text, loud }) if *text == wanted => loud,
        };
        assert!(!is_loud);
        assert_eq!(wanted, "coffee");
        assert_eq!((user(ctx.receive().await), user(ctx.receive().await)), (Job::Add(1, 1), say("tea", false)));
    })
    .await;
}

// MBX-2, MBX-3
#[otp::test]
async fn nothing_is_lost_when_the_time_is_up(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Job>| {
        ctx.this().send(Job::Add(1, 1)).await.unwrap();
        let start = ctx.system().now();
        for millis in [0, 3] {
            let limit = Duration::from_millis(millis);
            let received = receive! { ctx =>
                Message::User(Job::Stop) => false,
                Message::User(Job::Add(a, _)) if *a > 1 => false,
                after limit => true,
            };
            assert!(received);
        }
        assert!(ctx.system().now() - start >= Duration::from_millis(3));
        assert!(receive! { ctx => after Duration::ZERO => true });
        assert_eq!(user(ctx.receive().await), Job::Add(1, 1));
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// MBX-3
#[otp::test]
async fn nothing_is_lost_when_a_receive_is_dropped(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Job>| {
        {
            let waiting = async {
                receive! { ctx => Message::User(Job::Stop) => () }
            };
            let mut waiting = Box::pin(waiting);
            for _ in 0..3 {
                assert!(poll!(&mut waiting).is_pending());
            }
        }
        ctx.this().send(Job::Stop).await.unwrap();
        receive! { ctx => Message::User(Job::Stop) => () };
    })
    .await;
}

#[otp::test]
async fn signals_are_received_by_patterns_too(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Job>| {
        ctx.trap_exit(true);
        ctx.this().send(Job::Stop).await.unwrap();
        let (linked, watched) = (ctx.spawn_link(obey), ctx.spawn(obey));
        let monitor = ctx.monitor(&watched);
        watched.send(ExitReason::other("seen")).await.unwrap();
        let reason = receive! { ctx =>
            Message::Down(Down { monitor: theirs, reason, .. }) if theirs == monitor => reason,
        };
        assert_eq!(reason, ExitReason::other("seen"));
        linked.send(ExitReason::other("felt")).await.unwrap();
        let from = receive! { ctx =>
            Message::Exit(Exit { reason: ExitReason::Normal, .. }) => None,
            Message::Exit(exit) if exit.reason == ExitReason::other("felt") => Some(exit.from),
            after Duration::from_secs(5) => None,
        };
        assert_eq!(from, Some(linked.pid()));
        assert_eq!(user(ctx.receive().await), Job::Stop);
    })
    .await;
}

#[otp::test]
async fn each_message_is_looked_at_once_whatever_the_number_of_patterns(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        for n in 0..300 {
            ctx.this().send(n).await.unwrap();
        }
        let mut looks = 0;
        // A message that is wanted may be looked at again, after others were let run.
        let mut look = |n: u32| {
            looks += u32::from(n < 299);
            false
        };
        let last = receive! { ctx =>
            Message::User(n) if look(*n) => 0,
            Message::User(n @ 299) => n,
            Message::User(n) if *n == 1000 => n,
        };
        assert_eq!((last, looks), (299, 299));
    })
    .await;
}

#[otp::test]
async fn an_expression_may_leave_the_code_around_it_and_wait(system: System) {
    async fn sum(ctx: &mut ProcessContext<Result<u32, String>>) -> Result<u32, String> {
        let mut sum = 0;
        loop {
            receive! { ctx =>
                Message::User(Ok(0)) => break,
                Message::User(result) => {
                    sum += result?;
                    ctx.yield_now().await;
                    continue;
                }
                _ => return Err("a signal".to_owned()),
            }
        }
        Ok(sum)
    }
    inside(&system, async |mut ctx: ProcessContext<Result<u32, String>>| {
        for message in [Ok(1), Ok(2), Ok(0), Err("no".to_owned())] {
            ctx.this().send(message).await.unwrap();
        }
        assert_eq!(sum(&mut ctx).await, Ok(3));
        assert_eq!(sum(&mut ctx).await, Err("no".to_owned()));
    })
    .await;
}

#[otp::test]
async fn what_is_received_need_not_be_copied_nor_cloned(system: System) {
    #[derive(Debug)]
    struct Unique(Cell<u32>);
    inside(&system, async |mut ctx: ProcessContext<Vec<Unique>>| {
        ctx.this().send(vec![]).await.unwrap();
        ctx.this().send(vec![Unique(Cell::new(7))]).await.unwrap();
        let unique = receive! { ctx =>
            Message::User(mut many) if !many.is_empty() => many.pop(),
            _ if false => None,
        };
        assert_eq!(unique.map(|unique| unique.0.into_inner()), Some(7));
        receive! { ctx => any => assert!(user(any).is_empty()) }
    })
    .await;
}
