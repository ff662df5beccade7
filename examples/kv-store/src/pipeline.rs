//! Deals a run of commands out to the shards, one batch each, and puts the replies back in order.

use std::vec;

use crate::resp::Reply;
use crate::route::{Merge, Plan, plan};
use crate::shard::Op;

/// The commands a client sent in one go.
///
/// Every shard sees the operations that concern it in the order the client sent them, so the client
/// cannot tell the batches from operations sent one at a time; a batch is one message to a shard
/// and one write to its file, however many operations it holds.
///
/// ```
/// # use kv_store::{pipeline::Pipeline, resp::Reply, shard::Op};
/// let mut pipeline = Pipeline::new(4);
/// pipeline.push(Op::DbSize);
/// pipeline.answer(Reply::Simple("PONG"));
/// let (batches, pending) = pipeline.deal();
/// let answers = batches.into_iter().map(|(shard, ops)| {
///     assert_eq!(ops, [Op::DbSize]);
///     (shard, Ok(vec![Reply::Integer(10)]))
/// });
/// assert_eq!(pending.collect(answers), [Reply::Integer(40), Reply::Simple("PONG")]);
/// ```
#[derive(Debug)]
pub struct Pipeline {
    batches: Vec<Vec<Op>>,
    slots: Vec<Slot>,
}

#[derive(Debug)]
enum Slot {
    Answered(Reply),
    One(usize),
    Many(Vec<usize>, Merge),
}

impl Pipeline {
    /// Creates an empty pipeline for this many shards.
    #[must_use]
    pub fn new(shards: usize) -> Self {
        Self { batches: vec![Vec::new(); shards], slots: Vec::new() }
    }

    /// Number of commands in it, for the caller to bound.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it holds no command.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Adds an operation for the shards.
    pub fn push(&mut self, op: Op) {
        match plan(op, self.batches.len()) {
            Plan::One(shard, op) => {
                self.batches[shard].push(op);
                self.slots.push(Slot::One(shard));
            }
            Plan::Many(parts, merge) => {
                let mut shards = Vec::with_capacity(parts.len());
                for (shard, op) in parts {
                    self.batches[shard].push(op);
                    shards.push(shard);
                }
                self.slots.push(Slot::Many(shards, merge));
            }
        }
    }

    /// Adds a command whose reply is known.
    pub fn answer(&mut self, reply: impl Into<Reply>) {
        self.slots.push(Slot::Answered(reply.into()));
    }

    /// Parts with the batches, each with its shard, lowest first; shards without work are left out.
    pub fn deal(self) -> (Vec<(usize, Vec<Op>)>, Pending) {
        let pending = Pending { shards: self.batches.len(), slots: self.slots };
        let batches = self.batches.into_iter().enumerate();
        (batches.filter(|(_, ops)| !ops.is_empty()).collect(), pending)
    }
}

/// The replies a pipeline is waiting for.
#[derive(Debug)]
#[must_use]
pub struct Pending {
    shards: usize,
    slots: Vec<Slot>,
}

impl Pending {
    /// Makes the replies, in the order of the commands, out of each shard's replies to its batch.
    ///
    /// A shard whose batch failed as a whole gives one error, which is the reply to every operation
    /// in the batch; the other shards' replies are not touched by it.
    #[must_use]
    pub fn collect<I>(self, answers: I) -> Vec<Reply>
    where
        I: IntoIterator<Item = (usize, Result<Vec<Reply>, Reply>)>,
    {
        let mut shards: Vec<Answers> = Vec::new();
        shards.resize_with(self.shards, || Answers::Failed(Reply::error(NO_ANSWER)));
        for (shard, answer) in answers {
            shards[shard] = match answer {
                Ok(replies) => Answers::Each(replies.into_iter()),
                Err(error) => Answers::Failed(error),
            };
        }
        self.slots
            .into_iter()
            .map(|slot| match slot {
                Slot::Answered(reply) => reply,
                Slot::One(shard) => shards[shard].next(),
                Slot::Many(parts, merge) => merge.merge(parts.into_iter().map(|shard| shards[shard].next()).collect()),
            })
            .collect()
    }
}

const NO_ANSWER: &str = "ERR the shard gave no answer";

enum Answers {
    Each(vec::IntoIter<Reply>),
    Failed(Reply),
}

impl Answers {
    fn next(&mut self) -> Reply {
        match self {
            Self::Each(replies) => replies.next().unwrap_or(Reply::error(NO_ANSWER)),
            Self::Failed(error) => error.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &'static str) -> Op {
        Op::Set { key: key.into(), value: "1".into(), ttl: None, condition: None }
    }

    #[test]
    fn each_shard_gets_its_operations_in_order() {
        // With four shards "a" and "c" are on the last, "b" on the second.
        let mut pipeline = Pipeline::new(4);
        pipeline.push(set("a"));
        pipeline.push(set("b"));
        pipeline.push(Op::MGet(vec!["a".into(), "b".into()]));
        pipeline.push(Op::Get("c".into()));
        assert_eq!(pipeline.len(), 4);
        let (batches, pending) = pipeline.deal();
        assert_eq!(
            batches,
            [
                (1, vec![set("b"), Op::MGet(vec!["b".into()])]),
                (3, vec![set("a"), Op::MGet(vec!["a".into()]), Op::Get("c".into())]),
            ]
        );
        let array = |value: &'static str| Reply::Array(vec![Reply::Bulk(value.into())]);
        let replies =
            pending.collect([(3, Ok(vec![Reply::OK, array("A"), Reply::Null])), (1, Ok(vec![Reply::OK, array("B")]))]);
        let both = Reply::Array(vec![Reply::Bulk("A".into()), Reply::Bulk("B".into())]);
        assert_eq!(replies, [Reply::OK, Reply::OK, both, Reply::Null]);
    }

    #[test]
    fn a_shard_that_fails_spoils_only_its_own_replies() {
        let mut pipeline = Pipeline::new(4);
        for key in ["a", "b", "c"] {
            pipeline.push(set(key));
        }
        pipeline.answer(Reply::Simple("PONG"));
        let (_, pending) = pipeline.deal();
        let down = Reply::error("ERR shard 3 is restarting");
        assert_eq!(
            pending.collect([(3, Err(down.clone())), (1, Ok(vec![Reply::OK]))]),
            [down.clone(), Reply::OK, down, Reply::Simple("PONG")]
        );
    }

    #[test]
    fn a_shard_that_says_nothing_is_an_error() {
        let mut pipeline = Pipeline::new(1);
        pipeline.push(set("a"));
        let (_, pending) = pipeline.deal();
        assert_eq!(pending.collect([]), [Reply::error(NO_ANSWER)]);
    }
}
