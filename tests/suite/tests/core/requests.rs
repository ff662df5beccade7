//! Requests whose answers are fetched later: SPEC §8.

use otp::call::{NoResponse, Requests};
use otp::process::SpawnOptions;
use otp::{CallError, ExitReason, System};
use otp_suite::{idle, until};

use super::calls::{AGES, Ask, MOMENT, awaited, callee, double, keep, serve};

#[otp::test]
async fn a_request_is_sent_at_once_and_its_answer_fetched_later(system: System) {
    let server = serve(&system, SpawnOptions::new());
    let mut request = keep(&server).send_request();
    idle(&server).await;
    until(|| system.info(server.pid()).is_some_and(|info| info.handled == 1)).await;
    assert_eq!(request.check(), None);
    let start = system.now();
    assert_eq!(request.wait(MOMENT).await, None);
    assert!(system.now() - start >= MOMENT);
    server.send(Ask::Answer(5)).await.unwrap();
    assert_eq!(request.wait(AGES).await, Some(Ok(5)), "it can be waited for again");
    assert_eq!(double(&server, 1).send_request().receive(AGES).await, Some(Ok(2)));
}

// ALI-5
#[otp::test]
async fn a_request_that_is_not_received_in_time_is_given_up(system: System) {
    let server = serve(&system, SpawnOptions::new());
    assert_eq!(keep(&server).send_request().receive(MOMENT).await, None);
    assert_eq!(awaited(&server).await, 0);
    server.send(Ask::Answer(5)).await.unwrap();
    assert_eq!(double(&server, 1).await, Ok(2));
}

#[otp::test]
async fn a_collection_gives_the_answers_of_its_requests_with_their_labels(system: System) {
    let server = serve(&system, SpawnOptions::new());
    let mut requests = Requests::new(&system);
    assert_eq!(requests.receive(AGES).await, Err(NoResponse::NoRequest));
    requests.add("kept", keep(&server).send_request());
    requests.add("doubled", double(&server, 4).send_request());
    assert_eq!(requests.len(), 2);
    assert_eq!(requests.receive(AGES).await, Ok(("doubled", Ok(8))));
    assert_eq!(requests.receive(MOMENT).await, Err(NoResponse::Timeout));
    assert_eq!(requests.len(), 1, "it is still there");
    server.send(Ask::Answer(9)).await.unwrap();
    assert_eq!(requests.receive(AGES).await, Ok(("kept", Ok(9))));
    assert!(requests.is_empty());

    requests.add("first", keep(&server).send_request());
    requests.add("second", keep(&server).send_request());
    server.exit(ExitReason::Kill);
    let mut labels = Vec::new();
    for _ in 0..2 {
        let (label, answer) = requests.receive(AGES).await.unwrap();
        assert!(matches!(answer, Err(CallError::Exited { reason: ExitReason::Killed, .. })), "{answer:?}");
        labels.push(label);
    }
    labels.sort_unstable();
    assert_eq!(labels, ["first", "second"]);
    requests.add("nobody", double(&server, 1).send_request());
    assert_eq!(requests.receive(AGES).await, Ok(("nobody", Err(CallError::NoProc(callee(&server))))));
}
