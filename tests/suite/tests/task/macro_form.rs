//! Tasks of a server that `#[gen_server]` writes: an `#[info]` for each kind of task.

use otp::prelude::*;
use otp::task::{SpawnTask, TaskEnd, TaskId, TaskOutcome};

struct Desk {
    sums: Vec<(TaskId, TaskOutcome<u32>)>,
    texts: Vec<String>,
}

#[gen_server]
impl Desk {
    #[init]
    fn init() -> Self {
        Desk { sums: Vec::new(), texts: Vec::new() }
    }

    #[call]
    fn work(&mut self, ctx: &mut Context<Self>) -> TaskId {
        ctx.spawn_task(async { "a text".to_owned() }, DeskInfo::Written).expect("there is no limit");
        ctx.spawn_task(async { 7 }, DeskInfo::Added).expect("there is no limit")
    }

    #[call]
    fn done(&self) -> (Vec<(TaskId, TaskOutcome<u32>)>, Vec<String>) {
        (self.sums.clone(), self.texts.clone())
    }

    #[info]
    fn added(&mut self, end: TaskEnd<u32>) {
        self.sums.push((end.id, end.outcome));
    }

    #[info]
    fn written(&mut self, end: TaskEnd<String>) {
        self.texts.extend(end.outcome.value());
    }
}

#[otp::test]
async fn each_kind_of_task_has_its_own_typed_handler(system: System) {
    let desk = Desk::start(&system, ()).await.unwrap();
    let id = desk.work().await.unwrap();
    loop {
        let (sums, texts) = desk.done().await.unwrap();
        if let ([sum], [text]) = (&sums[..], &texts[..]) {
            assert_eq!((sum, text.as_str()), (&(id, TaskOutcome::Value(7)), "a text"));
            break;
        }
        otp::process::yield_now().await;
    }
    desk.stop().await.unwrap();
}
