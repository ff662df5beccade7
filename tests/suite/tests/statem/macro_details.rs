//! What `#[state_machine]` carries over: type parameters, visibility, protocols, supervision, names that are no plain
//! ones.

use std::sync::Arc;
use std::time::Duration;

use otp::call::BoxCall;
use otp::gen_server::Info;
use otp::prelude::*;
use otp::statem::{self, Entered, Event, MachineName, MachineRef, StateMachine, Transition};
use otp::{state_machine, transitions};

/// Holds one value at a time; who takes waits for one.
struct Buffer<T> {
    given: Vec<T>,
}

#[state_machine(vis = pub(self))]
impl<T: std::fmt::Debug + PartialEq + Send + 'static> Buffer<T> {
    #[init]
    fn init() -> (Self, BufferState<T>) {
        (Buffer { given: Vec::new() }, BufferState::Empty)
    }

    #[call]
    fn take() -> T;

    #[call]
    fn put(value: T);

    #[state]
    fn empty(&mut self, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(BufferCall::Put(value, from)) => {
                Transition::next(BufferState::Full { value: Some(value) }).reply(from, ())
            }
            other => Transition::postpone(other),
        }
    }

    #[state]
    fn full(&mut self, value: &mut Option<T>, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(BufferCall::Take(from)) => {
                // Data of a state may be taken out, because the state is left.
                let value = value.take().expect("it is full");
                Transition::next(BufferState::Empty).reply(from, value)
            }
            other => Transition::postpone(other),
        }
    }

    #[terminate]
    fn terminate(&mut self, reason: &ExitReason, state: &mut BufferState<T>) {
        assert_eq!((reason, &*state), (&ExitReason::Normal, &BufferState::Empty));
        self.given.clear();
    }
}

#[otp::test]
async fn a_machine_may_have_type_parameters(system: System) {
    let buffer = Buffer::<&'static str>::start(&system, ()).await.unwrap();
    let taken = [buffer.take().send_request(), buffer.take().send_request()];
    let put = ["a", "b"].map(|value| buffer.put(value).send_request());
    for answer in put {
        assert_eq!(answer.receive(Duration::from_secs(60)).await, Some(Ok(())));
    }
    let mut values = Vec::new();
    for answer in taken {
        values.push(answer.receive(Duration::from_secs(60)).await.unwrap().unwrap());
    }
    assert_eq!(values, ["a", "b"]);
    buffer.stop().await.unwrap();
}

trait Lamp: Send + Sync {
    fn toggle(&self) -> BoxCall<bool>;
    fn reset(&self);
}

/// A lamp that is supervised, and whose first state a table above the macro knows as well.
struct Bulb {
    ends: Arc<std::sync::Mutex<Vec<Pid>>>,
}

#[transitions(Off => [On], On => [Off])]
#[state_machine(restart = temporary, shutdown = brutal_kill)]
impl Bulb {
    #[init]
    async fn init(
        ends: Arc<std::sync::Mutex<Vec<Pid>>>,
        ctx: &mut statem::Context<'_, Self>,
    ) -> Result<(Self, Off), ExitReason> {
        ctx.trap_exit(true);
        Ok((Bulb { ends }, Off))
    }

    #[call(Lamp)]
    fn toggle() -> bool;

    #[cast(Lamp)]
    fn reset();

    #[call]
    fn r#loop(turns: u8) -> u8;

    #[info]
    fn nothing(&mut self) {}

    #[info(exit)]
    fn ended(&mut self, exit: Exit) {
        self.ends.lock().unwrap().push(exit.from);
    }

    #[state]
    fn off(&mut self, event: Event<Self>) -> Transition<Self, Off> {
        match event {
            Event::Call(BulbCall::Toggle(from)) => Transition::next(On { times: 1 }).reply(from, true),
            other => Self::turn(other),
        }
    }

    #[state]
    async fn on(&mut self, times: &mut u32, event: Event<Self>) -> Transition<Self, On> {
        match event {
            Event::Call(BulbCall::Toggle(from)) => Transition::next(Off).reply(from, false),
            Event::Cast(BulbCast::Reset) => Transition::next(Off),
            Event::Internal(_) => {
                *times += 1;
                Transition::keep()
            }
            other => Self::turn(other),
        }
    }

    fn turn<S>(event: Event<Self>) -> Transition<Self, S> {
        match event {
            Event::Call(BulbCall::Loop(0, from)) => Transition::keep().reply(from, 0),
            Event::Call(BulbCall::Loop(turns, from)) => {
                Transition::keep().next_event(Event::Call(BulbCall::Loop(turns - 1, from)))
            }
            Event::Info(Info::Message(_)) => unreachable!("it is handled in every state"),
            _ => Transition::keep(),
        }
    }

    #[enter]
    fn changed(&mut self, old: Option<&BulbState>) -> Result<Entered<Self>, String> {
        if matches!(old, Some(BulbState::On { times: 100.. })) {
            Err("burnt out".to_owned())
        } else {
            Ok(Entered::ok())
        }
    }
}

const BULB: MachineName<Bulb> = MachineName::new("bulb");

#[otp::test]
async fn a_machine_implements_a_protocol_and_is_supervised_as_its_options_say(system: System) {
    let ends = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tree = Supervisor::new(Strategy::OneForOne).child(Bulb::child(ends.clone()).name(BULB)).start(&system).await;
    let bulb = MachineRef::named(&system, BULB);
    let lamp: Arc<dyn Lamp> = Arc::new(bulb.clone());
    assert_eq!(lamp.toggle().await, Ok(true));
    lamp.reset();
    assert_eq!(lamp.toggle().await, Ok(true));
    assert_eq!(bulb.r#loop(5).await, Ok(0));
    bulb.info(BulbInfo::Nothing);
    let pid = bulb.pid().unwrap();
    let stranger = otp_suite::servers::inside(&system, async move |ctx| {
        ctx.system().exit(pid, ExitReason::other("a stranger's"));
        ctx.pid()
    })
    .await;
    assert_eq!(bulb.r#loop(1).await, Ok(0));
    assert_eq!(*ends.lock().unwrap(), [stranger]);
    // It is temporary: nobody starts it again.
    system.exit(pid, ExitReason::Kill);
    bulb.exited().await;
    assert_eq!(tree.unwrap().which_children().await.unwrap().len(), 0);
}

/// A machine with a state, a message and a line of its table that are not compiled.
struct Sparse;

#[state_machine]
#[transitions(Here => [Gone], Gone => [])]
impl Sparse {
    #[init]
    fn init() -> (Self, Here) {
        (Sparse, Here)
    }

    #[cfg(any())]
    #[call]
    fn vanish() -> Nothing;

    #[call]
    fn stay(r#type: u8, _unused: u8) -> u8;

    #[state]
    fn here(&mut self, event: Event<Self>) -> Result<Transition<Self, Here>, std::io::Error> {
        Ok(match event {
            Event::Call(SparseCall::Stay(0, ..)) => return Err(std::io::Error::other("nothing")),
            Event::Call(SparseCall::Stay(n, more, from)) => Transition::keep().reply(from, n + more),
            _ => Transition::keep(),
        })
    }

    #[cfg(any())]
    #[state]
    fn gone(&mut self, nothing: &mut Nothing, event: Event<Self>) -> Transition<Self, Gone> {
        Transition::keep()
    }
}

#[otp::test]
async fn what_is_not_compiled_is_not_in_the_machine(system: System) {
    system.log_crashes(false);
    let sparse = Sparse::start(&system, ()).await.unwrap();
    assert_eq!(sparse.stay(1, 2).await, Ok(3));
    let error = sparse.stay(0, 0).await.unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
}
