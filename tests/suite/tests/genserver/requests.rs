//! Requests whose answers are fetched later, and calls of many: SPEC §9.

use std::time::Duration;

use futures::FutureExt;
use otp::call::{NoResponse, Requests};
use otp::gen_server::{abcast, multi_call};
use otp::prelude::*;
use otp_suite::journal::journal;
use otp_suite::servers::{Act, Ask, Puppet, Script, boom, gate, inside};

use super::calls::{LONG, SHORT, busy, echo, idle};

// GS-48
#[otp::test]
async fn answers_to_requests_are_fetched_in_any_order(system: System) {
    let (server, _entries) = idle(&system).await;
    let one = echo(&server, "one").send_request();
    let mut two = echo(&server, "two").send_request();
    let three = echo(&server, "three").send_request();
    assert_eq!(three.receive(LONG).await, Some(Ok("three")));
    assert_eq!(two.check(), Some(Ok("two")));
    assert_eq!(one.await, Ok("one"));
}

// GS-48
#[otp::test]
async fn a_request_is_sent_at_once(system: System) {
    let (server, mut entries) = idle(&system).await;
    let request = echo(&server, "sent").send_request();
    assert_eq!(entries.until("call sent").await, ["starts", "call sent"]);
    assert_eq!(request.await, Ok("sent"));
}

// GS-49
#[otp::test]
async fn wait_keeps_a_request_that_has_no_answer_yet(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let mut request = echo(&server, "kept").send_request();
    assert_eq!(request.wait(SHORT).await, None);
    assert_eq!(request.check(), None);
    drop(open);
    assert_eq!(request.wait(LONG).await, Some(Ok("kept")));
}

// GS-49
#[otp::test]
async fn receive_gives_a_request_up_and_its_answer_is_never_seen(system: System) {
    let (server, mut entries, open) = busy(&system, 0).await;
    let caller = server.clone();
    let mail = inside(&system, async move |mut ctx| {
        let request = caller.call(|from| Ask::Echo("given up", from)).send_request();
        assert_eq!(request.receive(SHORT).await, None);
        drop(open);
        assert_eq!(caller.call(|from| Ask::Echo("next", from)).await, Ok("next"));
        ctx.try_receive_match(|_| true).is_some()
    });
    assert!(!mail.await);
    assert_eq!(entries.so_far(), ["call given up", "call next"]);
}

// GS-50
#[otp::test]
async fn a_request_to_a_server_that_ends_or_does_not_exist_answers_with_the_error(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let lost = echo(&server, "lost").send_request();
    drop(open);
    server.exit(boom());
    // The server may have been fast enough to answer before the signal was there.
    match lost.await {
        Err(CallError::Exited { reason, .. }) => assert_eq!(reason, boom()),
        answered => assert_eq!(answered, Ok("lost")),
    }
    let mut dead = echo(&server, "lost").send_request();
    assert!(matches!(dead.wait(LONG).await, Some(Err(_))));
    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    assert!(matches!(echo(&nobody, "lost").send_request().check(), Some(Err(CallError::NoProc(_)))));
}

// GS-51
#[otp::test]
async fn a_collection_of_requests_gives_each_answer_with_its_label(system: System) {
    let (server, _entries) = idle(&system).await;
    let mut requests = Requests::new(&system);
    for (label, text) in [(1, "one"), (2, "two"), (3, "three")] {
        requests.add(label, echo(&server, text).send_request());
    }
    assert_eq!(requests.len(), 3);
    let mut answers = Vec::new();
    while !requests.is_empty() {
        let (label, answer) = requests.receive(LONG).await.unwrap();
        answers.push((label, answer.unwrap()));
    }
    answers.sort_unstable();
    assert_eq!(answers, [(1, "one"), (2, "two"), (3, "three")]);
    assert_eq!(requests.receive(LONG).await.unwrap_err(), NoResponse::NoRequest);
}

// GS-51, GS-50
#[otp::test]
async fn a_collection_keeps_what_has_no_answer_yet_and_gives_errors_too(system: System) {
    let (server, _entries, open) = busy(&system, 0).await;
    let mut requests = Requests::new(&system);
    requests.add("slow", echo(&server, "slow").send_request());
    assert_eq!(requests.receive(SHORT).await.unwrap_err(), NoResponse::Timeout);
    assert_eq!(requests.len(), 1);
    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    requests.add("nobody", echo(&nobody, "lost").send_request());
    let (label, answer) = requests.receive(LONG).await.unwrap();
    assert!(label == "nobody" && matches!(answer, Err(CallError::NoProc(_))));
    drop(open);
    assert_eq!(requests.receive(LONG).await, Ok(("slow", Ok("slow"))));
}

// GS-52
#[otp::test]
async fn multi_call_tells_who_answered_and_who_did_not(system: System) {
    let (journal, _entries) = journal(&system);
    let good = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let (slow, _slow_entries, _open) = busy(&system, 0).await;
    let dead = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    dead.stop().await.unwrap();
    let nobody = ServerRef::named(&system, ServerName::new("nobody"));
    let servers = [good.clone(), slow.clone(), dead.clone(), nobody, good.clone()];
    let limit = Duration::from_millis(100);
    let outcome = multi_call(&servers, |from| Ask::Echo("all", from), limit).await;
    let pids = |server: &ServerRef<Puppet>| server.pid();
    let replies: Vec<_> = outcome.replies.iter().map(|(server, reply)| (pids(server), *reply)).collect();
    assert_eq!(replies, [(good.pid(), "all"), (good.pid(), "all")]);
    let failed: Vec<_> = outcome.failed.iter().map(|(server, _)| pids(server)).collect();
    assert_eq!(failed, [slow.pid(), dead.pid(), None]);
    let errors: Vec<_> = outcome.failed.into_iter().map(|(_, error)| error).collect();
    assert!(matches!(
        &errors[..],
        [CallError::Timeout { after, .. }, CallError::NoProc(_), CallError::NoProc(_)] if *after == limit
    ));
}

// GS-52
#[otp::test]
async fn multi_call_asks_all_at_once(system: System) {
    let (journal, mut entries) = journal(&system);
    let (open, closed) = gate();
    let waiting = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    let quick = Puppet::start(&system, Script::new(&journal)).await.unwrap();
    waiting.cast(Act::Wait(closed));
    entries.until("waits").await;
    let servers = [waiting, quick];
    let mut all = Box::pin(multi_call(&servers, |from| Ask::Echo("asked", from), LONG));
    assert!((&mut all).now_or_never().is_none());
    // The second one has its request although the first one has not answered.
    assert_eq!(entries.until("call asked").await, ["call asked"]);
    drop(open);
    assert_eq!(all.await.replies.len(), 2);
}

// GS-52
#[otp::test]
async fn abcast_reaches_all_and_does_not_mind_the_dead(system: System) {
    struct Counter(u32);

    impl GenServer for Counter {
        type Args = ();
        type Call = ReplyTo<u32>;
        type Cast = u32;
        type Info = NoMessage;
        type Continue = NoMessage;

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Counter(0)))
        }

        async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            from.reply(self.0);
            Ok(Next::Receive)
        }

        async fn handle_cast(&mut self, n: u32, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            self.0 += n;
            Ok(Next::Receive)
        }
    }

    let (one, two) = (Counter::start(&system, ()).await.unwrap(), Counter::start(&system, ()).await.unwrap());
    let dead = Counter::start(&system, ()).await.unwrap();
    dead.stop().await.unwrap();
    abcast([&one, &dead, &two], &5);
    assert_eq!((one.call(|from| from).await, two.call(|from| from).await), (Ok(5), Ok(5)));
}
