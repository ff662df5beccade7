//! The operations that the harness asks for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use otp::dist::{Cluster, Remote, RemoteCallError, reason_of_term, term_of_reason};
use otp::etf::Term;
use otp::gen_server::{GenServer, ServerName};
use otp::{Address, Call, Name, ProcessContext, ProcessRef};
use serde_json::{Value, json};

use crate::plain;
use crate::recorder::{self, Msg, Recorder};
use crate::server::Server;
use crate::value::{of_pid, of_reference, pid, reference, term, text, value};

/// What the driver knows of its processes.
#[derive(Clone)]
pub(crate) struct Driver {
    pub(crate) cluster: Cluster,
    main: ProcessRef<Msg>,
    recorders: Arc<Mutex<HashMap<String, ProcessRef<Msg>>>>,
}

pub(crate) type Outcome = Result<Value, String>;

impl Driver {
    pub(crate) fn new(cluster: Cluster) -> Driver {
        let main = recorder::spawn(&cluster, true);
        Driver { cluster, main, recorders: Arc::default() }
    }

    pub(crate) async fn perform(&self, request: &Value) -> Outcome {
        match text(&request["op"])? {
            "connect" => {
                let connected = self.cluster.connect(text(&request["node"])?).await;
                connected.map(|()| true.into()).map_err(|error| error.to_string())
            }
            "disconnect" => {
                let node = text(&request["node"])?.parse().map_err(|error| format!("{error}"))?;
                self.cluster.disconnect(&node);
                Ok(true.into())
            }
            "nodes" => {
                let nodes = self.cluster.nodes();
                let names = |nodes: &[otp::dist::NodeName]| nodes.iter().map(|node| node.as_str()).collect::<Value>();
                Ok(json!({ "visible": names(&nodes.visible), "hidden": names(&nodes.hidden) }))
            }
            "creation" => Ok(self.cluster.creation().into()),
            "spawn" => self.spawn(request).await,
            "register" => {
                let process = self.recorder(request)?;
                let registered = self.cluster.system().register(&Name::dynamic(text(&request["name"])?), &process);
                registered.map(|()| true.into()).map_err(|error| error.to_string())
            }
            "unregister" => {
                let name: Name<Msg> = Name::dynamic(text(&request["name"])?);
                self.cluster.system().unregister(&name).map(|()| true.into()).map_err(|error| error.to_string())
            }
            "whereis" => {
                let name = text(&request["name"])?;
                let all = self.cluster.system().registered();
                let found = all.iter().find(|(registered, _)| registered.as_str() == name);
                Ok(found.and_then(|(_, pid)| self.cluster.wire_pid(*pid)).map_or(Value::Null, |pid| of_pid(&pid)))
            }
            "send" => {
                let (to, message) = (self.to(request)?, term(&request["term"])?);
                self.within(request, async move |_| sent(to.send(&message).await)).await
            }
            "cast" => {
                let (to, message) = (self.to(request)?, term(&request["term"])?);
                self.within(request, async move |_| sent(to.cast(&message).await)).await
            }
            "send_seq" => {
                let (to, count) = (self.to(request)?, request["count"].as_i64().unwrap_or(0));
                self.within(request, async move |_| send_seq(&to, count).await).await
            }
            "recv" => {
                let limit = Duration::from_millis(request["timeout"].as_u64().unwrap_or(5000));
                let taken = Call::new(&self.recorder(request)?, |from| Msg::Take(limit, from)).no_timeout().await;
                taken.map_err(|error| error.to_string())
            }
            "call" => self.call(request).await,
            "link" => {
                let to = self.to(request)?;
                self.act(request, move |_, ctx| {
                    if let Some(pid) = to.pid() {
                        let _ = ctx.link(pid);
                    }
                    Ok(true.into())
                })
                .await
            }
            "unlink" => {
                let to = self.to(request)?;
                self.act(request, move |_, ctx| {
                    if let Some(pid) = to.pid() {
                        ctx.unlink(pid);
                    }
                    Ok(true.into())
                })
                .await
            }
            "monitor" => {
                let (to, object) = (self.to(request)?, request["to"].clone());
                self.act(request, move |recorder, ctx| Ok(recorder.monitor(ctx, &to, &object))).await
            }
            "demonitor" => {
                let reference = of_reference(&reference(&request["ref"])?);
                self.act(request, move |recorder, ctx| {
                    recorder.demonitor(ctx, &reference);
                    Ok(true.into())
                })
                .await
            }
            "alias" => self.act(request, |recorder, ctx| Ok(recorder.alias(ctx))).await,
            "unalias" => {
                let reference = of_reference(&reference(&request["ref"])?);
                self.act(request, move |recorder, ctx| {
                    recorder.unalias(ctx, &reference);
                    Ok(true.into())
                })
                .await
            }
            "exit" => {
                let (to, reason) = (self.to(request)?, reason_of_term(term(&request["reason"])?));
                self.act(request, move |_, ctx| {
                    if let Some(pid) = to.pid() {
                        ctx.system().exit(pid, reason);
                    }
                    Ok(true.into())
                })
                .await
            }
            "die" => {
                let reason = reason_of_term(term(&request["reason"])?);
                let process = self.recorder(request)?;
                let exited = process.exited();
                let _ = process.try_send(Msg::Die(reason));
                exited.await;
                Ok(true.into())
            }
            "monitor_nodes" => {
                let cluster = self.cluster.clone();
                self.act(request, move |recorder, ctx| {
                    let to = Address::from(ctx.this()).map_message(Msg::Node);
                    recorder.nodes = Some(cluster.monitor_nodes(to));
                    Ok(true.into())
                })
                .await
            }
            "bench_call" => self.bench_call(request).await,
            "bench_send" => self.bench_send(request).await,
            "bench_latency" => self.bench_latency(request).await,
            "bench_flood" => self.bench_flood(request).await,
            _ => Err("unsupported".to_owned()),
        }
    }

    async fn spawn(&self, request: &Value) -> Outcome {
        let system = self.cluster.system();
        let name = request["name"].as_str();
        let pid = match text(&request["kind"])? {
            "recorder" => {
                let recorder = recorder::spawn(&self.cluster, request["trap"].as_bool().unwrap_or(true));
                if let Some(name) = name {
                    system.register(&Name::dynamic(name), &recorder).map_err(|error| error.to_string())?;
                }
                let wire = self.cluster.wire_pid(recorder.pid()).ok_or("it has ended")?;
                self.recorders().insert(of_pid(&wire).to_string(), recorder.clone());
                recorder.pid()
            }
            "echo" => self.plain(plain::echo(&self.cluster), name)?,
            "sink" => self.plain(plain::sink(&self.cluster), name)?,
            "server" => {
                let start = Server::start(system, self.cluster.clone());
                let start = match name {
                    Some(name) => start.name(ServerName::dynamic(name)),
                    None => start,
                };
                let server = start.await.map_err(|error| error.to_string())?;
                server.pid().ok_or("it has ended")?
            }
            _ => return Err("unsupported".to_owned()),
        };
        Ok(of_pid(&self.cluster.wire_pid(pid).ok_or("it has ended")?))
    }

    fn plain(&self, process: ProcessRef<Term>, name: Option<&str>) -> Result<otp::Pid, String> {
        if let Some(name) = name {
            self.cluster.system().register(&Name::dynamic(name), &process).map_err(|error| error.to_string())?;
        }
        Ok(process.pid())
    }

    async fn call(&self, request: &Value) -> Outcome {
        let (to, message) = (self.to(request)?, term(&request["term"])?);
        let limit = Duration::from_millis(request["timeout"].as_u64().unwrap_or(5000));
        let exit = |reason: Term| Ok(json!({ "exit": value(&reason) }));
        match to.call::<Term>(&message).timeout(limit).await {
            Ok(reply) => Ok(json!({ "reply": value(&reply) })),
            Err(RemoteCallError::Exited { reason, .. }) => exit(term_of_reason(&reason)),
            Err(RemoteCallError::Timeout { .. }) => exit(Term::atom("timeout")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Does something in the name of a recorder.
    async fn act<F>(&self, request: &Value, act: F) -> Outcome
    where
        F: FnOnce(&mut Recorder, &ProcessContext<Msg>) -> Outcome + Send + 'static,
    {
        let (done, outcome) = oneshot::channel();
        let act = Msg::Act(Box::new(move |recorder, ctx| {
            let _ = done.send(act(recorder, ctx));
            futures::future::ready(()).boxed()
        }));
        self.recorder(request)?.send(act).await.map_err(|error| error.to_string())?;
        outcome.await.map_err(|_| "the process has ended".to_owned())?
    }

    /// As [`act`](Driver::act), with something that waits.
    async fn within<F, Fut>(&self, request: &Value, act: F) -> Outcome
    where
        F: FnOnce(()) -> Fut + Send + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let (done, outcome) = oneshot::channel();
        let act = Msg::Act(Box::new(move |_, _| {
            async move {
                let _ = done.send(act(()).await);
            }
            .boxed()
        }));
        self.recorder(request)?.send(act).await.map_err(|error| error.to_string())?;
        outcome.await.map_err(|_| "the process has ended".to_owned())?
    }

    fn recorder(&self, request: &Value) -> Result<ProcessRef<Msg>, String> {
        match request.get("proc") {
            None => Ok(self.main.clone()),
            Some(process) => {
                let key = of_pid(&pid(process)?).to_string();
                self.recorders().get(&key).cloned().ok_or_else(|| "unsupported".to_owned())
            }
        }
    }

    fn recorders(&self) -> std::sync::MutexGuard<'_, HashMap<String, ProcessRef<Msg>>> {
        self.recorders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn to(&self, request: &Value) -> Result<Remote, String> {
        let to = &request["to"];
        if let Some(name) = to.get("name") {
            let node = name[1].as_str().unwrap_or(self.cluster.name().as_str()).to_owned();
            return self.cluster.named(text(&name[0])?, node).map_err(|error| error.to_string());
        }
        match term(to)? {
            Term::Pid(pid) => Ok(self.cluster.process(&pid)),
            Term::Reference(reference) => Ok(self.cluster.behind(&reference)),
            other => Err(format!("{other} is no destination")),
        }
    }
}

pub(crate) async fn send_seq(to: &Remote, count: i64) -> Outcome {
    for number in 0..count {
        sent(to.send(&Term::tuple([Term::atom("seq"), Term::Int(number)])).await)?;
    }
    Ok(true.into())
}

/// What cannot arrive is no error, as in Erlang.
pub(crate) fn sent(sent: Result<(), otp::dist::RemoteSendError>) -> Outcome {
    match sent {
        Ok(()) | Err(otp::dist::RemoteSendError::NoConnection { .. }) => Ok(true.into()),
        Err(error) => Err(error.to_string()),
    }
}
