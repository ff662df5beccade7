//! What each step does, executed inside a process.

mod agents;
mod applications;
mod groups;
mod inspecting;
mod managing;
mod processing;
mod registering;
mod serving;
mod starting;
mod supervising;
mod tables;
mod tasking;

use otp::Process;

use crate::actors::{Desk, Done};
use crate::language::Action;
use crate::trace::Shape;
pub(crate) use applications::halted;
pub(crate) use serving::Requests;

/// Executes a step in the process that the desk belongs to.
pub(crate) async fn perform(action: &Action, desk: &mut Desk) -> Done {
    let (world, own) = (desk.world.clone(), Process::clone(&desk.ctx));
    let shape = match action {
        // The step loop does these itself.
        Action::Drive(_) => Shape::done(),
        Action::Start(starting) => starting::perform(starting, &world, &own).await,
        Action::Supervise(supervisor, request) => supervising::perform(supervisor, request, &world, &own).await,
        Action::Serve(serving) => serving::perform(serving, &world, own.pid(), &mut desk.requests).await,
        Action::Inspect(inspecting) => inspecting::perform(inspecting, &world, own.pid()).await,
        Action::Task(tasking) => tasking::perform(tasking, desk).await,
        Action::Agent(asking) => agents::perform(asking, &world, own.pid()).await,
        Action::Apply(applying) => applications::perform(applying, &world, &own).await,
        Action::Manage(managing) => managing::perform(managing, desk).await,
        Action::Group(grouping) => groups::perform(grouping, desk),
        Action::Partitions(supervisor) => supervising::partitions(supervisor, &world),
        Action::Register(registry, registering) => registering::perform(registry, registering, desk),
        Action::Table(tabling) => tables::perform(tabling, desk),
        Action::Process(processing) => return processing::perform(processing, desk).await,
    };
    Done::Returned(shape)
}

/// What a step returns that has no meaning for whom it is meant.
fn unfit(what: &str) -> Shape {
    Shape::fail(serde_json::json!({ "unmapped": what }))
}
