//! The bug of docs/simulated-clusters.md: a lock that two nodes hold at once, and a file that knows the older holder.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp::dist::{Cluster, Node};
use otp::etf::Pid as WirePid;
use otp::gen_server::Down;
use otp::prelude::*;
use otp::process::MonitorRef;
use otp::sim::{Config, Faults, SimNode, check, cluster, note, try_check};

/// Gives a lock to one client at a time: to the next when the holder gives it back, or is down.
#[derive(Default)]
struct LockServer {
    holder: Option<(u64, MonitorRef)>,
    waiting: VecDeque<(ReplyTo<u64>, MonitorRef)>,
    grants: u64,
}

#[gen_server(remote)]
impl LockServer {
    #[init]
    fn init() -> Self {
        LockServer::default()
    }

    /// Answers when the client has the lock, with the number of the grant.
    #[call]
    fn acquire(&mut self, client: WirePid, from: ReplyTo<u64>, ctx: &mut Context<Self>) {
        let client = Cluster::of(ctx.system()).unwrap().process(&client);
        self.waiting.push_back((from, ctx.monitor(&client)));
        self.grant();
    }

    #[cast]
    fn release(&mut self, grant: u64, ctx: &mut Context<Self>) {
        if let Some((_, monitor)) = self.holder.take_if(|(held, _)| *held == grant) {
            ctx.demonitor(monitor);
        }
        self.grant();
    }

    #[info(down)]
    fn client_down(&mut self, down: Down) {
        self.waiting.retain(|(_, monitor)| *monitor != down.monitor);
        self.holder.take_if(|(_, monitor)| *monitor == down.monitor);
        self.grant();
    }

    fn grant(&mut self) {
        if self.holder.is_none()
            && let Some((client, monitor)) = self.waiting.pop_front()
        {
            self.grants += 1;
            self.holder = Some((self.grants, monitor));
            client.reply(self.grants);
        }
    }
}

const LOCK: ServerName<LockServer> = ServerName::new("lock");

/// A file that all nodes can reach, and that only the holder of the lock should write.
#[derive(Default)]
struct File {
    value: u64,
    /// The writes that it has taken.
    writes: u64,
    /// The newest grant that it has heard of, if it looks at grants at all.
    newest: Option<u64>,
}

impl File {
    fn hears_of(&mut self, grant: u64) -> bool {
        let Some(newest) = &mut self.newest else { return true };
        *newest = grant.max(*newest);
        *newest == grant
    }

    fn read(&mut self, grant: u64) -> u64 {
        self.hears_of(grant);
        note(format!("grant {grant} reads {}", self.value));
        self.value
    }

    /// False if the file has heard of a newer grant.
    fn write(&mut self, grant: u64, value: u64) -> bool {
        let is_taken = self.hears_of(grant);
        note(format!("grant {grant} writes {value}{}", if is_taken { "" } else { ", which is refused" }));
        if is_taken {
            self.value = value;
            self.writes += 1;
        }
        is_taken
    }
}

/// What each node runs: `n1` the lock as well.
async fn program(system: System, node: Node) {
    let is_first = node.name().short() == "n1";
    node.serves::<LockServer>().tick_time(Duration::from_secs(8)).start(&system).await.unwrap();
    if is_first {
        LockServer::start(&system, ()).name(LOCK).await.unwrap();
    }
}

/// Adds one to the file from a process on a node, under the lock; returns whether the file has refused it.
fn add_one(node: &SimNode, file: &Arc<Mutex<File>>) -> ProcessRef<()> {
    let (file, system) = (file.clone(), node.system().expect("it does not crash"));
    system.spawn(async move |ctx: ProcessContext<()>| {
        let cluster = Cluster::of(ctx.system()).unwrap();
        let lock = cluster.server(&LOCK, "n1@n1").unwrap();
        let me = cluster.wire_pid(ctx.pid()).unwrap();
        // Without the server, it does not add anything.
        let Ok(grant) = lock.acquire(me).no_timeout().await else { return };
        let value = file.lock().unwrap().read(grant);
        ctx.system().sleep(Duration::from_secs(20)).await;
        file.lock().unwrap().write(grant, value + 1);
        lock.release(grant);
    })
}

/// Two nodes add one to the file; every write that it takes has to count.
async fn two_additions(file: File) -> File {
    let cluster = cluster(3, program).await;
    let file = Arc::new(Mutex::new(file));
    let clients = [add_one(&cluster[1], &file), add_one(&cluster[2], &file)];
    for client in clients {
        client.exited().await;
    }
    let file = std::mem::take(&mut *file.lock().unwrap());
    assert_eq!(file.value, file.writes, "what the file contains, and how often one was added to it");
    file
}

fn partitions() -> Config {
    let faults = Faults::none().partition(10, Duration::from_secs(30));
    Config::new().ignore_environment().seeds(200).trace(400).faults(faults)
}

#[test]
fn a_lock_that_is_given_on_when_its_holder_cannot_be_reached_is_held_twice() {
    let failed = try_check(partitions(), async |_| {
        two_additions(File::default()).await;
    })
    .unwrap_err();
    assert_eq!(failed.schedule.faults(), 1, "{failed}");
    let shows = |text: &str| failed.trace.iter().chain(&failed.troubles).any(|line| line.contains(text));
    for text in ["FAULT: partition", "note: grant 1 reads 0", "note: grant 2 reads 0", "note: grant 1 writes 1"] {
        assert!(shows(text), "no {text:?} in {failed}");
    }
}

#[test]
fn a_file_that_knows_the_newest_grant_loses_nothing() {
    let refused = AtomicU32::new(0);
    check(partitions(), async |_| {
        let file = two_additions(File { newest: Some(0), ..File::default() }).await;
        refused.fetch_add(u32::from(file.newest > Some(file.writes)), Ordering::Relaxed);
    });
    assert!(refused.into_inner() > 0, "otherwise it was not tried");
}

#[test]
fn the_lines_of_the_page_are_those_above() {
    let page = include_str!("../../../../../docs/simulated-clusters.md");
    let blocks: Vec<_> = page.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 4, "{blocks:?}");
    for line in blocks.iter().flat_map(|block| block.lines()).map(str::trim).filter(|line| !line.is_empty()) {
        assert!(include_str!("lock.rs").contains(line), "{line}");
    }
}
