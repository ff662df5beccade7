//! The same server written with `#[gen_server]` and by hand: both do the same.

use std::time::Duration;

use otp::gen_server::Incoming;
use otp::prelude::*;
use otp_suite::journal::{Journal, journal};

/// Why the desk does not open.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the desk cannot hold {0}")]
pub struct BadStart(i64);

/// Why nothing is paid out.
#[derive(Debug, PartialEq)]
pub struct TooPoor;

/// What happens to a desk, whichever way it is written: the text is the same, the types are those of the module.
macro_rules! scenario {
    () => {
        /// Starts desks, uses all that they have, and ends them; what each step answers.
        pub async fn scenario(system: &System, journal: &Journal) -> Vec<String> {
            let mut answers = Vec::new();
            let mut told = |answer: &dyn std::fmt::Debug| answers.push(format!("{answer:?}"));
            let start = async |balance: i64| Desk::start(system, (journal.clone(), balance)).label("desk").await;

            told(&start(-5).await.map(drop));
            told(&start(0).await.map(drop));

            let desk = start(10).await.unwrap();
            told(&desk.call(|from| DeskCall::Deposit(2, from)).await);
            told(&desk.call(|from| DeskCall::Withdraw(20, from)).await);
            told(&desk.call(|from| DeskCall::Withdraw(5, from)).await);
            told(&desk.call(DeskCall::Greet).await);
            told(&(desk.call(DeskCall::Who).await == Ok(desk.pid().unwrap())));
            let waiting = desk.call(DeskCall::Wait).send_request();
            desk.info(DeskInfo::Answer(100));
            told(&waiting.await);
            desk.cast(DeskCast::Reset);
            told(&desk.call(|from| DeskCall::Deposit(1, from)).await);
            desk.cast(DeskCast::Reopen("again"));
            desk.cast(DeskCast::Watch(Pid::SYSTEM));
            told(&otp::sys::status(&system, &desk).await.unwrap().state.unwrap());
            let (pid, stranger) = (desk.pid().unwrap(), system.clone());
            otp_suite::servers::inside(system, async move |_| stranger.exit(pid, ExitReason::Normal)).await;
            told(&desk.call(DeskCall::Greet).await);
            told(&desk.call(|from| DeskCall::Farewell("bye".into(), "ciao", from)).await);
            system.exited(pid).await;

            let desk = start(13).await.unwrap();
            let exited = system.exited(desk.pid().unwrap());
            desk.info(DeskInfo::Close);
            told(&exited.await);

            let desk = start(7).await.unwrap();
            let exited = system.exited(desk.pid().unwrap());
            desk.cast(DeskCast::Fail);
            let reason = exited.await;
            told(&reason.to_string());
            let ExitReason::Error(crash) = reason else { return answers };
            told(&crash.error().and_then(|error| error.downcast_ref::<BadStart>()));
            answers
        }

        /// A desk that has asked for a timeout.
        pub async fn resting(system: &System, journal: &Journal) {
            let desk = Desk::start(system, (journal.clone(), 1)).await.unwrap();
            desk.cast(DeskCast::Rest);
        }
    };
}

/// A server that uses everything that the macro has.
pub mod by_macro {
    use super::{BadStart, TooPoor};
    use otp::prelude::*;
    use otp_suite::journal::Journal;
    use std::time::Duration;

    /// Holds money, and notes what happens to it.
    pub struct Desk {
        journal: Journal,
        balance: i64,
        waiting: Vec<ReplyTo<i64>>,
    }

    #[gen_server]
    impl Desk {
        #[init]
        async fn init(journal: Journal, balance: i64, ctx: &mut Context<Self>) -> Result<Init<Self>, BadStart> {
            ctx.trap_exit(true);
            match balance {
                ..0 => return Err(BadStart(balance)),
                0 => return Ok(Init::Ignore),
                _ => {}
            }
            let desk = Self { journal, balance, waiting: Vec::new() };
            Ok(Init::Continue(desk, DeskContinue::Open("welcome")))
        }

        /// Pays in, and says what the balance is then.
        #[call]
        fn deposit(&mut self, amount: i64) -> i64 {
            self.balance += amount;
            self.balance
        }

        /// Pays out, if there is that much.
        #[call]
        async fn withdraw(&mut self, amount: i64) -> Result<i64, TooPoor> {
            std::future::ready(()).await;
            if amount > self.balance {
                return Err(TooPoor);
            }
            self.balance -= amount;
            Ok(self.balance)
        }

        /// Says nothing.
        #[call]
        fn greet(&self) {
            self.journal.note("greeted");
        }

        /// Says who it is.
        #[call]
        fn who(&mut self, ctx: &mut Context<Self>) -> Pid {
            ctx.pid()
        }

        /// Answers when it is told to.
        #[call]
        fn wait(&mut self, from: ReplyTo<i64>) {
            self.waiting.push(from);
        }

        /// Says goodbye, in both languages, and closes.
        #[call]
        async fn farewell(&mut self, one: String, from: ReplyTo<String>, two: &'static str) -> Next<Self> {
            Next::stop_reply(ExitReason::Shutdown, from, format!("{one} {two}"))
        }

        #[cast]
        fn reset(&mut self) {
            self.balance = 0;
        }

        #[cast]
        async fn watch(&mut self, pid: Pid, ctx: &mut Context<Self>) {
            ctx.monitor(pid);
        }

        #[cast]
        fn rest(&mut self) -> Next<Self> {
            Next::Timeout(Duration::ZERO)
        }

        #[cast]
        fn reopen(&mut self, word: &'static str) -> Next<Self> {
            Next::Continue(DeskContinue::Open(word))
        }

        #[cast]
        fn fail(&mut self) -> Result<(), BadStart> {
            Err(BadStart(self.balance))
        }

        #[info]
        fn answer(&mut self, bonus: i64) {
            for from in self.waiting.drain(..) {
                from.reply(self.balance + bonus);
            }
        }

        #[info]
        fn close(&mut self) -> Result<Next<Self>, BadStart> {
            Ok(Next::Stop(ExitReason::Normal))
        }

        #[info(down)]
        fn gone(&mut self, down: Down) {
            self.journal.note(format!("down {}", down.reason));
        }

        #[info(exit)]
        async fn exit(&mut self, exit: Exit) {
            self.journal.note(format!("exit {}", exit.reason));
        }

        #[info(timeout)]
        fn idle(&mut self) {
            self.journal.note("idle");
        }

        #[continue_to]
        fn open(&mut self, word: &'static str) {
            self.journal.note(word);
        }

        #[terminate]
        async fn terminate(&mut self, reason: &ExitReason) -> Result<(), ExitReason> {
            self.journal.note(format!("terminate {reason}"));
            if self.balance == 13 { Err(ExitReason::other("unlucky")) } else { Ok(()) }
        }

        #[format_status]
        fn status(&self) -> String {
            format!("a desk with {}", self.balance)
        }
    }

    scenario!();
}

/// The same server, as one writes it without the macro.
pub mod by_hand {
    use super::{BadStart, TooPoor};
    use otp::prelude::*;
    use otp_suite::journal::Journal;
    use std::time::Duration;

    /// Holds money, and notes what happens to it.
    pub struct Desk {
        journal: Journal,
        balance: i64,
        waiting: Vec<ReplyTo<i64>>,
    }

    /// The calls.
    pub enum DeskCall {
        /// Pays in.
        Deposit(i64, ReplyTo<i64>),
        /// Pays out.
        Withdraw(i64, ReplyTo<Result<i64, TooPoor>>),
        /// Says nothing.
        Greet(ReplyTo<()>),
        /// Says who it is.
        Who(ReplyTo<Pid>),
        /// Answers when it is told to.
        Wait(ReplyTo<i64>),
        /// Says goodbye, and closes.
        Farewell(String, &'static str, ReplyTo<String>),
    }

    /// The casts.
    pub enum DeskCast {
        /// Back to nothing.
        Reset,
        /// Monitors a process.
        Watch(Pid),
        /// Asks for a timeout.
        Rest,
        /// Opens again.
        Reopen(&'static str),
        /// Fails.
        Fail,
    }

    /// The infos.
    pub enum DeskInfo {
        /// Answers all who wait.
        Answer(i64),
        /// Stops.
        Close,
    }

    /// The continuations.
    pub enum DeskContinue {
        /// Opens.
        Open(&'static str),
    }

    impl GenServer for Desk {
        type Args = (Journal, i64);
        type Call = DeskCall;
        type Cast = DeskCast;
        type Info = DeskInfo;
        type Continue = DeskContinue;

        async fn init((journal, balance): Self::Args, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            ctx.trap_exit(true);
            match balance {
                ..0 => return Err(BadStart(balance).into()),
                0 => return Ok(Init::Ignore),
                _ => {}
            }
            let desk = Desk { journal, balance, waiting: Vec::new() };
            Ok(Init::Continue(desk, DeskContinue::Open("welcome")))
        }

        async fn handle_call(&mut self, call: DeskCall, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            match call {
                DeskCall::Deposit(amount, from) => {
                    self.balance += amount;
                    from.reply(self.balance);
                }
                DeskCall::Withdraw(amount, from) if amount > self.balance => from.reply(Err(TooPoor)),
                DeskCall::Withdraw(amount, from) => {
                    self.balance -= amount;
                    from.reply(Ok(self.balance));
                }
                DeskCall::Greet(from) => {
                    self.journal.note("greeted");
                    from.reply(());
                }
                DeskCall::Who(from) => from.reply(ctx.pid()),
                DeskCall::Wait(from) => self.waiting.push(from),
                DeskCall::Farewell(one, two, from) => {
                    return Ok(Next::stop_reply(ExitReason::Shutdown, from, format!("{one} {two}")));
                }
            }
            Ok(Next::Receive)
        }

        async fn handle_cast(&mut self, cast: DeskCast, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            match cast {
                DeskCast::Reset => self.balance = 0,
                DeskCast::Watch(pid) => drop(ctx.monitor(pid)),
                DeskCast::Rest => return Ok(Next::Timeout(Duration::ZERO)),
                DeskCast::Reopen(word) => return Ok(Next::Continue(DeskContinue::Open(word))),
                DeskCast::Fail => return Err(BadStart(self.balance).into()),
            }
            Ok(Next::Receive)
        }

        async fn handle_info(&mut self, info: Info<DeskInfo>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            match info {
                Info::Message(DeskInfo::Answer(bonus)) => {
                    for from in self.waiting.drain(..) {
                        from.reply(self.balance + bonus);
                    }
                }
                Info::Message(DeskInfo::Close) => return Ok(Next::Stop(ExitReason::Normal)),
                Info::Down(down) => self.journal.note(format!("down {}", down.reason)),
                Info::Exit(exit) => self.journal.note(format!("exit {}", exit.reason)),
                Info::Timeout => self.journal.note("idle"),
                _ => {}
            }
            Ok(Next::Receive)
        }

        async fn handle_continue(
            &mut self,
            DeskContinue::Open(word): DeskContinue,
            _: &mut Context<Self>,
        ) -> Result<Next<Self>, ExitReason> {
            self.journal.note(word);
            Ok(Next::Receive)
        }

        async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) -> Result<(), ExitReason> {
            self.journal.note(format!("terminate {reason}"));
            if self.balance == 13 { Err(ExitReason::other("unlucky")) } else { Ok(()) }
        }

        fn format_status(&self) -> String {
            format!("a desk with {}", self.balance)
        }
    }

    scenario!();
}

const ANSWERS: [&str; 14] = [
    "Err(Failed { label: Some(\"desk\"), reason: Error(Crash(\"the desk cannot hold -5\"",
    "Err(Ignore(\"desk\"))",
    "Ok(12)",
    "Ok(Err(TooPoor))",
    "Ok(Ok(7))",
    "Ok(())",
    "true",
    "Ok(107)",
    "Ok(1)",
    "\"a desk with 1\"",
    "Ok(())",
    "Ok(\"bye ciao\")",
    "Other(\"unlucky\")",
    "\"crash: the desk cannot hold 7\"",
];

const NOTES: [&str; 15] = [
    "desk ended crash: the desk cannot hold -5",
    "desk ended normal",
    "welcome",
    "greeted",
    "again",
    "down no such process",
    "exit normal",
    "greeted",
    "terminate shutdown",
    "desk ended shutdown",
    "welcome",
    "terminate normal",
    "desk ended \"unlucky\"",
    "welcome",
    "terminate crash: the desk cannot hold 7",
];

fn check(answers: &[String], notes: &[String]) {
    assert_eq!(answers.len(), ANSWERS.len() + 1, "{answers:?}");
    for (answer, expected) in answers.iter().zip(ANSWERS) {
        // What follows is where the crash happened.
        assert!(answer.starts_with(expected), "{answer} is not {expected}");
    }
    assert_eq!(answers.last().unwrap(), "Some(BadStart(7))");
    assert_eq!(notes[..NOTES.len()], NOTES);
    assert_eq!(notes[NOTES.len()..], ["desk ended crash: the desk cannot hold 7"]);
}

#[otp::test]
async fn a_server_written_with_the_macro_does_what_it_says(system: System) {
    let (journal, mut entries) = journal(&system);
    let answers = by_macro::scenario(&system, &journal).await;
    check(&answers, &entries.so_far());
    by_macro::resting(&system, &journal).await;
    assert_eq!(entries.until("idle").await, ["welcome", "idle"]);
}

#[otp::test]
async fn a_server_written_by_hand_does_the_same(system: System) {
    let (journal, mut entries) = journal(&system);
    let answers = by_hand::scenario(&system, &journal).await;
    check(&answers, &entries.so_far());
    by_hand::resting(&system, &journal).await;
    assert_eq!(entries.until("idle").await, ["welcome", "idle"]);
}

#[otp::test]
async fn the_client_has_a_method_for_each_call_and_each_cast(system: System) {
    use by_macro::{Desk, DeskClient, DeskInfo};
    let (journal, mut entries) = journal(&system);
    let desk = Desk::start(&system, (journal, 10)).label("desk").await.unwrap();
    assert_eq!(desk.deposit(2).await, Ok(12));
    assert_eq!(desk.withdraw(20).timeout(Duration::from_secs(60)).await, Ok(Err(TooPoor)));
    assert_eq!(desk.withdraw(2).no_timeout().await, Ok(Ok(10)));
    assert_eq!(desk.greet().await, Ok(()));
    assert_eq!(desk.who().await, Ok(desk.pid().unwrap()));
    let waiting = desk.wait().send_request();
    desk.info(DeskInfo::Answer(1));
    assert_eq!(waiting.await, Ok(11));
    desk.reset();
    assert_eq!(desk.deposit(3).await, Ok(3));
    desk.watch(Pid::SYSTEM);
    entries.until("down no such process").await;
    desk.rest();
    entries.until("idle").await;
    desk.reopen("again");
    entries.until("again").await;
    assert_eq!(desk.farewell("bye".to_owned(), "ciao").await, Ok("bye ciao".to_owned()));

    let named = ServerRef::<Desk>::named(&system, ServerName::new("nobody"));
    assert!(matches!(named.deposit(1).await, Err(CallError::NoProc(_))));
    named.fail();
}

#[otp::test]
async fn a_server_of_the_macro_fits_under_a_supervisor(system: System) {
    use by_macro::{Desk, DeskClient};
    let (journal, _entries): (Journal, _) = journal(&system);
    let spec = ChildSpec::worker("desk", move |supervisor: Process| {
        Desk::start_link(&supervisor, (journal.clone(), 10)).name(ServerName::new("desk"))
    });
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let desk = ServerRef::<Desk>::named(&system, ServerName::new("desk"));
    assert_eq!(desk.deposit(5).await, Ok(15));
    let exited = system.exited(desk.pid().unwrap());
    desk.fail();
    exited.await;
    assert_eq!(otp_suite::trees::ids(&supervisor).await, ["desk"]);
    assert_eq!(desk.deposit(5).await, Ok(15));
}

#[test]
fn a_server_written_by_hand_shows_of_a_message_only_which_kind_it_is() {
    let shown = format!("{:?}", Incoming::<by_hand::Desk>::Cast(&by_hand::DeskCast::Reset));
    assert_eq!(shown, "a cast");
}
