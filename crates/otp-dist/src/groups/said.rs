use otp_etf::{Atom, Pid, Term};

/// What a scope says to the scope of the same name on another node.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// Here I am: whom do you have?
    Discover,
    /// All that I have.
    Sync(Vec<(Term, Vec<Pid>)>),
    /// These have joined a group.
    Join(Term, Vec<Pid>),
    /// These have left groups, as often as each of them is named, each of the groups.
    Leave(Vec<Pid>, Vec<Term>),
}

impl Said {
    /// Reads a message; tells who says it. `None` if it is none of a scope.
    pub(super) fn read(message: Term) -> Option<(Pid, Said)> {
        let Term::Tuple(mut parts) = message else { return None };
        let last = parts.pop()?;
        let mut parts = parts.into_iter();
        let tag = parts.next();
        let tag = tag.as_ref().and_then(Term::as_atom)?;
        match (tag, parts.next(), parts.next(), parts.next()) {
            ("$gen_cast", None, ..) => Said::read_cast(last),
            ("discover", None, ..) => Some((pid(last)?, Said::Discover)),
            // A later OTP names the version of what it speaks.
            ("discover", Some(peer), None, _) => Some((pid(peer)?, Said::Discover)),
            ("join", Some(peer), Some(group), None) => Some((pid(peer)?, Said::Join(group, pids(last)?))),
            ("leave", Some(peer), Some(left), None) => Some((pid(peer)?, Said::Leave(pids(left)?, list(last)?))),
            _ => None,
        }
    }

    fn read_cast(cast: Term) -> Option<(Pid, Said)> {
        let Term::Tuple(parts) = cast else { return None };
        let [tag, peer, groups] = <[Term; 3]>::try_from(parts).ok()?;
        if tag.as_atom() != Some("sync") {
            return None;
        }
        let groups: Option<Vec<_>> = list(groups)?.into_iter().map(group).collect();
        Some((pid(peer)?, Said::Sync(groups?)))
    }

    /// The message, from this scope.
    pub(super) fn write(self, own: Pid) -> Term {
        let (own, word) = (Term::from(own), |word| Term::Atom(Atom::from_static(word)));
        match self {
            Said::Discover => Term::tuple([word("discover"), own]),
            Said::Sync(groups) => {
                let groups = groups.into_iter().map(|(group, pids)| Term::tuple([group, of_pids(pids)])).collect();
                let sync = Term::tuple([word("sync"), own, Term::List(groups)]);
                Term::tuple([word("$gen_cast"), sync])
            }
            Said::Join(group, pids) => Term::tuple([word("join"), own, group, of_pids(pids)]),
            Said::Leave(pids, groups) => Term::tuple([word("leave"), own, of_pids(pids), Term::List(groups)]),
        }
    }
}

fn group(term: Term) -> Option<(Term, Vec<Pid>)> {
    let Term::Tuple(parts) = term else { return None };
    let [group, members] = <[Term; 2]>::try_from(parts).ok()?;
    Some((group, pids(members)?))
}

fn of_pids(pids: Vec<Pid>) -> Term {
    Term::List(pids.into_iter().map(Term::from).collect())
}

fn pid(term: Term) -> Option<Pid> {
    match term {
        Term::Pid(pid) => Some(*pid),
        _ => None,
    }
}

/// A pid, or a list of pids.
fn pids(term: Term) -> Option<Vec<Pid>> {
    match term {
        Term::Pid(pid) => Some(vec![*pid]),
        term => list(term)?.into_iter().map(pid).collect(),
    }
}

fn list(term: Term) -> Option<Vec<Term>> {
    match term {
        Term::List(elements) => Some(elements),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Said> {
        Said::read(text.parse().unwrap()).map(|(_, said)| said)
    }

    fn some_pid(id: u32) -> Pid {
        Pid::new(Atom::from_static("a@h"), id, 0, 1)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (group, pids) = (Term::atom("g"), vec![some_pid(1), some_pid(1), some_pid(2)]);
        for said in [|| Said::Discover, || Said::Sync(vec![])] {
            assert_eq!(Said::read(said().write(some_pid(9))), Some((some_pid(9), said())));
        }
        let sync = Said::Sync(vec![(group.clone(), pids.clone())]);
        assert_eq!(
            Said::read(sync.write(some_pid(9))),
            Some((some_pid(9), Said::Sync(vec![(group.clone(), pids.clone())])))
        );
        let join = Said::Join(group.clone(), pids.clone());
        assert_eq!(Said::read(join.write(some_pid(9))), Some((some_pid(9), Said::Join(group.clone(), pids.clone()))));
        let leave = Said::Leave(pids.clone(), vec![group.clone()]);
        assert_eq!(Said::read(leave.write(some_pid(9))), Some((some_pid(9), Said::Leave(pids, vec![group]))));
    }

    #[test]
    fn what_is_nothing_that_a_scope_says_is_not_read() {
        for text in
            ["{}", "{discover}", "{join, a, b, c}", "discover", "[]", "{'$gen_cast', {sync, a, []}}", "{leave, 1}"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn one_pid_may_be_named_without_a_list() {
        let join = Term::tuple([Term::atom("join"), some_pid(9).into(), Term::atom("g"), some_pid(1).into()]);
        assert_eq!(Said::read(join), Some((some_pid(9), Said::Join(Term::atom("g"), vec![some_pid(1)]))));
        let discover = Term::tuple([Term::atom("discover"), some_pid(9).into(), Term::from(1)]);
        assert_eq!(Said::read(discover), Some((some_pid(9), Said::Discover)));
    }
}
