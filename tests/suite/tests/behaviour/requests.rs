//! System requests to servers of which only the pid is known.

use futures::FutureExt;
use otp::behaviour::{SystemRequest, Systemic, ask};
use otp::prelude::*;
use otp::process::{ProcessInfo, Term};
use otp::sys::{self, Mode, SysError};
use otp_suite::journal::journal;
use otp_suite::servers::{Act, Ask, Puppet, Script, boom, gate};

struct Number(i64);

#[gen_server]
impl Number {
    #[init]
    fn init(start: i64) -> Self {
        Number(start)
    }

    #[call]
    fn value(&self) -> i64 {
        self.0
    }
}

// SYS-1, SYS-2, SYS-3
#[otp::test]
async fn a_server_can_be_asked_by_its_pid_alone(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let pid = number.pid().unwrap();
    assert_eq!(sys::get_state(&system, pid, |number: &Number| number.0).await, Ok(5));
    sys::suspend(&system, pid).await.unwrap();
    let status = sys::status(&system, pid).await.unwrap();
    assert_eq!((status.mode, status.info.pid), (Mode::Suspended, pid));
    assert!(status.state.is_some());
    assert_eq!(sys::change_code(&system, pid, Term::new(())).await, Ok(()));
    let call = number.value().send_request();
    assert_eq!(sys::replace_state(&system, pid, |number: &mut Number| number.0 = 6).await, Ok(()));
    sys::resume(&system, pid).await.unwrap();
    assert_eq!(call.await, Ok(6));
}

#[otp::test]
async fn a_server_can_be_asked_by_its_name_alone(system: System) {
    const NUMBER: ServerName<Number> = ServerName::new("number");
    let number = Number::start(&system, 5).name(NUMBER).await.unwrap();
    let pid = number.pid().unwrap();
    assert_eq!(sys::status(&system, &NUMBER).await.unwrap().info.pid, pid);
    assert_eq!(sys::get_state(&system, &NUMBER, |number: &Number| number.0).await, Ok(5));
    assert_eq!(sys::get_state(&system, &ServerRef::named(&system, NUMBER), |number| number.0).await, Ok(5));
}

// SYS-1
#[otp::test]
async fn a_state_of_another_type_is_not_looked_at(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let pid = number.pid().unwrap();
    let error = sys::get_state(&system, pid, |text: &String| text.len()).await.unwrap_err();
    let SysError::WrongType { expected, .. } = error else { panic!("{error}") };
    assert_eq!(expected, "alloc::string::String");
    assert_eq!(error.to_string(), format!("cannot get_state Number {pid}: its state is no alloc::string::String"));
    let error = sys::replace_state(&system, pid, |puppet: &mut Puppet| drop(format!("{puppet:?}"))).await.unwrap_err();
    assert!(matches!(error, SysError::WrongType { .. }));
    assert_eq!(number.value().await, Ok(5));
}

// SYS-14, SYS-2
#[otp::test]
async fn a_supervisor_is_a_server_like_others(system: System) {
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let pid = supervisor.pid().unwrap();
    sys::suspend(&system, pid).await.unwrap();
    let mut count = std::pin::pin!(supervisor.count_children());
    assert!((&mut count).now_or_never().is_none());
    assert_eq!(sys::status(&system, pid).await.unwrap().mode, Mode::Suspended);
    sys::resume(&system, pid).await.unwrap();
    assert_eq!(count.await.unwrap().specs, 0);
}

// SYS-5
#[otp::test]
async fn a_request_that_waits_when_the_server_ends_is_told_why_it_ended(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).label("puppet").await.unwrap();
    let pid = server.pid().unwrap();
    let (open, closed) = gate();
    server.cast(Act::Wait(closed).then(Act::Stop(boom())));
    entries.until("waits").await;
    let mut asked = [sys::suspend(&system, pid), sys::resume(&system, pid)];
    asked.iter_mut().for_each(|asked| assert!(asked.now_or_never().is_none()));
    let mut status = sys::status(&system, pid).no_timeout();
    assert!((&mut status).now_or_never().is_none());
    drop(open);
    for asked in asked {
        assert!(matches!(asked.await, Err(SysError::Call(CallError::Exited { reason, .. })) if reason == boom()));
    }
    assert!(status.await.unwrap_err().to_string().contains("call to puppet"));
}

// SYS-7
#[otp::test]
async fn a_callback_that_looks_into_the_mailbox_leaves_system_requests_where_they_are(system: System) {
    struct Digger;

    #[gen_server]
    impl Digger {
        #[init]
        fn init() -> Self {
            Digger
        }

        #[call]
        async fn dig(&mut self, gate: otp_suite::servers::Gate, ctx: &mut Context<Self>) -> bool {
            let _ = gate.await;
            ctx.take_exit(Pid::SYSTEM).is_some()
        }
    }

    let digger = Digger::start(&system, ()).await.unwrap();
    let pid = digger.pid().unwrap();
    let exited = system.exited(pid);
    let (open, closed) = gate();
    let dig = digger.dig(closed).send_request();
    let mut status = sys::status(&system, pid);
    assert!((&mut status).now_or_never().is_none());
    assert!(digger.stop().timeout(std::time::Duration::ZERO).await.is_err());
    drop(open);
    assert_eq!(dig.await, Ok(false));
    assert!(status.await.is_ok());
    assert_eq!(exited.await, ExitReason::Normal);
}

/// A request that the library does not know: has the server's number added to, and tells how it went.
struct Add(i64, ReplyTo<Result<i64, CallError>>);

impl SystemRequest for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let number = by.state().and_then(|state| state.downcast_mut::<Number>());
        let sum = number.map(|number| {
            number.0 += self.0;
            number.0
        });
        self.1.reply(Ok(sum.unwrap_or(-1)));
    }

    fn answer(self: Box<Self>, _: ProcessInfo) {
        // Nobody answers.
        drop(self);
    }
}

#[otp::test]
async fn other_crates_can_have_requests_of_their_own(system: System) {
    let number = Number::start(&system, 5).await.unwrap();
    let add = |to: Pid, n| ask(&system, to, move |from| Box::new(Add(n, from)));
    assert_eq!(add(number.pid().unwrap(), 2).await, Ok(7));
    assert_eq!(number.value().await, Ok(7));

    let plain = system.spawn(otp_suite::forever::<()>);
    assert!(matches!(add(plain.pid(), 2).await, Err(CallError::NoReply(_))));
    let (journal, _entries) = journal(&system);
    let puppet = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    assert_eq!(add(puppet.pid().unwrap(), 2).await, Ok(-1));
    assert_eq!(puppet.call(|from| Ask::Echo("alive", from)).await, Ok("alive"));
}

// ORD-1
#[otp::test]
async fn requests_and_messages_of_one_sender_arrive_in_their_order(system: System) {
    let (journal, mut entries) = journal(&system);
    let server = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let pid = server.pid().unwrap();
    let (open, closed) = gate();
    server.cast(Act::Wait(closed));
    server.cast(Act::Note("1"));
    let noted = journal.clone();
    let mut look = sys::get_state(&system, pid, move |_: &Puppet| noted.note("look"));
    assert!((&mut look).now_or_never().is_none());
    server.cast(Act::Note("2"));
    drop(open);
    look.await.unwrap();
    assert_eq!(entries.until("2").await, ["starts", "waits", "1", "look", "2"]);
}
