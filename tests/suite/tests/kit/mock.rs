//! The kit's mock server: it follows its script, and says clearly where the script was not followed.

use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::test::{Mock, On, Probe, on};
use otp_suite::{caught, failure};

/// Never started: mocks stand in for it.
struct Account;

#[gen_server]
impl Account {
    #[init]
    fn init() -> Self {
        Account
    }

    #[call]
    fn balance(&self) -> u64 {
        0
    }

    #[call]
    fn withdraw(&mut self, cents: u64) -> Result<u64, &'static str> {
        Err(if cents > 0 { "poor" } else { "nothing" })
    }

    #[cast]
    fn note(&mut self, _text: &'static str) {}

    #[info]
    fn audit(&mut self) {}
}

#[otp::test]
async fn a_mock_answers_in_the_order_of_its_script_calls_casts_and_infos_alike(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    let (probe, tell) = (Probe::start(&system).await, |text| move |to: ProcessRef<_>| to.try_send(text).unwrap());
    let this = probe.this();
    mock.expect_call(on!(AccountCall::Withdraw(cents, from) if cents > 3 => from.reply(Ok(cents - 3))));
    mock.expect_cast(on!(AccountCast::Note(text) => tell(text)(this)));
    mock.expect_info(on!(AccountInfo::Audit));
    mock.expect_call(on!(AccountCall::Balance(from) => from.reply(2)));

    let account = mock.server();
    assert_eq!(account.withdraw(5).await, Ok(Ok(2)));
    account.note("hello");
    account.info(AccountInfo::Audit);
    assert_eq!(account.balance().await, Ok(2));
    probe.expect("hello").await;
    mock.done().await;
}

#[otp::test]
async fn a_mock_answers_what_it_allows_at_any_time_and_any_number_of_times(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    let mut balance = 10;
    mock.expect_cast(on!(AccountCast::Note("bye")));
    mock.allow_call(on!(AccountCall::Balance(from) => { balance += 1; from.reply(balance) }));
    mock.allow_cast(on!(AccountCast::Note("hello")));
    mock.allow_info(on!(AccountInfo::Audit));

    let account = mock.server();
    assert_eq!(account.balance().await, Ok(11));
    account.note("hello");
    account.note("hello");
    account.info(AccountInfo::Audit);
    account.note("bye");
    assert_eq!(account.balance().await, Ok(12));
    mock.done().await;
}

#[otp::test]
async fn an_unexpected_request_ends_the_mock_and_both_sides_hear_what_came_instead_of_what(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    mock.expect_call(on!(AccountCall::Withdraw(5, from) => from.reply(Ok(0))));
    let expected = "unexpected call Withdraw(7, ReplyTo); \
                    next was to come call AccountCall::Withdraw(5, from), scripted at tests/suite/tests/kit/mock.rs:";

    let error = mock.server().withdraw(7).await.unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    let text = failure(mock.done()).await;
    assert!(text.starts_with("the mock of Account <") && text.contains(expected), "{text}");
}

#[otp::test]
async fn a_request_of_another_kind_or_after_the_script_is_unexpected(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    mock.expect_call(on!(AccountCall::Balance(from) => from.reply(1)));
    mock.server().note("hello");
    let text = failure(mock.done()).await;
    assert!(
        text.contains(r#"unexpected cast Note("hello"); next was to come call AccountCall::Balance(from)"#),
        "{text}"
    );

    let mut mock = Mock::<Account>::start(&system);
    mock.expect_info(on!(AccountInfo::Audit));
    mock.server().info(AccountInfo::Audit);
    mock.done().await;
    let error = mock.server().balance().await.unwrap_err().to_string();
    assert!(error.contains("unexpected call Balance(ReplyTo); nothing more was expected"), "{error}");
    let text = caught(move || drop(mock));
    assert!(text.contains("nothing more was expected"), "{text}");
}

#[otp::test]
async fn what_was_scripted_and_did_not_come_is_listed_when_the_time_is_up(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    mock.expect_call(on!(AccountCall::Balance(from) => from.reply(1)));
    mock.expect_call(on!(AccountCall::Withdraw(5, _)));
    mock.expect_cast(on!(AccountCast::Note("bye")));
    mock.server().balance().await.unwrap();
    let text = failure(mock.done().within(Duration::from_millis(1))).await;
    assert!(text.contains("still expected after 1ms:\n  call AccountCall::Withdraw(5, _), scripted at "), "{text}");
    assert!(text.contains("\n  cast AccountCast::Note(\"bye\"), scripted at "), "{text}");
    assert!(!text.contains("Balance"), "{text}");
}

#[otp::test]
async fn a_mock_that_is_dropped_before_its_script_is_over_says_so(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    mock.expect_call(on!(AccountCall::Balance(_)));
    let text = caught(move || drop(mock));
    assert!(text.contains("still expected when it was dropped:\n  call AccountCall::Balance(_)"), "{text}");
}

#[otp::test]
async fn a_mock_that_ends_before_its_script_is_over_says_why(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    mock.expect_call(on!(AccountCall::Balance(_)));
    mock.server().exit(ExitReason::Kill);
    let text = failure(mock.done()).await;
    assert!(text.contains("still expected when it ended (killed):"), "{text}");
}

#[otp::test]
async fn an_answer_that_panics_is_a_failure_of_the_mock(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    mock.expect_cast(on!(AccountCast::Note(text) => assert_eq!(text, "hello")));
    mock.server().note("bye");
    let text = failure(mock.done()).await;
    assert!(text.contains(r#"its answer to cast Note("bye") panicked"#), "{text}");
}

#[otp::test]
async fn a_script_goes_on_while_the_mock_runs(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    for n in 1..=3 {
        mock.expect_call(on!(AccountCall::Balance(from) => from.reply(n)));
        assert_eq!(mock.server().balance().await, Ok(n));
        mock.done().await;
    }
}

#[otp::test]
async fn a_token_may_leave_the_mock_and_be_answered_later(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    let (keep, kept) = oneshot::channel::<ReplyTo<u64>>();
    mock.expect_call(on!(AccountCall::Balance(from) => keep.send(from).unwrap()));
    let call = mock.server().balance().send_request();
    let from = kept.await.unwrap();
    mock.done().await;
    from.reply(3);
    assert_eq!(call.await, Ok(3));
}

#[otp::test]
async fn a_request_may_be_taken_apart_by_hand(system: System) {
    let mut mock = Mock::<Account>::start(&system);
    let answer = |call| match call {
        AccountCall::Withdraw(cents, from) => {
            from.reply(Ok(cents));
            Ok(())
        }
        other => Err(other),
    };
    mock.expect_call(On { what: "any withdrawal", answer });
    assert_eq!(mock.server().withdraw(9).await, Ok(Ok(9)));
    mock.expect_call(On { what: "any withdrawal", answer });
    let error = mock.server().balance().await.unwrap_err().to_string();
    assert!(error.contains("next was to come call any withdrawal"), "{error}");
    failure(mock.done()).await;
}

#[otp::test]
async fn a_mock_is_found_by_name_and_stops_when_it_is_told_to(system: System) {
    const ACCOUNT: ServerName<Account> = ServerName::new("account");
    let mut mock = Mock::<Account>::start(&system);
    mock.register(&ACCOUNT).unwrap();
    mock.expect_call(on!(AccountCall::Balance(from) => from.reply(1)));
    let account = ServerRef::named(&system, ACCOUNT);
    assert_eq!(account.balance().await, Ok(1));
    assert!(otp::sys::status(&system, &account).await.unwrap().state.is_none());
    assert!(otp::sys::suspend(&system, &account).await.is_err());
    account.stop().reason(ExitReason::Shutdown).await.unwrap();
    assert_eq!(account.pid(), None);
}

#[test]
fn a_simulated_run_shows_what_a_mock_was_asked_inline_or_not() {
    for seed in 1..=20 {
        let config = otp::sim::Config::new().ignore_environment().first_seed(seed).seeds(1).shrink(0);
        let failed = otp::sim::try_check(config, async |system| {
            let mut account = Mock::<Account>::start(&system);
            account.expect_call(on!(AccountCall::Withdraw(cents, from) => from.reply(Ok(cents))));
            let server = account.server();
            otp_suite::inside(&system, async move |_: ProcessContext<()>| server.withdraw(5).await.unwrap().unwrap())
                .await;
            account.done().await;
            panic!("to see the trace");
        });
        let failed = failed.unwrap_err();
        let line = "mock of Account handles call Withdraw(5, ReplyTo)";
        assert!(failed.trace.iter().any(|shown| shown.ends_with(line)), "no line {line:?} in {failed}");
    }
}
