use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use otp_core::System;

/// Loads the typed configuration of an application, at its start and at each [`reload`](crate::reload).
///
/// [`Fixed`] is a value; a file, environment variables and options are those of the crate `otp-config`.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::convert::Infallible;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU16, Ordering};
///
/// use otp::System;
/// use otp::application::{self, App, AppContext, AppSpec, Application, ConfigSource, Top};
/// use otp::prelude::*;
///
/// #[derive(Clone, Default)]
/// struct Port(Arc<AtomicU16>);
///
/// impl ConfigSource for Port {
///     type Config = u16;
///     type Error = Infallible;
///
///     async fn load(&self, _: &System) -> Result<u16, Infallible> {
///         Ok(self.0.load(Ordering::Relaxed))
///     }
/// }
///
/// struct Web;
///
/// impl Application for Web {
///     type State = Vec<u16>;
///     type Config = u16;
///
///     fn spec(&self) -> AppSpec {
///         AppSpec::new("web")
///     }
///
///     async fn start(&self, ctx: &AppContext<Self>) -> Result<Top<Vec<u16>>, ExitReason> {
///         let top = Supervisor::new(Strategy::OneForOne).start_link(ctx).await?;
///         Ok(Top::with_state(top, vec![**ctx.config()]))
///     }
///
///     async fn config_change(
///         &self,
///         old: &u16,
///         new: &u16,
///         ports: &mut Vec<u16>,
///         _: &AppContext<Self>,
///     ) -> Result<(), ExitReason> {
///         assert_eq!(ports.last(), Some(old));
///         ports.push(*new);
///         Ok(())
///     }
///
///     async fn stop(&self, ports: Vec<u16>, _: &AppContext<Self>) {
///         assert_eq!(ports, [0, 8080]);
///     }
/// }
///
/// let port = Port::default();
/// application::start(&system, App::configured_by(Web, port.clone())).await.unwrap();
/// port.0.store(8080, Ordering::Relaxed);
/// assert_eq!(application::reload(&system, "web").await, Ok(true));
/// application::stop(&system, "web").await.unwrap();
/// # }).unwrap();
/// ```
pub trait ConfigSource: Send + Sync + 'static {
    /// The configuration.
    type Config: PartialEq + Send + Sync + 'static;

    /// Why there is none; its text is for people, and names the source.
    type Error: Error + Send + Sync + 'static;

    /// Loads the configuration. It must not block: files are read with [`System::spawn_blocking`].
    ///
    /// # Errors
    ///
    /// An error at the start fails the start. An error at a reload leaves the configuration as it is.
    fn load(&self, system: &System) -> impl Future<Output = Result<Self::Config, Self::Error>> + Send;
}

/// A configuration that is a value of the program, and never changes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "it is what it holds")]
pub struct Fixed<C>(pub C);

impl<C: Clone + PartialEq + Send + Sync + 'static> ConfigSource for Fixed<C> {
    type Config = C;
    type Error = Infallible;

    async fn load(&self, _: &System) -> Result<C, Infallible> {
        Ok(self.0.clone())
    }
}

/// A configuration is not shown: it may hold secrets.
impl<C> fmt::Debug for Fixed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fixed")
    }
}

/// No configuration: the source of applications whose configuration is `()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoConfig;

impl ConfigSource for NoConfig {
    type Config = ();
    type Error = Infallible;

    async fn load(&self, _: &System) -> Result<(), Infallible> {
        Ok(())
    }
}
