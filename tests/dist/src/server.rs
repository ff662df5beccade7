//! The server that the harness calls.

use std::time::Duration;

use md5::{Digest, Md5};
use otp::dist::{Cluster, Refused, RemoteServer, Reply, reason_of_term};
use otp::etf::Term;
use otp::gen_server::{Context, GenServer, Info, Init, Next, NoMessage, ServerRef};
use otp::{ExitReason, ProcessContext, ReplyTo};

use crate::recorder;
use crate::value::pattern;

pub(crate) struct Server {
    cluster: Cluster,
    calls: i64,
    unanswered: Vec<ReplyTo<Term>>,
}

/// Any request.
pub(crate) struct Request(Term, ReplyTo<Term>);

impl RemoteServer for Server {
    fn call(server: &ServerRef<Self>, request: Term) -> Result<Reply, Refused> {
        Ok(Reply::of(server.call(|from| Request(request, from))))
    }

    fn cast(cast: Term) -> Result<Term, Refused> {
        Ok(cast)
    }

    fn info(message: Term) -> Result<Term, Refused> {
        Ok(message)
    }
}

impl GenServer for Server {
    type Args = Cluster;
    type Call = Request;
    type Cast = Term;
    type Info = Term;
    type Continue = NoMessage;

    async fn init(cluster: Cluster, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Server { cluster, calls: 0, unanswered: Vec::new() }))
    }

    async fn handle_call(&mut self, call: Request, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        let Request(request, from) = call;
        let answer = match (request.as_atom(), request.as_tuple()) {
            (Some("noreply"), _) => {
                self.unanswered.push(from);
                return Ok(Next::Receive);
            }
            (Some("count"), _) => {
                self.calls += 1;
                Term::Int(self.calls)
            }
            (Some("spawn_child"), _) => {
                let child = recorder::spawn(&self.cluster, false);
                self.cluster.wire_pid(child.pid()).expect("it is here").into()
            }
            (_, Some([tag, rest @ ..])) => match (tag.as_atom().unwrap_or(""), rest) {
                ("echo", [term]) => term.clone(),
                ("add", [a, b]) => Term::Int(a.as_int().unwrap_or(0) + b.as_int().unwrap_or(0)),
                ("slow", [after, term]) => {
                    let after = Duration::from_millis(after.as_int().unwrap_or(0).unsigned_abs());
                    let term = term.clone();
                    ctx.spawn(async move |ctx: ProcessContext<()>| {
                        ctx.system().sleep(after).await;
                        from.reply(term);
                    });
                    return Ok(Next::Receive);
                }
                ("size", [bin]) => {
                    let bytes = bin.as_binary().unwrap_or_default();
                    Term::tuple([Term::Int(bytes.len() as i64), Term::binary(Md5::digest(bytes).to_vec())])
                }
                ("pat", [len, seed]) => {
                    let number = |term: &Term| term.as_int().unwrap_or(0).unsigned_abs() as usize;
                    Term::binary(pattern(number(len), number(seed)))
                }
                ("stop", [reason]) => {
                    from.reply(Term::atom("ok"));
                    return Ok(Next::Stop(reason_of_term(reason.clone())));
                }
                ("crash", [reason]) => return Ok(Next::Stop(reason_of_term(reason.clone()))),
                ("withdraw", [Term::Map(map)]) => {
                    let amount = map.find("amount").and_then(Term::as_int).unwrap_or(0);
                    let text = if amount > 70 {
                        "{error,{insufficient_funds,#{balance => 70}}}".to_owned()
                    } else {
                        format!("{{ok,{}}}", 70 - amount)
                    };
                    text.parse().expect("it is a term")
                }
                _ => Term::atom("unknown"),
            },
            _ => Term::atom("unknown"),
        };
        from.reply(answer);
        Ok(Next::Receive)
    }

    async fn handle_cast(&mut self, cast: Term, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match cast.as_tuple() {
            Some([tag, Term::Pid(to), term]) if tag.as_atom() == Some("tell") => {
                let _ = self.cluster.process(to).send(term).await;
            }
            Some([tag, reason]) if tag.as_atom() == Some("stop") => {
                return Ok(Next::Stop(reason_of_term(reason.clone())));
            }
            _ => {}
        }
        Ok(Next::Receive)
    }

    async fn handle_info(&mut self, info: Info<Term>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        if let Info::Message(message) = info
            && let Some([tag, Term::Pid(from)]) = message.as_tuple()
            && tag.as_atom() == Some("ping")
        {
            let own = self.cluster.wire_pid(ctx.pid()).expect("it is here");
            let _ = self.cluster.process(from).send(&Term::tuple([own.into(), Term::atom("pong")])).await;
        }
        Ok(Next::Receive)
    }
}
