use std::sync::Arc;
use std::time::Duration;

use otp::ExitReason;
use serde_json::Value;

use super::event::Swapping;
use super::label::{Label, Limit};
use super::machine::Deciding;
use super::node::{Node, Parsed};
use super::reason;

/// What a worker is told to do inside a callback, in order.
pub(crate) type Ops = Arc<[Op]>;

/// One instruction for a worker.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Log(Value),
    Sleep(Duration),
    Crash(String),
    Exit(ExitReason),
    Reply(Value),
    Get,
    Set(Value),
    NoReply,
    Defer(String),
    ReplyTo {
        key: String,
        value: Value,
    },
    ReplyNow(Value),
    Stop(ExitReason),
    Continue(Ops),
    Timeout(Duration),
    Hibernate,
    Send {
        to: Label,
        payload: Payload,
    },
    SendSelf(Ops),
    CastSelf(Ops),
    SendAfter {
        delay: Duration,
        ops: Ops,
    },
    Call {
        to: Label,
        ops: Ops,
        limit: Limit,
        caught: bool,
    },
    Link(Label),
    Unlink(Label),
    Monitor {
        to: Label,
        name: String,
    },
    TrapExit(bool),
    ExitSignal {
        to: Label,
        reason: ExitReason,
    },
    Add(i64),
    Push(Value),
    /// To handle this event, as a machine's table says; or one without a name. It is the only instruction then.
    Event(Option<String>),
    /// What a machine decides.
    Machine(Deciding),
    /// What a handler of events decides: to go, or to give its place to another one.
    Remove,
    Swap(Swapping),
}

/// A message: of the user, or instructions for a worker.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    User(Value),
    Ops(Ops),
}

impl Payload {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Payload> {
        match (instructions(node)?, node.optional("msg")?) {
            (Some(ops), _) => Ok(Payload::Ops(ops)),
            (None, Some(message)) => Ok(Payload::User(message.free()?)),
            (None, None) => Err(node.invalid("\"op\", \"event\" or \"msg\" is missing")),
        }
    }
}

/// Reads a list of instructions, or a single one.
pub(crate) fn parse(node: &Node<'_>) -> Parsed<Ops> {
    if node.value().is_object() {
        return Ok([one(node)?].into());
    }
    node.each(one)
}

/// The instructions under the key `op`, or that of `event`; none if there is no such key.
pub(crate) fn under_op(node: &Node<'_>) -> Parsed<Ops> {
    Ok(instructions(node)?.unwrap_or_default())
}

fn instructions(node: &Node<'_>) -> Parsed<Option<Ops>> {
    match node.maybe("op", parse)? {
        Some(ops) => Ok(Some(ops)),
        None => node.maybe("event", event),
    }
}

/// The instruction to handle a named event.
pub(crate) fn event(node: &Node<'_>) -> Parsed<Ops> {
    Ok([Op::Event(Some(node.text()?))].into())
}

/// The instruction to handle an event that has no name.
pub(crate) fn unnamed() -> Ops {
    [Op::Event(None)].into()
}

pub(crate) fn millis(node: &Node<'_>) -> Parsed<Duration> {
    Ok(Duration::from_millis(node.natural()?))
}

fn one(node: &Node<'_>) -> Parsed<Op> {
    let (name, value) = node.single()?;
    Ok(match name {
        "log" => Op::Log(value.free()?),
        "sleep" => Op::Sleep(millis(&value)?),
        "error" => Op::Crash(value.text()?),
        "exit" => Op::Exit(reason::parse(&value)?),
        "reply" => Op::Reply(value.free()?),
        "get" => Op::Get,
        "set" => Op::Set(value.free()?),
        "noreply" => Op::NoReply,
        "defer" => Op::Defer(key(&value)),
        "reply_to" => Op::ReplyTo { key: key(&value.key("key")?), value: value.key("value")?.free()? },
        "reply_now" => Op::ReplyNow(value.free()?),
        "stop" => Op::Stop(reason::parse(&value)?),
        "continue" => Op::Continue(parse(&value)?),
        "timeout" if value.value().is_u64() => Op::Timeout(millis(&value)?),
        "hibernate" => Op::Hibernate,
        "send" => Op::Send { to: Label::parse(&value.key("to")?)?, payload: Payload::parse(&value)? },
        "send_self" => Op::SendSelf(parse(&value)?),
        "cast_self" => Op::CastSelf(parse(&value)?),
        "send_after" => Op::SendAfter { delay: millis(&value.key("ms")?)?, ops: under_op(&value)? },
        "call" => call(&value, false)?,
        "try_call" => call(&value, true)?,
        "link" => Op::Link(Label::parse(&value)?),
        "unlink" => Op::Unlink(Label::parse(&value)?),
        "monitor" => Op::Monitor { to: Label::parse(&value.key("to")?)?, name: value.key("as")?.text()? },
        "trap_exit" => Op::TrapExit(value.bool()?),
        "exit_signal" => {
            Op::ExitSignal { to: Label::parse(&value.key("to")?)?, reason: reason::parse(&value.key("reason")?)? }
        }
        "add" => Op::Add(value.integer()?),
        "push" => Op::Push(value.free()?),
        "event" => Op::Event(Some(value.text()?)),
        "remove" if value.bool()? => Op::Remove,
        "swap" => Op::Swap(Swapping::parse(&value)?),
        other => match Deciding::parse(other, &value)? {
            Some(deciding) => Op::Machine(deciding),
            None => return Err(node.invalid(format!("unknown op \"{other}\""))),
        },
    })
}

fn call(node: &Node<'_>, caught: bool) -> Parsed<Op> {
    let to = Label::parse(&node.key("to")?)?;
    Ok(Op::Call { to, ops: under_op(node)?, limit: Limit::of(node, Limit::millis(5000))?, caught })
}

/// A key may be any value; it is compared by its text.
fn key(node: &Node<'_>) -> String {
    node.value().to_string()
}
