//! Servers on threads of their own, whose callbacks may block, and which keep what is not `Send`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::{Local, RunsOn, ThreadEvent, Threads};
use otp::sys::{self, Mode};
use otp_suite::servers::inside;

/// What a store does, in order, with the thread on which it does it.
type Seen = Rc<RefCell<Vec<(&'static str, ThreadId)>>>;

/// A store whose rows are not `Send`.
struct Store {
    rows: Local<Rc<RefCell<BTreeMap<String, u32>>>>,
    seen: Local<Seen>,
    on_drop: Option<oneshot::Sender<Vec<(&'static str, ThreadId)>>>,
}

impl Store {
    fn note(&self, what: &'static str) {
        self.seen.borrow_mut().push((what, thread::current().id()));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.note("drop");
        let seen = self.seen.take();
        let _ = self.on_drop.take().map(|tell| tell.send(seen));
    }
}

type Told = oneshot::Receiver<Vec<(&'static str, ThreadId)>>;

fn tells() -> (oneshot::Sender<Vec<(&'static str, ThreadId)>>, Told) {
    oneshot::channel()
}

#[gen_server(thread, shutdown = 2s)]
impl Store {
    #[init]
    fn open(on_drop: Option<oneshot::Sender<Vec<(&'static str, ThreadId)>>>, ctx: &mut Context<Self>) -> Self {
        ctx.trap_exit(true);
        let store = Self { rows: Local::new(Rc::default()), seen: Local::new(Seen::default()), on_drop };
        store.note("init");
        store
    }

    #[call]
    fn put(&mut self, key: String, value: u32) -> Option<u32> {
        self.note("put");
        self.rows.borrow_mut().insert(key, value)
    }

    #[call]
    async fn sum(&mut self, ctx: &mut Context<Self>) -> u32 {
        // What is not `Send` may be used between two awaits, and held across one in a `Local`.
        let rows = Local::new(Rc::clone(&self.rows));
        otp::process::yield_now().await;
        ctx.system().sleep(Duration::from_millis(1)).await;
        self.note("sum");
        rows.borrow().values().sum()
    }

    #[cast]
    fn clear(&mut self) {
        self.note("clear");
        self.rows.borrow_mut().clear();
    }

    #[info]
    fn tick(&mut self, by: u32) {
        self.note("tick");
        self.rows.borrow_mut().values_mut().for_each(|value| *value += by);
    }

    #[call]
    fn fail(&mut self) -> u32 {
        panic!("the disk is full")
    }

    #[terminate]
    fn close(&mut self) {
        self.note("terminate");
    }
}

#[otp::test]
async fn every_callback_and_the_drop_of_the_state_run_on_the_thread_of_the_server(system: System) {
    let (tell, told) = tells();
    let store = Store::start(&system, Some(tell)).await.unwrap();
    assert_eq!(store.put("a".to_owned(), 1).await, Ok(None));
    assert_eq!(store.put("a".to_owned(), 2).await, Ok(Some(1)));
    store.info(StoreInfo::Tick(5));
    assert_eq!(store.sum().await, Ok(7));
    store.clear();
    assert_eq!(store.sum().await, Ok(0));
    assert_eq!(system.info(store.pid().unwrap()).unwrap().on, RunsOn::Thread);
    store.stop().await.unwrap();
    let seen = told.now_or_never().expect("the state is dropped before the end is known").unwrap();
    let what: Vec<_> = seen.iter().map(|(what, _)| *what).collect();
    assert_eq!(what, ["init", "put", "put", "tick", "sum", "clear", "sum", "terminate", "drop"]);
    let own = seen[0].1;
    assert!(seen.iter().all(|(_, thread)| *thread == own));
    assert_eq!(own == thread::current().id(), system.runtime().name() == "sim");
}

#[otp::test]
async fn system_requests_reach_the_server_on_its_thread(system: System) {
    let store = Store::start(&system, None).await.unwrap();
    store.put("a".to_owned(), 1).await.unwrap();
    let rows = sys::get_state(&system, &store, |store: &Store| (store.rows.borrow().len(), thread::current().id()));
    let (len, own) = rows.await.unwrap();
    assert_eq!((len, own == thread::current().id()), (1, system.runtime().name() == "sim"));
    sys::suspend(&system, &store).await.unwrap();
    assert_eq!(sys::status(&system, &store).await.unwrap().mode, Mode::Suspended);
    let mut put = store.put("b".to_owned(), 1).send_request();
    assert!(put.check().is_none());
    sys::resume(&system, &store).await.unwrap();
    assert_eq!(put.await, Ok(None));
}

#[otp::test]
async fn a_supervisor_restarts_the_server_on_a_new_thread(system: System) {
    system.log_crashes(false);
    const STORE: ServerName<Store> = ServerName::new("store");
    let spec =
        ChildSpec::worker("store", async |supervisor: Process| Store::start_link(&supervisor, None).name(STORE).await);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let store = ServerRef::named(&system, STORE);
    store.put("a".to_owned(), 1).await.unwrap();
    let first = store.pid();
    assert!(matches!(store.fail().await, Err(CallError::Exited { .. })));
    assert_eq!(store.sum().through_restart(Duration::from_secs(60)).await, Ok(0), "its state is new");
    assert_ne!(store.pid(), first);
    supervisor.stop().await.unwrap();
    assert_eq!(store.pid(), None);
}

/// A driver: it blocks as long as it is told.
struct Driver;

#[gen_server(thread, vis = pub(self))]
impl Driver {
    #[init]
    fn open(opened: Option<Gate>) -> Self {
        opened.into_iter().for_each(Gate::pass);
        Self
    }

    #[call]
    fn read(&mut self, ready: Gate) -> &'static str {
        ready.pass();
        "data"
    }

    #[call]
    fn thread(&mut self) -> ThreadId {
        thread::current().id()
    }
}

/// Blocks its thread until it is opened; says so before.
struct Gate {
    blocks: oneshot::Sender<()>,
    opened: mpsc::Receiver<()>,
}

impl Gate {
    fn pass(self) {
        let _ = self.blocks.send(());
        let _ = self.opened.recv();
    }
}

fn gate() -> (Gate, oneshot::Receiver<()>, mpsc::Sender<()>) {
    let ((blocks, is_blocked), (open, opened)) = (oneshot::channel(), mpsc::channel());
    (Gate { blocks, opened }, is_blocked, open)
}

// In a simulation there is no other thread.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_callback_that_blocks_holds_up_nobody_else(system: System) {
    let driver = Driver::start(&system, None).await.unwrap();
    let (gate, is_blocked, open) = gate();
    let reading = driver.read(gate).no_timeout().send_request();
    is_blocked.await.unwrap();
    let other = Driver::start(&system, None).await.unwrap();
    assert!(other.thread().await.is_ok());
    let late = driver.thread().timeout(Duration::from_millis(10)).await.unwrap_err();
    assert!(matches!(late, CallError::Timeout { .. }), "{late}");
    open.send(()).unwrap();
    assert_eq!(reading.await, Ok("data"));
    assert!(driver.thread().await.is_ok());
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_supervisor_waits_for_a_killed_server_until_its_callback_returns_and_that_is_reported(system: System) {
    for shutdown in [Shutdown::BrutalKill, Shutdown::Timeout(Duration::from_millis(5))] {
        let mut events = system.subscribe();
        let spec = ChildSpec::worker("driver", async |supervisor: Process| Driver::start_link(&supervisor, None).await);
        let supervisor =
            Supervisor::new(Strategy::OneForOne).child(spec.shutdown(shutdown)).start(&system).await.unwrap();
        let pid = supervisor.which_children().await.unwrap()[0].state.running().unwrap();
        let driver = ServerRef::<Driver>::of(&system, pid).unwrap();
        let (gate, is_blocked, open) = gate();
        let reading = driver.read(gate).no_timeout().send_request();
        is_blocked.await.unwrap();
        let mut stopping = supervisor.stop().into_future();
        let delayed = loop {
            let event = events.next();
            match futures::future::select(std::pin::pin!(event), &mut stopping).await {
                futures::future::Either::Left((event, _)) => {
                    if let Some(ThreadEvent::EndDelayed { pid, .. }) = event.downcast_ref() {
                        break *pid;
                    }
                }
                futures::future::Either::Right(_) => panic!("the supervisor did not wait"),
            }
        };
        assert_eq!(delayed, pid);
        open.send(()).unwrap();
        stopping.await.unwrap();
        assert!(reading.await.is_ok_and(|data| data == "data") || !system.is_alive(pid));
    }
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn an_init_that_takes_too_long_is_killed_when_it_returns(system: System) {
    let (gate, is_blocked, open) = gate();
    let start = Driver::start(&system, Some(gate)).label("driver").init_timeout(Duration::from_millis(5));
    let mut start = start.into_future();
    assert!((&mut start).now_or_never().is_none());
    is_blocked.await.unwrap();
    assert!(system.timeout(Duration::from_millis(50), &mut start).await.is_err(), "the process is still there");
    open.send(()).unwrap();
    let error = start.await.map(drop).unwrap_err();
    assert_eq!(error, StartError::Timeout { label: "driver".into(), limit: Duration::from_millis(5) });
    assert_eq!(system.process_count(), 0);
}

#[otp::test]
async fn any_server_can_be_started_on_a_thread_or_on_one_of_a_pool(system: System) {
    struct Plain;

    impl GenServer for Plain {
        type Args = ();
        type Call = ReplyTo<ThreadId>;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Plain))
        }

        async fn handle_call(
            &mut self,
            from: ReplyTo<ThreadId>,
            _: &mut Context<Self>,
        ) -> Result<Next<Self>, ExitReason> {
            from.reply(thread::current().id());
            Ok(Next::Receive)
        }
    }

    let threads = Threads::bounded(1);
    let (own, pooled, other) = inside(&system, async move |ctx| {
        let own = Plain::start(&ctx, ()).on_thread().await.unwrap();
        let pooled = Plain::start(&ctx, ()).on(&threads).await.unwrap();
        // What a server says of itself is its default.
        let other = Driver::start(&ctx, None).on(&threads).await.unwrap();
        let ask = async |server: &ServerRef<Plain>| server.call(|from| from).await.unwrap();
        (ask(&own).await, ask(&pooled).await, other.thread().await.unwrap())
    })
    .await;
    assert_eq!(pooled, other);
    assert_eq!(own == pooled, system.runtime().name() == "sim");
}

#[otp::test]
async fn an_init_that_fails_drops_what_it_made_on_the_thread_and_frees_the_name(system: System) {
    struct Broken;

    impl GenServer for Broken {
        type Args = oneshot::Sender<Vec<(&'static str, ThreadId)>>;
        type Call = NoMessage;
        type Cast = NoMessage;
        type Info = NoMessage;
        type Continue = NoMessage;

        const ON_THREAD: bool = true;

        async fn init(on_drop: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            let (rows, seen) = (Local::new(Rc::default()), Local::new(Seen::default()));
            let _store = Store { rows, seen, on_drop: Some(on_drop) };
            Ok(Init::Stop(ExitReason::other("no disk")))
        }
    }

    let (tell, told) = tells();
    const NAME: ServerName<Broken> = ServerName::new("broken");
    let error = Broken::start(&system, tell).name(NAME).await.map(drop).unwrap_err();
    assert_eq!(error.reason(), Some(&ExitReason::other("no disk")));
    assert_eq!(told.await.unwrap().len(), 1);
    assert_eq!(ServerRef::named(&system, NAME).pid(), None);
}
