//! A process that owns tables, and does what it is told.

use futures::channel::oneshot;
use otp::prelude::*;
use otp::table::{Set, Transfer};

pub(super) type Names = Set<&'static str, u32>;

/// What a process is told to do.
type Act = Box<dyn FnOnce(&mut Desk) + Send>;

/// What the actors of these tests receive.
pub(super) enum Mail {
    Do(Act),
    Table(Transfer<Names, &'static str>),
}

/// What an actor has.
pub(super) struct Desk {
    pub(super) ctx: ProcessContext<Mail>,
    /// From whom it was given tables, and with which data.
    pub(super) given: Vec<(Pid, &'static str)>,
    /// The table that it has made, or was given last.
    pub(super) table: Option<Names>,
    /// The messages that came to it, in their order.
    pub(super) seen: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Actor(pub(super) ProcessRef<Mail>);

impl Actor {
    pub(super) fn start(system: &System) -> Actor {
        Actor(system.spawn(live))
    }

    /// An actor that owns a table with a row.
    pub(super) async fn with_table(system: &System) -> (Actor, Set<&'static str, u32, otp::table::Read>) {
        let actor = Actor::start(system);
        let reader = actor
            .act(|desk| {
                let table = Names::new(&desk.ctx);
                table.insert("a", 1).unwrap();
                let reader = table.reader();
                desk.table = Some(table);
                reader
            })
            .await;
        (actor, reader)
    }

    pub(super) fn pid(&self) -> Pid {
        self.0.pid()
    }

    /// The address for tables.
    pub(super) fn heir(&self) -> otp::Address<Transfer<Names, &'static str>> {
        otp::Address::from(&self.0).map_message(Mail::Table)
    }

    /// What `act` returns, which runs in this process.
    pub(super) async fn act<R: Send + 'static>(&self, act: impl FnOnce(&mut Desk) -> R + Send + 'static) -> R {
        let (tell, told) = oneshot::channel();
        let act = Mail::Do(Box::new(move |desk| drop(tell.send(act(desk)))));
        self.0.send(act).await.unwrap_or_else(|error| panic!("{error}"));
        told.await.expect("it acts")
    }

    pub(super) async fn kill(&self) {
        self.0.exit(ExitReason::Kill);
        assert_eq!(self.0.exited().await, ExitReason::Killed);
    }
}

async fn live(ctx: ProcessContext<Mail>) {
    let mut desk = Desk { ctx, given: Vec::new(), table: None, seen: Vec::new() };
    loop {
        match desk.ctx.receive().await {
            Message::User(Mail::Do(act)) => act(&mut desk),
            Message::User(Mail::Table(Transfer { table, from, data, .. })) => {
                desk.seen.push(format!("table from {from}"));
                desk.table = Some(table);
                desk.given.push((from, data));
            }
            Message::Down(down) => desk.seen.push(format!("down {}", down.target)),
            _ => panic!("it gets no other message"),
        }
    }
}
