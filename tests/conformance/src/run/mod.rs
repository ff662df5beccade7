//! The step loop: runs a scenario on a system and writes its trace.

mod driver;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use otp::System;
use serde_json::{Value, json};

use crate::language::{Action, Driving, Label, Scenario, Step, Until};
use crate::trace::{Shape, event_line, render};
use crate::world::World;
use driver::{Driver, Handed};
use settle::settle;

/// Why a run was given up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// An event that the scenario waits for did not come.
    #[error("step {step}: {what} has not happened within {limit:?}")]
    Until {
        /// The step.
        step: usize,
        /// The event.
        what: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The system does not come to rest.
    #[error("step {step}: the system has not become quiet within {limit:?}")]
    Restless {
        /// The step.
        step: usize,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The process that is to execute a step was never started.
    #[error("step {step}: there is no process {label} that could execute it")]
    NoExecutor {
        /// The step.
        step: usize,
        /// Who was meant.
        label: String,
    },
    /// The process that starts everything could not be started.
    #[error("the driver did not start: {0}")]
    NoDriver(#[from] otp::gen_server::StartError),
}

/// How long a step waits for events that it names.
const UNTIL_LIMIT: Duration = Duration::from_secs(10);

/// Runs a scenario and returns its trace. The system is shut down afterwards.
///
/// # Errors
///
/// [`RunError`] if the scenario cannot be carried on.
pub async fn run(scenario: &Scenario, system: &System) -> Result<String, RunError> {
    let (world, hearing) = World::new(system);
    let trace = steps(scenario, &world).await;
    // Torn down while the world still hears of it, so that it is reported nowhere else.
    system.shutdown(Duration::ZERO).await;
    drop(hearing);
    trace
}

async fn steps(scenario: &Scenario, world: &Arc<World>) -> Result<String, RunError> {
    let driver = Driver::start(world).await?;
    let mut lines = Lines::new(json!({ "scenario": scenario.name }));
    let mut pending: HashMap<String, Handed> = HashMap::new();
    for (step, number) in scenario.steps.iter().zip(1..) {
        lines.add(&json!({ "do": step.verb, "step": number }));
        let returned = execute(step, number, &driver, &mut pending).await?;
        for until in &step.until {
            wait_for(until, number, world).await?;
        }
        if step.settles {
            settle(world).await.map_err(|limit| RunError::Restless { step: number, limit })?;
        }
        let mut events = world.recorder().take();
        if step.unordered {
            events.sort_by(|one, other| (&one.of, one.stamp).cmp(&(&other.of, other.stamp)));
        }
        events.iter().for_each(|event| lines.add(&event_line(event, world)));
        if let Some(shape) = returned {
            lines.add(&json!({ "ret": returned_value(&shape, step, world) }));
        }
    }
    Ok(lines.text)
}

/// Does a step; what it returns, if it returns anything now.
async fn execute(
    step: &Step,
    number: usize,
    driver: &Driver,
    pending: &mut HashMap<String, Handed>,
) -> Result<Option<Shape>, RunError> {
    let no_executor = || RunError::NoExecutor { step: number, label: format!("{:?}", step.from) };
    let key = |label: &Label| format!("{label:?}");
    Ok(match (&step.action, &step.from) {
        (Action::Drive(Driving::Sleep(pause)), _) => {
            driver.world().system.sleep(*pause).await;
            None
        }
        (Action::Drive(Driving::Sync), _) => None,
        (Action::Drive(Driving::Join), from) => {
            let handed = from.as_ref().and_then(|from| pending.remove(&key(from))).ok_or_else(no_executor)?;
            Some(handed.answer().await)
        }
        (action, None) => Some(driver.hand_to_driver(action.clone()).answer().await),
        (action, Some(from)) => {
            let handed = driver.hand_to(from, action.clone()).ok_or_else(no_executor)?;
            if step.detached {
                pending.insert(key(from), handed);
                None
            } else {
                Some(handed.answer().await)
            }
        }
    })
}

async fn wait_for(until: &Until, step: usize, world: &Arc<World>) -> Result<(), RunError> {
    let deadline = world.system.now() + UNTIL_LIMIT;
    while !world.has_happened(until) {
        if world.system.now() >= deadline {
            return Err(RunError::Until { step, what: format!("{until:?}"), limit: UNTIL_LIMIT });
        }
        world.system.sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

fn returned_value(shape: &Shape, step: &Step, world: &World) -> Value {
    let mut value = render(shape, world);
    if step.sorted {
        let list = if value.is_object() { value.get_mut("ok") } else { Some(&mut value) };
        if let Some(Value::Array(list)) = list {
            list.sort_by_cached_key(Value::to_string);
        }
    }
    value
}

/// The lines of a trace, in canonical JSON: serde_json writes it so.
struct Lines {
    text: String,
}

impl Lines {
    fn new(first: Value) -> Lines {
        let mut lines = Lines { text: String::new() };
        lines.add(&first);
        lines
    }

    fn add(&mut self, line: &Value) {
        self.text.push_str(&line.to_string());
        self.text.push('\n');
    }
}
