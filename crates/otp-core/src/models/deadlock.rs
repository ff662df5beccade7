//! Models of call cycles that are closed by two threads at the same moment.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::executor::{Bench, run};
use super::explore;
use crate::call::{Call, CallError, ReplyTo};
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext, ProcessRef};

enum Ask {
    Call(ProcessRef<Ask>),
    Answer(ReplyTo<()>),
}

/// Calls the one that it is told to, and answers one call.
async fn call_and_answer(mut ctx: ProcessContext<Ask>, told: Arc<AtomicUsize>) {
    let Message::User(Ask::Call(next)) = ctx.receive().await else { panic!("it is told first") };
    match Call::new(&next, Ask::Answer).inline(false).no_timeout().await {
        Ok(()) => {}
        Err(CallError::Deadlock { cycle, .. }) => {
            assert_eq!((cycle.processes().len(), cycle.processes()[0].pid), (2, Some(ctx.pid())));
            told.fetch_add(1, Ordering::Relaxed);
        }
        Err(error) => panic!("{error}"),
    }
    if let Message::User(Ask::Answer(from)) = ctx.receive().await {
        from.reply(());
    }
}

#[test]
fn of_two_that_call_each_other_at_the_same_moment_one_is_told() {
    explore(Some(1), || {
        let (bench, told) = (Bench::new(), Arc::new(AtomicUsize::new(0)));
        let both = [(); 2].map(|()| {
            let told = told.clone();
            bench.spawn(|ctx| call_and_answer(ctx, told))
        });
        let [first, second] = both;
        assert!(first.0.try_send(Ask::Call(second.0.clone())).is_ok());
        assert!(second.0.try_send(Ask::Call(first.0.clone())).is_ok());
        let processes = [first.0, second.0];
        let threads = [first.1, second.1].map(|task| thread::spawn(move || task.run()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        for process in processes {
            assert_eq!(run(process.exited()), ExitReason::Normal);
        }
        assert!((1..=2).contains(&told.load(Ordering::Relaxed)));
    });
}
