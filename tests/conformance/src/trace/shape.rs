use otp::gen_server::{Info, StartError, StopError};
use otp::process::{Down, Exit, MonitorRef, Target, TimerRef};
use otp::supervisor::{FailedToStartChild, SpecError};
use otp::sys::SysError;
use otp::{CallError, ExitReason, Pid};
use serde_json::{Value, json};

use crate::actors::{Note, Told};
use crate::language::Said;

/// A value to be printed, in which processes and references have not been given their labels yet.
///
/// That is done only when the trace is written: a process may be spoken of before it is known who it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Json(Value),
    Who(Pid),
    Target(Target),
    Reason(ExitReason),
    Monitor(MonitorRef),
    Timer(TimerRef),
    /// An object with one key.
    Tagged(&'static str, Box<Shape>),
    Object(Vec<(&'static str, Shape)>),
    /// An object whose keys come from the scenario.
    Named(Vec<(String, Shape)>),
    List(Vec<Shape>),
    /// A list that is sorted by the text of its elements when these have their labels.
    Sorted(Vec<Shape>),
    /// A list of objects that is sorted by their key `pid` then.
    ByPid(Vec<Shape>),
}

impl Shape {
    pub(crate) fn word(word: &str) -> Shape {
        Shape::Json(json!(word))
    }

    /// The word that most steps return.
    pub(crate) fn done() -> Shape {
        Shape::word("ok")
    }

    pub(crate) fn tagged(tag: &'static str, value: impl Into<Shape>) -> Shape {
        Shape::Tagged(tag, Box::new(value.into()))
    }

    pub(crate) fn ok(value: impl Into<Shape>) -> Shape {
        Shape::tagged("ok", value)
    }

    pub(crate) fn fail(reason: impl Into<Shape>) -> Shape {
        Shape::tagged("fail", reason)
    }

    pub(crate) fn error(error: impl Into<Shape>) -> Shape {
        Shape::tagged("error", error)
    }

    /// A message, as a mailbox holds it.
    pub(crate) fn message(value: Value) -> Shape {
        Shape::tagged("msg", Shape::Json(value))
    }

    pub(crate) fn exit(exit: Exit) -> Shape {
        let parts = vec![("from", Shape::Who(exit.from)), ("reason", Shape::Reason(exit.reason))];
        Shape::tagged("exit", Shape::Object(parts))
    }

    pub(crate) fn down(down: Down) -> Shape {
        let parts = vec![
            ("from", Shape::Target(down.target)),
            ("reason", Shape::Reason(down.reason)),
            ("ref", Shape::Monitor(down.monitor)),
        ];
        Shape::tagged("down", Shape::Object(parts))
    }

    /// What a listener of a registry is told.
    pub(crate) fn told(told: Told) -> Shape {
        let event = if told.value.is_some() { "register" } else { "unregister" };
        let mut parts =
            vec![("event", Shape::word(event)), ("key", Shape::Json(key(&told.key))), ("pid", Shape::Who(told.pid))];
        parts.extend(told.value.map(|value| ("value", Shape::Json(value))));
        Shape::tagged("registry", Shape::Object(parts))
    }

    /// What a server is told beside calls and casts.
    pub(crate) fn info(info: Info<Note>) -> Shape {
        match info {
            Info::Message(Note::User(value)) => Shape::message(value),
            Info::Message(Note::Timer(timer, value)) => Shape::timer(timer, value),
            Info::Message(Note::Registry(told)) => Shape::told(told),
            Info::Exit(exit) => Shape::exit(exit),
            Info::Down(down) => Shape::down(down),
            other => Shape::word(&format!("{other:?}")),
        }
    }

    pub(crate) fn timer(timer: TimerRef, message: Value) -> Shape {
        Shape::tagged("timeout", Shape::Object(vec![("msg", Shape::Json(message)), ("ref", Shape::Timer(timer))]))
    }
}

impl From<ExitReason> for Shape {
    fn from(reason: ExitReason) -> Shape {
        Shape::Reason(reason)
    }
}

impl From<Value> for Shape {
    fn from(value: Value) -> Shape {
        Shape::Json(value)
    }
}

impl From<Option<Pid>> for Shape {
    fn from(pid: Option<Pid>) -> Shape {
        pid.map_or(Shape::Json(Value::Null), Shape::Who)
    }
}

/// The key of a registry, of its text.
pub(crate) fn key(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The reason of a failed call, as an exit reason: a process that does not catch it ends with that.
pub(crate) fn call_reason(error: CallError) -> ExitReason {
    match error {
        CallError::NoProc(_) => ExitReason::NoProc,
        CallError::Exited { reason, .. } => reason,
        CallError::Timeout { .. } => ExitReason::other(Said(json!("timeout"))),
        CallError::Deadlock { .. } => ExitReason::other(Said(json!("deadlock"))),
        CallError::CallingSelf(_) => ExitReason::other(Said(json!("calling_self"))),
        other => ExitReason::other(Said(json!({ "unmapped": other.to_string() }))),
    }
}

/// As [`call_reason`], for a system request.
pub(crate) fn sys_reason(error: SysError) -> ExitReason {
    match error {
        SysError::Call(error) => call_reason(error),
        SysError::Panicked { crash, .. } => ExitReason::Error(crash),
        SysError::NotSupported { .. } => ExitReason::other(Said(json!("not_supported"))),
        other => ExitReason::other(Said(json!({ "unmapped": other.to_string() }))),
    }
}

impl From<CallError> for Shape {
    fn from(error: CallError) -> Shape {
        Shape::Reason(call_reason(error))
    }
}

impl From<StopError> for Shape {
    fn from(error: StopError) -> Shape {
        match error {
            StopError::NoProc(_) => Shape::Reason(ExitReason::NoProc),
            StopError::Exited { reason, .. } => Shape::Reason(reason),
            StopError::Timeout { .. } => Shape::word("timeout"),
            StopError::CallingSelf(_) => Shape::word("calling_self"),
            other => Shape::Json(json!({ "unmapped": other.to_string() })),
        }
    }
}

/// Why something did not start.
pub(crate) fn start_error(error: &StartError) -> Shape {
    if let Some(spec) = SpecError::behind(error) {
        return spec_error(spec);
    }
    match error {
        StartError::Ignore(_) => Shape::word("ignore"),
        StartError::AlreadyStarted { pid, .. } => Shape::tagged("already_started", Shape::Who(*pid)),
        StartError::Timeout { .. } => Shape::word("timeout"),
        StartError::Failed { reason, .. } => Shape::Reason(reason.clone()),
        other => Shape::Json(json!({ "unmapped": other.to_string() })),
    }
}

/// What is wrong with a child spec, or with the options of a supervisor, in OTP's words.
pub(crate) fn spec_error(error: &SpecError) -> Shape {
    Shape::Json(match error {
        SpecError::DuplicateId { .. } => json!({ "invalid_spec": "duplicate_id" }),
        SpecError::SignificantPermanent { .. } => json!({ "invalid_spec": "significant_permanent" }),
        SpecError::SignificantWithoutAutoShutdown { .. } => {
            json!({ "invalid_spec": "significant_without_auto_shutdown" })
        }
        SpecError::Period => json!({ "invalid_flags": "period" }),
        other => json!({ "unmapped": other.to_string() }),
    })
}

/// The id of a child: that of a partition is a number.
pub(crate) fn id(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

/// A child that did not start, as the reason of its supervisor tells of it.
pub(super) fn failed_to_start(failed: &FailedToStartChild) -> Shape {
    let parts = vec![("id", Shape::Json(id(failed.child.as_str()))), ("reason", start_error(&failed.error))];
    Shape::tagged("failed_to_start_child", Shape::Object(parts))
}
