//! Agents hold a value behind closures, as Elixir's do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use otp::gen_server::StartError;
use otp::prelude::*;
use otp::supervisor::Started;
use otp::sys::{self, SysError};
use otp::task::{Agent, AgentName};
use otp_suite::journal::journal;
use otp_suite::servers::{boom, gate, inside};

const LIST: AgentName<Vec<u32>> = AgentName::new("list");

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

async fn started<T: Send + 'static>(system: &System, value: T) -> Agent<T> {
    Agent::start(system, async || Ok(value)).await.unwrap()
}

fn reason_of<R: std::fmt::Debug>(answer: Result<R, CallError>) -> ExitReason {
    match answer.unwrap_err() {
        CallError::Exited { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

// AGT-1
#[otp::test]
async fn closures_of_one_sender_run_in_order_and_answer(system: System) {
    let list = started(&system, vec![1]).await;
    list.cast(|list| list.push(2));
    list.update(|list| list.push(3)).await.unwrap();
    assert_eq!(list.get(Vec::clone).await, Ok(vec![1, 2, 3]));
    assert_eq!(list.get_and_update(Vec::pop).await, Ok(Some(3)));
    let first = list.get(|list| list.len()).send_request();
    list.cast(Vec::clear);
    assert_eq!(first.await, Ok(2));
    assert_eq!(list.get(Vec::len).await, Ok(0));
    assert_eq!(list.stop().await, Ok(()));
    assert!(matches!(list.get(Vec::len).await, Err(CallError::NoProc(_))));
    list.cast(|list| list.push(4));
}

// AGT-2
#[otp::test]
async fn a_closure_that_panics_ends_the_agent_and_all_that_wait_get_the_reason(system: System) {
    let (closed, open) = gate();
    let list = started(&system, vec![1]).await;
    let holding = list.run(async move |list| Ok((open.await, list))).send_request();
    let panics = list.update(|_| panic!("boom")).send_request();
    let behind = list.get(Vec::len).send_request();
    drop(closed);
    assert!(holding.await.unwrap().is_err());
    assert_eq!(reason_of(panics.await), ExitReason::crash("boom"));
    assert_eq!(reason_of(behind.await), ExitReason::crash("boom"));

    let list = started(&system, vec![1]).await;
    list.cast(|_| panic!("unasked"));
    assert_eq!(list.exited().await, ExitReason::crash("unasked"));
}

// AGT-2
#[otp::test]
async fn an_async_closure_may_fail_or_panic_with_the_value(system: System) {
    let list = started(&system, vec![1]).await;
    assert_eq!(reason_of(list.run::<(), _, _>(async |_| Err(boom())).await), boom());
    assert_eq!(list.exited().await, boom());

    let list = started(&system, vec![1]).await;
    let panicking = list.run(async |list| if list.len() == 1 { panic!("later") } else { Ok(((), list)) });
    assert_eq!(reason_of(panicking.await), ExitReason::crash("later"));

    // Before its first `.await`: the closure itself.
    let list = started(&system, vec![1]).await;
    let panicking = list.run(|list| {
        assert_eq!(list.len(), 2, "sooner");
        async move { Ok(((), list)) }
    });
    assert!(matches!(reason_of(panicking.await), ExitReason::Error(_)));
}

// AGT-3
#[otp::test]
async fn a_start_function_that_fails_panics_or_takes_too_long_leaves_nothing_behind(system: System) {
    inside(&system, async |mut ctx| {
        ctx.trap_exit(true);
        let failed = Agent::<u32>::start_link(&ctx, async || Err(boom())).await.unwrap_err();
        assert_eq!(failed.reason(), Some(&boom()));
        let failed = Agent::<u32>::start_link(&ctx, async || panic!("no value")).await.unwrap_err();
        assert_eq!(failed.reason(), Some(&ExitReason::crash("no value")));
        let failed = Agent::<u32>::start_link(&ctx, async || "x".parse().map_err(ExitReason::error)).await.unwrap_err();
        assert!(failed.to_string().contains("invalid digit"), "{failed}");
        let limit = Duration::from_millis(20);
        let late = Agent::<u32>::start_link(&ctx, std::future::pending).name(AgentName::new("late"));
        let late = late.init_timeout(limit).await.unwrap_err();
        assert!(matches!(late, StartError::Timeout { limit: told, .. } if told == limit), "{late}");
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
        assert!(ctx.system().registered().is_empty());
    })
    .await;
}

// AGT-3
#[otp::test]
async fn a_name_leads_to_one_agent_of_its_type(system: System) {
    let list = Agent::start(&system, async || Ok(vec![7])).name(LIST).await.unwrap();
    let taken = Agent::start(&system, async || Ok(vec![8])).name(LIST).await.unwrap_err();
    assert!(matches!(taken, StartError::AlreadyStarted { pid, .. } if Some(pid) == list.pid()));
    let named = Agent::named(&system, LIST);
    assert_eq!(named.get(|list| list[0]).await, Ok(7));
    assert_eq!(Agent::of(&system, list.pid().unwrap()).map(|list: Agent<Vec<u32>>| list.pid()), Ok(list.pid()));
    assert!(Agent::<u8>::of(&system, list.pid().unwrap()).is_err());
    let other = Agent::named(&system, AgentName::<String>::new("list"));
    assert!(matches!(other.get(String::len).await, Err(CallError::WrongType { .. })));
    named.stop().await.unwrap();
    assert!(matches!(named.get(Vec::len).await, Err(CallError::NoProc(_))));
}

// AGT-4
#[otp::test]
async fn a_call_that_times_out_does_not_stop_its_closure(system: System) {
    let list = started(&system, vec![1]).await;
    let (closed, open) = gate();
    let slow = list.run(async move |mut list: Vec<u32>| {
        let _ = open.await;
        list.push(2);
        Ok(((), list))
    });
    assert!(matches!(slow.timeout(Duration::from_millis(20)).await, Err(CallError::Timeout { .. })));
    drop(closed);
    assert_eq!(list.get(Vec::clone).await, Ok(vec![1, 2]));
}

// AGT-5
#[otp::test]
async fn restarted_by_its_supervisor_an_agent_begins_again(system: System) {
    let spec = Agent::named_child(LIST, async || Ok(vec![1]));
    assert_eq!(spec.id().as_str(), "list");
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let list = Agent::named(&system, LIST);
    list.update(|list| list.push(2)).await.unwrap();
    let old = list.pid().unwrap();
    list.update(|_| panic!("boom")).await.unwrap_err();
    assert_eq!(list.get(Vec::clone).through_restart(Duration::from_secs(5)).await, Ok(vec![1]));
    assert_ne!(list.pid(), Some(old));

    let second = supervisor.start_child(Agent::child("second", async || Ok(2))).await.unwrap().unwrap();
    assert_eq!(second.get(|n| *n).await, Ok(2));
    assert_eq!(Started::pid(&second), second.pid());
}

#[otp::test]
async fn an_agent_ends_with_its_parent_also_while_it_is_suspended(system: System) {
    for suspended in [false, true] {
        let (tell, told) = futures::channel::oneshot::channel();
        let parent = system.spawn(async move |ctx: ProcessContext<()>| {
            let agent = Agent::start_link(&ctx, async || Ok(1)).await?;
            if suspended {
                sys::suspend(ctx.system(), &agent).await?;
            }
            let _ = tell.send(agent);
            Err::<(), ExitReason>(boom())
        });
        let agent: Agent<i32> = told.await.unwrap();
        assert_eq!(parent.exited().await, boom());
        assert_eq!(agent.exited().await, boom());
    }
}

// SYS-1, SYS-2
#[otp::test]
async fn sys_reads_and_replaces_the_value(system: System) {
    let list = started(&system, vec![1]).await;
    assert_eq!(sys::get_state(&system, &list, |list| list.len()).await, Ok(1));
    assert_eq!(sys::replace_state(&system, list.pid().unwrap(), |list: &mut Vec<i32>| list.push(2)).await, Ok(()));
    assert!(matches!(
        sys::get_state(&system, list.pid().unwrap(), |text: &String| text.len()).await,
        Err(SysError::WrongType { .. })
    ));
    sys::suspend(&system, &list).await.unwrap();
    let mut waiting = list.get(Vec::len);
    assert!((&mut waiting).now_or_never().is_none());
    sys::resume(&system, &list).await.unwrap();
    assert_eq!(waiting.await, Ok(2));
}

#[otp::test]
async fn a_closure_that_calls_its_own_agent_gets_an_error_at_once(system: System) {
    let agent = started(&system, 1).await;
    let own = agent.clone();
    let answer = agent.run(async move |value| Ok((own.get(|value| *value).no_timeout().await, value))).await;
    assert!(matches!(answer, Ok(Err(CallError::CallingSelf(_)))), "{answer:?}");
    let own = agent.clone();
    agent
        .update(move |value| {
            own.cast(|value| *value += 10);
            *value += 1;
        })
        .await
        .unwrap();
    assert_eq!(agent.get(|value| *value).await, Ok(12));
}

#[otp::test]
async fn a_value_that_panics_in_its_drop_becomes_the_reason(system: System) {
    let (_journal, mut entries) = journal(&system);
    let agent = Agent::start(&system, async || Ok(Some(Bomb))).label("bomb").await.unwrap();
    assert!(agent.stop().await.is_err());
    assert_eq!(entries.until("bomb ended crash: dropped").await, ["bomb ended crash: dropped"]);

    // In a closure it is the closure's panic.
    let agent = started(&system, Some(Bomb)).await;
    assert_eq!(reason_of(agent.update(|bomb| drop(bomb.take())).await), ExitReason::crash("dropped"));
}

#[otp::test]
async fn a_killed_agent_drops_the_value_that_an_async_closure_has(system: System) {
    struct Told(Arc<AtomicBool>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let agent = started(&system, Told(dropped.clone())).await;
    let (tell, told) = futures::channel::oneshot::channel();
    let stuck = agent
        .run(async move |value| {
            let _ = tell.send(());
            std::future::pending::<()>().await;
            Ok(((), value))
        })
        .send_request();
    told.await.unwrap();
    system.exit(agent.pid().unwrap(), ExitReason::Kill);
    assert_eq!(reason_of(stuck.await), ExitReason::Killed);
    assert!(dropped.load(Ordering::Relaxed));
}

#[otp::test]
async fn a_cast_to_a_full_agent_is_dropped_and_a_call_waits_for_room(system: System) {
    let (closed, open) = gate();
    let agent = Agent::start(&system, async || Ok(Vec::new())).mailbox(1).await.unwrap();
    let (tell, told) = futures::channel::oneshot::channel();
    let holding = agent
        .run(async move |list: Vec<u32>| {
            let _ = tell.send(());
            Ok((open.await.is_err(), list))
        })
        .send_request();
    told.await.unwrap();
    agent.cast(|list| list.push(1));
    agent.cast(|list| list.push(2));
    let mut call = agent.get(Vec::clone);
    assert!((&mut call).now_or_never().is_none());
    drop(closed);
    assert_eq!(call.await, Ok(vec![1]));
    assert_eq!(holding.await, Ok(true));
}

#[otp::test]
async fn the_agents_of_two_systems_do_not_see_each_other(system: System) {
    let other = System::on(system.runtime().clone());
    let one = Agent::start(&system, async || Ok(vec![1])).name(LIST).await.unwrap();
    let two = Agent::start(&other, async || Ok(vec![2])).name(LIST).await.unwrap();
    assert_eq!(Agent::named(&system, LIST).get(|list| list[0]).await, Ok(1));
    assert_eq!(Agent::named(&other, LIST).get(|list| list[0]).await, Ok(2));
    one.stop().await.unwrap();
    assert_eq!(Agent::named(&other, LIST).get(|list| list[0]).await, Ok(2));
    two.stop().await.unwrap();
}
