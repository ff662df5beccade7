use std::num::NonZeroU64;

use otp_core::{MonitorRef, Pid, Ref};
use otp_etf as etf;

use crate::proto::NodeName;

/// This node in one of its lives, as it is named in pids and references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) name: NodeName,
    pub(crate) creation: u32,
}

impl Own {
    /// A process of this node as other nodes know it.
    pub(crate) fn wire_pid(&self, pid: Pid) -> etf::Pid {
        wire_pid(&self.name, self.creation, pid.number())
    }

    /// The process of this node that another node means; `None` if it means another node, or an earlier life of this one.
    pub(crate) fn pid(&self, pid: &etf::Pid) -> Option<Pid> {
        (pid.node == *self.name.atom() && pid.creation == self.creation).then(|| number(pid)).flatten().map(Pid::here)
    }

    /// A reference of this node as other nodes know it: three words, of which the first has 18 bits, as all nodes
    /// understand.
    pub(crate) fn wire_reference(&self, reference: Ref) -> etf::Reference {
        let number = reference.number();
        let words = [number as u32 & LOW, (number >> LOW_BITS) as u32, (number >> (LOW_BITS + 32)) as u32];
        etf::Reference::new(self.name.atom().clone(), self.creation, &words).expect("it has three words")
    }

    /// The reference of this node that another node means.
    pub(crate) fn reference(&self, reference: &etf::Reference) -> Option<Ref> {
        if reference.node != *self.name.atom() || reference.creation != self.creation {
            return None;
        }
        match *reference.words() {
            [low, middle, high] if low <= LOW => Some(Ref::from_number(
                u64::from(low) | u64::from(middle) << LOW_BITS | u64::from(high) << (LOW_BITS + 32),
            )),
            _ => None,
        }
    }

    pub(crate) fn wire_monitor(&self, monitor: MonitorRef) -> etf::Reference {
        self.wire_reference(monitor.reference())
    }
}

const LOW_BITS: u32 = 18;
const LOW: u32 = (1 << LOW_BITS) - 1;

pub(crate) fn wire_pid(name: &NodeName, creation: u32, number: u64) -> etf::Pid {
    // A process of a BEAM may have the number 0, and ours has none.
    let number = if number == u64::MAX { 0 } else { number };
    etf::Pid::new(name.atom().clone(), number as u32, (number >> 32) as u32, creation)
}

/// The number of a process in its node; `None` for one that no node has.
pub(crate) fn number(pid: &etf::Pid) -> Option<NonZeroU64> {
    match u64::from(pid.serial) << 32 | u64::from(pid.id) {
        0 => Some(NonZeroU64::MAX),
        u64::MAX => None,
        number => NonZeroU64::new(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pids_and_references_come_back_as_they_were_sent() {
        let own = Own { name: "a@h".parse().unwrap(), creation: 7 };
        for number in [1, 2, 1 << 18, u64::from(u32::MAX), 1 << 40, u64::MAX - 1] {
            let pid = Pid::here(NonZeroU64::new(number).unwrap());
            assert_eq!(own.pid(&own.wire_pid(pid)), Some(pid));
            let reference = Ref::from_number(number);
            assert_eq!(own.reference(&own.wire_reference(reference)), Some(reference));
        }
        let init = etf::Pid::new(own.name.atom().clone(), 0, 0, 1);
        assert_eq!(wire_pid(&own.name, 1, number(&init).unwrap().get()), init);
    }

    #[test]
    fn what_an_earlier_life_of_the_node_has_made_means_nothing() {
        let (before, now) =
            (Own { name: "a@h".parse().unwrap(), creation: 7 }, Own { name: "a@h".parse().unwrap(), creation: 8 });
        assert_eq!(now.pid(&before.wire_pid(Pid::SYSTEM)), None);
        assert_eq!(now.reference(&before.wire_reference(Ref::from_number(2))), None);
    }
}
