//! A machine is a server: it is called, named, supervised, and looked into as one.

use otp::prelude::*;
use otp::process::Term;
use otp::statem::{Context, Event, Init, Machine, MachineName, MachineRef, StateMachine, Transition};
use otp::sys;

struct Counter {
    by: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Count {
    At(u32),
}

enum Ask {
    Next(ReplyTo<u32>),
    Crash(ReplyTo<()>),
}

const COUNTER: MachineName<Counter> = MachineName::new("counter");

impl StateMachine for Counter {
    type Args = u32;
    type State = Count;
    type Call = Ask;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Internal = NoMessage;
    type Timer = NoMessage;

    async fn init(by: u32, _: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        match by {
            0 => Err(ExitReason::other("counts nothing")),
            1 => Ok(Init::ignore()),
            2 => Ok(Init::error(ExitReason::other("an error"))),
            _ => Ok(Init::ok(Counter { by }, Count::At(0))),
        }
    }

    async fn handle(
        &mut self,
        Count::At(n): &mut Count,
        event: Event<Self>,
        _: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        match event {
            Event::Call(Ask::Next(from)) => {
                // Data of a state may change in place, which is no transition.
                *n += self.by;
                Ok(Transition::keep().reply(from, *n))
            }
            Event::Call(Ask::Crash(_from)) => Err(ExitReason::crash("as asked")),
            other => panic!("{other:?}"),
        }
    }

    fn code_change(&mut self, state: &mut Count, extra: Term) -> Result<(), ExitReason> {
        let by = *extra.downcast_ref::<u32>().ok_or_else(|| ExitReason::other("no number"))?;
        (self.by, *state) = (by, Count::At(100));
        Ok(())
    }
}

#[otp::test]
async fn a_machine_has_the_label_the_status_and_the_starts_of_a_server(system: System) {
    let counter = Counter::start(&system, 5).await.unwrap();
    assert_eq!(counter.call(Ask::Next).await, Ok(5));
    let pid = counter.pid().unwrap();
    assert_eq!(system.info(pid).unwrap().label.unwrap().as_str(), "Counter");
    assert_eq!(sys::status(&system, pid).await.unwrap().state.as_deref(), Some("At(5)"));
    assert_eq!(Counter::start(&system, 0).await.unwrap_err().reason(), Some(&ExitReason::other("counts nothing")));
    assert!(matches!(Counter::start(&system, 1).await, Err(StartError::Ignore(label)) if label.as_str() == "Counter"));
    assert_eq!(Counter::start(&system, 2).await.unwrap_err().reason(), Some(&ExitReason::other("an error")));
    assert_eq!(counter.stop().await, Ok(()));
}

#[otp::test]
async fn sys_reads_replaces_and_migrates_data_and_state(system: System) {
    let counter = Counter::start(&system, 5).await.unwrap();
    sys::replace_state(&system, &counter, |machine: &mut Machine<Counter>| machine.state = Count::At(30))
        .await
        .unwrap();
    assert_eq!(counter.call(Ask::Next).await, Ok(35));
    sys::suspend(&system, &counter).await.unwrap();
    let refused = sys::change_code(&system, &counter, Term::new("three")).await;
    assert!(refused.is_err());
    sys::change_code(&system, &counter, Term::new(3_u32)).await.unwrap();
    sys::resume(&system, &counter).await.unwrap();
    assert_eq!(counter.call(Ask::Next).await, Ok(103));
}

#[otp::test]
async fn a_supervised_machine_begins_again_with_init_under_its_name(system: System) {
    Supervisor::new(Strategy::OneForOne).child(Counter::child(4).name(COUNTER)).start(&system).await.unwrap();
    let counter = MachineRef::named(&system, COUNTER);
    assert_eq!(counter.call(Ask::Next).await, Ok(4));
    let crashed = counter.call(Ask::Crash).await.unwrap_err();
    assert!(
        matches!(&crashed, CallError::Exited { reason, .. } if *reason == ExitReason::crash("as asked")),
        "{crashed}"
    );
    let next = counter.await_holder().await.unwrap();
    assert_eq!(next.call(Ask::Next).await, Ok(4));
}
