//! What supervisors, servers and other crates write to the log.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::channel::oneshot;
use otp::event::Occurrence;
use otp::gen_server::Envelope;
use otp::prelude::*;
use otp::process::AliasMode;
use otp::sys;
use otp_suite::{forever, until};
use tracing::Level;

use crate::listener::{BROKEN, records};
use crate::on_every_backend;

/// A server that ends as it is told to, and handles nothing else.
struct Clerk;

#[gen_server]
impl Clerk {
    #[format_status]
    fn format_status(&self) -> String {
        "at the desk".to_owned()
    }

    #[init]
    fn init() -> Self {
        Clerk
    }

    #[cast]
    fn end(&mut self, reason: ExitReason) -> Next<Self> {
        Next::Stop(reason)
    }
}

fn clerk(word: &'static str) -> ChildSpec<ServerRef<Clerk>> {
    ChildSpec::worker(word, move |supervisor: Process| {
        Clerk::start_link(&supervisor, ()).name(ServerName::<Clerk>::new(word))
    })
}

on_every_backend! {
    async fn a_restart_is_logged_once_with_the_reason_and_the_new_pid(system: System, word: &'static str) {
        let name = ServerName::<Clerk>::new(word);
        let supervisor = Supervisor::new(Strategy::OneForOne).child(clerk(word)).start(&system).name(SupervisorName::new("office")).await.unwrap();
        let first = system.whereis(&name).unwrap().unwrap();
        let mut events = system.subscribe();
        ServerRef::named(&system, name.clone()).end(ExitReason::other("closing time"));
        first.exited().await;
        while !matches!(events.next().await.downcast_ref(), Some(SupervisorEvent::Restarted { .. })) {}

        let all: Vec<_> = records(word).into_iter().filter(|record| record.target == "otp::supervisor").collect();
        let [record] = &all[..] else { panic!("not one record: {all:#?}") };
        assert_eq!(record.head(), (Level::WARN, "otp::supervisor", "a child was started again"));
        assert_eq!(record.names(), ["child", "label", "message", "pid", "reason", "supervisor"]);
        assert_eq!(record.field("supervisor"), supervisor.pid().unwrap().to_string());
        assert_eq!((record.field("label"), record.field("child")), ("office", word));
        assert_eq!(record.field("pid"), system.whereis(&name).unwrap().unwrap().pid().to_string());
        assert_eq!(record.field("reason"), "\"closing time\"");
        let crash = records(word).into_iter().find(|record| record.target == "otp::crash").unwrap();
        assert_eq!(crash.field("state"), "at the desk");
        supervisor.stop().await.unwrap();
    }

    async fn a_supervisor_that_fails_and_gives_up_says_so_with_the_place(system: System, word: &'static str) {
        let fails = Arc::new(AtomicBool::new(false));
        let child = ChildSpec::worker(word, move |supervisor: Process| {
            assert!(!fails.swap(true, Ordering::SeqCst), "not today");
            Clerk::start_link(&supervisor, ()).name(ServerName::<Clerk>::new(word))
        });
        let office = Supervisor::new(Strategy::OneForOne).intensity(1, Duration::from_secs(3600)).child(child);
        let office = office.start(&system).await.unwrap();
        let ended = system.exited(office.pid().unwrap());
        ServerRef::named(&system, ServerName::<Clerk>::new(word)).end(ExitReason::crash("torn"));
        assert_eq!(ended.await, ExitReason::Shutdown);

        let all: Vec<_> = records(word).into_iter().filter(|record| record.target == "otp::supervisor").collect();
        let [failed, gave_up] = &all[..] else { panic!("not two records: {all:#?}") };
        assert_eq!(failed.head(), (Level::WARN, "otp::supervisor", "a child could not be started again"));
        assert_eq!(failed.field("reason"), format!("{word} was not started: crash: not today"));
        assert!(failed.field("place").contains("log/others.rs:"), "{failed:?}");
        let message = "a supervisor gives up: its children ended too often";
        assert_eq!(gave_up.head(), (Level::ERROR, "otp::supervisor", message));
        assert_eq!(gave_up.field("child"), word);
    }

    async fn what_a_server_does_not_handle_is_logged(system: System, word: &'static str) {
        let deaf = Deaf::start(&system, ()).name(ServerName::<Deaf>::new(word)).await.unwrap();
        let pid = deaf.pid().unwrap().to_string();
        deaf.info(7);
        let watched = system.spawn(async |_: ProcessContext<()>| ExitReason::Shutdown);
        watched.exited().await;
        deaf.cast(Has::Monitored(watched.pid()));
        // Whatever arrives keeps it from timing out.
        until(|| records(word).len() == 2).await;
        deaf.cast(Has::TimedOut);
        until(|| records(word).len() == 3).await;
        // The parent of a server ends it; anybody else's signal is a message.
        let to = deaf.clone();
        let stranger = system.spawn(async move |_: ProcessContext<()>| to.exit(ExitReason::other("stranger")));
        stranger.exited().await;
        deaf.call(Drained).await.unwrap();
        let all = records(word);
        let said: Vec<_> = all.iter().map(|record| (record.field("message"), record.field("reason"))).collect();
        let expected = [
            ("a message is not handled", ""),
            ("a down is not handled", "no such process"),
            ("a timeout is not handled", ""),
            ("an exit is not handled", "\"stranger\""),
        ];
        assert_eq!(said, expected);
        for record in &all {
            assert_eq!((record.level, record.target), (Level::WARN, "otp::gen_server"));
            assert_eq!((record.field("pid"), record.field("label")), (&*pid, word));
            assert!(record.field("server").contains("others::Deaf"), "{record:?}");
        }
        assert_eq!(all[1].field("from"), watched.pid().to_string());
        assert_eq!(all[3].field("from"), stranger.pid().to_string());
    }

    async fn what_a_full_mailbox_loses_is_logged(system: System, word: &'static str) {
        let deaf = Deaf::start(&system, ()).label(word).mailbox(1).await.unwrap();
        sys::suspend(&system, &deaf).await.unwrap();
        deaf.cast(Has::TimedOut);
        deaf.cast(Has::TimedOut);
        deaf.info(1);
        deaf.send_after(Duration::ZERO, 1);
        until(|| records(word).len() == 3).await;
        let all = records(word);
        let [cast, info, timed] = &all[..] else { panic!("not three records: {all:#?}") };
        assert_eq!(cast.head(), (Level::WARN, "otp::mailbox", "a cast was dropped: the mailbox is full"));
        for record in [info, timed] {
            assert_eq!(record.head(), (Level::WARN, "otp::mailbox", "a message was dropped: the mailbox is full"));
        }
        for record in [cast, info] {
            assert_eq!(record.names(), ["label", "message", "server", "to"]);
        }
        assert_eq!(timed.names(), ["label", "message", "to"]);
        for record in &all {
            assert_eq!(record.field("to"), deaf.pid().unwrap().to_string());
        }
    }

    async fn messages_for_a_server_of_another_type_are_logged(system: System, word: &'static str) {
        let holder = system.spawn_with(SpawnOptions::new().name(Name::new(word)), forever::<u8>).unwrap().process;
        let deaf: ServerRef<Deaf> = ServerRef::named(&system, ServerName::new(word));
        deaf.cast(Has::TimedOut);
        deaf.info(1);
        deaf.send_after(Duration::ZERO, 1);
        until(|| records(word).len() == 3).await;
        let all = records(word);
        let [cast, info, timed] = &all[..] else { panic!("not three records: {all:#?}") };
        for (record, what) in [(cast, "cast"), (info, "message")] {
            let message = &*format!("a {what} was dropped: its addressee is of another type");
            assert_eq!(record.head(), (Level::ERROR, "otp::mailbox", message));
            assert_eq!(record.names(), ["expected", "label", "message", "receives", "server", "to"]);
        }
        let message = "a message was dropped: its addressee is of another type";
        assert_eq!(timed.head(), (Level::ERROR, "otp::mailbox", message));
        assert_eq!(timed.names(), ["expected", "label", "message", "receives", "to"]);
        for record in &all {
            assert_eq!((record.field("to"), record.field("receives")), (&*holder.pid().to_string(), "\"u8\""));
            assert_eq!(record.field("expected"), format!("{:?}", std::any::type_name::<Envelope<Deaf>>()));
        }
    }

    async fn messages_that_a_full_mailbox_loses_are_logged(system: System, word: &'static str) {
        let (open, opened) = oneshot::channel::<()>();
        let options = SpawnOptions::new().label(word).mailbox(1);
        let process = system.spawn_with(options, async |mut ctx: ProcessContext<u8>| {
            let alias = ctx.alias(AliasMode::Explicit);
            alias.send(1);
            alias.send(2);
            drop(open);
            ctx.receive().await;
        });
        assert!(opened.await.is_err());
        let process = process.unwrap().process;
        process.exited().await;
        let all = records(word);
        let [record] = &all[..] else { panic!("not one record: {all:#?}") };
        assert_eq!(record.head(), (Level::WARN, "otp::mailbox", "a message was dropped: the mailbox is full"));
        assert_eq!((record.names(), record.field("to")), (vec!["label", "message", "to"], &*process.pid().to_string()));
    }

    async fn what_another_crate_reports_is_logged_by_it(system: System, word: &'static str) {
        system.report(|| Alarm(word));
        let all = records(word);
        let [record] = &all[..] else { panic!("not one record: {all:#?}") };
        assert_eq!(record.head(), (Level::INFO, "alarm", "ringing"));
    }

    async fn an_occurrence_whose_log_panics_is_told_all_the_same(system: System, word: &'static str) {
        let mut events = system.subscribe();
        system.report(|| Alarm(BROKEN));
        assert_eq!(events.try_next().unwrap().downcast_ref(), Some(&Alarm(BROKEN)));
        system.report(|| Alarm(word));
        assert_eq!(records(word).len(), 1);
    }
}

/// A server that has no `handle_info`.
struct Deaf;

struct Drained(ReplyTo<()>);

enum Has {
    Monitored(Pid),
    TimedOut,
}

impl GenServer for Deaf {
    type Args = ();
    type Call = Drained;
    type Cast = Has;
    type Info = u8;
    type Continue = NoMessage;

    async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        Ok(Init::Ok(Deaf))
    }

    async fn handle_call(&mut self, call: Drained, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        call.0.reply(());
        Ok(Next::Receive)
    }

    async fn handle_cast(&mut self, cast: Has, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        Ok(match cast {
            Has::Monitored(pid) => {
                ctx.monitor(pid);
                Next::Receive
            }
            Has::TimedOut => Next::Timeout(Duration::ZERO),
        })
    }
}

/// What a crate that the library does not know tells of.
#[derive(Debug, PartialEq)]
pub(crate) struct Alarm(pub(crate) &'static str);

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Occurrence for Alarm {
    fn pid(&self) -> Option<Pid> {
        None
    }

    fn log(&self) {
        tracing::info!(target: "alarm", place = %self.0, "ringing");
    }
}
