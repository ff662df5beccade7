use otp_core::Label;
use proptest::prelude::*;

use super::{PIDS, at, spec};
use crate::children::{ChildState, Children, Key};
use crate::policy::Restart;

#[derive(Clone, Debug)]
enum Op {
    Add(Restart),
    Remove(usize),
    Start(usize),
    Ignore(usize),
    End(usize),
    PutOff(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let restart = prop_oneof![Just(Restart::Permanent), Just(Restart::Transient), Just(Restart::Temporary)];
    prop_oneof![
        3 => restart.prop_map(Op::Add),
        1 => any::<usize>().prop_map(Op::Remove),
        4 => any::<usize>().prop_map(Op::Start),
        1 => any::<usize>().prop_map(Op::Ignore),
        2 => any::<usize>().prop_map(Op::End),
        2 => any::<usize>().prop_map(Op::PutOff),
    ]
}

/// A child as a list holds it.
struct Listed {
    key: Key,
    id: Label,
    temporary: bool,
    state: ChildState,
}

/// The pid by which a child can be found.
fn pid(state: ChildState) -> Option<otp_core::Pid> {
    match state {
        ChildState::Running(pid) => Some(pid),
        ChildState::Restarting(old) => old,
        ChildState::Stopped => None,
    }
}

fn end(list: &mut Vec<Listed>, place: usize, dynamic: bool) {
    if dynamic || list[place].temporary {
        list.remove(place);
    } else {
        list[place].state = ChildState::Stopped;
    }
}

proptest! {
    /// The children are a list in start order, whatever happens to them.
    #[test]
    fn they_are_a_list_in_start_order(dynamic: bool, ops in prop::collection::vec(op(), 0..80)) {
        let mut children = if dynamic { Children::without_ids() } else { Children::with_ids() };
        let mut list: Vec<Listed> = Vec::new();
        let mut keys = Vec::new();
        let mut pids = PIDS.iter().copied();
        for (n, op) in ops.into_iter().enumerate() {
            let chosen = |n: usize| (!list.is_empty()).then(|| n % list.len());
            match op {
                Op::Add(restart) => {
                    let id = Label::from(format!("child {n}"));
                    let key = children.add(spec(id.clone(), restart));
                    keys.push(key);
                    list.push(Listed { key, id, temporary: restart == Restart::Temporary, state: ChildState::Stopped });
                }
                Op::Remove(n) => if let Some(place) = chosen(n) {
                    children.remove(list[place].key);
                    list.remove(place);
                },
                Op::Start(n) => if let Some(place) = chosen(n) {
                    let pid = pids.next().unwrap();
                    children.started(list[place].key, Some(pid), || at(0));
                    list[place].state = ChildState::Running(pid);
                },
                Op::Ignore(n) => if let Some(place) = chosen(n) {
                    children.started(list[place].key, None, || at(0));
                    end(&mut list, place, dynamic);
                },
                Op::End(n) => if let Some(place) = chosen(n) {
                    children.ended(list[place].key);
                    end(&mut list, place, dynamic);
                },
                Op::PutOff(n) => if let Some(place) = chosen(n) {
                    children.put_off(list[place].key);
                    list[place].state = ChildState::Restarting(pid(list[place].state));
                },
            }
            prop_assert_eq!(children.len(), list.len());
            let told: Vec<_> = children.iter().map(|(key, child)| (key, child.spec.id().clone(), child.state)).collect();
            let listed: Vec<_> = list.iter().map(|listed| (listed.key, listed.id.clone(), listed.state)).collect();
            prop_assert_eq!(&told, &listed);
            for (place, listed) in list.iter().enumerate() {
                let since: Vec<_> = children.since(listed.key).map(|(key, _)| key).collect();
                prop_assert_eq!(since, list[place..].iter().map(|listed| listed.key).collect::<Vec<_>>());
                let found = children.by_id(&listed.id);
                prop_assert_eq!(found, (!dynamic).then_some(listed.key));
                if let Some(pid) = pid(listed.state) {
                    prop_assert_eq!(children.by_pid(pid), Some(listed.key));
                }
            }
            let found = keys.iter().filter(|key| children.get(**key).is_some() && children.get_mut(**key).is_some());
            prop_assert!(found.eq(list.iter().map(|listed| &listed.key)), "none is found under the key of another");
            // Nobody is found under a pid that is no longer theirs.
            let known: Vec<_> = PIDS.iter().take(80).filter(|pid| children.by_pid(**pid).is_some()).collect();
            let theirs: Vec<_> = PIDS.iter().filter(|own| list.iter().any(|listed| pid(listed.state) == Some(**own))).collect();
            prop_assert_eq!(known, theirs);
        }
    }
}
