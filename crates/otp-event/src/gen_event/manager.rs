use std::fmt;

use otp_core::{ExitReason, Spawner, System, Term};
use otp_genserver::{GenServer, Incoming, Info, Init, Next, NoMessage, ServerName};
use otp_supervisor::{ServerSpec, Supervised};

use super::handler::Context;
use super::handlers::{Hibernates, Hosted, News};
use super::manager_ref::GenEventRef;
use super::request::{Ask, Request};
use super::start::StartGenEvent;
use crate::quietly::quietly;

/// An event manager: a process with handlers, each of which gets every event. OTP's `gen_event`; its callbacks are those of
/// [`EventHandler`](super::EventHandler).
///
/// A manager is a server. It traps exits, as OTP's does.
///
/// * **Order.** The events of one sender are handled in order, each by all handlers before the next one. The newest handler
///   is first.
/// * **On a crash of a handler.** That handler is removed and reported; the others get the same event.
/// * **On exit.** When the manager stops, or its parent ends, `terminate` of all handlers runs, newest first. When it is
///   killed, nothing runs.
/// * **On restart.** A manager that its supervisor restarts has no handlers. A process that adds a
///   [supervised](super::AddHandler::supervised) handler learns that it has gone, and adds it again; or
///   [`on_start`](otp_supervisor::ChildSpec::on_start) of its spec has it added.
/// * **When full.** The mailbox has no bound unless [`StartGenEvent::with`] sets one.
///
/// [`sys`](otp_behaviour::sys) reads and replaces this value, and so the state of each handler:
///
/// ```
/// # use otp::gen_event::{Context, EventHandler, GenEvent, Init, Next};
/// # use otp::ExitReason;
/// # struct Counter(u32);
/// # impl EventHandler for Counter {
/// #     type Event = String;
/// #     type Args = u32;
/// #     type Call = otp::gen_server::NoMessage;
/// #     async fn init(start: u32, _: &mut Context<String>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::Ok(Counter(start)))
/// #     }
/// #     async fn handle_event(&mut self, _: &String, _: &mut Context<String>) -> Result<Next<Self>, ExitReason> {
/// #         self.0 += 1;
/// #         Ok(Next::ok())
/// #     }
/// # }
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// let manager = GenEvent::start(&system).await.unwrap();
/// manager.add_handler(&Counter::HANDLER, 40).await.unwrap();
/// manager.sync_notify("an event".to_owned()).await.unwrap();
///
/// let count = otp::sys::get_state(&system, &manager, |manager| manager.handler(&Counter::HANDLER).map(|its| its.0));
/// assert_eq!(count.await, Ok(Some(41)));
/// # }).unwrap();
/// ```
#[doc(alias = "EventManager")]
pub struct GenEvent<E: Send + Sync + 'static> {
    /// Oldest first; events go the other way.
    pub(super) handlers: Vec<Hosted<E>>,
}

/// The name of a manager of events of type `E`, under which it can be registered and found.
pub type GenEventName<E> = ServerName<GenEvent<E>>;

impl<E: Send + Sync + 'static> GenEvent<E> {
    /// Starts a manager that is linked to no process. Does nothing until it is awaited.
    pub fn start(on: &impl Spawner) -> StartGenEvent<E> {
        StartGenEvent::new(<GenEvent<E> as GenServer>::start(on, ()))
    }

    /// Starts a manager that is linked to the process that starts it, its parent. Does nothing until it is awaited.
    pub fn start_link(on: &impl Spawner) -> StartGenEvent<E> {
        StartGenEvent::new(<GenEvent<E> as GenServer>::start_link(on, ()))
    }

    /// Returns a reference to the manager that holds `name` in `system`. Each operation looks up the current holder.
    pub fn named(system: &System, name: GenEventName<E>) -> GenEventRef<E> {
        GenEventRef::named(system, name)
    }

    /// Makes the spec of a child that is a manager registered under `name`, which is also the child's id.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::gen_event::{GenEvent, GenEventName};
    /// use otp::prelude::*;
    ///
    /// const ALARMS: GenEventName<String> = GenEventName::new("alarms");
    ///
    /// Supervisor::new(Strategy::OneForOne).child(GenEvent::child(ALARMS)).start(&system).await.unwrap();
    /// GenEvent::named(&system, ALARMS).sync_notify("disk almost full".to_owned()).await.unwrap();
    /// # }).unwrap();
    /// ```
    pub fn child(name: GenEventName<E>) -> ServerSpec<GenEvent<E>> {
        <GenEvent<E> as Supervised>::child(()).name(name)
    }

    async fn all(&mut self, news: News<'_, E>, ctx: &mut Context<E>) -> Next<GenEvent<E>> {
        next(self.tell(news, ctx).await)
    }
}

fn next<E: Send + Sync + 'static>(hibernates: Hibernates) -> Next<GenEvent<E>> {
    if hibernates { Next::Hibernate } else { Next::Receive }
}

impl<E: Send + Sync + 'static> GenServer for GenEvent<E> {
    type Args = ();
    type Call = Request<E>;
    type Cast = E;
    type Info = E;
    type Continue = NoMessage;

    async fn init((): (), ctx: &mut Context<E>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        Ok(Init::Ok(GenEvent { handlers: Vec::new() }))
    }

    async fn handle_call(&mut self, request: Request<E>, ctx: &mut Context<E>) -> Result<Next<Self>, ExitReason> {
        Ok(match request.0 {
            Ask::SyncNotify(event, from) => {
                let next = self.all(News::Event(&event), ctx).await;
                from.reply(());
                quietly(|| drop(event));
                next
            }
            Ask::WhichHandlers(from) => {
                from.reply(self.handlers().map(|(id, _)| id.clone()).collect());
                Next::Receive
            }
            Ask::Typed(operation) => next(operation.run(self, ctx).await),
        })
    }

    async fn handle_cast(&mut self, event: E, ctx: &mut Context<E>) -> Result<Next<Self>, ExitReason> {
        let next = self.all(News::Event(&event), ctx).await;
        quietly(|| drop(event));
        Ok(next)
    }

    async fn handle_info(&mut self, info: Info<E>, ctx: &mut Context<E>) -> Result<Next<Self>, ExitReason> {
        if let Info::Exit(exit) = &info {
            self.owner_ended(exit.from, &exit.reason, ctx).await;
        }
        let next = self.all(News::Info(&info), ctx).await;
        quietly(|| drop(info));
        Ok(next)
    }

    async fn terminate(&mut self, _: &ExitReason, ctx: &mut Context<E>) -> Result<(), ExitReason> {
        self.stop_handlers(ctx).await;
        Ok(())
    }

    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        self.handlers.iter_mut().rev().try_for_each(|hosted| hosted.running.handler_mut().change_code(extra.clone()))
    }

    /// One line for each handler.
    fn format_status(&self) -> String {
        let lines =
            self.handlers.iter().rev().map(|hosted| format!("{}: {}", hosted.id, hosted.running.handler().status()));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn format_message(message: &Incoming<'_, Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match message {
            Incoming::Call(Request(Ask::SyncNotify(..))) => "sync_notify",
            Incoming::Call(Request(Ask::WhichHandlers(_))) => "which_handlers",
            Incoming::Call(Request(Ask::Typed(operation))) => operation.name(),
            Incoming::Cast(_) => "notify",
            _ => "an info",
        })
    }

    fn type_label() -> &'static str {
        "gen_event"
    }
}

impl<E: Send + Sync + 'static> Supervised for GenEvent<E> {}

/// Shows which handlers there are.
impl<E: Send + Sync + 'static> fmt::Debug for GenEvent<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.handlers.iter().rev().map(|hosted| &hosted.id)).finish()
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for Request<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}
