//! Processes that are polled by the task of the one that woke them: nothing shows that they are, but for the time they save.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::task::Waker;

use futures::channel::oneshot;
use futures::executor::block_on;
use futures::future::{BoxFuture, join};
use futures::{AsyncReadExt, FutureExt};
use otp::application::Gate;
use otp::behaviour::blockable;
use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::runtime::{BoxTimer, Director, Executor, Instant, Job, Runtime, Task};
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp::topic::{Slow, Topic};
use otp_suite::user;

/// A runtime that counts how often it polls a task, so that code can tell in which of these polls it runs; and how often the
/// clock is read.
pub(crate) struct Counting {
    inner: Arc<dyn Runtime>,
    /// Whether no time passes, so that every process is fast.
    still: bool,
}

static POLLS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The number of the poll of a task on this thread.
    static POLL: Cell<u64> = const { Cell::new(0) };
    /// How often the clock was read on this thread.
    pub(crate) static READS: Cell<u64> = const { Cell::new(0) };
}

impl Counting {
    /// A system beside that of the test, on the same executor.
    pub(crate) fn beside(system: &System) -> System {
        System::new(Counting { inner: system.runtime().clone(), still: false })
    }

    /// One in which no time passes.
    fn still(system: &System) -> System {
        System::new(Counting { inner: system.runtime().clone(), still: true })
    }
}

impl Runtime for Counting {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn spawn(&self, mut task: Task) {
        self.inner.spawn(Task::new(poll_fn(move |cx| {
            POLL.set(POLLS.fetch_add(1, Ordering::Relaxed));
            Pin::new(&mut task).poll(cx)
        })));
    }

    fn spawn_blocking(&self, job: Job) {
        self.inner.spawn_blocking(job);
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        self.inner.timer(deadline)
    }

    fn now(&self) -> Instant {
        READS.set(READS.get() + 1);
        if self.still { Instant::ORIGIN } else { self.inner.now() }
    }

    fn poll_again(&self, waker: &Waker) {
        self.inner.poll_again(waker);
    }

    fn is_entered(&self) -> bool {
        self.inner.is_entered()
    }

    fn is_gone(&self) -> bool {
        self.inner.is_gone()
    }

    fn random(&self) -> u64 {
        self.inner.random()
    }

    fn director(&self) -> Option<Arc<dyn Director>> {
        self.inner.director()
    }
}

/// What a [`receiver`] gets.
struct Letter {
    /// In which poll of a task its sender ran.
    sent_in: u64,
    then: Then,
}

/// Code that a process runs.
type Work = Box<dyn FnOnce() + Send>;

/// What is done with a letter once it has been received; the receiver tells whether it was handed over.
enum Then {
    Tell(oneshot::Sender<bool>),
    Run(oneshot::Sender<bool>, Work),
    /// It blocks its thread until it is told to go on. No executor is needed to hear what it tells.
    Block(mpsc::Sender<bool>, mpsc::Receiver<()>),
    End(oneshot::Sender<bool>),
    Crash(oneshot::Sender<bool>),
}

async fn receiver(mut ctx: ProcessContext<Letter>) {
    loop {
        let Message::User(Letter { sent_in, then }) = ctx.receive().await else { panic!("not a letter") };
        let is_handed_over = sent_in == POLL.get();
        match then {
            Then::Tell(told) => told.send(is_handed_over).unwrap(),
            Then::Run(told, work) => {
                told.send(is_handed_over).unwrap();
                work();
            }
            Then::Block(told, go_on) => {
                told.send(is_handed_over).unwrap();
                go_on.recv().unwrap();
            }
            Then::End(told) => return told.send(is_handed_over).unwrap(),
            Then::Crash(told) => {
                told.send(is_handed_over).unwrap();
                panic!("as it was told");
            }
        }
    }
}

/// What a [`sender`] is to do.
enum Order {
    /// Sends a letter to each receiver.
    Send(Vec<Then>),
    SendAndEnd(Then),
    SendAndCrash(Then),
    /// Sends a letter, and runs code in the same poll.
    SendAndRun(Then, Work),
    Answer(mpsc::Sender<()>),
}

async fn sender(mut ctx: ProcessContext<Order>, to: Vec<ProcessRef<Letter>>) {
    let send = |to: &ProcessRef<Letter>, then| assert!(to.try_send(Letter { sent_in: POLL.get(), then }).is_ok());
    loop {
        let Message::User(order) = ctx.receive().await else { panic!("not an order") };
        match order {
            Order::Send(letters) => to.iter().zip(letters).for_each(|(to, then)| send(to, then)),
            Order::SendAndEnd(then) => return send(&to[0], then),
            Order::SendAndCrash(then) => {
                send(&to[0], then);
                panic!("as it was told");
            }
            Order::SendAndRun(then, work) => {
                send(&to[0], then);
                work();
            }
            Order::Answer(answer) => answer.send(()).unwrap(),
        }
    }
}

fn spawn_sender(system: &System, to: Vec<ProcessRef<Letter>>) -> ProcessRef<Order> {
    system.spawn(async move |ctx: ProcessContext<Order>| sender(ctx, to).await)
}

/// A sender and a receiver.
fn spawn_pair(system: &System) -> (ProcessRef<Order>, ProcessRef<Letter>) {
    let receiver = system.spawn(receiver);
    (spawn_sender(system, vec![receiver.clone()]), receiver)
}

/// Has a letter sent, and says whether it was handed over.
async fn hands_over(sender: &ProcessRef<Order>, order: impl FnOnce(oneshot::Sender<bool>) -> Order) -> bool {
    let (tell, told) = oneshot::channel();
    assert!(sender.try_send(order(tell)).is_ok());
    told.await.unwrap()
}

fn tell(told: oneshot::Sender<bool>) -> Order {
    Order::Send(vec![Then::Tell(told)])
}

/// Runs what blocks its thread on one that polls no tasks.
async fn on_another_thread<T: Send + 'static>(system: &System, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, told) = oneshot::channel();
    system.runtime().spawn_blocking(Job::new(move || assert!(tell.send(work()).is_ok())));
    told.await.unwrap()
}

/// More rounds than processes need to show that they are fast.
const ROUNDS: usize = 100;

async fn never_hands_over(sender: &ProcessRef<Order>) {
    for _ in 0..ROUNDS {
        assert!(!hands_over(sender, tell).await);
    }
}

/// Sends until a letter was handed over. How often that takes depends on what else the machine does.
async fn make_trusted(sender: &ProcessRef<Order>) {
    while !hands_over(sender, tell).await {}
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_process_that_is_woken_by_another_is_polled_next_by_the_same_task(system: System) {
    make_trusted(&spawn_pair(&Counting::beside(&system)).0).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_system_and_either_process_can_say_that_nothing_is_handed_over(system: System) {
    let system = Counting::beside(&system);
    let (trusted, receiver) = spawn_pair(&system);
    make_trusted(&trusted).await;
    let never = SpawnOptions::new().inline(false);
    let to = vec![receiver];
    never_hands_over(&system.spawn_with(never, async move |ctx| sender(ctx, to).await).unwrap().process).await;
    let never = SpawnOptions::new().inline(false);
    let to = system.spawn_with(never, self::receiver).unwrap().process;
    never_hands_over(&spawn_sender(&system, vec![to])).await;
    system.hand_over(false);
    never_hands_over(&trusted).await;
    system.hand_over(true);
    make_trusted(&trusted).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn nothing_is_handed_over_to_a_process_on_a_thread_or_of_another_system(system: System) {
    let (ours, theirs) = (Counting::beside(&system), Counting::beside(&system));
    let on_thread = ours.spawn_with(SpawnOptions::new().on_thread(), receiver).unwrap().process;
    never_hands_over(&spawn_sender(&ours, vec![on_thread])).await;
    never_hands_over(&spawn_sender(&ours, vec![theirs.spawn(receiver)])).await;
}

#[otp::test(backends = [sim])]
async fn in_a_simulation_nothing_is_handed_over(system: System) {
    never_hands_over(&spawn_pair(&Counting::beside(&system)).0).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn of_several_that_a_process_wakes_none_is_handed_over_nor_what_it_wakes_next(system: System) {
    let system = Counting::still(&system);
    let to = [(); 2].map(|()| system.spawn(receiver));
    make_trusted(&spawn_sender(&system, vec![to[1].clone()])).await;
    let sender = spawn_sender(&system, to.to_vec());
    make_trusted(&sender).await;
    let (tell_second, told_second) = oneshot::channel();
    let first = hands_over(&sender, |told| Order::Send(vec![Then::Tell(told), Then::Tell(tell_second)])).await;
    assert_eq!((first, told_second.await), (false, Ok(false)));
    never_hands_over(&sender).await;
}

#[otp::test(backends = [tokio, smol])]
async fn a_process_answers_while_the_one_that_it_woke_blocks_a_thread(system: System) {
    let (sender, _receiver) = spawn_pair(&Counting::beside(&system));
    // Any thread of the executor may be the one that is blocked.
    loop {
        make_trusted(&sender).await;
        let ((answer, go_on), (tell, told)) = (mpsc::channel(), mpsc::channel());
        let asks = sender.clone();
        let is_handed_over = on_another_thread(&system, move || {
            assert!(asks.try_send(Order::Send(vec![Then::Block(tell, go_on)])).is_ok());
            let is_handed_over = told.recv().unwrap();
            assert!(asks.try_send(Order::Answer(answer)).is_ok());
            is_handed_over
        });
        if is_handed_over.await {
            break;
        }
    }
    // It has a task as before.
    make_trusted(&sender).await;
}

/// Waits of which each is over by what the work beside it does.
async fn waits(system: &System) -> Vec<(BoxFuture<'static, ()>, Work)> {
    let process = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
    let (topic, full) = (Topic::new(system, "news"), Topic::new(system, "old news"));
    let (mut news, mut old_news) = (topic.subscribe(1, Slow::Wait), full.subscribe(1, Slow::Wait));
    full.publish_now(1).unwrap();
    let gate = Gate::new();
    let net = system.net().unwrap();
    let listener = net.listen(([127, 0, 0, 1], 0)).await.unwrap();
    let address = listener.local().unwrap();
    let (client, server) = join(net.connect(address.clone()), listener.accept()).await;
    let (mut client, server) = (client.unwrap(), server.unwrap());
    let client_comes = move || drop(block_on(net.connect(address)).unwrap());
    let (tell, told) = oneshot::channel();
    let (closed, exited) = (gate.closed(), process.exited());
    vec![
        (async move { drop(exited.await) }.boxed(), Box::new(move || process.exit(ExitReason::Kill))),
        (async move { drop(news.next().await) }.boxed(), Box::new(move || drop(topic.publish_now(1)))),
        (async move { drop(full.publish(2).await) }.boxed(), Box::new(move || drop(old_news.try_next()))),
        (closed.boxed(), Box::new(move || gate.close())),
        (async move { drop(client.read(&mut [0]).await) }.boxed(), Box::new(|| drop(server))),
        (async move { drop(listener.accept().await) }.boxed(), Box::new(client_comes)),
        (blockable(told).map(drop).boxed(), Box::new(move || tell.send(()).unwrap())),
    ]
}

#[otp::test(backends = [smol])]
async fn a_process_that_blocks_its_thread_until_the_one_that_it_woke_has_done_something_goes_on(system: System) {
    let counting = Counting::beside(&system);
    let (sender, _receiver) = spawn_pair(&counting);
    for (wait, end) in waits(&system).await {
        make_trusted(&sender).await;
        let blocks = Box::new(|| block_on(wait));
        assert!(!hands_over(&sender, |told| Order::SendAndRun(Then::Run(told, end), blocks)).await);
        let (tell, told) = mpsc::channel();
        assert!(sender.try_send(Order::Answer(tell)).is_ok());
        on_another_thread(&system, move || told.recv().unwrap()).await;
    }
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_process_is_handed_over_by_one_that_ends_or_crashes_and_may_end_or_crash_itself(system: System) {
    let system = Counting::beside(&system);
    let ends: [fn(Then) -> Order; 3] = [Order::SendAndEnd, Order::SendAndCrash, |then: Then| Order::Send(vec![then])];
    let thens: [fn(oneshot::Sender<bool>) -> Then; 3] = [Then::Tell, Then::End, Then::Crash];
    for (first, end) in ends.into_iter().enumerate() {
        for (second, then) in thens.into_iter().enumerate() {
            // Whether it is handed over depends on what else the machine does.
            loop {
                let (sender, receiver) = spawn_pair(&system);
                make_trusted(&sender).await;
                let is_handed_over = hands_over(&sender, |told| end(then(told))).await;
                match first {
                    0 => assert_eq!(sender.exited().await, ExitReason::Normal),
                    1 => assert!(sender.exited().await.is_abnormal()),
                    _ => assert!(sender.is_alive()),
                }
                match second {
                    0 => assert!(receiver.is_alive()),
                    1 => assert_eq!(receiver.exited().await, ExitReason::Normal),
                    _ => assert!(receiver.exited().await.is_abnormal()),
                }
                sender.exit(ExitReason::Kill);
                receiver.exit(ExitReason::Kill);
                if is_handed_over {
                    break;
                }
            }
        }
    }
}

/// Sends to the next in a ring whatever it gets, less one, until nothing is left: then it says so.
async fn node(mut ctx: ProcessContext<Hop>, done: Arc<AtomicU64>) {
    let mut next = None;
    loop {
        match user(ctx.receive().await) {
            Hop::Next(process) => next = Some(process),
            Hop::Token(0) => drop(done.fetch_add(1, Ordering::Relaxed)),
            Hop::Token(left) => {
                // The next one may have been killed.
                let _ = next.as_ref().expect("it was told").try_send(Hop::Token(left - 1));
            }
        }
    }
}

#[derive(Debug)]
enum Hop {
    Next(ProcessRef<Hop>),
    Token(u64),
}

fn spawn_ring(system: &System, size: usize, done: &Arc<AtomicU64>) -> Vec<ProcessRef<Hop>> {
    let nodes: Vec<_> = (0..size)
        .map(|_| {
            let done = done.clone();
            system.spawn(async move |ctx: ProcessContext<Hop>| node(ctx, done).await)
        })
        .collect();
    for (place, node) in nodes.iter().enumerate() {
        assert!(node.try_send(Hop::Next(nodes[(place + 1) % size].clone())).is_ok());
    }
    nodes
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn processes_that_wake_each_other_for_ever_do_not_starve_others(system: System) {
    // As many as there are threads, and more.
    for size in [1, 2, 3, 100] {
        for node in spawn_ring(&system, size, &Arc::default()) {
            assert!(node.try_send(Hop::Token(u64::MAX)).is_ok());
            for _ in 0..10 {
                assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Normal);
            }
            if size == 100 {
                break;
            }
        }
    }
}

/// Tokens go round in rings, on more threads than there are processors, while others wake the processes of the rings.
fn all_tokens_arrive<E: Executor>(executor: &E) {
    const RINGS: usize = 32;
    let system = System::on(executor.runtime());
    let (done, spoilt) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let rings: Vec<_> = (0..RINGS).map(|ring| spawn_ring(&system, 1 + ring % 5, &done)).collect();
    let doomed = spawn_ring(&system, 20, &spoilt);
    doomed.iter().for_each(|node| assert!(node.try_send(Hop::Token(u64::MAX)).is_ok()));
    for victim in &doomed {
        for ring in &rings {
            ring.iter().for_each(|node| assert!(node.try_send(Hop::Token(500)).is_ok()));
        }
        victim.exit(ExitReason::Kill);
    }
    let tokens = 20 * rings.iter().map(Vec::len).sum::<usize>() as u64;
    while done.load(Ordering::Relaxed) < tokens {
        std::thread::yield_now();
    }
    assert_eq!(done.load(Ordering::Relaxed), tokens);
    assert_eq!(spoilt.load(Ordering::Relaxed), 0);
    for process in rings.iter().flatten().chain(&doomed) {
        let exited = process.exited();
        process.exit(ExitReason::Kill);
        assert!(matches!(block_on(exited), ExitReason::Killed));
    }
}

#[test]
fn all_tokens_arrive_on_many_more_threads_than_processors() {
    all_tokens_arrive(&TokioExecutor::with_workers(64));
    all_tokens_arrive(&SmolExecutor::with_workers(64));
}

#[test]
fn processes_that_wake_each_other_end_with_an_executor_that_is_dropped() {
    fn drop_under<E: Executor>(executor: E) {
        let system = System::on(executor.runtime());
        let nodes = spawn_ring(&system, 10, &Arc::default());
        nodes.iter().for_each(|node| assert!(node.try_send(Hop::Token(u64::MAX)).is_ok()));
        let exits: Vec<_> = nodes.iter().map(ProcessRef::exited).collect();
        drop(executor);
        exits.into_iter().for_each(|exited| assert_eq!(block_on(exited), ExitReason::Killed));
        assert_eq!(system.process_count(), 0);
    }
    for _ in 0..20 {
        drop_under(TokioExecutor::with_workers(2));
        drop_under(SmolExecutor::with_workers(2));
        drop_under(TokioExecutor::current_thread());
    }
}
