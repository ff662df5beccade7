//! Models of the two halves of a mailbox: a sent message is received once and in order, or returned when the mailbox is
//! closed, or refused.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;

use loom::alloc::Track;
use loom::thread;

use super::executor::run;
use super::explore;
use crate::process::{Mail, Mailbox};

type Queue = Mailbox<Track<u8>>;

fn number(mail: Mail<Track<u8>>) -> u8 {
    match mail {
        Mail::Message(message) => message.into_inner(),
        Mail::Signal(_) => unreachable!("none was sent"),
    }
}

/// Takes what is there, as a process does that looks again before it has received all.
fn receive(mailbox: &Queue, local: &mut VecDeque<Mail<Track<u8>>>) -> Vec<u8> {
    mailbox.take(local);
    mailbox.take(local);
    let mut received = Vec::new();
    while let Some(mail) = local.pop_front() {
        mailbox.received(&mail, local.len());
        received.push(number(mail));
    }
    received
}

#[test]
fn what_two_producers_send_is_received_in_order_or_left_or_refused() {
    explore(None, || {
        let mailbox = Arc::new(Queue::new(None));
        let producers = [1, 11].map(|first| {
            let mailbox = mailbox.clone();
            let send = move |n| mailbox.push(Track::new(n)).is_ok().then_some(n);
            thread::spawn(move || [first, first + 1].into_iter().filter_map(send).collect::<Vec<_>>())
        });
        let mut local = VecDeque::new();
        let mut there = receive(&mailbox, &mut local);
        there.extend(mailbox.close().0.into_iter().map(number));
        let sent = producers.map(|producer| producer.join().unwrap());
        for (first, sent) in [1, 11].into_iter().zip(sent) {
            let from_it = |n: &u8| (first..first + 2).contains(n);
            assert_eq!(there.iter().copied().filter(from_it).collect::<Vec<_>>(), sent);
        }
        assert_eq!(mailbox.len(), 0);
    });
}

#[test]
fn a_sender_that_waits_for_room_is_woken_by_a_receive_or_by_the_close() {
    explore(Some(3), || {
        let mailbox = Arc::new(Queue::new(Some(1)));
        let senders = [1, 2].map(|n| {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                let (mut message, mut key) = (Some(Track::new(n)), None);
                run(std::future::poll_fn(|cx| match mailbox.poll_push(&mut message, &mut key, cx.waker()) {
                    Poll::Ready(sent) => Poll::Ready(sent.is_ok().then_some(n)),
                    Poll::Pending => Poll::Pending,
                }))
            })
        });
        let mut local = VecDeque::new();
        let mut there = receive(&mailbox, &mut local);
        there.extend(receive(&mailbox, &mut local));
        there.extend(mailbox.close().0.into_iter().map(number));
        let mut sent: Vec<_> = senders.into_iter().filter_map(|sender| sender.join().unwrap()).collect();
        there.sort_unstable();
        sent.sort_unstable();
        assert_eq!(there, sent);
    });
}

#[test]
fn room_that_is_given_to_a_sender_who_leaves_goes_to_the_next_one() {
    explore(Some(3), || {
        let mailbox = Arc::new(Queue::new(Some(1)));
        assert!(mailbox.push(Track::new(1)).is_ok());
        let leaves = {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                let (mut message, mut key) = (Some(Track::new(2)), None);
                let waker = std::task::Waker::noop();
                let sent = mailbox.poll_push(&mut message, &mut key, waker).is_ready();
                if !sent {
                    mailbox.leave(key.expect("it stands in the line"));
                }
                sent
            })
        };
        let stays = {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                let (mut message, mut key) = (Some(Track::new(3)), None);
                assert!(run(std::future::poll_fn(|cx| mailbox.poll_push(&mut message, &mut key, cx.waker()))).is_ok());
            })
        };
        let mut local = VecDeque::new();
        let mut there = receive(&mailbox, &mut local);
        let first_was_sent = leaves.join().unwrap();
        there.extend(receive(&mailbox, &mut local));
        stays.join().unwrap();
        there.extend(receive(&mailbox, &mut local));
        there.sort_unstable();
        assert_eq!(there, if first_was_sent { vec![1, 2, 3] } else { vec![1, 3] });
    });
}
