//! Event managers as users of Rust see them.

use std::time::Duration;

use otp::event::Event;
use otp::gen_event::{
    AddHandlerError, CallHandlerError, Context, DeleteHandlerError, EventHandler, GenEvent, GenEventName, HandlerEvent,
    HandlerExit, HandlerExitReason, Init, Next, Swapped,
};
use otp::prelude::*;
use otp::sys::{self, CodeChangeError};
use otp_suite::{idle, inside};

use super::scripted::{A, Asked, B, C, Scripted, Word};

type Events = otp::gen_event::GenEventRef<Word>;

async fn start(system: &System) -> (Events, otp::test::Journal, otp::test::Recorder) {
    let (journal, recorder) = otp_suite::journal::journal(system);
    (GenEvent::start(system).await.unwrap(), journal, recorder)
}

/// EVT-1, EVT-2.
#[otp::test]
async fn handlers_of_several_types_get_the_same_event_newest_first(system: System) {
    struct Count(u32);
    impl EventHandler for Count {
        type Event = Word;
        type Args = ();
        type Call = ReplyTo<u32>;
        async fn init((): (), _: &mut Context<Word>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Count(0)))
        }
        async fn handle_event(&mut self, _: &Word, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
            self.0 += 1;
            Ok(Next::ok())
        }
        async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
            from.reply(self.0);
            Ok(Next::ok())
        }
    }
    let (manager, journal, mut recorder) = start(&system).await;
    manager.add_handler(&A, Scripted::quiet("a", &journal)).await.unwrap();
    manager.add_handler(&Count::HANDLER, ()).await.unwrap();
    manager.add_handler(&B, Scripted::quiet("b", &journal)).await.unwrap();
    assert_eq!(manager.which_handlers().await.unwrap(), [B.id(), Count::HANDLER.id(), A.id()]);
    manager.notify("one");
    manager.sync_notify("two").await.unwrap();
    manager.info("three");
    assert_eq!(manager.call(&Count::HANDLER, |from| from).await, Ok(2));
    assert_eq!(manager.call(&A, Asked::Name).await, Ok("a"));
    assert_eq!(recorder.so_far(), ["b one", "a one", "b two", "a two", "b info three", "a info three"]);
}

/// EVT-4, EVT-9: who calls hears why there is no answer, and which handler it was.
#[otp::test]
async fn a_call_says_whether_its_handler_is_absent_crashed_or_gone(system: System) {
    system.log_crashes(false);
    let (manager, journal, mut recorder) = start(&system).await;
    let error = manager.call(&A, Asked::Name).await.unwrap_err();
    assert!(matches!(&error, CallHandlerError::NotFound { handler, .. } if *handler == A.id()), "{error}");
    assert_eq!(
        error.to_string(),
        format!("call to handler Scripted a failed: gen_event {} has no such handler", manager.pid().unwrap())
    );

    manager.add_handler(&A, Scripted::quiet("a", &journal)).await.unwrap();
    manager.add_handler(&B, Scripted::quiet("b", &journal)).await.unwrap();
    let error = manager.call(&A, Asked::Crash).await.unwrap_err();
    assert!(
        matches!(&error, CallHandlerError::Crashed { handler, reason } if *handler == A.id() && *reason == ExitReason::crash("crashed")),
        "{error}"
    );
    assert_eq!(manager.call(&B, Asked::Remove).await, Ok("removed"));
    assert_eq!(manager.which_handlers().await.unwrap(), []);
    assert_eq!(recorder.so_far(), ["a crashed", "b removed"]);

    manager.add_handler(&C, Scripted::quiet("c", &journal)).await.unwrap();
    let waiting = manager.call(&C, Asked::Keep).timeout(Duration::from_millis(10));
    assert!(matches!(waiting.await, Err(CallHandlerError::Call(CallError::Timeout { .. }))));
    manager.stop().await.unwrap();
    assert!(matches!(manager.call(&C, Asked::Name).await, Err(CallHandlerError::Call(CallError::NoProc(_)))));
}

/// EVT-6, EVT-10.
#[otp::test]
async fn who_deletes_or_swaps_a_handler_gets_its_last_state(system: System) {
    let (manager, journal, _recorder) = start(&system).await;
    manager.add_handler(&A, Scripted::quiet("a", &journal)).await.unwrap();
    let notes = journal.clone();
    let make = move |old: Swapped<Scripted>| match old {
        Swapped::Handler(old) => Scripted { name: "after a", ..old },
        _ => Scripted::quiet("after nobody", &notes),
    };
    manager.swap_handler(&A, &B, make.clone()).await.unwrap();
    manager.swap_handler(&A, &C, make).await.unwrap();
    assert_eq!(manager.call(&B, Asked::Name).await, Ok("after a"));
    assert_eq!(manager.call(&C, Asked::Name).await, Ok("after nobody"));
    assert_eq!(manager.delete_handler(&B).await.unwrap().name, "after a");
    let error = manager.delete_handler(&B).await.map(|handler| handler.name).unwrap_err();
    assert!(matches!(error, DeleteHandlerError::NotFound { .. }), "{error}");
}

/// EVT-5: the owner gets a message of its own type, whichever way the handler goes.
#[otp::test]
async fn the_owner_of_a_supervised_handler_is_told_when_it_goes(system: System) {
    let (manager, journal, _recorder) = start(&system).await;
    let told = inside(&system, async move |mut ctx: ProcessContext<Option<HandlerExit>>| {
        let this = Address::from(ctx.this()).map_message(Some);
        manager
            .add_handler(&A, Scripted::acting("a", &journal, |_| Ok(Next::remove())))
            .supervised(&this)
            .await
            .unwrap();
        manager.add_handler(&B, Scripted::quiet("b", &journal)).supervised(&this).await.unwrap();
        manager.sync_notify("go").await.unwrap();
        manager.stop().await.unwrap();
        let mut told = Vec::new();
        while let Some(Message::User(Some(exit))) = ctx.try_receive_match(|_| true) {
            told.push((exit.handler, exit.reason));
        }
        told
    });
    let told = told.await;
    assert_eq!(told, [(A.id(), HandlerExitReason::Normal), (B.id(), HandlerExitReason::Shutdown)]);
}

/// EVT-5.
#[otp::test]
async fn a_handler_goes_with_its_owner_and_none_is_added_for_one_that_has_ended(system: System) {
    let (manager, journal, mut recorder) = start(&system).await;
    let (managed, notes) = (manager.clone(), journal.clone());
    let owner = system.spawn(async move |ctx: ProcessContext<HandlerExit>| {
        managed.add_handler(&A, Scripted::quiet("a", &notes)).supervised(ctx.this()).await.unwrap();
    });
    let gone: Address<HandlerExit> = Address::from(&owner);
    owner.exited().await;
    assert_eq!(manager.which_handlers().await.unwrap(), []);
    assert_eq!(recorder.so_far(), ["a owner exited"]);
    let error = manager.add_handler(&B, Scripted::quiet("b", &journal)).supervised(gone).await.unwrap_err();
    assert!(matches!(&error, AddHandlerError::NoOwner { handler, .. } if *handler == B.id()), "{error}");
}

/// EVT-12.
#[otp::test]
async fn a_manager_that_is_restarted_is_found_by_its_name_and_has_the_handlers_that_its_spec_adds(system: System) {
    const EVENTS: GenEventName<Word> = GenEventName::new("events");
    let spec = GenEvent::child(EVENTS);
    assert_eq!(spec.id().as_str(), "events");
    Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let manager = GenEvent::named(&system, EVENTS);
    let (journal, _recorder) = otp_suite::journal::journal(&system);
    manager.add_handler(&A, Scripted::quiet("a", &journal)).await.unwrap();
    let first = manager.pid();
    let exited = manager.exited();
    manager.exit(ExitReason::Kill);
    exited.await;
    let again = manager.server().await_holder().await.unwrap();
    assert_ne!(again.pid(), first);
    assert_eq!(manager.which_handlers().await.unwrap(), []);
}

/// EVT-13.
#[otp::test]
async fn sys_reads_and_replaces_the_state_of_each_handler_and_changes_the_code_of_all(system: System) {
    struct Version(u32);
    impl EventHandler for Version {
        type Event = Word;
        type Args = u32;
        type Call = NoMessage;
        async fn init(version: u32, _: &mut Context<Word>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Hibernate(Version(version)))
        }
        async fn handle_event(&mut self, _: &Word, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
            Ok(Next::hibernate())
        }
        fn code_change(&mut self, extra: otp::process::Term) -> Result<(), ExitReason> {
            let version = *extra.downcast_ref::<u32>().ok_or_else(|| ExitReason::other("no number"))?;
            if version < self.0 {
                return Err(ExitReason::other("not back"));
            }
            self.0 = version;
            Ok(())
        }
        fn format_status(&self) -> String {
            format!("version {}", self.0)
        }
    }
    let (manager, journal, _recorder) = start(&system).await;
    manager.add_handler(&Version::HANDLER, 1).await.unwrap();
    manager.add_handler(&A, Scripted::quiet("a", &journal)).await.unwrap();
    sys::replace_state(&system, &manager, |all| all.handler_mut(&A).unwrap().name = "z").await.unwrap();
    assert_eq!(manager.call(&A, Asked::Name).await, Ok("z"));

    let change = |to: u32| sys::change_code(&system, &manager, otp::process::Term::new(to));
    assert!(matches!(change(2).await, Err(CodeChangeError::NotSuspended(_))));
    sys::suspend(&system, &manager).await.unwrap();
    change(2).await.unwrap();
    assert!(matches!(change(1).await, Err(CodeChangeError::Refused { .. })));
    sys::resume(&system, &manager).await.unwrap();
    let read = sys::get_state(&system, &manager, |all| all.handler(&Version::HANDLER).map(|its| its.0));
    assert_eq!(read.await, Ok(Some(2)));
    let status = sys::status(&system, &manager).await.unwrap().state.unwrap();
    assert!(status.ends_with("Version: version 2") && status.starts_with("Scripted a: "), "{status}");
}

/// EVT-4: the report names the handler, which a crash report of the process alone would not.
#[otp::test]
async fn a_handler_that_fails_is_reported(system: System) {
    system.log_crashes(false);
    let mut reports = otp::test::Recorder::of(&system, |event| match event {
        Event::Crashed(report) => Some(format!("crashed {}", report.reason)),
        other => other.downcast_ref::<HandlerEvent>().map(|failed| match failed {
            HandlerEvent::Failed { handler, reason, state: None, .. } => format!("{handler} failed {reason}"),
            _ => "something else".to_owned(),
        }),
    });
    let (manager, journal, _recorder) = start(&system).await;
    manager.add_handler(&A, Scripted::acting("a", &journal, |_| Err(ExitReason::other("no")))).await.unwrap();
    manager.sync_notify("x").await.unwrap();
    manager.add_handler(&B, Scripted::quiet("b", &journal)).await.unwrap();
    manager.call(&B, Asked::Crash).await.unwrap_err();
    let reports = reports.so_far();
    let crash = ExitReason::crash("crashed").to_string();
    assert_eq!(reports[0], format!("Scripted a failed {}", ExitReason::other("no")));
    assert_eq!(reports[1..].len(), 2, "{reports:?}");
    assert!(reports[1].contains(&crash) && reports[2].contains("Scripted b failed"), "{reports:?}");
}

#[otp::test]
async fn the_report_of_a_handler_that_fails_shows_its_state_and_not_that_of_others(system: System) {
    struct Counting(u32);

    impl EventHandler for Counting {
        type Event = u32;
        type Args = u32;
        type Call = otp::gen_server::NoMessage;

        async fn init(most: u32, _: &mut Context<u32>) -> Result<otp::gen_event::Init<Self>, ExitReason> {
            Ok(otp::gen_event::Init::Ok(Counting(most)))
        }

        async fn handle_event(
            &mut self,
            event: &u32,
            _: &mut Context<u32>,
        ) -> Result<otp::gen_event::Next<Self>, ExitReason> {
            self.0 = self.0.checked_sub(*event).expect("enough is left");
            Ok(otp::gen_event::Next::ok())
        }

        fn format_status(&self) -> String {
            format!("{} left", self.0)
        }
    }

    system.log_crashes(false);
    let mut reports = otp::test::Recorder::of(&system, |event| match event {
        Event::Crashed(report) => report.state.as_deref().map(str::to_owned),
        other => match other.downcast_ref::<HandlerEvent>()? {
            HandlerEvent::Failed { state, .. } => state.as_deref().map(str::to_owned),
            _ => None,
        },
    });
    let manager = GenEvent::start(&system).await.unwrap();
    manager.add_handler(&Counting::HANDLER, 5).await.unwrap();
    manager.sync_notify(2).await.unwrap();
    manager.sync_notify(4).await.unwrap();
    assert_eq!(reports.so_far(), ["3 left"; 2]);
    assert_eq!(manager.which_handlers().await.unwrap().len(), 0);
}

/// A manager is a server: with a bound for its mailbox, notifications are refused or wait.
#[otp::test]
async fn events_for_a_manager_with_a_bounded_mailbox_come_back_or_wait(system: System) {
    let manager: Events = GenEvent::start(&system).with(|start| start.mailbox(1)).await.unwrap();
    sys::suspend(&system, &manager).await.unwrap();
    manager.try_notify("one").unwrap();
    let Err(TrySendError::Full { message, .. }) = manager.try_notify("two") else { panic!("it has room") };
    let waiting = system.spawn({
        let manager = manager.clone();
        async move |_: ProcessContext<()>| manager.notify_when_room(message).await.unwrap()
    });
    idle(&waiting).await;
    sys::resume(&system, &manager).await.unwrap();
    assert_eq!(waiting.exited().await, ExitReason::Normal);
}
