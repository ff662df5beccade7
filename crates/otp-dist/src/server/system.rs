use std::sync::Arc;

use otp_behaviour::{send_stop, sys};
use otp_core::Pid;
use otp_etf::{Term, encode_into};

use super::{Answering, Call};
use crate::node::{Shared, reason_of_term};

/// Serves a system message of another node to a server here: `{system, From, Request}`, which OTP's `sys` sends.
///
/// States are texts: what the server shows of itself.
pub(crate) fn serve_system(node: Arc<Shared>, server: Pid, call: Call) -> Answering {
    let (from, request) = call.into_parts();
    Box::pin(async move {
        let system = node.system.clone();
        let ok = || Some(Term::atom("ok"));
        let answer = match (request.as_atom(), request.as_tuple()) {
            (Some("suspend"), _) => sys::suspend(&system, server).await.ok().and_then(|()| ok()),
            (Some("resume"), _) => sys::resume(&system, server).await.ok().and_then(|()| ok()),
            (Some("get_state"), _) => {
                state(&node, server).await.map(|(state, _)| Term::tuple([Term::atom("ok"), state]))
            }
            (Some("get_status"), _) => {
                state(&node, server).await.map(|(state, mode)| status(&node, server, state, mode))
            }
            (_, Some([tag, reason])) if tag.as_atom() == Some("terminate") => {
                send_stop(&system, server, reason_of_term(reason.clone()));
                ok()
            }
            _ => Some(Term::tuple([
                Term::atom("error"),
                Term::tuple([Term::atom("unknown_system_msg"), request.clone()]),
            ])),
        };
        let mut bytes = Vec::new();
        encode_into(&mut bytes, &answer?).ok()?;
        from.answer(server, &bytes)
    })
}

/// What the server shows of its state, and whether it is suspended.
async fn state(node: &Shared, server: Pid) -> Option<(Term, &'static str)> {
    let status = sys::status(&node.system, server).await.ok()?;
    let mode = if status.mode == otp_behaviour::Mode::Suspended { "suspended" } else { "running" };
    Some((Term::binary(status.state.unwrap_or_default()), mode))
}

/// `{status, Pid, {module, gen_server}, [Dictionary, Mode, Parent, Debug, State]}`.
fn status(node: &Shared, server: Pid, state: Term, mode: &str) -> Term {
    let pid = Term::from(node.own.wire_pid(server));
    let module = Term::tuple([Term::atom("module"), Term::atom("gen_server")]);
    let parts = vec![Term::NIL, Term::atom(mode), pid.clone(), Term::NIL, state];
    Term::tuple([Term::atom("status"), pid, module, Term::List(parts)])
}
