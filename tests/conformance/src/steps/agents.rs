use otp::Pid;
use otp::call::Call;
use otp::task::{Agent, AgentMessage, AgentName};

use crate::actors::{Held, agent};
use crate::language::{AgentRequest, Asking, Label, Limit};
use crate::trace::Shape;
use crate::world::World;

pub(super) async fn perform(asking: &Asking, world: &World, own: Pid) -> Shape {
    let Asking { to, request, function, limit } = asking;
    let found = match to {
        Label::Named(name) => Some(Agent::named(&world.system, AgentName::<Held>::dynamic(name))),
        label => agent(world, label, own),
    };
    let Some(agent) = found else {
        return if *request == AgentRequest::Cast { Shape::done() } else { Shape::fail(Shape::word("noproc")) };
    };
    let function = function.clone();
    let answer = match (request, function.is_plain()) {
        (AgentRequest::Get, true) => limited(agent.get(move |held| Shape::Json(held.after(&function))), *limit).await,
        (AgentRequest::Get, false) => {
            let call = agent.run(async move |held| Ok((Shape::Json(held.later(&function).await?), held)));
            limited(call, *limit).await
        }
        (AgentRequest::GetAndUpdate, true) => {
            let change = move |held: &mut Held| {
                let new = held.after(&function);
                Shape::Json(std::mem::replace(&mut held.value, new))
            };
            limited(agent.get_and_update(change), *limit).await
        }
        (AgentRequest::GetAndUpdate, false) => {
            let call = agent.run(async move |mut held| {
                let new = held.later(&function).await?;
                Ok((Shape::Json(std::mem::replace(&mut held.value, new)), held))
            });
            limited(call, *limit).await
        }
        (AgentRequest::Update, true) => {
            let answer = limited(agent.update(move |held| held.value = held.after(&function)), *limit).await;
            return answer.map_or_else(Shape::fail, |()| Shape::done());
        }
        (AgentRequest::Update | AgentRequest::Cast, false) => {
            let call = agent.run(async move |mut held| {
                held.value = held.later(&function).await?;
                Ok(((), held))
            });
            if *request == AgentRequest::Cast {
                drop(call.send_request());
                return Shape::done();
            }
            return limited(call, *limit).await.map_or_else(Shape::fail, |()| Shape::done());
        }
        (AgentRequest::Cast, true) => {
            agent.cast(move |held| held.value = held.after(&function));
            return Shape::done();
        }
    };
    answer.map_or_else(Shape::fail, Shape::ok)
}

async fn limited<R: Send + 'static>(call: Call<AgentMessage<Held>, R>, limit: Limit) -> Result<R, otp::CallError> {
    match limit {
        Limit::After(limit) => call.timeout(limit).await,
        Limit::Never => call.no_timeout().await,
    }
}
