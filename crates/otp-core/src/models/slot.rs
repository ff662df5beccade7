//! Models of the reply slot: there is exactly one answer, and the last holder frees the slot. Loom detects use after
//! free, and leaks, by the `Tracked` values in it.

use loom::alloc::Track;
use loom::thread;

use super::executor::run;
use super::explore;
use crate::cell::{self, slot};
use crate::exit::ExitReason;

type Reply = Track<u8>;
type Caller = cell::Caller<Reply, ExitReason>;
type Token = cell::Token<Reply, ExitReason>;
type Answer = cell::Answer<Reply, ExitReason>;

fn answer(mut caller: Caller) -> Answer {
    run(std::future::poll_fn(|cx| caller.poll(cx.waker())))
}

fn is_seven(answer: Answer) -> bool {
    matches!(answer, Answer::Reply(reply) if *reply.get_ref() == 7)
}

fn drop_unanswered(token: Token) {
    token.drop_unanswered();
}

#[test]
fn a_reply_reaches_a_caller_that_waits_or_does_not_wait_yet() {
    explore(None, || {
        let (caller, token) = slot::<Reply, ExitReason>();
        let replier = thread::spawn(move || token.reply(Track::new(7)));
        assert!(is_seven(answer(caller)));
        replier.join().unwrap();
    });
}

#[test]
fn a_token_that_is_dropped_answers_so() {
    explore(None, || {
        let (caller, token) = slot::<Reply, ExitReason>();
        let dropper = thread::spawn(move || drop_unanswered(token));
        assert!(matches!(answer(caller), Answer::Dropped));
        dropper.join().unwrap();
    });
}

#[test]
fn of_a_reply_and_an_exit_the_first_one_is_the_answer_and_the_other_vanishes() {
    explore(Some(3), || {
        let (caller, token) = slot::<Reply, ExitReason>();
        let waiter = caller.waiter();
        let replier = thread::spawn(move || token.reply(Track::new(7)));
        let ender = thread::spawn(move || waiter.exited(&ExitReason::Normal));
        match answer(caller) {
            Answer::Exited(reason) => assert_eq!(reason, ExitReason::Normal),
            reply => assert!(is_seven(reply)),
        }
        replier.join().unwrap();
        ender.join().unwrap();
    });
}

#[test]
fn what_comes_first_is_the_answer() {
    explore(Some(2), || {
        let ((replied, token), (ended, late_token)) = (slot::<Reply, ExitReason>(), slot::<Reply, ExitReason>());
        let waiters = [replied.waiter(), ended.waiter()];
        let answering = thread::spawn(move || {
            token.reply(Track::new(7));
            waiters.iter().for_each(|waiter| waiter.exited(&ExitReason::Normal));
            late_token.reply(Track::new(8));
        });
        assert!(is_seven(answer(replied)));
        assert!(matches!(answer(ended), Answer::Exited(ExitReason::Normal)));
        answering.join().unwrap();
    });
}

#[test]
fn of_two_exits_one_is_the_answer() {
    explore(Some(3), || {
        let caller = Caller::without_token();
        let enders = [caller.waiter(), caller.waiter()]
            .map(|waiter| thread::spawn(move || waiter.exited(&ExitReason::Shutdown)));
        assert!(matches!(answer(caller), Answer::Exited(ExitReason::Shutdown)));
        enders.into_iter().for_each(|ender| ender.join().unwrap());
    });
}

#[test]
fn a_caller_may_give_up_while_it_is_answered() {
    explore(Some(3), || {
        let (mut caller, token) = slot::<Reply, ExitReason>();
        let waiter = caller.waiter();
        let replier = thread::spawn(move || {
            token.reply(Track::new(7));
        });
        let ender = thread::spawn(move || waiter.exited(&ExitReason::Normal));
        let _ = caller.poll(std::task::Waker::noop());
        drop(caller);
        replier.join().unwrap();
        ender.join().unwrap();
    });
}

#[test]
fn a_caller_whose_token_was_dropped_hears_of_the_exit_that_follows() {
    explore(Some(3), || {
        let (mut caller, token) = slot::<Reply, ExitReason>();
        let waiter = caller.waiter();
        // As the end of a process does: first its state is dropped, with the token in it, then its end is told.
        let ender = thread::spawn(move || {
            drop_unanswered(token);
            waiter
        });
        assert!(matches!(run(std::future::poll_fn(|cx| caller.poll(cx.waker()))), Answer::Dropped));
        caller.reopen();
        let waiter = ender.join().unwrap();
        let ender = thread::spawn(move || waiter.exited(&ExitReason::Killed));
        assert!(matches!(answer(caller), Answer::Exited(ExitReason::Killed)));
        ender.join().unwrap();
    });
}

#[test]
fn a_request_that_a_callee_left_unreceived_is_answered_by_the_next_one() {
    explore(Some(2), || {
        let (mut caller, token) = slot::<Reply, ExitReason>();
        let first = caller.waiter();
        // It may still be about to wake the caller when that waits for the next one.
        let ender = thread::spawn(move || first.exited(&ExitReason::Killed));
        assert!(matches!(run(std::future::poll_fn(|cx| caller.poll(cx.waker()))), Answer::Exited(ExitReason::Killed)));
        caller.renew();
        let second = caller.waiter();
        let replier = thread::spawn(move || token.reply(Track::new(7)));
        second.exited(&ExitReason::Shutdown);
        match answer(caller) {
            Answer::Exited(reason) => assert_eq!(reason, ExitReason::Shutdown),
            reply => assert!(is_seven(reply)),
        }
        replier.join().unwrap();
        ender.join().unwrap();
    });
}
