use otp::ExitReason;
use serde_json::{Value, json};

use super::node::{Node, Parsed};

/// A value of the language inside an exit reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said(pub(crate) Value);

/// Reads an exit reason.
pub(crate) fn parse(node: &Node<'_>) -> Parsed<ExitReason> {
    if node.value().is_object() {
        let (key, detail) = node.single()?;
        return match key {
            "shutdown" => Ok(ExitReason::shutdown_with(Said(detail.free()?))),
            "exit" => Ok(ExitReason::other(Said(json!({ "exit": detail.free()? })))),
            "error" => Ok(ExitReason::crash(detail.str()?)),
            _ => Err(node.invalid(format!("unknown reason {}", node.value()))),
        };
    }
    Ok(match node.str()? {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "kill" => ExitReason::Kill,
        "killed" => ExitReason::Killed,
        "noproc" => ExitReason::NoProc,
        "timeout" => ExitReason::other(Said(json!("timeout"))),
        other => return Err(node.invalid(format!("unknown reason \"{other}\""))),
    })
}
