//! Handlers that panic wherever they can, and call whom they should not.

use std::sync::{Arc, Mutex};

use otp::gen_event::{
    AddHandlerError, CallHandlerError, Context, EventHandler, GenEvent, GenEventRef, HandlerExit, HandlerName, Init,
    Next, Removal,
};
use otp::gen_server::Info;
use otp::prelude::*;
use otp_suite::{Bomb, Drops, inside};

use super::scripted::{A, Asked, B, Scripted, Word};

fn explode(what: &str) -> ! {
    std::panic::resume_unwind(Box::new(what.to_owned()))
}

/// Panics in the callback of this name, and in its drop if it is told.
struct Bad(&'static str, #[expect(dead_code, reason = "for its drop")] Option<Bomb>);

impl EventHandler for Bad {
    type Event = Word;
    type Args = Bad;
    type Call = ReplyTo<()>;

    async fn init(args: Bad, _: &mut Context<Word>) -> Result<Init<Self>, ExitReason> {
        if args.0 == "init" {
            explode("init");
        }
        Ok(Init::Ok(args))
    }

    async fn handle_event(&mut self, _: &Word, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
        if self.0 == "event" {
            explode("event");
        }
        Ok(Next::ok())
    }

    async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
        if self.0 == "call" {
            explode("call");
        }
        from.reply(());
        Ok(Next::ok())
    }

    async fn handle_info(&mut self, _: &Info<Word>, _: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
        explode("info")
    }

    async fn terminate(&mut self, _: &Removal, _: &mut Context<Word>) -> Result<(), ExitReason> {
        explode("terminate")
    }

    fn code_change(&mut self, _: otp::process::Term) -> Result<(), ExitReason> {
        explode("code_change")
    }

    fn format_status(&self) -> String {
        explode("format_status")
    }
}

#[otp::test]
async fn handlers_that_panic_in_every_callback_and_in_their_drop_leave_the_manager_and_the_others_alone(
    system: System,
) {
    system.log_crashes(false);
    let (journal, _recorder) = otp_suite::journal::journal(&system);
    let manager = GenEvent::start(&system).await.unwrap();
    manager.add_handler(&A, Scripted::quiet("a", &journal)).await.unwrap();
    let bomb = || Some(Bomb("dropped"));
    for what in ["init", "event", "call", "info", "code_change"] {
        let name = HandlerName::<Bad>::dynamic(what.to_owned());
        let added = manager.add_handler(&name, Bad(what, bomb())).await;
        assert_eq!(added.is_err(), what == "init");
        match what {
            "event" => manager.sync_notify("x").await.unwrap(),
            "call" => {
                let error = manager.call(&name, |from| from).await.unwrap_err();
                assert!(matches!(error, CallHandlerError::Crashed { .. }), "{error}");
            }
            "info" => manager.info("i"),
            "code_change" => {
                let status = otp::sys::status(&system, &manager).await.unwrap();
                assert!(status.state.unwrap().contains("format_status"));
                otp::sys::suspend(&system, &manager).await.unwrap();
                let changed = otp::sys::change_code(&system, &manager, otp::process::Term::new(1)).await;
                assert!(changed.is_err());
                otp::sys::resume(&system, &manager).await.unwrap();
                assert!(manager.delete_handler(&name).await.is_err(), "its terminate panics");
            }
            _ => {}
        }
    }
    // Two that are there when it is killed: the drop of one must not keep the other's.
    let drops = Drops::default();
    for name in ["one", "two"] {
        manager.add_handler(&HandlerName::<Bad>::dynamic(name.to_owned()), Bad("", bomb())).await.unwrap();
        let kept = Scripted { kept: Some(Box::new(drops.guard())), ..Scripted::quiet("kept", &journal) };
        manager.add_handler(&B, kept).await.unwrap();
    }
    assert_eq!(manager.call(&A, Asked::Name).await, Ok("a"));
    manager.exit(ExitReason::Kill);
    assert_eq!(manager.exited().await, ExitReason::Killed);
    assert_eq!(drops.count(), 2);
}

/// An event that panics in its drop.
#[otp::test]
async fn an_event_that_panics_in_its_drop_does_not_end_the_manager(system: System) {
    system.log_crashes(false);
    struct Ignores;
    impl EventHandler for Ignores {
        type Event = Bomb;
        type Args = ();
        type Call = ReplyTo<u8>;
        async fn init((): (), _: &mut Context<Bomb>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Ignores))
        }
        async fn handle_event(&mut self, _: &Bomb, _: &mut Context<Bomb>) -> Result<Next<Self>, ExitReason> {
            Ok(Next::ok())
        }
        async fn handle_call(&mut self, from: ReplyTo<u8>, _: &mut Context<Bomb>) -> Result<Next<Self>, ExitReason> {
            from.reply(1);
            Ok(Next::ok())
        }
    }
    let manager = GenEvent::start(&system).await.unwrap();
    manager.add_handler(&Ignores::HANDLER, ()).await.unwrap();
    manager.notify(Bomb("an event"));
    manager.info(Bomb("an info"));
    manager.sync_notify(Bomb("another event")).await.unwrap();
    assert_eq!(manager.call(&Ignores::HANDLER, |from| from).await, Ok(1));
}

#[otp::test]
async fn a_handler_that_calls_its_own_manager_is_told_of_the_deadlock(system: System) {
    struct Selfish(Arc<Mutex<Vec<CallError>>>);
    impl EventHandler for Selfish {
        type Event = Word;
        type Args = Arc<Mutex<Vec<CallError>>>;
        type Call = NoMessage;
        async fn init(errors: Self::Args, _: &mut Context<Word>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Selfish(errors)))
        }
        async fn handle_event(&mut self, _: &Word, ctx: &mut Context<Word>) -> Result<Next<Self>, ExitReason> {
            let own = GenEventRef::from(ctx.server());
            let mut errors = vec![own.sync_notify("again").await.unwrap_err(), own.which_handlers().await.unwrap_err()];
            let added = own.add_handler(&Selfish::HANDLER, self.0.clone()).await;
            let Err(AddHandlerError::Call(error)) = added else { panic!("it was added") };
            errors.push(error);
            self.0.lock().unwrap().extend(errors);
            Ok(Next::ok())
        }
    }
    let manager = GenEvent::start(&system).await.unwrap();
    let errors = Arc::default();
    manager.add_handler(&Selfish::HANDLER, Arc::clone(&errors)).await.unwrap();
    manager.sync_notify("x").await.unwrap();
    let errors = errors.lock().unwrap();
    assert!(errors.len() == 3 && errors.iter().all(|error| matches!(error, CallError::CallingSelf(_))), "{errors:?}");
}

#[otp::test]
async fn an_owner_whose_conversion_panics_and_one_that_waits_for_the_manager_do_no_harm(system: System) {
    system.log_crashes(false);
    let (journal, _recorder) = otp_suite::journal::journal(&system);
    let manager = GenEvent::start(&system).await.unwrap();
    let managed = manager.clone();
    inside(&system, async move |ctx: ProcessContext<HandlerExit>| {
        let this = Address::from(ctx.this()).map_message(|_: HandlerExit| -> HandlerExit { explode("converted") });
        managed.add_handler(&A, Scripted::quiet("a", &journal)).supervised(this).await.unwrap();
        assert_eq!(managed.delete_handler(&A).await.map(|handler| handler.name).unwrap(), "a");
    })
    .await;
    assert_eq!(manager.which_handlers().await.unwrap(), []);
}
