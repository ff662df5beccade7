use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use super::{Atom, Pid, Term};

/// A function: one that a module exports, or a closure of a module's code.
///
/// Neither can be called here, where there is no code of Erlang; a node that gets it back can. Ordered as in Erlang:
/// closures before exported functions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fun {
    /// A closure.
    Closure(Box<Closure>),
    /// An exported function, `fun lists:map/2`.
    Export(Box<Export>),
}

/// An exported function, `fun lists:map/2`: a name of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Export {
    /// The module.
    pub module: Atom,
    /// The function's name.
    pub function: Atom,
    /// How many arguments it takes.
    pub arity: u8,
}

impl Export {
    /// The function of this name.
    pub const fn new(module: Atom, function: Atom, arity: u8) -> Export {
        Export { module, function, arity }
    }
}

/// A closure: a function of a module's code, and the values that it has captured.
///
/// Opaque: its fields have a meaning for the node that it comes from. Two closures are equal if they are of the same
/// code and have captured the same; which process made one does not matter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Closure {
    /// The module.
    pub module: Atom,
    /// How many arguments it takes.
    pub arity: u8,
    /// The number of the function in its module.
    pub index: u32,
    /// A hash of the module's code.
    pub uniq: [u8; 16],
    /// The number of the function, as releases of long ago counted.
    pub old_index: i32,
    /// A hash, as of long ago.
    pub old_uniq: i32,
    /// The process that made it.
    pub pid: Pid,
    /// What it has captured.
    pub free: Vec<Term>,
}

impl Closure {
    /// A closure that has captured nothing, of the first function of a module.
    pub const fn new(module: Atom, arity: u8, pid: Pid) -> Closure {
        Closure { module, arity, index: 0, uniq: [0; 16], old_index: 0, old_uniq: 0, pid, free: Vec::new() }
    }
}

impl Ord for Closure {
    fn cmp(&self, other: &Closure) -> Ordering {
        let of_code = |closure: &Closure| (closure.old_index, closure.old_uniq, closure.free.len());
        let of_now = |closure: &Closure| (closure.index, closure.uniq, closure.arity);
        let code = self.module.cmp(&other.module).then_with(|| of_code(self).cmp(&of_code(other)));
        code.then_with(|| self.free.cmp(&other.free)).then_with(|| of_now(self).cmp(&of_now(other)))
    }
}

impl PartialOrd for Closure {
    fn partial_cmp(&self, other: &Closure) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Closure {
    fn eq(&self, other: &Closure) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Closure {}

impl Hash for Closure {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.module, self.index, self.uniq, &self.free).hash(state);
    }
}
