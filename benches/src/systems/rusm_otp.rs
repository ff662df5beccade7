//! rusm-otp, on tokio. A message is bytes, and a call is what its users write: a request with the caller's pid, and the
//! selective receive of the reply, limited by tokio. So a client is a process.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use rusm_otp::{Context, Pid, ProcessHandle, Received, Runtime, TimerRef};

use super::LeftOut;
use crate::backends::{Backend, MultiThread};
use crate::case::{Entrant, Id};
use crate::countdown::Countdown;
use crate::system::System as Measured;
use crate::workloads::call::{self, LIMIT, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::names::{self, Names};
use crate::workloads::restart::{self, CRASH, INTENSITY, PERIOD, Strategy, Trees};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::selective::{self, Selective};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::timers::{self, Record, Timers};
use crate::workloads::{idle, memory, ping_pong, tail};

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "no groups"),
    ("topic", "no topics"),
    ("call/outside", "the reply needs a mailbox"),
    ("cast-bounded", "a full mailbox drops messages"),
    ("restart/terminate", "a supervisor that is killed leaves its children behind"),
    ("registry", "names are its registry"),
    ("table", "no tables"),
];

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<Rusm>(),
        call_busy::entrants::<Rusm>(),
        call_busy::with_timer::<Rusm>(),
        fan_out::entrants::<Rusm>(),
        cast::entrants::<Rusm>(),
        ping_pong::entrants::<Rusm>(),
        ring::entrants::<Rusm>(),
        spawn::entrants::<Rusm>(),
        spawn::of_servers::<Rusm>(),
        memory::entrants::<Rusm>(),
        tail::entrants::<Rusm>(),
        idle::entrants::<Rusm>(),
        selective::entrants::<Rusm>(),
        restart::entrants::<Rusm>(),
        names::entrants::<Rusm>(),
        timers::entrants::<Rusm>(),
        tail::of_timers::<Rusm>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[derive(Clone)]
pub struct Rusm {
    backend: MultiThread,
    runtime: Runtime,
}

tokio::task_local! {
    /// The context of the process whose code is running.
    static OWN: RefCell<Option<Context>>;
}

impl Rusm {
    fn spawn<F, Fut>(&self, body: F) -> ProcessHandle
    where
        F: FnOnce(Context) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let _entered = self.backend.enter();
        self.runtime.spawn(body)
    }
}

impl Measured for Rusm {
    const ID: Id = Id { name: "rusm-otp", backend: "tokio" };
    type Executor = tokio::runtime::Runtime;

    fn start() -> (Self::Executor, Rusm) {
        let (executor, backend) = MultiThread::start();
        (executor, Rusm { backend, runtime: Runtime::new() })
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (done, end) = oneshot::channel();
        self.spawn(|ctx| {
            OWN.scope(RefCell::new(Some(ctx)), async move {
                let _ = done.send(client.await);
            })
        });
        async { end.await.expect("the client was run to its end") }
    }

    fn run<T, F>(&self, executor: &Self::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        MultiThread::block_on(executor, self.client(client))
    }
}

/// What a server is told: what to do, a number, and who wants the answer.
fn request(what: u8, n: u64, from: Option<Pid>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(17);
    bytes.push(what);
    bytes.extend(n.to_le_bytes());
    bytes.extend(from.map_or(0, Pid::raw).to_le_bytes());
    bytes
}

const ADD: u8 = 0;
const PUT: u8 = 1;
const NAP_ONCE: u8 = 2;
const BURN_ONCE: u8 = 3;

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes[..8].try_into().expect("there are eight"))
}

/// A reply has nothing but its number.
fn is_reply(received: &Received) -> bool {
    matches!(received, Received::Message(bytes) if bytes.len() == 8)
}

async fn reply_to(ctx: &mut Context) -> u64 {
    number(&ctx.recv_match(is_reply).await.message().expect("it was matched"))
}

/// A server's process, and the runtime to reach it through.
#[derive(Clone)]
pub struct Server {
    runtime: Runtime,
    pid: Pid,
}

impl Server {
    async fn ask(&self, what: u8, n: u64, limit: Option<Duration>) -> u64 {
        let mut ctx = OWN.with(RefCell::take).expect("a client is a process");
        assert!(self.runtime.send(self.pid, request(what, n, Some(ctx.pid()))), "it is there");
        let reply = match limit {
            Some(limit) => tokio::time::timeout(limit, reply_to(&mut ctx)).await.expect("it answers in time"),
            None => reply_to(&mut ctx).await,
        };
        OWN.with(|own| own.replace(Some(ctx)));
        reply
    }
}

/// A server that adds, waits or computes.
async fn serve(runtime: Runtime, mut ctx: Context) {
    let mut sum = 0;
    while let Some(bytes) = ctx.recv().await.message() {
        let (n, from) = (number(&bytes[1..]), Pid::from_raw(number(&bytes[9..])));
        match bytes[0] {
            PUT => {
                sum += n;
                continue;
            }
            ADD => sum += n,
            NAP_ONCE => {
                tokio::time::sleep(NAP).await;
                sum += 1;
            }
            _ => {
                std::hint::black_box(burn());
            }
        }
        runtime.send(from, sum.to_le_bytes().to_vec());
    }
}

impl Rusm {
    fn start_serving(&self) -> (Server, ProcessHandle) {
        let runtime = self.runtime.clone();
        let process = self.spawn(|ctx| serve(runtime, ctx));
        (Server { runtime: self.runtime.clone(), pid: process.pid() }, process)
    }
}

impl Servers for Rusm {
    type Server = Server;

    async fn start_server(&self) -> Server {
        self.start_serving().0
    }

    async fn call(server: &Server, n: u64) -> u64 {
        server.ask(ADD, n, Some(LIMIT)).await
    }

    async fn call_unlimited(server: &Server, n: u64) -> u64 {
        server.ask(ADD, n, None).await
    }
}

impl Casts for Rusm {
    async fn cast(server: &Server, n: u64) {
        assert!(server.runtime.send(server.pid, request(PUT, n, None)), "it is there");
    }
}

impl Stops for Rusm {
    async fn stop(server: Server) {
        let mut ctx = OWN.with(RefCell::take).expect("a client is a process");
        server.runtime.monitor(ctx.pid(), server.pid);
        server.runtime.kill(server.pid);
        ctx.recv_match(|received| matches!(received, Received::Down { pid, .. } if *pid == server.pid)).await;
        OWN.with(|own| own.replace(Some(ctx)));
    }
}

impl Nappers for Rusm {
    type Napper = Server;

    async fn start_napper(&self) -> Server {
        self.start_serving().0
    }

    async fn nap(napper: &Server) -> u64 {
        napper.ask(NAP_ONCE, 0, Some(LIMIT)).await
    }

    async fn end_napper(napper: Server) {
        napper.runtime.kill(napper.pid);
    }
}

impl Burners for Rusm {
    type Burner = (Rusm, Server);

    async fn start_burner(&self, _: u64) -> (Rusm, Server) {
        (self.clone(), self.start_serving().0)
    }

    /// A process waits for one reply, so calls at the same time need one each.
    async fn call_burner((system, server): &(Rusm, Server)) -> u64 {
        let server = server.clone();
        system.client(async move { server.ask(BURN_ONCE, 0, Some(LIMIT)).await }).await
    }
}

impl Nodes for Rusm {
    type Node = Server;

    async fn start_node(&self, arrived: Countdown) -> Server {
        let runtime = self.runtime.clone();
        let process = self.spawn(|mut ctx| async move {
            let next = ctx.recv().await.message().expect("it is told who is next");
            let next = Pid::from_raw(number(&next));
            while let Some(token) = ctx.recv().await.message() {
                match number(&token) {
                    0 => arrived.count(),
                    left => assert!(runtime.send(next, (left - 1).to_le_bytes().to_vec()), "the next one is there"),
                }
            }
        });
        Server { runtime: self.runtime.clone(), pid: process.pid() }
    }

    async fn link(node: &Server, next: Server) {
        node.runtime.send(node.pid, next.pid.raw().to_le_bytes().to_vec());
    }

    async fn send(node: &Server, token: u64) {
        node.runtime.send(node.pid, token.to_le_bytes().to_vec());
    }
}

impl Spawns for Rusm {
    async fn spawn(&self, ended: Countdown) {
        self.runtime.spawn(|_| async move { ended.count() });
    }
}

impl Selective for Rusm {
    async fn ask_past(&self, waiting: u64, times: u64) -> Duration {
        let (runtime, echo) = (self.runtime.clone(), self.start_serving().0);
        let (done, time) = oneshot::channel();
        self.spawn(|mut ctx| async move {
            for _ in 0..waiting {
                runtime.send(ctx.pid(), b"unwanted message".to_vec());
            }
            let start = Instant::now();
            for _ in 0..times {
                runtime.send(echo.pid, request(ADD, 0, Some(ctx.pid())));
                reply_to(&mut ctx).await;
            }
            let _ = done.send(start.elapsed());
        });
        time.await.expect("it was run to its end")
    }
}

const FIRST: &str = "first";
const CRASH_NOW: u8 = 4;

/// Replies to callers, which are in a runtime of their own.
async fn serve_until_crash(callers: Runtime, mut ctx: Context) {
    while let Some(bytes) = ctx.recv().await.message() {
        assert!(bytes[0] != CRASH_NOW, "{CRASH}");
        callers.send(Pid::from_raw(number(&bytes[9..])), 0_u64.to_le_bytes().to_vec());
    }
}

impl Trees for Rusm {
    /// A runtime of its own, so that no process of it outlives it.
    type Tree = Runtime;

    async fn start_tree(&self, strategy: Strategy, children: u64, started: Countdown) -> Runtime {
        let strategy = match strategy {
            Strategy::OneForOne => rusm_otp::Strategy::OneForOne,
            Strategy::OneForAll => rusm_otp::Strategy::OneForAll,
        };
        let runtime = Runtime::new();
        let mut supervisor = runtime.supervisor(strategy).max_restarts(INTENSITY).within(PERIOD);
        for n in 0..children {
            let (callers, started) = (self.runtime.clone(), started.clone());
            supervisor = supervisor.child(move |runtime: &Runtime| {
                let (callers, started) = (callers.clone(), started.clone());
                let child = runtime.spawn(|ctx| async move {
                    started.count();
                    serve_until_crash(callers, ctx).await;
                });
                if n == 0 {
                    runtime.register(FIRST, child.pid());
                }
                child
            });
        }
        supervisor.start();
        runtime
    }

    async fn crash(runtime: &Runtime) {
        runtime.send_named(FIRST, request(CRASH_NOW, 0, None));
    }

    async fn answers(runtime: &Runtime) -> bool {
        let Some(pid) = runtime.whereis(FIRST) else { return false };
        let first = Server { runtime: runtime.clone(), pid };
        first.ask(ADD, 0, Some(LIMIT)).await == 0
    }

    async fn stop(runtime: Runtime) {
        runtime.shutdown();
    }
}

impl Names for Rusm {
    type Idle = ProcessHandle;

    async fn start_idle(&self) -> ProcessHandle {
        self.runtime.spawn(|mut ctx| async move {
            ctx.recv().await;
        })
    }

    fn register(&self, name: &str, process: &ProcessHandle) {
        assert!(self.runtime.register(name, process.pid()), "the name is free");
    }

    fn is_registered(&self, name: &str) -> bool {
        self.runtime.whereis(name).is_some()
    }

    async fn end(&self, processes: Vec<ProcessHandle>) {
        for process in &processes {
            process.kill();
        }
        for process in processes {
            process.join().await;
        }
    }
}

impl Timers for Rusm {
    type Target = (Pid, Instant);
    type Timer = TimerRef;

    /// Times are sent as nanoseconds since the target's start.
    async fn start_target(&self, record: Record) -> (Pid, Instant) {
        let origin = Instant::now();
        let process = self.runtime.spawn(|mut ctx| async move {
            while let Some(bytes) = ctx.recv().await.message() {
                record.arrived(origin + Duration::from_nanos(number(&bytes)));
            }
        });
        (process.pid(), origin)
    }

    fn arm(&self, (target, origin): &(Pid, Instant), delay: Duration, due: Instant) -> TimerRef {
        let due = (due - *origin).as_nanos() as u64;
        self.runtime.send_after(*target, delay, due.to_le_bytes().to_vec())
    }

    fn cancel(timer: TimerRef) {
        timer.cancel();
    }
}
