use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use otp_core::runtime::net::Stream;
use otp_core::{ExitReason, Pid, ProcessContext, System};

use crate::proto::epmd::{Entry, MAX_REQUEST, Names, NotRegistered, Request};

/// How many nodes may be registered. Each keeps a connection, and so a file descriptor of the program, and any local user may
/// register some.
const MOST_NAMES: usize = 256;

/// How many connections may be in their request.
const MOST_REQUESTS: usize = 128;

/// How long a request may take, with its answer.
const REQUEST_TIME: Duration = Duration::from_secs(5);

/// How long a node may keep its name from another one: it may have ended, which is about to be noticed.
const GRACE: Duration = Duration::from_millis(500);

/// What the epmd of a host knows.
pub(super) struct Host {
    system: System,
    port: u16,
    known: Mutex<Known>,
    requests: Arc<AtomicUsize>,
}

struct Known {
    names: Names,
    /// The processes for the connections of the nodes.
    holders: BTreeMap<String, Pid>,
}

impl Host {
    pub(super) fn new(system: &System, port: u16) -> Arc<Host> {
        let names = Names::new(MOST_NAMES, system.random() as u32);
        let known = Mutex::new(Known { names, holders: BTreeMap::new() });
        Arc::new(Host { system: system.clone(), port, known, requests: Arc::default() })
    }

    /// One more connection is in its request, until what is returned is dropped; `None` if there are too many.
    pub(super) fn begin(&self) -> Option<InRequest> {
        let others = self.requests.fetch_add(1, Ordering::Relaxed);
        let one = InRequest(self.requests.clone());
        (others < MOST_REQUESTS).then_some(one)
    }

    /// Registers a node, until what is returned beside its creation is dropped.
    async fn register(self: &Arc<Self>, by: Pid, entry: Entry) -> Result<(Registration, u32), NotRegistered> {
        if let Some(holder) = self.holder(entry.name()) {
            let _ = self.system.timeout(GRACE, self.system.exited(holder)).await;
        }
        let name = entry.name().to_owned();
        let creation = {
            let mut known = self.known();
            let creation = known.names.register(entry)?;
            known.holders.insert(name.clone(), by);
            creation
        };
        Ok((Registration { host: self.clone(), name }, creation))
    }

    fn holder(&self, name: &str) -> Option<Pid> {
        self.known().holders.get(name).copied()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is in its request.
pub(super) struct InRequest(Arc<AtomicUsize>);

impl Drop for InRequest {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The name of a node, until it is dropped.
struct Registration {
    host: Arc<Host>,
    name: String,
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut known = self.host.known();
        known.names.unregister(&self.name);
        known.holders.remove(&self.name);
    }
}

/// Serves a connection: one request, and if it registers a node, the time until the node closes it.
pub(super) async fn converse(
    ctx: ProcessContext<()>,
    host: Arc<Host>,
    mut stream: Stream,
    place: InRequest,
) -> ExitReason {
    let answered = host.system.timeout(REQUEST_TIME, answer(ctx.pid(), &host, &mut stream)).await;
    drop(place);
    if let Ok(Ok(Some(registration))) = answered {
        // A node has nothing more to say: with epmd of OTP, too, what it sends ends its registration.
        let _ = stream.read(&mut [0]).await;
        // Before the connection is closed: who sees that may have the name.
        drop(registration);
    }
    ExitReason::Normal
}

async fn answer(by: Pid, host: &Arc<Host>, stream: &mut Stream) -> io::Result<Option<Registration>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let length = usize::from(u16::from_be_bytes(length));
    if length > MAX_REQUEST {
        return Ok(None);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let answer = match Request::read(&body) {
        None => return Ok(None),
        Some(Request::Names) => host.known().names.list(host.port),
        Some(Request::LookUp(name)) => host.known().names.look_up(&name),
        Some(Request::Register(entry)) => {
            let (registration, creation) = match host.register(by, entry).await {
                Ok((registration, creation)) => (Some(registration), Ok(creation)),
                Err(refused) => (None, Err(refused)),
            };
            stream.write_all(&Names::registered(creation)).await?;
            return Ok(registration);
        }
    };
    stream.write_all(&answer).await?;
    Ok(None)
}
