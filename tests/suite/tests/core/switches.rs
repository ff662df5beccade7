//! In a simulation every future of the library lets others run before it has an effect, or is ready: what was looked at
//! before it may be otherwise after it, as on threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use futures::future::{BoxFuture, join};
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use otp::behaviour::let_others_first;
use otp::event::Occurrence;
use otp::prelude::*;
use otp::runtime::net::{Listener, Net, Stream};
use otp::scope::{CancelScope, TaskGroup};
use otp::sim::{Config, check, try_check};
use otp::sys;
use otp_suite::{forever, inside, user};

/// The seeds within which a race of two processes is found.
const SEEDS: u64 = 50;

fn config() -> Config {
    Config::new().ignore_environment().seeds(SEEDS).shrink(0)
}

struct Room;

#[gen_server]
impl Room {
    #[init]
    fn init() -> Self {
        Room
    }
}

const ROOM: ServerName<Room> = ServerName::new("room");

#[test]
fn a_name_that_is_looked_up_and_then_taken_is_lost_to_another_process() {
    let failed = try_check(config(), async |system| {
        let users = [(); 2].map(|()| {
            system.spawn(async move |ctx: ProcessContext<()>| {
                let room = ServerRef::named(ctx.system(), ROOM);
                if room.pid().is_none() {
                    Room::start(ctx.system(), ()).name(ROOM).await.expect("nobody has the name");
                }
            })
        });
        for user in users {
            assert_eq!(user.exited().await, ExitReason::Normal);
        }
    })
    .unwrap_err();
    let text = failed.to_string();
    assert!(text.contains("CRASH: <0.2.0>: nobody has the name: AlreadyStarted"), "{text}");
}

/// An event.
#[derive(Debug, thiserror::Error)]
#[error("noted")]
struct Noted;

impl Occurrence for Noted {
    fn pid(&self) -> Option<Pid> {
        None
    }
}

/// What a process waits for between the two halves of an update; `server` answers calls.
type Pause = for<'a> fn(&'a mut ProcessContext<u32>, &'a ProcessRef<ReplyTo<()>>) -> BoxFuture<'a, ()>;

/// Two processes that read a number, and write it back, one greater, when they have waited for something that is there.
async fn two_updates(system: System, pause: Pause) {
    let number = Arc::new(AtomicU32::new(0));
    let server = system.spawn(async |mut ctx: ProcessContext<ReplyTo<()>>| {
        loop {
            user(ctx.receive().await).reply(());
        }
    });
    let updates = [(); 2].map(|()| {
        let (number, server) = (number.clone(), server.clone());
        let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
            let read = number.load(Relaxed);
            pause(&mut ctx, &server).await;
            number.store(read + 1, Relaxed);
        });
        process.try_send(1).unwrap();
        process
    });
    for process in updates {
        assert_eq!(process.exited().await, ExitReason::Normal);
    }
    assert_eq!(number.load(Relaxed), 2, "an update was lost");
}

#[test]
fn every_future_of_the_library_lets_others_run_first() {
    let pauses: [(&str, Pause); 22] = [
        ("receive", |ctx, _| async move { drop(ctx.receive().await) }.boxed()),
        ("receive_match", |ctx, _| async move { drop(ctx.receive_match(|_| true).await) }.boxed()),
        ("receive_timeout", |ctx, _| async move { drop(ctx.receive_timeout(Duration::from_secs(1)).await) }.boxed()),
        ("receive_timeout, of nothing", |ctx, _| {
            async move { drop(ctx.receive_match_timeout(|_| false, Duration::ZERO).await) }.boxed()
        }),
        ("send", |ctx, _| async move { ctx.this().send(2).await.unwrap() }.boxed()),
        ("send to an address", |ctx, _| async move { Address::from(&ctx.this()).send(2).await.unwrap() }.boxed()),
        ("call", |_, server| async move { Call::new(server, |from| from).await.unwrap() }.boxed()),
        ("call of nobody", |ctx, _| {
            let nobody = Address::named(ctx.system(), Name::<ReplyTo<()>>::new("nobody"));
            async move { drop(Call::new(nobody, |from| from).await) }.boxed()
        }),
        ("request", |_, server| {
            async move { Call::new(server, |from| from).inline(true).send_request().await.unwrap() }.boxed()
        }),
        ("request, with a limit", |_, server| {
            async move { drop(Call::new(server, |from| from).send_request().receive(Duration::ZERO).await) }.boxed()
        }),
        ("system request", |ctx, server| async move { drop(sys::status(ctx.system(), server.pid()).await) }.boxed()),
        ("sleep", |ctx, _| async move { ctx.system().sleep(Duration::ZERO).await }.boxed()),
        ("exited", |ctx, _| async move { drop(ctx.system().exited(Pid::SYSTEM).await) }.boxed()),
        ("timeout", |ctx, _| async move { ctx.system().timeout(Duration::ZERO, async {}).await.unwrap() }.boxed()),
        ("scope", |ctx, _| async move { CancelScope::new(ctx.system()).run(async {}).await.unwrap() }.boxed()),
        ("task group", |ctx, _| async move { drop(TaskGroup::<(), String>::new(ctx.system()).join().await) }.boxed()),
        ("blocking job", |ctx, _| async move { ctx.system().spawn_blocking(|| {}).await.unwrap() }.boxed()),
        ("start", |ctx, _| async move { drop(Room::start(ctx.system(), ()).await.unwrap()) }.boxed()),
        ("stop", |ctx, _| async move { drop(ServerRef::named(ctx.system(), ROOM).stop().await) }.boxed()),
        ("event", |ctx, _| {
            async move {
                let mut events = ctx.system().subscribe();
                ctx.system().report(|| Noted);
                drop(events.next().await);
            }
            .boxed()
        }),
        ("exited, with a limit", |ctx, _| {
            async move { drop(ctx.system().exited(Pid::SYSTEM).within(Duration::ZERO).await) }.boxed()
        }),
        ("let_others_first", |ctx, _| async move { let_others_first(ctx.system()).await }.boxed()),
    ];
    for (name, pause) in pauses {
        let failed = try_check(config(), move |system| two_updates(system, pause));
        let failed = failed.expect_err(&format!("{name}: no update was lost"));
        assert!(failed.to_string().contains("an update was lost"), "{name}: {failed}");
    }
}

/// As [`two_updates`], with a pause for each that is made before.
async fn two_updates_with(system: System, pauses: [BoxFuture<'static, ()>; 2]) {
    let number = Arc::new(AtomicU32::new(0));
    let updates = pauses.map(|pause| {
        let number = number.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            let read = number.load(Relaxed);
            pause.await;
            number.store(read + 1, Relaxed);
        })
    });
    for process in updates {
        assert_eq!(process.exited().await, ExitReason::Normal);
    }
    assert_eq!(number.load(Relaxed), 2, "an update was lost");
}

/// A connection whose client has sent two bytes, of which the server has read one.
async fn connected(net: &Net, listener: &Listener) -> (Stream, Stream) {
    let address = listener.local().unwrap();
    let (client, server) = join(net.connect(address), listener.accept()).await;
    let (mut client, mut server) = (client.unwrap(), server.unwrap());
    client.write_all(&[1, 2]).await.unwrap();
    server.read_exact(&mut [0]).await.unwrap();
    (client, server)
}

#[test]
fn what_is_done_with_a_socket_lets_others_run_first() {
    type Use = fn(Arc<Listener>, Stream, Stream) -> BoxFuture<'static, ()>;
    let uses: [(&str, Use); 5] = [
        ("read", |_, peer, mut own| async move { (own.read_exact(&mut [0]).await.unwrap(), peer).0 }.boxed()),
        ("read of a half", |_, peer, own| {
            let mut own = own.split();
            async move { (own.0.read_exact(&mut [0]).await.unwrap(), peer).0 }.boxed()
        }),
        ("write", |_, peer, mut own| async move { (own.write_all(&[3]).await.unwrap(), peer).0 }.boxed()),
        ("write of a half", |_, peer, own| {
            let mut own = own.split();
            async move { (own.1.write_all(&[3]).await.unwrap(), peer).0 }.boxed()
        }),
        ("accept", |listener, _, _| async move { drop(listener.accept().await.unwrap()) }.boxed()),
    ];
    for (name, use_it) in uses {
        let failed = try_check(config(), move |system| async move {
            let net = system.net().unwrap();
            let listener = Arc::new(net.listen(([127, 0, 0, 1], 0)).await.unwrap());
            let ends = [connected(&net, &listener).await, connected(&net, &listener).await];
            let address = listener.local().unwrap();
            let _waiting = join(net.connect(address.clone()), net.connect(address)).await;
            let pauses = ends.map(|(client, server)| use_it(listener.clone(), client, server));
            two_updates_with(system, pauses).await;
        });
        let failed = failed.expect_err(&format!("{name}: no update was lost"));
        assert!(failed.to_string().contains("an update was lost"), "{name}: {failed}");
    }
}

#[test]
fn nothing_lets_others_run_where_there_is_no_future() {
    check(config(), |system| two_updates(system, |_, _| async {}.boxed()));
}

#[test]
fn a_future_that_is_polled_by_nobody_in_particular_is_not_held_up() {
    check(config(), async |system| {
        let process = system.spawn(forever::<u32>);
        assert_eq!(process.send(1).now_or_never(), Some(Ok(())));
        assert_eq!(system.sleep(Duration::ZERO).now_or_never(), Some(()));
        process.exit(ExitReason::Kill);
        assert_eq!(process.exited().await, ExitReason::Killed);
        assert_eq!(process.exited().now_or_never(), Some(ExitReason::Killed));
    });
}

#[test]
fn a_callee_that_calls_goes_on_in_the_step_of_its_caller_or_does_not() {
    let in_one_step = AtomicU32::new(0);
    check(config().seeds(200), async |system| {
        let last = system.spawn(async |mut ctx: ProcessContext<ReplyTo<()>>| {
            loop {
                user(ctx.receive().await).reply(());
            }
        });
        let first = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<Duration>>| {
            loop {
                let from = user(ctx.receive().await);
                let start = ctx.system().now();
                Call::new(&last, |from| from).await.unwrap();
                from.reply(ctx.system().now() - start);
            }
        });
        system.sleep(Duration::from_millis(1)).await;
        let took =
            inside(&system, async move |_: ProcessContext<()>| Call::new(&first, |from| from).await.unwrap()).await;
        in_one_step.fetch_add(u32::from(took.is_zero()), Relaxed);
    });
    // Each of the two calls runs inline or not, and between them the first callee goes on or not.
    let in_one_step = in_one_step.into_inner();
    assert!((10..50).contains(&in_one_step), "about one in eight: {in_one_step}");
}
