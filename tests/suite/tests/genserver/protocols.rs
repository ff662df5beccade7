//! Servers behind a protocol: a trait that a server, a mock and a proxy implement.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp::call::{BoxCall, Callee};
use otp::gen_server::Envelope;
use otp::prelude::*;
use otp::process::{Label, Route, WrongType};
use otp::test::{Mock, on};

/// A protocol, of whatever keeps numbers.
trait Storage: Send + Sync {
    /// Keeps `value` under `key`, and says what was there.
    fn put(&self, key: String, value: u64) -> BoxCall<Option<u64>>;
    /// What is kept under `key`.
    fn value(&self, key: String) -> BoxCall<Option<u64>>;
    /// Forgets everything.
    fn clear(&self);
}

/// Another protocol of the same server.
trait Measured {
    fn size(&self) -> BoxCall<usize>;
}

/// A server that speaks both, and has a call of its own.
#[derive(Default)]
struct Memory {
    values: HashMap<String, u64>,
    waiting: Vec<ReplyTo<usize>>,
}

#[gen_server]
impl Memory {
    #[init]
    fn init() -> Self {
        Self::default()
    }

    #[call(Storage)]
    fn put(&mut self, key: String, value: u64) -> Option<u64> {
        for from in self.waiting.drain(..) {
            from.reply(1);
        }
        self.values.insert(key, value)
    }

    #[call(Storage)]
    async fn value(&mut self, key: String) -> Option<u64> {
        self.values.get(&key).copied()
    }

    #[cast(Storage)]
    fn clear(&mut self) {
        self.values.clear();
    }

    /// Answers when there is something.
    #[call(Measured)]
    fn size(&mut self, from: ReplyTo<usize>) {
        match self.values.len() {
            0 => self.waiting.push(from),
            len => from.reply(len),
        }
    }

    #[call]
    fn keys(&mut self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }
}

/// An implementor that is no process.
#[derive(Default)]
struct Fake(Mutex<HashMap<String, u64>>);

impl Storage for Fake {
    fn put(&self, key: String, value: u64) -> BoxCall<Option<u64>> {
        BoxCall::ready(Ok(self.0.lock().unwrap().insert(key, value)))
    }

    fn value(&self, key: String) -> BoxCall<Option<u64>> {
        BoxCall::ready(Ok(self.0.lock().unwrap().get(&key).copied()))
    }

    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// An implementor that asks two others.
struct Mirrored {
    system: System,
    both: [Arc<dyn Storage>; 2],
}

impl Storage for Mirrored {
    fn put(&self, key: String, value: u64) -> BoxCall<Option<u64>> {
        let [first, second] = self.both.clone();
        BoxCall::new(&self.system, "both storages", async move {
            first.put(key.clone(), value).await?;
            second.put(key, value).await
        })
    }

    fn value(&self, key: String) -> BoxCall<Option<u64>> {
        self.both[0].value(key)
    }

    fn clear(&self) {
        self.both.iter().for_each(|storage| storage.clear());
    }
}

/// The code under test: it knows the protocol and nobody who implements it.
async fn count(storage: &dyn Storage, word: &str) -> Result<u64, CallError> {
    let seen = storage.value(word.to_owned()).await?.unwrap_or(0) + 1;
    storage.put(word.to_owned(), seen).timeout(Duration::from_secs(60)).await?;
    Ok(seen)
}

async fn counts(storage: &dyn Storage) {
    assert_eq!(count(storage, "otp").await, Ok(1));
    assert_eq!(count(storage, "otp").await, Ok(2));
    assert_eq!(storage.value("otp".to_owned()).no_timeout().inline(false).await, Ok(Some(2)));
    storage.clear();
    assert_eq!(storage.put("otp".to_owned(), 7).send_request().await, Ok(None));
    let mut request = storage.value("otp".to_owned()).send_request();
    assert_eq!(request.wait(Duration::from_secs(60)).await, Some(Ok(Some(7))));
}

#[otp::test]
async fn a_server_behind_a_protocol_is_called_through_it(system: System) {
    let memory = Memory::start(&system, ()).await.unwrap();
    counts(&memory).await;
    assert_eq!(memory.keys().await, Ok(vec!["otp".to_owned()]));
    assert_eq!(memory.size().await, Ok(1));
}

#[otp::test]
async fn a_protocol_finds_its_server_by_a_name(system: System) {
    const MEMORY: ServerName<Memory> = ServerName::new("memory");
    let storage: Arc<dyn Storage> = Arc::new(ServerRef::named(&system, MEMORY));
    let error = count(&*storage, "otp").await.unwrap_err();
    assert_eq!(error.to_string(), "call to memory failed: no such process");
    let memory = Memory::start(&system, ()).name(MEMORY).await.unwrap();
    counts(&*storage).await;
    memory.stop().await.unwrap();
    let again = Memory::start(&system, ()).name(MEMORY).await.unwrap();
    counts(&*storage).await;
    drop(again);
}

/// A route to whichever of two servers is alive.
#[derive(Debug)]
struct Either([ServerRef<Memory>; 2]);

impl Route<Envelope<Memory>> for Either {
    fn find(&self) -> Result<Option<ProcessRef<Envelope<Memory>>>, WrongType> {
        let found = self.0.iter().find_map(|server| ProcessRef::of(server.system(), server.pid()?).ok());
        Ok(found.filter(ProcessRef::is_alive))
    }

    fn system(&self) -> &System {
        self.0[0].system()
    }

    fn label(&self) -> Label {
        Label::from_static("either memory")
    }
}

#[otp::test]
async fn a_protocol_reaches_its_server_by_any_route(system: System) {
    let servers = [Memory::start(&system, ()).await.unwrap(), Memory::start(&system, ()).await.unwrap()];
    let route = Address::via(Either(servers.clone()));
    let storage: Arc<dyn Storage> = Arc::new(ServerRef::from(route));
    for server in servers {
        counts(&*storage).await;
        assert_eq!(server.keys().await, Ok(vec!["otp".to_owned()]));
        server.stop().await.unwrap();
    }
    let error = count(&*storage, "otp").await.unwrap_err();
    assert_eq!(error.to_string(), "call to either memory failed: no such process");
}

#[otp::test]
async fn a_mock_of_a_server_implements_its_protocol(system: System) {
    let mut mock = Mock::<Memory>::start(&system);
    mock.expect_call(on!(MemoryCall::Value(key, from) if key == "otp" => from.reply(Some(41))));
    mock.expect_call(on!(MemoryCall::Put(_, 42, from) => from.reply(Some(41))));
    mock.expect_cast(on!(MemoryCast::Clear));
    let storage: Arc<dyn Storage> = Arc::new(mock.server());
    assert_eq!(count(&*storage, "otp").await, Ok(42));
    storage.clear();
    mock.done().await;
}

#[otp::test]
async fn an_implementor_of_a_protocol_need_not_be_a_process(_system: System) {
    counts(&Fake::default()).await;
}

#[otp::test]
async fn a_proxy_implements_the_protocol_of_those_whom_it_asks(system: System) {
    let memory = Memory::start(&system, ()).await.unwrap();
    let both: [Arc<dyn Storage>; 2] = [Arc::new(memory.clone()), Arc::new(Fake::default())];
    let proxy = Mirrored { system: system.clone(), both: both.clone() };
    counts(&proxy).await;
    assert_eq!(both[1].value("otp".to_owned()).await, Ok(Some(7)));

    memory.stop().await.unwrap();
    let error = count(&proxy, "otp").await.unwrap_err();
    assert_eq!(error.callee().pid, memory.pid());
}

#[otp::test]
async fn a_call_through_a_protocol_has_a_time_limit(system: System) {
    let memory = Memory::start(&system, ()).label("memory").await.unwrap();
    let measured: &dyn Measured = &memory;
    let limit = Duration::from_millis(1);
    let error = measured.size().timeout(limit).await.unwrap_err();
    assert!(matches!(&error, CallError::Timeout { after, .. } if *after == limit), "{error}");

    let never = BoxCall::<()>::new(&system, "nobody", std::future::pending());
    let error = never.timeout(limit).await.unwrap_err();
    assert_eq!(error.callee(), &Callee::new(Some("nobody".into()), None));
    assert_eq!(error.to_string(), "call to nobody failed: no answer within 1ms (0 messages in its queue, running)");
}

#[otp::test(backends = [sim])]
async fn a_call_of_what_is_no_process_waits_for_five_seconds_unless_it_says_otherwise(system: System) {
    let answer = |after| {
        let sleeping = system.clone();
        BoxCall::new(&system, "late", async move {
            sleeping.sleep(Duration::from_secs(after)).await;
            Ok(())
        })
    };
    assert_eq!(answer(4).await, Ok(()));
    assert!(matches!(answer(6).await, Err(CallError::Timeout { .. })));
    assert_eq!(answer(6).no_timeout().await, Ok(()));
    assert_eq!(answer(6).send_request().await, Ok(()));
}

#[otp::test]
async fn a_call_through_a_protocol_that_is_dropped_is_given_up(system: System) {
    let memory = Memory::start(&system, ()).await.unwrap();
    let measured: &dyn Measured = &memory;
    drop(measured.size().send_request());
    assert_eq!(count(&memory, "otp").await, Ok(1));
    assert_eq!(measured.size().await, Ok(1));
}
