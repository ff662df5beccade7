//! Calls in a cycle: an error at once, that names the cycle; and what looks like one and is none.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, join, select};
use otp::behaviour::Awaited;
use otp::process::{SpawnOptions, Status};
use otp::task::{Task, Yielded};
use otp::{Address, Call, CallError, ExitReason, Message, Name, Pid, ProcessContext, ProcessRef, ReplyTo, System};
use otp_suite::{begin, inside, until};

type Said = Result<u32, CallError>;

enum Ask {
    /// Calls the first of them, which calls the next, and so on.
    Relay(Vec<Address<Ask>>, ReplyTo<Said>),
    /// Keeps the token until told to answer.
    Keep(ReplyTo<Said>),
    /// Gives the token to another process, which keeps it.
    HandOn(ProcessRef<Ask>, ReplyTo<Said>),
    Answer(u32),
}

/// Never waits for a time: only an answer, or an error at once, ends a call.
fn relay(to: &Address<Ask>, path: &[Address<Ask>]) -> Call<Ask, Said> {
    let path = path.to_vec();
    Call::new(to, move |from| Ask::Relay(path, from)).no_timeout()
}

async fn follow(path: &[Address<Ask>]) -> Said {
    match path.split_first() {
        Some((next, rest)) => relay(next, rest).await?,
        None => Ok(7),
    }
}

async fn serve(mut ctx: ProcessContext<Ask>) {
    let mut kept = None;
    loop {
        let Message::User(ask) = ctx.receive().await else { continue };
        match ask {
            Ask::Relay(path, from) => {
                let said = follow(&path).await;
                from.reply(said);
            }
            Ask::Keep(from) => kept = Some(from),
            Ask::HandOn(to, from) => drop(to.try_send(Ask::Keep(from))),
            Ask::Answer(n) => kept.take().expect("one is kept").reply(Ok(n)),
        }
    }
}

fn servers<const N: usize>(system: &System) -> [Address<Ask>; N] {
    [(); N].map(|()| Address::from(&system.spawn(serve)))
}

fn pids(all: &[Address<Ask>]) -> Vec<Pid> {
    all.iter().map(|one| one.pid().unwrap().unwrap()).collect()
}

/// The pids of the cycle, as the error names them; the error is of the call of the first to the second.
#[track_caller]
fn cycle(said: Said) -> Vec<Pid> {
    let Err(CallError::Deadlock { callee, cycle }) = said else { panic!("not a deadlock: {said:?}") };
    let pids: Vec<_> = cycle.processes().iter().map(|process| process.pid.unwrap()).collect();
    assert_eq!(callee.pid, Some(pids[1 % pids.len()]));
    pids
}

/// The cycle has these processes in this order, whoever of them was told.
#[track_caller]
fn assert_ring(said: Said, all: &[Address<Ask>]) {
    let (mut cycle, all) = (cycle(said), pids(all));
    let first = cycle.iter().position(|pid| *pid == all[0]).expect("it is one of them");
    cycle.rotate_left(first);
    assert_eq!(cycle, all);
}

#[otp::test]
async fn a_cycle_of_calls_is_an_error_at_once_that_names_its_processes_in_order(system: System) {
    let all: [_; 50] = servers(&system);
    for n in [2, 3, 50] {
        let path: Vec<_> = all[1..n].iter().chain(&all[..1]).cloned().collect();
        assert_ring(relay(&all[0], &path).await.unwrap(), &all[..n]);
    }
    for one in &all {
        assert_eq!(relay(one, &[]).await, Ok(Ok(7)), "each of them goes on");
    }
}

#[otp::test]
async fn a_cycle_through_names_is_told_by_the_names(system: System) {
    const HEN: Name<Ask> = Name::new("hen");
    const EGG: Name<Ask> = Name::new("egg");
    let [hen, egg] = [HEN, EGG].map(|name| {
        let process = system.spawn_with(SpawnOptions::new().name(name.clone()).inline(false), serve).unwrap().process;
        (Address::named(&system, name), process.pid())
    });
    let error = relay(&hen.0, &[egg.0.clone(), hen.0.clone()]).await.unwrap().unwrap_err();
    let (hen, egg) = (format!("hen {}", hen.1), format!("egg {}", egg.1));
    let told = |callee: &str, caller: &str| {
        format!("call to {callee} failed: deadlock, as {caller} waits for {callee}, which waits for {caller}")
    };
    // It is the last of the two to wait that is told; on two threads, that may be either.
    assert!([told(&hen, &egg), told(&egg, &hen)].contains(&error.to_string()), "{error}");
    assert!(error.may_have_begun());
}

#[otp::test]
async fn who_waits_for_a_cycle_is_not_told_and_the_limit_of_a_call_is_not_waited_for(system: System) {
    let [a, b] = servers(&system);
    let outcome = inside(&system, async move |_: ProcessContext<()>| {
        let path = [b.clone(), a.clone()];
        let call = Call::new(&a, |from| Ask::Relay(path.to_vec(), from)).timeout(Duration::from_secs(3600));
        (call.await, [a, b])
    });
    let (outcome, all) = outcome.await;
    assert_ring(outcome.unwrap(), &all);
}

#[otp::test]
async fn a_request_that_was_handed_on_is_answered_and_not_taken_for_a_cycle(system: System) {
    for hands_on in [false, true] {
        let [a, b, c] = [(); 3].map(|()| system.spawn(serve));
        let first = {
            let (b, c) = (b.clone(), c.clone());
            system.spawn(async move |mut ctx: ProcessContext<Ask>| {
                let call = Call::new(&b, |from| if hands_on { Ask::HandOn(c, from) } else { Ask::Keep(from) });
                assert_eq!(call.no_timeout().await, Ok(Ok(3)));
                loop {
                    if let Message::User(Ask::Relay(_, from)) = ctx.receive().await {
                        from.reply(Ok(4));
                    }
                }
            })
        };
        let keeper = if hands_on { &c } else { &b };
        // The callee has come to it, and waits for the next message.
        until(|| system.info(b.pid()).is_some_and(|info| info.handled == 1 && info.status == Status::Waiting)).await;
        until(|| system.info(keeper.pid()).is_some_and(|info| info.handled == 1)).await;
        let back = if hands_on { &b } else { &a };
        let called_back = relay(&back.into(), &[Address::from(&first)]).send_request();
        until(|| system.info(first.pid()).is_some_and(|info| info.queue == 1)).await;
        keeper.try_send(Ask::Answer(3)).unwrap();
        assert_eq!(called_back.await, Ok(Ok(4)));
    }
}

/// Whether the caller, or one that it called, was told of a deadlock.
fn told(said: &Result<Said, CallError>) -> bool {
    matches!(said, Err(CallError::Deadlock { .. }) | Ok(Err(CallError::Deadlock { .. })))
}

/// A process that waits for the answer of `server`, and for something else.
fn busy_with<F, Fut>(system: &System, server: &Address<Ask>, wait: F) -> ProcessRef<Ask>
where
    F: FnOnce(ProcessContext<Ask>, Call<Ask, Said>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let server = server.clone();
    system.spawn(async move |ctx: ProcessContext<Ask>| {
        let this = Address::from(&ctx.this());
        let call = relay(&server, &[this]).inline(false);
        wait(ctx, call).await;
    })
}

async fn answer_one(ctx: &mut ProcessContext<Ask>) {
    match ctx.receive().await {
        Message::User(Ask::Relay(_, from)) => from.reply(Ok(4)),
        _ => panic!("nobody else sends"),
    }
}

#[otp::test]
async fn a_process_that_receives_while_it_calls_is_not_deadlocked(system: System) {
    let [server] = servers(&system);
    let caller = busy_with(&system, &server, async |mut ctx, call| {
        let mut call = pin!(call);
        let received = match select(call.as_mut(), pin!(ctx.receive())).await {
            Either::Right((Message::User(Ask::Relay(_, from)), _)) => from,
            _ => panic!("the request comes first"),
        };
        received.reply(Ok(4));
        assert_eq!(call.await, Ok(Ok(4)));
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_process_that_has_left_a_call_pending_for_later_is_not_deadlocked(system: System) {
    let [server] = servers(&system);
    let caller = busy_with(&system, &server, async |mut ctx, call| {
        let mut call = pin!(call);
        assert!(begin(&mut call).await.is_pending());
        answer_one(&mut ctx).await;
        assert_eq!(call.await, Ok(Ok(4)));
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_time_limit_of_ours_around_a_call_is_waited_for(system: System) {
    let [server] = servers(&system);
    let caller = busy_with(&system, &server, async |mut ctx, call| {
        let mut call = pin!(call);
        let system = ctx.system().clone();
        assert!(system.timeout(Duration::from_millis(20), call.as_mut()).await.is_err());
        answer_one(&mut ctx).await;
        assert_eq!(call.await, Ok(Ok(4)));
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_request_is_waited_for_within_its_limit_and_told_of_a_cycle_without_one(system: System) {
    let [server] = servers(&system);
    let caller = busy_with(&system, &server, async |_, call| {
        let mut request = call.send_request();
        assert!(request.wait(Duration::from_millis(20)).await.is_none());
        let answer = request.await;
        assert!(told(&answer), "{answer:?}");
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_call_that_does_not_want_to_be_told_waits(system: System) {
    let [server] = servers(&system);
    let caller = busy_with(&system, &server, async |mut ctx, call| {
        // The order of the options does not matter.
        let call = call.detect_deadlock(false).timeout(Duration::from_millis(20));
        assert!(matches!(call.await, Err(CallError::Timeout { .. })));
        answer_one(&mut ctx).await;
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn of_calls_that_are_joined_the_others_are_waited_for_first(system: System) {
    let [server] = servers(&system);
    let keeper = system.spawn(serve);
    let kept = Call::new(&keeper, Ask::Keep).no_timeout();
    let caller = busy_with(&system, &server, async move |_, call| {
        let (said, kept) = join(call, kept).await;
        assert_eq!(kept, Ok(Ok(5)));
        assert!(told(&said), "{said:?}");
    });
    // As long as the other one may answer, nobody knows that it is a join.
    until(|| system.info(caller.pid()).is_some_and(|info| info.queue == 1)).await;
    keeper.try_send(Ask::Answer(5)).unwrap();
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn calls_to_two_that_both_call_back_are_a_deadlock(system: System) {
    let [one, two] = servers(&system);
    let caller = busy_with(&system, &one, async move |ctx, call| {
        let this = Address::from(&ctx.this());
        let mut second = pin!(relay(&two, &[this]));
        // Either of the three is told, so that the answers of both come in the end, or one.
        match select(pin!(call), second.as_mut()).await {
            Either::Left((said, _)) | Either::Right((said, _)) => assert!(told(&said), "{said:?}"),
        }
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_call_that_rides_through_restarts_is_told_too(system: System) {
    const SERVER: Name<Ask> = Name::new("server");
    let _server = system.spawn_with(SpawnOptions::new().name(SERVER), serve).unwrap();
    let server = Address::named(&system, SERVER);
    let caller = system.spawn(async move |ctx: ProcessContext<Ask>| {
        let path = vec![Address::from(&ctx.this())];
        let call = Call::new(&server, |from| Ask::Relay(path, from)).no_timeout();
        let said = call.through_restart(Duration::from_secs(3600)).await;
        assert!(told(&said), "{said:?}");
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_task_that_calls_back_the_one_that_awaits_it_is_told(system: System) {
    let caller = system.spawn(async |ctx: ProcessContext<Ask>| {
        let this = Address::from(&ctx.this());
        let task = ctx.system().spawn(async move |_: ProcessContext<()>| match relay(&this, &[]).await {
            Err(CallError::Deadlock { cycle, .. }) => ExitReason::other(cycle.processes().len()),
            other => panic!("{other:?}"),
        });
        assert_eq!(task.exited().await, ExitReason::other(2_usize));

        // One that tells its result before it ends.
        let (this, awaited) = (Address::from(&ctx.this()), Awaited::default());
        let (settled, (tell, mut result)) = (awaited.clone(), oneshot::channel());
        let task = ctx.system().spawn(async move |_: ProcessContext<()>| {
            let said = relay(&this, &[]).await;
            settled.settle();
            let _ = tell.send(matches!(said, Err(CallError::Deadlock { .. })));
        });
        let result = poll_fn(|cx| {
            let poll = Pin::new(&mut result).poll(cx);
            if poll.is_pending() {
                awaited.waits(task.system(), task.pid(), cx);
            }
            poll
        });
        assert_eq!(result.await, Ok(true));
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_task_that_calls_its_owner_is_told_however_the_owner_waits_for_it(system: System) {
    let owner = system.spawn(async |ctx: ProcessContext<Ask>| {
        let call_back = || {
            let this = Address::from(&ctx.this());
            Task::spawn(&ctx, async move { matches!(relay(&this, &[]).await, Err(CallError::Deadlock { .. })) })
        };
        let hour = Duration::from_secs(3600);
        assert_eq!(call_back().no_timeout().await, Ok(true));
        assert_eq!(call_back().timeout(hour).await, Ok(true));
        assert!(matches!(call_back().yield_for(hour).await, Yielded::Done(Ok(true))));
    });
    assert_eq!(owner.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_declared_wait_that_was_settled_is_none(system: System) {
    let caller = system.spawn(async |mut ctx: ProcessContext<Ask>| {
        let (this, awaited) = (Address::from(&ctx.this()), Awaited::default());
        let settled = awaited.clone();
        let (tell, told) = oneshot::channel();
        let task = ctx.system().spawn(async move |_: ProcessContext<()>| {
            settled.settle();
            let _ = tell.send(());
            assert_eq!(relay(&this, &[]).await, Ok(Ok(4)));
        });
        let mut told = pin!(told);
        poll_fn(|cx| {
            let poll = told.as_mut().poll(cx);
            if poll.is_pending() {
                awaited.waits(task.system(), task.pid(), cx);
            }
            poll
        })
        .await
        .unwrap();
        answer_one(&mut ctx).await;
        assert_eq!(task.exited().await, ExitReason::Normal);
    });
    assert_eq!(caller.exited().await, ExitReason::Normal);
}
