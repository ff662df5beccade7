//! The recipe of docs/distribution.md: tasks at another node, by a server that answers with what they compute.

use std::pin::pin;

use futures::future::{Either, select};
use otp::dist::Cluster;
use otp::etf::{Pid as WirePid, Term};
use otp::prelude::*;
use otp::task::{TaskSupervisor, TaskSupervisorRef};
use serde::{Deserialize, Serialize};

use super::nodes::{Side, two_as};

/// What other nodes may have done here: they send data, and the code is here.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Job {
    Sum(Vec<u64>),
    Divide(u64, u64),
    /// Says `begun` and `dropped` to a name at this node.
    Wait(String),
}

impl Job {
    async fn run(self, system: System) -> u64 {
        match self {
            Job::Sum(numbers) => numbers.iter().sum(),
            Job::Divide(n, by) => n / by,
            Job::Wait(name) => {
                let noisy = Noisy(system, name);
                noisy.say("begun");
                std::future::pending().await
            }
        }
    }
}

/// Runs each job as a task of its own: the answer is its value. A task is ended when its caller ends or cannot be reached.
struct Jobs;

#[gen_server(remote)]
impl Jobs {
    #[init]
    fn init() -> Self {
        Jobs
    }

    #[call]
    fn run(&mut self, job: Job, caller: WirePid, from: ReplyTo<Result<u64, String>>, ctx: &mut Context<Self>) {
        let caller = Cluster::of(ctx.system()).unwrap().process(&caller).pid();
        ctx.spawn(async move |ctx: ProcessContext<()>| {
            // It is linked to its task: one that fails does not end it, and one that is not wanted any more ends with it.
            ctx.trap_exit(true);
            let system = ctx.system().clone();
            let Some(caller) = caller else { return ExitReason::Normal };
            let job = async {
                let tasks = TaskSupervisorRef::named(&system, TASKS);
                let task = tasks.spawn(&ctx, job.run(system.clone())).await.map_err(|error| error.to_string())?;
                task.no_timeout().await.map_err(|error| error.to_string())
            };
            match select(pin!(job), system.exited(caller)).await {
                Either::Left((value, _)) => from.reply(value),
                Either::Right(_) => return ExitReason::Shutdown,
            }
            ExitReason::Normal
        });
    }
}

const TASKS: SupervisorName<Dynamic> = SupervisorName::new("tasks");
const JOBS: ServerName<Jobs> = ServerName::new("jobs");

struct Noisy(System, String);

impl Noisy {
    fn say(&self, what: &str) {
        let to: Name<Term> = Name::dynamic(&self.1);
        if let Ok(Some(process)) = self.0.whereis(&to) {
            process.try_send(Term::atom(what)).unwrap();
        }
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        self.say("dropped");
    }
}

async fn two_with_jobs(system: &System) -> (Side, Side) {
    let (a, b) = two_as(system, |node| node.serves::<Jobs>()).await;
    let tasks = TaskSupervisor::supervised(TASKS, || TaskSupervisor::new().max_children(100));
    Supervisor::new(Strategy::OneForOne).child(tasks).start(&b.system).await.unwrap();
    Jobs::start(&b.system, ()).name(JOBS).await.unwrap();
    (a, b)
}

type Outcome = Result<Result<u64, String>, CallError>;

/// Calls from a process of its own at `a`, which waits for the answer as long as it lives.
fn call(a: &Side, b: &Side, job: Job) -> (ProcessRef<()>, async_channel::Receiver<Outcome>) {
    let jobs = a.cluster.server(&JOBS, &b.name).unwrap();
    let (cluster, (answered, answer)) = (a.cluster.clone(), async_channel::bounded(1));
    let caller = a.system.spawn(async move |ctx: ProcessContext<()>| {
        let own = cluster.wire_pid(ctx.pid()).unwrap();
        answered.try_send(jobs.run(job, own).no_timeout().await).unwrap();
    });
    (caller, answer)
}

#[otp::test]
async fn the_answer_is_the_value_of_a_task_at_the_other_node_or_why_there_is_none(system: System) {
    let (a, b) = two_with_jobs(&system).await;
    b.system.log_crashes(false);
    let (_, received) = b.recorder("log");
    // It takes for ever, and holds up nobody.
    let (_waits, _) = call(&a, &b, Job::Wait("log".to_owned()));
    assert_eq!(received.recv().await, Ok(Term::atom("begun")));
    assert_eq!(call(&a, &b, Job::Sum(vec![1, 2, 3])).1.recv().await, Ok(Ok(Ok(6))));
    let failed = call(&a, &b, Job::Divide(1, 0)).1.recv().await.unwrap().unwrap().unwrap_err();
    assert!(failed.contains("divide by zero"), "{failed}");
    assert_eq!(call(&a, &b, Job::Divide(6, 3)).1.recv().await, Ok(Ok(Ok(2))));
}

#[otp::test]
async fn a_task_is_cancelled_when_its_caller_ends_or_its_node_is_gone(system: System) {
    let (a, b) = two_with_jobs(&system).await;
    let (_, received) = b.recorder("log");
    for by_its_end in [true, false] {
        let (caller, _answer) = call(&a, &b, Job::Wait("log".to_owned()));
        assert_eq!(received.recv().await, Ok(Term::atom("begun")));
        if by_its_end {
            caller.exit(ExitReason::Kill);
        } else {
            a.cluster.disconnect(&b.name);
        }
        assert_eq!(received.recv().await, Ok(Term::atom("dropped")));
    }
    assert_eq!(call(&a, &b, Job::Sum(vec![1])).1.recv().await, Ok(Ok(Ok(1))), "the server goes on");
}

#[otp::test]
async fn a_caller_hears_at_once_that_the_node_of_its_task_is_gone(system: System) {
    let (a, b) = two_with_jobs(&system).await;
    let (_, received) = b.recorder("log");
    let (_, answer) = call(&a, &b, Job::Wait("log".to_owned()));
    assert_eq!(received.recv().await, Ok(Term::atom("begun")));
    b.root.stop().await.unwrap();
    let failed = answer.recv().await.unwrap();
    assert!(matches!(&failed, Err(CallError::Exited { reason: ExitReason::NoConnection, .. })), "{failed:?}");
}
