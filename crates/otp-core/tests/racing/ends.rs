//! Ends that race with those who wait for them, with links, and with a process that blocks its thread.

use std::sync::Mutex;
use std::sync::mpsc;

use futures::executor::block_on;
use otp_core::{Call, CallError, ExitReason, Message, ProcessContext, ReplyTo};

use crate::threads::{run, together};

#[test]
fn a_process_is_killed_by_several_while_others_wait_for_it_and_link_to_it() {
    run(|system| {
        for _ in 0..4 {
            let process = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
            let kill = || process.exit(ExitReason::Kill);
            let wait = || assert_eq!(block_on(process.exited()), ExitReason::Killed);
            let link = || {
                let to = process.pid();
                let linked = system.spawn(async move |mut ctx: ProcessContext<()>| {
                    ctx.trap_exit(true);
                    ctx.link(to).unwrap();
                    ctx.monitor(to);
                    assert!(matches!(ctx.receive().await, Message::Exit(_) | Message::Down(_)));
                    assert!(matches!(ctx.receive().await, Message::Exit(_) | Message::Down(_)));
                });
                assert_eq!(block_on(linked.exited()), ExitReason::Normal);
            };
            together([&kill, &wait, &link, &kill]);
        }
    });
}

#[test]
fn a_process_is_killed_while_it_blocks_its_thread() {
    run(|system| {
        let silent = system.spawn(async |_: ProcessContext<ReplyTo<()>>| std::future::pending::<()>().await);
        let (tell, told) = mpsc::channel();
        let process = system.spawn(async move |mut ctx: ProcessContext<()>| {
            tell.send(()).unwrap();
            let answer = block_on(Call::new(&silent, |from| from).no_timeout());
            assert!(matches!(answer, Err(CallError::Interrupted(_))), "{answer:?}");
            block_on(ctx.receive());
            unreachable!("it is left by unwinding");
        });
        let told = Mutex::new(told);
        let kill = || {
            told.lock().unwrap().recv().unwrap();
            process.exit(ExitReason::Kill);
        };
        let wait = || assert_eq!(block_on(process.exited()), ExitReason::Killed);
        together([&kill, &wait]);
    });
}
