//! Processes that receive terms: an echo, and one that counts.

use otp::dist::Cluster;
use otp::etf::Term;
use otp::{Message, ProcessContext, ProcessRef};

pub(crate) fn echo(cluster: &Cluster) -> ProcessRef<Term> {
    let cluster = cluster.clone();
    cluster.system().clone().spawn(async move |mut ctx: ProcessContext<Term>| {
        let own = cluster.wire_pid(ctx.pid()).expect("it is here");
        loop {
            let Message::User(Term::Tuple(parts)) = ctx.receive().await else { continue };
            if let [Term::Pid(from), message] = &parts[..] {
                let _ = cluster.process(from).send(&Term::tuple([own.clone().into(), message.clone()])).await;
            }
        }
    })
}

/// Counts messages, and notes whether those with a number come in order.
pub(crate) fn sink(cluster: &Cluster) -> ProcessRef<Term> {
    let cluster = cluster.clone();
    cluster.system().clone().spawn(async move |mut ctx: ProcessContext<Term>| {
        let (mut count, mut in_order, mut next, mut bytes) = (0_i64, true, 0_i64, 0_usize);
        loop {
            let Message::User(message) = ctx.receive().await else { continue };
            match message.as_tuple() {
                Some([tag, Term::Int(number)]) if tag.as_atom() == Some("seq") => {
                    in_order &= *number == next;
                    next = number + 1;
                }
                Some([tag, Term::Pid(from)]) if tag.as_atom() == Some("report") => {
                    let report = [Term::atom("sink"), Term::Int(count), in_order.into(), Term::Int(bytes as i64)];
                    let _ = cluster.process(from).send(&Term::tuple(report)).await;
                    continue;
                }
                Some([_, Term::Binary(binary)]) => bytes += binary.len(),
                _ => {}
            }
            count += 1;
        }
    })
}
