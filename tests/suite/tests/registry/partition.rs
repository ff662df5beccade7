//! Partitions: one kind of child several times, and a route by key.

use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp::registry::{PartitionSupervisor, Partitions};
use otp::supervisor::FailedToStartChild;
use otp::task::Agent;
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::inside;

/// Holds a sum, and notes its start and its end.
struct Sum {
    number: usize,
    sum: u64,
    journal: Journal,
}

#[gen_server]
impl Sum {
    #[init]
    fn init((number, journal): (usize, Journal), ctx: &mut Context<Self>) -> Self {
        ctx.trap_exit(true);
        journal.note(format!("start {number}"));
        Sum { number, sum: 0, journal }
    }

    #[call]
    fn add(&mut self, n: u64) -> (usize, u64) {
        assert_ne!(n, 13);
        self.sum += n;
        (self.number, self.sum)
    }

    #[terminate]
    fn terminate(&mut self) {
        self.journal.note(format!("stop {}", self.number));
    }
}

fn sums(journal: &Journal, count: usize) -> PartitionSupervisor<ServerRef<Sum>> {
    let journal = journal.clone();
    PartitionSupervisor::new(move |number| Sum::child((number, journal.clone()))).partitions(count)
}

// PSUP-1
#[otp::test]
async fn partitions_are_started_in_order_and_stopped_in_reverse(system: System) {
    let (journal, mut entries) = journal(&system);
    let partitions = sums(&journal, 3).start(&system).await.unwrap();
    assert_eq!(partitions.count(), 3);
    assert_eq!(entries.so_far(), ["start 0", "start 1", "start 2"]);
    let supervisor = partitions.supervisor().unwrap();
    let children = supervisor.which_children().await.unwrap();
    assert_eq!(children.iter().map(|child| child.id.as_str()).collect::<Vec<_>>(), ["2", "1", "0"]);
    supervisor.stop().await.unwrap();
    let ended = ["stop 2", "Sum ended shutdown", "stop 1", "Sum ended shutdown", "stop 0", "Sum ended shutdown"];
    assert_eq!(entries.until("partitions ended normal").await[..6], ended);
}

// PSUP-1
#[otp::test]
async fn there_are_as_many_as_the_runtime_runs_at_the_same_time(system: System) {
    let partitions = PartitionSupervisor::new(|n| Agent::child("agent", async move || Ok(n))).start(&system).await;
    let partitions = partitions.unwrap();
    assert_eq!(partitions.count(), system.runtime().parallelism().get());
    let last = partitions.count() - 1;
    assert_eq!(partitions.of(&last).get(|n| *n).await, Ok(last));
}

// PSUP-2
#[otp::test]
async fn integers_go_by_their_remainder_and_other_keys_by_their_hash(system: System) {
    let (journal, _entries) = journal(&system);
    let partitions = sums(&journal, 3).start(&system).await.unwrap();
    for n in 0..10_i64 {
        let expected = usize::try_from(n % 3).unwrap();
        assert_eq!(partitions.of(&n).add(0).await.unwrap().0, expected);
        assert_eq!(partitions.index(&-n), expected);
    }
    for key in ["a", "b", "c", "d"] {
        let index = partitions.index(key);
        assert_eq!(partitions.of(key).add(0).await.unwrap().0, index);
        assert_eq!(partitions.of(&key.to_owned()).add(0).await.unwrap().0, index);
    }
    let mut numbers = Vec::new();
    for partition in partitions.all() {
        numbers.push(partition.add(0).await.unwrap().0);
    }
    assert_eq!(numbers, [0, 1, 2]);
    let one = sums(&journal, 1).start(&system).await.unwrap();
    assert_eq!((one.index(&5), one.index("x")), (0, 0));
}

// PSUP-3
#[otp::test]
async fn a_partition_is_restarted_in_its_place_and_a_call_may_wait_for_it(system: System) {
    let (journal, _entries) = journal(&system);
    let partitions = sums(&journal, 3).intensity(5, Duration::from_secs(5)).start(&system).await.unwrap();
    let (first, second) = (partitions.of(&1), partitions.of(&2));
    first.add(5).await.unwrap();
    second.add(6).await.unwrap();
    first.add(13).await.unwrap_err();
    assert_eq!(first.add(1).through_restart(Duration::from_secs(5)).await, Ok((1, 1)));
    assert_eq!(partitions.of(&4).add(1).await, Ok((1, 2)));
    assert_eq!(second.add(1).await, Ok((2, 7)));
}

// PSUP-3, PSUP-4
#[otp::test]
async fn too_many_restarts_end_all_and_calls_fail_with_no_process(system: System) {
    let (journal, _entries) = journal(&system);
    let partitions = sums(&journal, 2).intensity(1, Duration::from_secs(5)).start(&system).await.unwrap();
    let exited = partitions.supervisor().unwrap().exited();
    partitions.of(&0).add(13).await.unwrap_err();
    let other = partitions.of(&1);
    other.add(13).await.unwrap_err();
    assert_eq!(exited.await, ExitReason::Shutdown);
    let error = other.add(1).await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)));
    assert!(error.to_string().contains("partitions[1]"), "{error}");
}

// PSUP-5
#[otp::test]
async fn one_that_does_not_start_fails_the_start_of_all(system: System) {
    let (journal, mut entries) = journal(&system);
    let noting = journal.clone();
    let plan = move || {
        let journal = noting.clone();
        PartitionSupervisor::new(move |number| {
            let journal = journal.clone();
            ChildSpec::worker("any", async move |supervisor: Process| match number {
                2 => Err(ExitReason::other("no")),
                _ => Sum::start_link(&supervisor, (number, journal)).await.map_err(ExitReason::error),
            })
        })
        .partitions(3)
    };
    let error = plan().start(&system).await.unwrap_err();
    assert_eq!(FailedToStartChild::behind(&error).unwrap().child.as_str(), "2");
    assert_eq!(
        entries.so_far().iter().filter(|entry| entry.starts_with("stop")).collect::<Vec<_>>(),
        ["stop 1", "stop 0"]
    );

    let panics: PartitionSupervisor<ProcessRef<()>> =
        PartitionSupervisor::new(|_| -> ChildSpec<ProcessRef<()>> { panic!("no spec") }).partitions(2);
    let error = panics.start(&system).await.unwrap_err();
    assert_eq!(error.reason(), Some(&ExitReason::crash("no spec")));
}

#[otp::test]
async fn as_a_child_the_partitions_are_found_after_a_restart_of_their_supervisor(system: System) {
    let (journal, _entries) = journal(&system);
    let (spec, partitions) = sums(&journal, 2).child(&system, "sums");
    assert_eq!(spec.id().as_str(), "sums");
    assert!(partitions.supervisor().is_none() && partitions.pid().is_none());
    assert!(matches!(partitions.of(&0).add(1).await, Err(CallError::NoProc(_))));
    let _top = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    assert_eq!(partitions.of(&0).add(1).await, Ok((0, 1)));
    let old = partitions.pid().unwrap();
    system.exit(old, ExitReason::Kill);
    system.exited(old).await;
    otp::test::eventually(&system, async || partitions.pid().is_some_and(|pid| pid != old)).await;
    assert_eq!(partitions.of(&0).add(2).through_restart(Duration::from_secs(5)).await, Ok((0, 2)));
}

#[otp::test]
async fn partitions_end_with_the_process_that_started_them_with_a_link(system: System) {
    let (journal, _entries) = journal(&system);
    let partitions: Partitions<ServerRef<Sum>> =
        inside(&system, async move |ctx| sums(&journal, 2).start_link(&ctx).await.unwrap()).await;
    let supervisor = partitions.supervisor().unwrap();
    supervisor.exited().await;
    assert!(matches!(partitions.of(&0).add(1).await, Err(CallError::NoProc(_))));
}

#[otp::test]
async fn raw_processes_are_partitions_too(system: System) {
    let plan = PartitionSupervisor::new(|_| {
        ChildSpec::worker("echo", async |supervisor: Process| {
            supervisor.spawn_link(async |mut ctx: ProcessContext<ReplyTo<Pid>>| {
                loop {
                    if let Message::User(from) = ctx.receive().await {
                        from.reply(ctx.pid());
                    }
                }
            })
        })
    });
    let partitions = plan.partitions(2).start(&system).await.unwrap();
    let address: Address<ReplyTo<Pid>> = partitions.of(&1);
    let pid = Call::new(&address, |from| from).await.unwrap();
    assert_eq!(address.pid(), Ok(Some(pid)));
}

#[otp::test]
async fn a_key_that_panics_or_uses_the_partitions_breaks_nothing(system: System) {
    struct Odd(Option<Partitions<Agent<u32>>>, AtomicUsize);
    impl Hash for Odd {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.1.fetch_add(1, Ordering::Relaxed);
            let Some(partitions) = &self.0 else { panic!("no hash") };
            drop(partitions.of("other").get(|n| *n));
            partitions.of(&1).cast(|n| *n += 1);
            state.write_u8(0);
        }
    }
    let plan = PartitionSupervisor::new(|_| Agent::child("agent", async || Ok(0)));
    let partitions = Arc::new(plan.partitions(2).start(&system).await.unwrap());
    let odd = Odd(Some(Partitions::clone(&partitions)), AtomicUsize::new(0));
    assert_eq!(partitions.of(&odd).get(|n| *n).await, Ok(0));
    assert!(catch_unwind(AssertUnwindSafe(|| partitions.index(&Odd(None, AtomicUsize::new(0))))).is_err());
    assert_eq!(partitions.of(&1).get(|n| *n).await, Ok(1));
}
