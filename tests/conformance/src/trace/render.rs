use otp::process::Target;
use otp::supervisor::FailedToStartChild;
use otp::{CallError, ExitReason};
use serde_json::{Map, Value, json};

use super::shape::{Shape, failed_to_start};
use crate::actors::CallFailed;
use crate::language::Said;
use crate::world::{Attempt, Happening, Recorded, Reference, World};

/// Gives every process and reference its label.
pub(crate) fn render(shape: &Shape, world: &World) -> Value {
    let reference = |reference| json!(world.label_of(&reference).unwrap_or_else(|| "?".to_owned()));
    match shape {
        Shape::Json(value) => value.clone(),
        Shape::Who(pid) => {
            world.recorder().who(*pid).map_or_else(|| json!("?"), |incarnation| json!(incarnation.to_string()))
        }
        Shape::Target(Target::Pid(pid)) => render(&Shape::Who(*pid), world),
        Shape::Target(Target::Name(name)) => json!({ "name": name.as_str() }),
        Shape::Target(other) => unreachable!("the language has no word for {other:?}"),
        Shape::Reason(reason) => render_reason(reason, world),
        Shape::Monitor(monitor) => reference(Reference::Monitor(*monitor)),
        Shape::Timer(timer) => reference(Reference::Timer(timer.clone())),
        Shape::Tagged(tag, value) => object([(*tag, render(value, world))]),
        Shape::Named(parts) => object(parts.iter().map(|(key, value)| (key.as_str(), render(value, world)))),
        Shape::Object(parts) => object(parts.iter().map(|(key, value)| (*key, render(value, world)))),
        Shape::List(parts) => parts.iter().map(|part| render(part, world)).collect(),
        Shape::Sorted(parts) => sorted(parts, world, Value::to_string),
        Shape::ByPid(parts) => sorted(parts, world, |part| part["pid"].as_str().unwrap_or_default().to_owned()),
    }
}

/// The line of an event.
pub(crate) fn event_line(event: &Recorded, world: &World) -> Value {
    let reason = |reason: &ExitReason| ("reason", render_reason(reason, world));
    let text = |key, text: &str| (key, json!(text));
    let (name, details) = match &event.happening {
        Happening::Start(attempt) => ("start", vec![("result", render_attempt(attempt, world))]),
        Happening::Exit(why) => ("exit", vec![reason(why)]),
        Happening::Terminate(why) => ("terminate", vec![reason(why)]),
        Happening::Ending { state, reason: why } => ("terminate", vec![text("state", state), reason(why)]),
        Happening::Log(text) => ("log", vec![("text", text.clone())]),
        Happening::Info(message) => ("info", vec![("msg", render(message, world))]),
        Happening::Timeout => ("timeout", vec![]),
        Happening::CodeChange => ("code_change", vec![]),
        Happening::Event { state, kind, timer, event } => {
            let details = [text("state", state), text("type", kind), ("event", render(event, world))];
            let name = timer.as_ref().map(|name| text("name", name));
            ("event", details.into_iter().chain(name).collect())
        }
        Happening::HandlerInit { handler, from } => {
            ("handler_init", vec![text("handler", handler), ("from", render(from, world))])
        }
        Happening::Handle { handler, kind, event } => {
            ("handle", vec![text("handler", handler), text("type", kind), ("event", render(event, world))])
        }
        Happening::App { call, details } => {
            let details = details.iter().map(|(key, value)| (*key, render(value, world)));
            ("app", std::iter::once(text("call", call)).chain(details).collect())
        }
        Happening::Halt(why) => ("halt", vec![("reason", render(why, world))]),
        Happening::HandlerTerminate { handler, arg } => {
            ("handler_terminate", vec![text("handler", handler), ("arg", render(arg, world))])
        }
        Happening::Enter { state, old } => ("enter", vec![text("state", state), text("old", old)]),
    };
    let common = [("ev", json!(name)), ("id", json!(&*event.of.id)), ("n", json!(event.of.n))];
    object(common.into_iter().chain(details))
}

fn render_attempt(attempt: &Attempt, world: &World) -> Value {
    match attempt {
        Attempt::Ok => json!("ok"),
        Attempt::Ignore => json!("ignore"),
        Attempt::Failed(error) => json!({ "error": render(error, world) }),
    }
}

fn render_reason(reason: &ExitReason, world: &World) -> Value {
    match reason {
        ExitReason::Normal => json!("normal"),
        ExitReason::Shutdown => json!("shutdown"),
        ExitReason::ShutdownWith(term) => {
            let failed = term.downcast_ref::<FailedToStartChild>();
            let detail = failed.map(|failed| render(&failed_to_start(failed), world));
            let said = || term.downcast_ref().map(|Said(value)| value.clone());
            let call = term.downcast_ref::<CallError>().map(|_| json!("call_failed"));
            let detail = detail.or(call);
            json!({ "shutdown": detail.or_else(said).unwrap_or_else(|| json!({ "unmapped": term.to_string() })) })
        }
        ExitReason::Kill => json!("kill"),
        ExitReason::Killed => json!("killed"),
        ExitReason::NoProc => json!("noproc"),
        ExitReason::NoConnection => json!("noconnection"),
        ExitReason::Other(term) => {
            let failed = term.downcast_ref::<CallFailed>();
            let failed = failed.map(|CallFailed(reason)| json!({ "call_failed": render_reason(reason, world) }));
            let said = || term.downcast_ref().map(|Said(value)| value.clone());
            failed.or_else(said).unwrap_or_else(|| json!({ "unmapped": term.to_string() }))
        }
        ExitReason::Error(crash) => json!({ "error": crash.message() }),
        other => json!({ "unmapped": other.to_string() }),
    }
}

fn sorted(parts: &[Shape], world: &World, key: impl Fn(&Value) -> String) -> Value {
    let mut parts: Vec<Value> = parts.iter().map(|part| render(part, world)).collect();
    parts.sort_by_cached_key(key);
    Value::Array(parts)
}

fn object<'a>(parts: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(parts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}
