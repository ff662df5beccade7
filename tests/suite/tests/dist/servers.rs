//! Servers of `#[gen_server(remote)]`, called from another node by terms and by a typed reference.

use std::time::Duration;

use otp::dist::{RemoteCallError, reason_of_term};
use otp::etf::{Atom, Term};
use otp::prelude::*;

use super::nodes::{two, two_as};

struct Counter {
    count: u64,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(remote)]
impl Counter {
    #[init]
    fn init(count: u64) -> Self {
        Counter { count, waiting: Vec::new() }
    }

    #[call]
    fn count(&mut self) -> u64 {
        self.count
    }

    #[call]
    fn add(&mut self, n: u64, text: String) -> Result<u64, String> {
        self.count += n;
        if text == "no" { Err(text) } else { Ok(self.count) }
    }

    #[call]
    fn later(&mut self, from: ReplyTo<u64>) {
        self.waiting.push(from);
    }

    #[cast]
    fn release(&mut self, with: u64) {
        self.waiting.drain(..).for_each(|from| from.reply(with));
    }

    #[call]
    fn fail(&mut self, from: ReplyTo<u64>) -> Result<Next<Self>, ExitReason> {
        self.waiting.push(from);
        Err(reason_of_term(Term::atom("boom")))
    }
}

const COUNTER: ServerName<Counter> = ServerName::new("counter");

#[otp::test]
async fn requests_are_terms_that_are_named_as_the_methods(system: System) {
    let (a, b) = two_as(&system, |node| node.serves::<Counter>()).await;
    Counter::start(&b.system, 5).name(COUNTER).await.unwrap();
    let counter = a.cluster.named("counter", &b.name).unwrap();
    let term = |text: &str| text.parse::<Term>().unwrap();
    assert_eq!(counter.call(&term("count")).await, Ok(5_u64));
    assert_eq!(counter.call::<Term>(&term("{add, 2, <<\"yes\">>}")).await, Ok(term("{ok,7}")));
    assert_eq!(counter.call::<Term>(&term("{add, 2, <<\"no\">>}")).await, Ok(term("{error,<<\"no\">>}")));
    for wrong in ["{add, 1}", "{count, 1}", "nothing", "[]", "{add, a, b}"] {
        let answer = counter.call::<Term>(&term(wrong)).await.unwrap().to_string();
        assert!(answer.starts_with("{error,{bad_request,"), "{wrong}: {answer}");
    }
}

#[otp::test]
async fn a_typed_reference_calls_and_casts_to_a_server_of_another_node(system: System) {
    let (a, b) = two_as(&system, |node| node.serves::<Counter>()).await;
    b.system.log_crashes(false);
    let server = Counter::start(&b.system, 5).name(COUNTER).await.unwrap();
    let counter = a.cluster.server(&COUNTER, &b.name).unwrap();
    assert_eq!(counter.add(1, "yes".to_owned()).await, Ok(Ok(6)));
    assert_eq!(counter.add(1, "no".to_owned()).await, Ok(Err("no".to_owned())));

    // A deferred reply; in the meantime other calls are answered.
    let later = counter.later().send_request();
    assert_eq!(counter.count().await, Ok(7));
    counter.release(9);
    assert_eq!(later.await, Ok(9));

    let late = counter.later().timeout(Duration::from_millis(1)).await;
    assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");

    // A monitor of the reference is one of the server.
    let (pid, watched) = (server.pid().unwrap(), counter.clone());
    let (ready, is_ready) = futures::channel::oneshot::channel();
    let watcher = system.spawn(async move |mut ctx: ProcessContext<()>| {
        ctx.monitor(&watched);
        let _ = ready.send(());
        let Message::Down(down) = ctx.receive().await else { panic!("a Down is expected") };
        assert_eq!(down.reason, reason_of_term(Term::atom("boom")));
    });
    is_ready.await.unwrap();
    assert_eq!(counter.count().await, Ok(7), "the monitor has arrived before");
    let failed = counter.fail().await;
    assert!(
        matches!(&failed, Err(CallError::Exited { reason, .. }) if *reason == reason_of_term(Term::atom("boom"))),
        "{failed:?}"
    );
    assert_eq!(watcher.exited().await, ExitReason::Normal);
    assert!(!b.system.is_alive(pid));

    let gone = counter.count().await;
    assert!(matches!(&gone, Err(CallError::Exited { reason: ExitReason::NoProc, .. })), "{gone:?}");
    // The reference finds the server that takes its place.
    Counter::start(&b.system, 1).name(COUNTER).await.unwrap();
    assert_eq!(counter.count().await, Ok(1));
}

#[otp::test]
async fn a_server_whose_type_is_not_served_is_not_reached(system: System) {
    let (a, b) = two(&system).await;
    Counter::start(&b.system, 5).name(COUNTER).await.unwrap();
    let counter = a.cluster.named("counter", &b.name).unwrap();
    let call = counter.call::<Term>(&Atom::from_static("count")).timeout(Duration::from_millis(50)).await;
    assert!(matches!(call, Err(RemoteCallError::Timeout { .. })), "{call:?}");
}
