//! An application that tells of its callbacks, and whose callbacks do what a test gives it.

use std::fmt;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use otp::application::{self, AppContext, AppRef, AppSpec, Application, Top};
use otp::prelude::*;
use otp::process::Label;

/// What happened, in its order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, line: impl fmt::Display) {
        self.0.lock().unwrap().push(line.to_string());
    }

    /// What happened since this was called last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

type Hook = Arc<dyn Fn(System) -> BoxFuture<'static, Result<(), ExitReason>> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Told {
    spec: AppSpec,
    log: Log,
    hooks: Vec<(&'static str, Hook)>,
}

impl Told {
    pub(crate) fn new(name: &'static str, log: &Log) -> Told {
        Told { spec: AppSpec::new(name), log: log.clone(), hooks: Vec::new() }
    }

    pub(crate) fn depends_on(mut self, app: impl Into<AppRef>) -> Told {
        self.spec = self.spec.depends_on(app);
        self
    }

    pub(crate) fn phase(mut self, name: &'static str) -> Told {
        self.spec = self.spec.phase(name, ());
        self
    }

    /// Sets what a callback does.
    pub(crate) fn on<Fut>(
        mut self,
        callback: &'static str,
        hook: impl Fn(System) -> Fut + Send + Sync + 'static,
    ) -> Told
    where
        Fut: Future<Output = Result<(), ExitReason>> + Send + 'static,
    {
        self.hooks.push((callback, Arc::new(move |system| Box::pin(hook(system)))));
        self
    }

    async fn told(&self, callback: &str, ctx: &AppContext<Told>) -> Result<(), ExitReason> {
        self.log.add(format_args!("{} {callback}", self.spec.name()));
        match self.hooks.iter().find(|(name, _)| *name == callback) {
            Some((_, hook)) => hook(ctx.system().clone()).await,
            None => Ok(()),
        }
    }
}

impl Application for Told {
    type State = ();
    type Config = ();

    fn spec(&self) -> AppSpec {
        self.spec.clone()
    }

    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        let top = Supervisor::new(Strategy::OneForOne).start_link(ctx).label(self.spec.name().clone()).await?;
        self.told("start", ctx).await?;
        Ok(Top::new(top))
    }

    async fn start_phase(
        &self,
        phase: &application::Phase,
        (): &mut (),
        ctx: &AppContext<Self>,
    ) -> Result<(), ExitReason> {
        self.told(phase.name(), ctx).await
    }

    async fn prep_stop(&self, (): &mut (), ctx: &AppContext<Self>) {
        let _ = self.told("prep_stop", ctx).await;
    }

    async fn stop(&self, (): (), ctx: &AppContext<Self>) {
        let _ = self.told("stop", ctx).await;
    }
}

/// The top supervisor of a running application.
pub(crate) fn top(system: &System, app: &str) -> Pid {
    let apps = application::applications(system);
    apps.iter().find(|info| info.name.as_str() == app).and_then(|info| info.top).expect("it runs")
}

/// Texts of names.
pub(crate) fn texts(labels: &[Label]) -> Vec<&str> {
    labels.iter().map(Label::as_str).collect()
}
