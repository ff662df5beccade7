//! Mapped addresses: what a process receives as another type than was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::{SendError, Target};
use otp_suite::{caught, down, forever, idle, inside, until};

/// What the process receives.
#[derive(Debug)]
enum Event {
    Price(u32),
    Text(String),
    Double(u32, ReplyTo<u32>),
    End,
}

/// Notes events until the end, and answers the calls.
async fn note(mut ctx: ProcessContext<Event>, notes: async_channel::Sender<String>) {
    while let Message::User(event) = ctx.receive().await {
        match event {
            Event::Price(price) => notes.try_send(format!("price {price}")).unwrap(),
            Event::Text(text) => notes.try_send(text).unwrap(),
            Event::Double(number, from) => from.reply(2 * number),
            Event::End => return,
        }
    }
}

fn start(system: &System, options: SpawnOptions<Event>) -> (ProcessRef<Event>, async_channel::Receiver<String>) {
    let (tell, told) = async_channel::unbounded();
    let process = system.spawn_with(options, move |ctx| note(ctx, tell)).unwrap().process;
    (process, told)
}

/// Every note, once the process has ended.
async fn notes(process: &ProcessRef<Event>, told: async_channel::Receiver<String>) -> Vec<String> {
    process.send(Event::End).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

/// Maps a number, and counts how often.
fn counted(to: &Address<Event>) -> (Address<u32>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let mapped = to.map_message(move |number| {
        counter.fetch_add(1, Ordering::SeqCst);
        Event::Price(number)
    });
    (mapped, count)
}

#[otp::test]
async fn a_mapped_address_sends_what_its_process_receives(system: System) {
    let (process, told) = start(&system, SpawnOptions::new());
    let prices = Address::from(&process).map_message(Event::Price);
    prices.send(1).await.unwrap();
    prices.try_send(2).unwrap();
    let named = Address::from(&process).map_message(Event::Text).map_message(|(first, last)| format!("{first} {last}"));
    named.send(("Ada", "Lovelace")).await.unwrap();
    named.try_send(("Joe", "Armstrong")).unwrap();
    assert_eq!((prices.pid(), named.pid()), (Ok(Some(process.pid())), Ok(Some(process.pid()))));
    assert_eq!(notes(&process, told).await, ["price 1", "price 2", "Ada Lovelace", "Joe Armstrong"]);
}

#[otp::test]
async fn the_order_of_a_sender_holds_through_all_addresses_of_a_process(system: System) {
    const NAME: Name<Event> = Name::new("trader");
    let (process, told) = start(&system, SpawnOptions::new().name(NAME).mailbox(2));
    let mapped = Address::from(&process).map_message(Event::Price);
    let by_name = Address::named(&system, NAME).map_message(Event::Price);
    for number in (0..300).step_by(3) {
        mapped.send(number).await.unwrap();
        by_name.send(number + 1).await.unwrap();
        process.send(Event::Price(number + 2)).await.unwrap();
    }
    let expected: Vec<_> = (0..300).map(|number| format!("price {number}")).collect();
    assert_eq!(notes(&process, told).await, expected);
}

#[otp::test]
async fn a_message_that_is_refused_comes_back_as_it_was_and_is_not_mapped(system: System) {
    const NAME: Name<Event> = Name::new("trader");
    let (by_name, mapped) = counted(&Address::named(&system, NAME));
    let error = by_name.try_send(1).unwrap_err();
    assert_eq!(error, TrySendError::NoProc { to: Target::Name("trader".into()), message: 1 });
    let error = by_name.send(2).await.unwrap_err();
    assert_eq!(error, SendError::NoProc { to: Target::Name("trader".into()), message: 2 });

    let options = SpawnOptions::new().name(Name::new("trader"));
    let wrong = system.spawn_with(options, forever::<u8>).unwrap().process;
    let error = by_name.try_send(3).unwrap_err();
    assert!(matches!(&error, TrySendError::WrongType { wrong: found, message: 3 } if found.pid == wrong.pid()));
    let error = by_name.send(4).await.unwrap_err();
    assert!(matches!(&error, SendError::WrongType { wrong: found, message: 4 } if found.pid == wrong.pid()));
    assert_eq!(by_name.pid().unwrap_err().pid, wrong.pid());
    assert_eq!(mapped.load(Ordering::SeqCst), 0);

    let full = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<Event>).unwrap().process;
    let (address, mapped) = counted(&Address::from(&full));
    address.try_send(5).unwrap();
    assert_eq!(address.try_send(6), Err(TrySendError::Full { to: full.pid().into(), message: 6 }));
    assert_eq!(mapped.load(Ordering::SeqCst), 1);
    let mut waits = Box::pin(address.send(7));
    assert!((&mut waits).now_or_never().is_none());
    full.exit(ExitReason::Kill);
    assert_eq!(waits.await, Err(SendError::NoProc { to: full.pid().into(), message: 7 }), "also while it waits");
    assert_eq!(address.try_send(8), Err(TrySendError::NoProc { to: full.pid().into(), message: 8 }));
    assert_eq!(address.send(9).await, Err(SendError::NoProc { to: full.pid().into(), message: 9 }));
    assert_eq!(mapped.load(Ordering::SeqCst), 1);
}

#[otp::test]
async fn a_mapped_send_waits_for_room_in_its_turn(system: System) {
    let (go_on, wait) = oneshot::channel::<()>();
    let (tell, told) = async_channel::unbounded();
    let body = async move |ctx: ProcessContext<Event>| {
        let _ = wait.await;
        note(ctx, tell).await;
    };
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), body).unwrap().process;
    let (address, mapped) = counted(&Address::from(&process));
    address.send(1).await.unwrap();
    let mut first = Box::pin(address.send(2));
    let mut given_up = Box::pin(address.send(3));
    let mut second = Box::pin(process.send(Event::Price(4)));
    let mut third = Box::pin(address.send(5));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut given_up).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    assert!((&mut third).now_or_never().is_none());
    assert_eq!(mapped.load(Ordering::SeqCst), 1, "a message that waits is not mapped");
    drop(given_up);
    go_on.send(()).unwrap();
    let (first, second, third) = futures::join!(first, second, third);
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert_eq!(notes(&process, told).await, ["price 1", "price 2", "price 4", "price 5"]);
}

#[otp::test]
async fn a_map_that_panics_sends_nothing_and_keeps_no_room(system: System) {
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<Event>).unwrap().process;
    let picky = Address::from(&process).map_message(|number: u32| match number {
        0 => panic!("nothing is free"),
        number => Event::Price(number),
    });
    assert_eq!(caught(|| drop(picky.try_send(0))), "nothing is free");
    assert_eq!(system.info(process.pid()).unwrap().queue, 0);
    picky.try_send(1).expect("there is room");
    assert!(matches!(picky.try_send(2), Err(TrySendError::Full { message: 2, .. })));

    // The one that waits for room hands it on, too.
    let (go_on, wait) = oneshot::channel::<()>();
    let (tell, told) = async_channel::unbounded();
    let body = async move |ctx: ProcessContext<Event>| {
        let _ = wait.await;
        note(ctx, tell).await;
    };
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), body).unwrap().process;
    let picky = Address::from(&process).map_message(|number: u32| match number {
        0 => panic!("nothing is free"),
        number => Event::Price(number),
    });
    picky.try_send(1).unwrap();
    let mut bad = Box::pin(std::panic::AssertUnwindSafe(picky.send(0)).catch_unwind());
    let mut good = Box::pin(picky.send(2));
    assert!((&mut bad).now_or_never().is_none() && (&mut good).now_or_never().is_none());
    go_on.send(()).unwrap();
    assert!(bad.await.is_err());
    good.await.unwrap();
    assert_eq!(notes(&process, told).await, ["price 1", "price 2"]);
}

#[otp::test]
async fn a_call_goes_through_a_mapped_address(system: System) {
    const NAME: Name<Event> = Name::new("doubler");
    let (process, _told) = start(&system, SpawnOptions::new().name(NAME));
    let double = |(number, from): (u32, ReplyTo<u32>)| Event::Double(number, from);
    for to in [Address::from(&process), Address::named(&system, NAME)] {
        let mapped = to.map_message(double);
        for number in 0..100 {
            assert_eq!(Call::new(&mapped, |from| (number, from)).await, Ok(2 * number));
        }
        let request = Call::new(&mapped, |from| (21, from)).send_request();
        assert_eq!(request.await, Ok(42));
    }
    let mapped = Address::from(&process).map_message(double);
    process.exit(ExitReason::Kill);
    process.exited().await;
    let error = Call::new(&mapped, |from| (1, from)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("call to doubler {} failed: no such process", process.pid()));
}

#[otp::test]
async fn a_call_through_a_mapped_address_fails_as_any_call_does(system: System) {
    let limit = Duration::from_millis(5);
    let deaf = system.spawn_with(SpawnOptions::new().mailbox(1).label("deaf"), forever::<Event>).unwrap().process;
    let mapped = Address::from(&deaf).map_message(|from| Event::Double(1, from));
    let late = Call::new(&mapped, |from| from).timeout(limit).await.unwrap_err();
    assert!(matches!(&late, CallError::Timeout { queued: 1, callee, .. } if callee.pid == Some(deaf.pid())));
    let full = Call::new(&mapped, |from| from).timeout(limit).await.unwrap_err();
    assert!(matches!(full, CallError::Full { limit: 1, .. }), "{full}");
    let mut waits = Call::new(&mapped, |from| from).no_timeout();
    assert!((&mut waits).now_or_never().is_none());
    deaf.exit(ExitReason::Kill);
    assert!(matches!(waits.await, Err(CallError::Exited { reason: ExitReason::Killed, .. })));

    let itself = inside(&system, async |ctx: ProcessContext<Event>| {
        let own = Address::from(ctx.this()).map_message(|from| Event::Double(1, from));
        Call::new(&own, |from| from).await
    });
    assert!(matches!(itself.await, Err(CallError::CallingSelf(_))));
}

#[otp::test]
async fn timers_and_monitors_take_a_mapped_address(system: System) {
    let (process, told) = start(&system, SpawnOptions::new().label("trader"));
    let prices = Address::from(&process).map_message(Event::Price);
    assert_eq!((prices.target(), prices.label()), (process.pid().into(), Some("trader".into())));
    let pause = Duration::from_millis(2);
    system.send_after(pause, &prices, 1);
    assert_eq!(told.recv().await.unwrap(), "price 1");
    let mut next = 1;
    system.send_interval(pause, &prices, move || {
        next += 1;
        next
    });
    assert_eq!((told.recv().await.unwrap(), told.recv().await.unwrap()), ("price 2".into(), "price 3".into()));

    // The end of the process is the end of its timers.
    system.send_after(Duration::from_secs(3600), &prices, 1);
    // An interval that fires is not counted until it is set again.
    until(|| system.timer_count() == 2).await;
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.monitor(&prices);
        process.send(Event::End).await.unwrap();
        assert_eq!(down(ctx.receive().await).target, process.pid().into());
        process.exited().await;
        until(|| ctx.system().timer_count() == 0).await;
    })
    .await;
}

#[otp::test]
async fn a_mapped_address_of_a_name_reaches_the_successor(system: System) {
    const NAME: Name<Event> = Name::new("trader");
    let prices = Address::named(&system, NAME).map_message(Event::Price);
    assert_eq!((prices.pid(), prices.target()), (Ok(None), Target::Name("trader".into())));
    for number in [1, 2] {
        let (process, told) = start(&system, SpawnOptions::new().name(NAME));
        prices.send(number).await.unwrap();
        assert_eq!(notes(&process, told).await, [format!("price {number}")]);
    }
}

/// Publishes to whoever wants a number, whatever else that is told.
#[derive(Default)]
struct Publisher {
    subscribers: Vec<Address<u32>>,
}

#[gen_server]
impl Publisher {
    #[init]
    fn init(_: ()) -> Self {
        Publisher::default()
    }

    #[call]
    fn subscribe(&mut self, who: Address<u32>) {
        self.subscribers.push(who);
    }

    #[cast]
    fn publish(&mut self, number: u32) {
        self.subscribers.retain(|who| who.try_send(number).is_ok());
    }
}

/// Hears of numbers and of texts.
struct Subscriber(async_channel::Sender<String>);

#[gen_server]
impl Subscriber {
    #[init]
    fn init(notes: async_channel::Sender<String>) -> Self {
        Subscriber(notes)
    }

    #[info]
    fn number(&mut self, number: u32) {
        self.0.try_send(format!("number {number}")).unwrap();
    }

    #[info]
    fn text(&mut self, text: &'static str) {
        self.0.try_send(text.to_owned()).unwrap();
    }
}

#[otp::test]
async fn a_server_is_told_by_a_publisher_that_does_not_know_it(system: System) {
    let publisher = Publisher::start(&system, ()).await.unwrap();
    let (tell, told) = async_channel::unbounded();
    let subscriber = Subscriber::start(&system, tell).await.unwrap();
    publisher.subscribe(subscriber.info_address(SubscriberInfo::Number)).await.unwrap();
    publisher.publish(1);
    assert_eq!(told.recv().await.unwrap(), "number 1");
    let texts = subscriber.info_address(SubscriberInfo::Text);
    texts.send("hello").await.unwrap();
    assert_eq!(told.recv().await.unwrap(), "hello");

    subscriber.stop().await.unwrap();
    let raw = system.spawn(async |mut ctx: ProcessContext<u32>| assert_eq!(ctx.receive().await, Message::User(2)));
    publisher.subscribe(raw.clone().into()).await.unwrap();
    publisher.publish(2);
    assert_eq!(raw.exited().await, ExitReason::Normal);
    idle(&ProcessRef::<otp::gen_server::Envelope<Publisher>>::of(&system, publisher.pid().unwrap()).unwrap()).await;
    let left = otp::sys::get_state(&system, &publisher, |publisher: &Publisher| publisher.subscribers.len()).await;
    assert_eq!(left, Ok(1), "who has ended is forgotten at the next number");
}
