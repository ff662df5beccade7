use std::future::ready;

use otp_core::ExitReason;

use crate::context::AppContext;
use crate::spec::{AppSpec, Phase};
use crate::top::Top;

/// Defines an application: a part of a service with a supervision tree of its own. OTP's `application` behaviour.
///
/// Only [`spec`](Application::spec) and [`start`](Application::start) are required. The callbacks of a running application
/// run in a process of its own, which OTP calls the application master, one after the other. They may panic, and they may
/// start and stop other applications; what would wait for itself is an error.
///
/// * *Order.* `start`, each `start_phase`; any number of `config_change`; `prep_stop`, then the tree ends, then `stop`.
/// * *On exit.* When the top supervisor ends by itself, `prep_stop` and `stop` run all the same, after it; then the
///   [`StartType`](crate::StartType) decides.
/// * *On restart.* An application is not restarted: its supervisors restart what is in it. It can be started again.
///
/// After a stop, all processes that belong to the application are killed, also those outside its tree.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::application::{self, AppContext, AppSpec, Application, Top};
/// use otp::prelude::*;
///
/// struct Mailer {
///     queue: &'static str,
/// }
///
/// impl Application for Mailer {
///     type State = Vec<String>;
///     type Config = ();
///
///     fn spec(&self) -> AppSpec {
///         AppSpec::new("mailer").description("sends mails").version(env!("CARGO_PKG_VERSION"))
///     }
///
///     async fn start(&self, ctx: &AppContext<Self>) -> Result<Top<Vec<String>>, ExitReason> {
///         let tree = Supervisor::new(Strategy::OneForOne);
///         let top = tree.start_link(ctx).name(SupervisorName::dynamic(self.queue)).await?;
///         Ok(Top::with_state(top, vec!["started".to_owned()]))
///     }
///
///     async fn prep_stop(&self, log: &mut Vec<String>, _: &AppContext<Self>) {
///         log.push("still there".to_owned());
///     }
///
///     async fn stop(&self, log: Vec<String>, _: &AppContext<Self>) {
///         assert_eq!(log, ["started", "still there"]);
///     }
/// }
///
/// application::start(&system, Mailer { queue: "outgoing" }).await.unwrap();
/// assert_eq!(application::applications(&system)[0].description.as_str(), "sends mails");
/// application::stop(&system, "mailer").await.unwrap();
/// # }).unwrap();
/// ```
pub trait Application: Sized + Send + Sync + 'static {
    /// What `start` returns beside the top supervisor, for the callbacks after it; `()` for most.
    type State: Send + 'static;

    /// The typed configuration, from the [`ConfigSource`](crate::ConfigSource) of the [`App`](crate::App); `()` for none.
    type Config: PartialEq + Send + Sync + 'static;

    /// Returns the name of the application and what goes with it. Called once for each [`App`](crate::App) value, when it
    /// is loaded; it must not block.
    fn spec(&self) -> AppSpec;

    /// Starts the top supervisor, with a link to `ctx`, and returns when it runs; OTP's `start/2`.
    ///
    /// An error or a panic is a failed start. What was started until then is ended, and the start may be tried again.
    ///
    /// # Cancel safety
    ///
    /// If the application is stopped meanwhile, the future is dropped where it waits.
    fn start(&self, ctx: &AppContext<Self>) -> impl Future<Output = Result<Top<Self::State>, ExitReason>> + Send;

    /// Runs a start phase of the [spec](AppSpec::phase), after `start` and in order; OTP's `start_phase/3`. An error or a
    /// panic fails the start, and stops the tree. The default does nothing.
    fn start_phase(
        &self,
        phase: &Phase,
        state: &mut Self::State,
        ctx: &AppContext<Self>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (phase, state, ctx);
        ready(Ok(()))
    }

    /// Prepares the end, while the tree still runs: stops to take work, and finishes what was taken. OTP's `prep_stop/1`;
    /// the default does nothing. A panic is logged and has no other effect.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at the deadline of the stop, if it has one.
    fn prep_stop(&self, state: &mut Self::State, ctx: &AppContext<Self>) -> impl Future<Output = ()> + Send {
        let _ = (state, ctx);
        ready(())
    }

    /// Cleans up, when the tree has ended; OTP's `stop/1`. The default does nothing. A panic is logged and has no other
    /// effect; see [`prep_stop`](Application::prep_stop) for deadlines.
    fn stop(&self, state: Self::State, ctx: &AppContext<Self>) -> impl Future<Output = ()> + Send {
        let _ = (state, ctx);
        ready(())
    }

    /// Takes note of a changed configuration, after a [`reload`](crate::reload); OTP's `config_change/3`. It is called only
    /// if the new one is not equal to the old one. `ctx` still has the old one.
    ///
    /// An error or a panic refuses the change: the old configuration stays. The default accepts it.
    fn config_change(
        &self,
        old: &Self::Config,
        new: &Self::Config,
        state: &mut Self::State,
        ctx: &AppContext<Self>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (old, new, state, ctx);
        ready(Ok(()))
    }
}
