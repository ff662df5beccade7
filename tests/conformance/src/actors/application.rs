use std::sync::Arc;

use otp::ExitReason;
use otp::application::{App, AppContext, AppSpec, Application, EnvKey, Phase, Top};
use serde_json::{Value, json};

use super::process::end;
use super::start::recorded;
use super::supervise::start_supervisor;
use super::worker::crash;
use crate::language::{AppPlan, AppStart, Children, Flags, PhaseFailure, PrepStop, Said, SupervisorSpec};
use crate::trace::Shape;
use crate::world::{Happening, Incarnation, World};

/// An application whose callbacks are data.
struct Planned {
    world: Arc<World>,
    plan: Arc<AppPlan>,
}

/// What the callbacks hand on: which start it is, and the state of the scenario.
struct Acting {
    me: Incarnation,
    state: Option<Value>,
}

/// The application of a plan.
pub(crate) fn app(world: &Arc<World>, plan: &Arc<AppPlan>) -> App {
    let application = Planned { world: world.clone(), plan: plan.clone() };
    if plan.is_library { App::library(application.spec()) } else { App::new(application) }
}

/// A key of an environment.
pub(crate) fn env_key(key: &str) -> EnvKey<Value> {
    EnvKey::dynamic(key.to_owned())
}

/// A callback that ends its process has no like here: an error which says that it is one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exits(pub(crate) ExitReason);

impl Planned {
    fn tell(&self, me: &Incarnation, call: &'static str, details: Vec<(&'static str, Shape)>) {
        self.world.record(me, Happening::App { call, details });
    }
}

impl Application for Planned {
    type State = Acting;
    type Config = ();

    fn spec(&self) -> AppSpec {
        let mut spec = AppSpec::new(self.plan.id.clone());
        for dependency in &self.plan.dependencies {
            spec = spec.depends_on(dependency.as_str());
        }
        for (key, value) in &self.plan.env {
            spec = spec.env(env_key(key), value.clone());
        }
        for (phase, args) in &self.plan.phases {
            spec = spec.phase(phase.clone(), args.clone());
        }
        spec
    }

    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top<Acting>, ExitReason> {
        let me = self.world.recorder().attempt(&self.plan.id);
        self.tell(&me, "start", vec![("type", Shape::word("normal"))]);
        let spec = match self.plan.start(me.n) {
            AppStart::Supervisor(spec) => spec.unwrap_or_else(empty),
            AppStart::Fail(value) => return Err(said(&value)),
            AppStart::Crash(message) => crash(&message),
            AppStart::Exit(reason) => return Err(ExitReason::other(Exits(reason))),
        };
        let id = format!("{}_sup", self.plan.id);
        let top = recorded(&self.world, &id, |me| start_supervisor(&self.world, ctx, me, &spec)).await?;
        Ok(Top::with_state(top, Acting { me, state: self.plan.state.clone() }))
    }

    async fn start_phase(&self, phase: &Phase, acting: &mut Acting, _: &AppContext<Self>) -> Result<(), ExitReason> {
        let args = phase.args::<Value>().cloned().unwrap_or_default();
        let details =
            vec![("phase", Shape::word(phase.name())), ("type", Shape::word("normal")), ("args", Shape::Json(args))];
        self.tell(&acting.me, "start_phase", details);
        match self.plan.on_phase.get(phase.name()) {
            None => Ok(()),
            Some(PhaseFailure::Fail(value)) => Err(said(value)),
            Some(PhaseFailure::Crash(message)) => crash(message),
        }
    }

    async fn prep_stop(&self, acting: &mut Acting, _: &AppContext<Self>) {
        self.tell(&acting.me, "prep_stop", vec![("state", acting.shown())]);
        match &self.plan.prep_stop {
            None => {}
            Some(PrepStop::State(state)) => acting.state = Some(state.clone()),
            Some(PrepStop::Crash(message)) => crash(message),
        }
    }

    async fn stop(&self, acting: Acting, ctx: &AppContext<Self>) {
        self.tell(&acting.me, "stop", vec![("state", acting.shown())]);
        // Whatever it returns has no meaning.
        let _ = end(self.plan.stop.clone(), ctx).await;
    }
}

impl Acting {
    fn shown(&self) -> Shape {
        Shape::Json(self.state.clone().unwrap_or_default())
    }
}

fn said(value: &Value) -> ExitReason {
    ExitReason::other(Said(json!({ "exit": value })))
}

fn empty() -> Arc<SupervisorSpec> {
    let (flags, children) = (Flags::default(), Children::Static(Arc::default()));
    Arc::new(SupervisorSpec { name: None, flags, init: None, children })
}
