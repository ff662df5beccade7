//! What a mailbox with a policy does with what has no room, is too old, or is not awaited any more.

use std::time::Duration;

use futures::channel::oneshot;
use futures::poll;
use otp::call::Call;
use otp::process::{Key, Lane, MailboxPolicy, Overflow, SpawnOptions, TrySendError};
use otp::{CallError, ExitReason, Message, ProcessContext, ProcessRef, ReplyTo, System};
use otp_suite::{begin, until};

/// What a desk receives.
#[derive(Debug)]
pub(crate) enum Note {
    Say(u32),
    News(u32),
    Price(&'static str, u32),
    Ask(u32, ReplyTo<u32>),
}

impl Note {
    fn number(&self) -> u32 {
        match self {
            Note::Say(n) | Note::News(n) | Note::Price(_, n) | Note::Ask(n, _) => *n,
        }
    }
}

pub(crate) fn policy() -> MailboxPolicy<Note> {
    MailboxPolicy::new().lanes(|note| match note {
        Note::Say(_) | Note::Ask(..) => Lane::Input,
        Note::News(_) | Note::Price(..) => Lane::Broadcast,
    })
}

/// A process that reads nothing until it is opened, and then answers with the number of each note that it has received.
pub(crate) fn desk(system: &System, policy: MailboxPolicy<Note>) -> (ProcessRef<Note>, oneshot::Sender<()>, Read) {
    let (open, opened) = oneshot::channel();
    let (tell, told) = async_channel::unbounded();
    let desk = system.spawn_with(SpawnOptions::new().policy(policy), async move |mut ctx: ProcessContext<Note>| {
        opened.await.unwrap();
        loop {
            if let Message::User(note) = ctx.receive().await {
                tell.try_send(note.number()).unwrap();
                if let Note::Ask(n, from) = note {
                    from.reply(n);
                }
            }
        }
    });
    (desk.unwrap().process, open, Read(told))
}

/// What a desk has received.
pub(crate) struct Read(async_channel::Receiver<u32>);

impl Read {
    /// All that it receives, in order; there is nothing more.
    pub(crate) async fn all(&mut self, desk: &ProcessRef<Note>, count: usize) -> Vec<u32> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.0.recv().await.unwrap());
        }
        until(|| desk.system().info(desk.pid()).unwrap().queue == 0).await;
        assert!(self.0.is_empty());
        all
    }
}

fn ask(desk: &ProcessRef<Note>, n: u32) -> Call<Note, u32> {
    Call::new(desk, |from| Note::Ask(n, from))
}

fn figures(desk: &ProcessRef<Note>) -> [u64; 5] {
    let load = desk.system().info(desk.pid()).unwrap().load.unwrap();
    [load.refused, load.dropped, load.too_old, load.coalesced, load.expired]
}

#[track_caller]
fn is_shed(outcome: Result<u32, CallError>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, CallError::Full { shed: true, .. }) && !error.may_have_begun(), "{error}");
}

#[otp::test]
async fn a_lane_that_refuses_gives_messages_back_and_fails_calls_at_once(system: System) {
    let (desk, open, mut read) = desk(&system, policy().input(2, Overflow::Refuse));
    desk.try_send(Note::Say(1)).unwrap();
    let answer = ask(&desk, 2).send_request();
    let full = desk.try_send(Note::Say(3)).unwrap_err();
    assert!(matches!(full, TrySendError::Full { message: Note::Say(3), .. }));
    for refused in [ask(&desk, 4).no_timeout().await, ask(&desk, 5).through_restart(Duration::from_secs(9)).await] {
        let error = refused.unwrap_err();
        let at_once = matches!(error, CallError::Full { limit: 2, after: Duration::ZERO, shed: false, .. });
        assert!(at_once && !error.may_have_begun(), "{error}");
        assert!(error.to_string().ends_with("its mailbox of 2 messages is full"), "{error}");
    }
    // Who asks to wait waits.
    let mut sent = Box::pin(desk.send(Note::Say(6)));
    assert!(begin(&mut sent).await.is_pending());
    assert_eq!((figures(&desk), system.info(desk.pid()).unwrap().queue_limit), ([3, 0, 0, 0, 0], Some(2)));
    open.send(()).unwrap();
    sent.await.unwrap();
    assert_eq!(answer.await, Ok(2));
    assert_eq!(read.all(&desk, 3).await, [1, 2, 6]);
}

#[otp::test]
async fn a_lane_that_waits_keeps_calls_in_line_within_their_time(system: System) {
    let (desk, open, mut read) = desk(&system, policy().input(1, Overflow::Wait).broadcast(1, Overflow::Wait));
    desk.try_send(Note::Say(1)).unwrap();
    desk.try_send(Note::News(2)).unwrap();
    assert!(desk.try_send(Note::Say(0)).is_err() && desk.try_send(Note::News(0)).is_err());
    let error = ask(&desk, 0).timeout(Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(error, CallError::Full { limit: 1, shed: false, after, .. } if after == Duration::from_millis(1)));
    // The lines of the two lanes are apart, and who leaves one loses nothing of the others.
    let mut news = Box::pin(desk.send(Note::News(3)));
    let mut gone = Box::pin(desk.send(Note::Say(0)));
    let mut call = Box::pin(ask(&desk, 4).no_timeout());
    assert!(begin(&mut news).await.is_pending() && begin(&mut gone).await.is_pending());
    assert!(begin(&mut call).await.is_pending());
    drop(gone);
    open.send(()).unwrap();
    news.await.unwrap();
    assert_eq!(call.await, Ok(4));
    let mut all = read.all(&desk, 4).await;
    assert_eq!(all[..2], [1, 2]);
    all.sort_unstable();
    assert_eq!((all, figures(&desk)), (vec![1, 2, 3, 4], [0; 5]));
}

#[otp::test]
async fn a_lane_that_drops_the_newest_takes_what_it_drops_and_tells_its_caller(system: System) {
    let (desk, open, mut read) = desk(&system, policy().input(2, Overflow::DropNewest));
    for n in 1..5 {
        desk.try_send(Note::Say(n)).unwrap();
    }
    is_shed(ask(&desk, 5).no_timeout().await);
    desk.send(Note::Say(6)).await.unwrap();
    assert_eq!(figures(&desk), [0, 4, 0, 0, 0]);
    open.send(()).unwrap();
    assert_eq!(read.all(&desk, 2).await, [1, 2]);
}

#[otp::test]
async fn a_lane_that_drops_the_oldest_keeps_the_latest_and_tells_the_caller_of_what_it_drops(system: System) {
    let (desk, open, mut read) = desk(&system, policy().input(2, Overflow::DropOldest));
    let mut oldest = Box::pin(ask(&desk, 1).no_timeout());
    assert!(begin(&mut oldest).await.is_pending());
    for n in 2..5 {
        desk.send(Note::Say(n)).await.unwrap();
    }
    is_shed(oldest.await);
    // A request that its sender can take back is the sender's: the mailbox does not drop it.
    let mut ride = Box::pin(ask(&desk, 5).through_restart(Duration::from_secs(9)));
    assert!(begin(&mut ride).await.is_pending());
    desk.try_send(Note::Say(6)).unwrap();
    desk.try_send(Note::Say(7)).unwrap();
    open.send(()).unwrap();
    assert_eq!(ride.await, Ok(5));
    assert_eq!(read.all(&desk, 2).await, [5, 7]);
    assert_eq!(figures(&desk), [0, 5, 0, 0, 0]);
}

#[otp::test]
async fn a_message_takes_the_place_of_the_one_with_its_key(system: System) {
    let by_name = policy().broadcast(3, Overflow::Refuse).coalesce(|note| match note {
        Note::Price(name, _) => Some(Key::from(*name)),
        Note::Ask(n, _) => Some(Key::from(u64::from(*n))),
        _ => None,
    });
    let (desk, open, mut read) = desk(&system, by_name);
    for (name, price) in [("tin", 1), ("zinc", 2), ("tin", 3), ("gold", 4), ("zinc", 5), ("tin", 6)] {
        desk.try_send(Note::Price(name, price)).unwrap();
    }
    // There is no room for a fourth one, but for a known one there is: also for who would wait.
    assert!(desk.try_send(Note::Price("lead", 0)).is_err());
    desk.send(Note::Price("gold", 7)).await.unwrap();
    let prices = otp::Address::from(&desk).map_message(|price| Note::Price("zinc", price));
    let mut waits = Box::pin(prices.send(8));
    assert!(begin(&mut waits).await.is_pending(), "it is not known before there is room for it");
    drop(waits);
    let mut first = Box::pin(ask(&desk, 9).no_timeout());
    assert!(begin(&mut first).await.is_pending());
    let second = ask(&desk, 9).send_request();
    is_shed(first.await);
    assert_eq!(figures(&desk), [1, 0, 0, 5, 0]);
    open.send(()).unwrap();
    assert_eq!(second.await, Ok(9));
    assert_eq!(read.all(&desk, 4).await, [6, 5, 7, 9]);
    // What was received is not replaced.
    for price in [10, 11] {
        desk.try_send(Note::Price("tin", price)).unwrap();
        assert_eq!(read.0.recv().await, Ok(price));
    }
}

#[otp::test(backends = [sim])]
async fn what_has_waited_for_too_long_is_dropped_and_never_handled(system: System) {
    let (desk, open, mut read) = desk(&system, policy().max_age(Duration::from_millis(10)));
    let mut early = Box::pin(ask(&desk, 1).no_timeout());
    assert!(begin(&mut early).await.is_pending());
    desk.try_send(Note::News(2)).unwrap();
    system.sleep(Duration::from_millis(6)).await;
    desk.try_send(Note::Say(3)).unwrap();
    assert!(poll!(&mut early).is_pending(), "its time is not up");
    system.sleep(Duration::from_millis(6)).await;
    // The next one that comes notices; then the process, which comes to it too late.
    desk.try_send(Note::Say(4)).unwrap();
    is_shed(early.await);
    assert_eq!(figures(&desk), [0, 0, 2, 0, 0]);
    system.sleep(Duration::from_millis(6)).await;
    open.send(()).unwrap();
    assert_eq!(read.all(&desk, 1).await, [4]);
    assert_eq!(figures(&desk), [0, 0, 3, 0, 0]);
}

#[otp::test]
async fn a_call_whose_caller_has_given_up_is_skipped_if_the_process_says_so(system: System) {
    for skips in [true, false] {
        let (desk, open, mut read) = desk(&system, policy().input(3, Overflow::Wait).skip_expired(skips));
        let mut dropped = Box::pin(ask(&desk, 1).no_timeout());
        assert!(begin(&mut dropped).await.is_pending());
        desk.try_send(Note::Say(2)).unwrap();
        let late = ask(&desk, 3).timeout(Duration::from_millis(1)).await.unwrap_err();
        assert!(matches!(late, CallError::Timeout { .. }) && late.may_have_begun() != skips, "{late}");
        drop(dropped);
        let mut waits = Box::pin(desk.send(Note::Say(4)));
        assert_eq!(begin(&mut waits).await.is_ready(), skips, "there is room again");
        open.send(()).unwrap();
        if skips {
            assert_eq!((read.all(&desk, 2).await, figures(&desk)), (vec![2, 4], [0, 0, 0, 0, 2]));
        } else {
            waits.await.unwrap();
            assert_eq!((read.all(&desk, 4).await, figures(&desk)), (vec![1, 2, 3, 4], [0; 5]));
        }
        // A call that is answered is not in the way of others.
        assert_eq!(ask(&desk, 5).await, Ok(5));
    }
}

#[otp::test]
async fn the_end_of_a_process_ends_what_waits_for_room_in_its_lanes(system: System) {
    let (desk, open, _read) = desk(&system, policy().input(1, Overflow::Wait).broadcast(1, Overflow::Wait));
    desk.try_send(Note::Say(1)).unwrap();
    desk.try_send(Note::News(1)).unwrap();
    let news = otp::Address::from(&desk).map_message(Note::News);
    let mut said = Box::pin(desk.send(Note::Say(2)));
    let mut told = Box::pin(news.send(3));
    let mut asked = Box::pin(ask(&desk, 4).no_timeout());
    assert!(begin(&mut said).await.is_pending() && begin(&mut told).await.is_pending());
    assert!(begin(&mut asked).await.is_pending());
    desk.exit(ExitReason::Kill);
    assert!(matches!(said.await.unwrap_err().into_message(), Note::Say(2)));
    assert_eq!(told.await.unwrap_err().into_message(), 3);
    let error = asked.await.unwrap_err();
    assert!(matches!(error, CallError::Exited { begun: false, .. }), "{error}");
    assert!(matches!(desk.try_send(Note::Say(5)), Err(TrySendError::NoProc { .. })));
    assert!(matches!(news.try_send(6), Err(TrySendError::NoProc { message: 6, .. })));
    drop(open);
}
