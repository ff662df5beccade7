//! OTP's applications: the parts of a service, each a supervision tree, started in the order of their dependencies and
//! stopped in reverse.
//!
//! * An [`Application`] has the callbacks: [`start`](Application::start) returns its top supervisor,
//!   [`stop`](Application::stop) cleans up. An [`AppSpec`] has its name, version, dependencies, start phases and
//!   environment. An [`App`] is an application as a value; its dependencies are values, too.
//! * [`start`] starts an application whose dependencies run; [`ensure_all_started`] starts these first. [`stop`] stops one,
//!   [`stop_all`] stops all, the latest started first.
//! * A [`StartType`] says what the end of an application means to the system: nothing, or that everything stops, which
//!   [`halting`] tells.
//! * [`applications`] lists them; [`application_of`] returns the one that a process belongs to.
//! * [`env`](env()) reads the environment of an application, which [`set_env`] changes; [`ConfigSource`] is where a typed
//!   configuration comes from, and [`reload`] reads it again.
//! * A [`Service`] runs an application as a whole program, from its start to a signal of the operating system or its end:
//!   `otp::tokio::run_application`, and the same of the other backends. A [`Gate`] drains it.
//! * [`ApplicationEvent`] reports what happens, as an event and in the log.
//!
//! Nothing is global: each system has its own applications. The rules are those of the
//! [`application` manual page](https://www.erlang.org/doc/man/application.html) of OTP; the page `docs/applications.md`
//! says where they differ.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::application::{self, App, AppContext, AppSpec, Application, Top};
//! use otp::prelude::*;
//!
//! struct Ledger;
//!
//! #[gen_server]
//! impl Ledger {
//!     #[init]
//!     fn init((): ()) -> Self {
//!         Ledger
//!     }
//! }
//!
//! struct Bank;
//!
//! impl Application for Bank {
//!     type State = ();
//!     type Config = ();
//!
//!     fn spec(&self) -> AppSpec {
//!         AppSpec::new("bank").version("1.2.0").depends_on(App::library(AppSpec::new("currencies")))
//!     }
//!
//!     async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
//!         let tree = Supervisor::new(Strategy::OneForOne).child(Ledger::child(()));
//!         Ok(Top::new(tree.start_link(ctx).await?))
//!     }
//! }
//!
//! let started = application::ensure_all_started(&system, Bank).await.unwrap();
//! assert_eq!(started.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["currencies", "bank"]);
//!
//! application::stop(&system, "bank").await.unwrap();
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod app;
mod application;
mod config;
mod context;
mod controller;
mod drain;
mod end;
mod ensure;
mod env;
mod event;
mod family;
mod halt;
mod info;
mod load;
mod master;
mod reload;
mod service;
mod spec;
mod start;
mod stop;
mod stop_all;
mod top;
mod watchers;

pub use app::{App, AppRef};
pub use application::Application;
pub use config::{ConfigSource, Fixed, NoConfig};
pub use context::AppContext;
pub use drain::{Drained, Gate, GateClosed, Pass};
pub use end::{AppEnd, Killed};
pub use ensure::{EnsureAllStarted, EnsureError, ensure_all_started};
pub use env::{EnvError, EnvKey, all_env, env, set_env, unset_env};
pub use event::ApplicationEvent;
pub use halt::{Halt, Halting, halt, halting};
pub use info::{AppState, ApplicationInfo, application_of, applications, loaded, running};
pub use load::{LoadError, UnloadError, load, unload};
pub use reload::{ReloadError, reload, reload_all};
pub use service::{Service, ServiceReport, StopCause};
pub use spec::{AppSpec, Phase};
pub use start::{StartApp, StartAppError, StartType, ensure_started, start};
pub use stop::{StopApp, StopAppError, stop};
pub use stop_all::{StopAll, stop_all};
pub use top::Top;
