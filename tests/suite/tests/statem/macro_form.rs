//! A machine written with `#[state_machine]`: what it decides, without a process, and what it does in one.

use std::time::Duration;

use otp::gen_server::Info;
use otp::prelude::*;
use otp::state_machine;
use otp::statem::{self, Entered, Event, Init, StateMachine, Transition};

/// A door that locks itself, and opens with a code.
struct Door {
    code: u32,
    opened: u32,
}

#[state_machine(derive(Clone), restart = transient)]
#[transitions(Locked => [Open], Open => [Locked, Broken], Broken => [])]
impl Door {
    #[init]
    fn init(code: u32) -> Result<Init<Self>, std::num::ParseIntError> {
        let opened = if code == 0 { "none".parse()? } else { 0 };
        Ok(Init::ok(Door { code, opened }, Locked { attempts: 0 }))
    }

    /// Opens the door, if this is its code.
    #[call]
    fn enter_code(code: u32) -> bool;

    /// Answered when the door is open.
    #[call]
    fn pass();

    /// How often it was opened.
    #[call]
    fn opened(&self) -> u32 {
        self.opened
    }

    #[call]
    fn later(&self, from: ReplyTo<&'static str>, ctx: &mut statem::Context<'_, Self>) {
        ctx.spawn_link(async move |_: ProcessContext<()>| from.reply("later"));
    }

    #[cast]
    fn kick(hard: bool);

    #[cast]
    fn fail(&mut self, text: String) -> Result<(), String> {
        Err(text)
    }

    #[info]
    fn wind();

    #[internal]
    fn close();

    #[timer]
    fn alarm();

    #[info(down)]
    fn gone(&mut self, down: Down) {
        drop(down);
        self.opened += 100;
    }

    /// Nobody passes.
    #[state]
    async fn locked(&mut self, attempts: &mut u32, event: Event<Self>) -> Transition<Self, Locked> {
        match event {
            Event::Call(DoorCall::EnterCode(code, from)) if code == self.code => {
                Transition::next(Open).reply(from, true)
            }
            Event::Call(DoorCall::EnterCode(_, from)) => {
                *attempts += 1;
                Transition::keep().reply(from, false)
            }
            Event::Call(DoorCall::Pass(_)) => Transition::postpone(event),
            other => Self::common(other),
        }
    }

    #[state]
    fn open(
        &mut self,
        event: Event<Self>,
        _ctx: &mut statem::Context<'_, Self>,
    ) -> Result<Transition<Self, Open>, ExitReason> {
        Ok(match event {
            Event::Call(DoorCall::Pass(from)) => Transition::keep().reply(from, ()),
            Event::Cast(DoorCast::Kick(true)) => Transition::next(Broken),
            Event::StateTimeout(DoorInternal::Close) | Event::Info(Info::Message(DoorInfo::Wind)) => {
                Transition::next(Locked { attempts: 0 })
            }
            other => Self::common(other),
        })
    }

    #[state]
    fn broken(&mut self, event: Event<Self>) -> Transition<Self, Broken> {
        match event {
            Event::Timeout(DoorTimer::Alarm, _) => Transition::stop(ExitReason::other("broken")),
            event => Self::common(event),
        }
    }

    /// What is the same in several states is a plain function.
    fn common<S>(event: Event<Self>) -> Transition<Self, S> {
        match event {
            Event::Call(DoorCall::EnterCode(_, from)) => Transition::keep().reply(from, true),
            _ => Transition::keep(),
        }
    }

    #[enter(Open)]
    fn opens(&mut self, old: Option<&DoorState>) -> Entered<Self> {
        assert!(matches!(old, Some(DoorState::Locked { .. })), "{old:?}");
        self.opened += 1;
        Entered::ok().state_timeout(Duration::from_secs(3600), DoorInternal::Close)
    }

    #[enter(Broken)]
    fn breaks(&mut self) -> Entered<Self> {
        Entered::ok().timeout(DoorTimer::Alarm, Duration::ZERO, DoorInternal::Close)
    }

    #[format_status]
    fn status(&self, state: &DoorState) -> String {
        format!("{state:?}, opened {}", self.opened)
    }
}

#[otp::test]
async fn the_methods_of_the_client_are_its_messages_and_its_states_handle_them(system: System) {
    let door = Door::start(&system, 1234).await.unwrap();
    let passing = door.pass().send_request();
    assert_eq!(door.enter_code(1).await, Ok(false));
    assert_eq!(
        otp::sys::get_state(&system, &door, |door| door.state.clone()).await,
        Ok(DoorState::Locked { attempts: 1 })
    );
    assert_eq!(door.enter_code(1234).await, Ok(true));
    assert_eq!(passing.receive(Duration::from_secs(60)).await, Some(Ok(())));
    assert_eq!(door.opened().await, Ok(1));
    assert_eq!(door.later().await, Ok("later"));
    let status = otp::sys::status(&system, &door).await.unwrap();
    assert_eq!(status.state.as_deref(), Some("Open, opened 1"));
    assert_eq!(status.diagram, Some(DoorState::DIAGRAM));
    door.info(DoorInfo::Wind);
    assert_eq!(door.enter_code(1234).await, Ok(true));
    door.kick(false);
    door.kick(true);
    assert_eq!(door.exited().await, ExitReason::other("broken"));
}

#[otp::test]
async fn an_error_of_a_method_ends_the_machine_and_one_of_init_its_start(system: System) {
    system.log_crashes(false);
    let refused = Door::start(&system, 0).await.unwrap_err();
    assert!(refused.to_string().contains("invalid digit"), "{refused}");
    let door = Door::start(&system, 1).await.unwrap();
    door.fail("as asked".to_owned());
    let reason = door.exited().await;
    assert!(reason.to_string().contains("as asked"), "{reason}");
}

#[test]
fn a_state_is_a_method_that_needs_no_process() {
    let mut door = Door { code: 7, opened: 0 };
    let (sender, answers) = std::sync::mpsc::channel();
    let mut attempts = 0;
    let mut enter = |code: u32| {
        let sender = sender.clone();
        let from = ReplyTo::with(move |answer| sender.send(answer).unwrap());
        let event = Event::Call(DoorCall::EnterCode(code, from));
        let mut decided = futures::executor::block_on(door.locked(&mut attempts, event));
        decided.send_replies();
        decided
    };
    assert_eq!(enter(8).next_state(), None);
    assert_eq!(enter(7).next_state(), Some(&DoorState::Open));
    assert_eq!(answers.try_iter().collect::<Vec<_>>(), [Some(false), Some(true)]);
    assert_eq!(attempts, 1);
    let entered = door.opens(Some(&DoorState::Locked { attempts }));
    assert_eq!(format!("{entered:?}"), "Decision(ok, [StateTimeout(after 3600s)])");
}

#[test]
fn the_table_is_a_diagram() {
    let diagram = "stateDiagram-v2\n    Locked --> Open\n    Open --> Locked\n    Open --> Broken\n    Broken\n";
    assert_eq!(Door::diagram(), Some(diagram));
    assert_eq!(DoorState::DIAGRAM, diagram);
}
