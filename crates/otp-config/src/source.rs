use std::future::Future;

use otp_application::ConfigSource;
use otp_core::System;
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::problem::LoadError;

/// The configuration of an application: loaded when it starts, and again at each
/// [reload](otp_application::reload). With the feature `application`.
///
/// A configuration that is wrong fails the start. At a reload it is reported, and the old one stays.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::application::{self, App, AppContext, AppSpec, Application, Top};
/// use otp::config::Config;
/// use otp::prelude::*;
/// use serde::Deserialize;
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// struct Options {
///     port: u16,
/// }
///
/// struct Web;
///
/// impl Application for Web {
///     type State = ();
///     type Config = Options;
///
///     fn spec(&self) -> AppSpec {
///         AppSpec::new("web")
///     }
///
///     async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
///         assert_eq!(ctx.config().port, 80);
///         Ok(Top::new(Supervisor::new(Strategy::OneForOne).start_link(ctx).await?))
///     }
/// }
///
/// let config = Config::new("web").arguments(["--port", "80"]);
/// assert!(application::start(&system, App::configured_by(Web, config)).await.is_ok());
///
/// let config = Config::new("web").arguments(["--port", "eighty"]);
/// let again = application::start(&system, App::configured_by(Web, config)).await;
/// assert!(again.is_err());
/// # }).unwrap();
/// ```
impl<T: DeserializeOwned + PartialEq + Send + Sync + 'static> ConfigSource for Config<T> {
    type Config = T;
    type Error = LoadError;

    fn load(&self, system: &System) -> impl Future<Output = Result<T, LoadError>> + Send {
        Config::load(self, system)
    }
}
