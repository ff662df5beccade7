use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;

use super::directed::lives_to_answer;
use super::handle::Process;
use super::header::Header;
use super::notes::{RESTS, SEEN, TRACED};
use super::present::with_present;
use crate::behaviour::Systemic;
use crate::exit::contain;

/// Sees what a behaviour handles and answers, as it happens, in its process. Set by [`set_tracer`]; OTP's debug functions of
/// `sys`, which are one tracer together.
///
/// A tracer runs between two steps of the process, under no lock. A panic in it is contained: the process goes on, without
/// it. What happens because of the tracer itself is not traced.
pub trait Tracer: Any + Send {
    /// Sees one step.
    fn sees(&mut self, act: &Act<'_>, process: &Process);

    /// Whether it wants to see no further step: then it is dropped.
    fn is_over(&self) -> bool {
        false
    }
}

/// A step of a behaviour, for its [`Tracer`]. Formatting it may run code of the user.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Act<'a> {
    /// It begins to handle a message or a signal.
    Handles(&'a dyn fmt::Debug),
    /// It answers a call.
    Replies(&'a dyn fmt::Debug),
    /// It has handled a message, and has this state.
    Rests(&'a dyn fmt::Debug),
}

/// Sets the tracer of a behaviour, in place of the one before, which is returned. Only code of the process itself may set
/// it, such as a [`SystemRequest`](crate::behaviour::SystemRequest) that it serves.
///
/// # Panics
///
/// If `process` is not the process that runs this code.
pub fn set_tracer(process: &Process, tracer: Option<Box<dyn Tracer>>) -> Option<Box<dyn Tracer>> {
    let header = process.inner().header();
    assert!(header.is_present(), "only the process itself sets its tracer");
    header.note_traced(tracer.is_some());
    header.put_tracer(tracer)
}

/// Shows a behaviour's tracer, if it has one, the state that the behaviour has now, as its `format_status` formats it.
#[cold]
pub fn trace_state(by: &dyn Systemic) {
    trace(by.process(), Act::Rests(&State(by)));
}

struct State<'a>(&'a dyn Systemic);

impl fmt::Debug for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format_status().unwrap_or_default())
    }
}

/// Returns whether a behaviour has a tracer.
pub fn is_traced(process: &Process) -> bool {
    process.inner().header().is_traced()
}

/// Shows a behaviour's tracer, if it has one, an act of the running process.
#[cold]
pub fn trace(process: &Process, act: Act<'_>) {
    let header = process.inner().header();
    match act {
        Act::Handles(_) => header.notes.set(RESTS, true),
        Act::Rests(_) => header.notes.set(RESTS, false),
        Act::Replies(_) => {}
    }
    // It is out of its place while it runs, so that it does not see itself.
    let Some(mut tracer) = header.put_tracer(None) else { return };
    match contain(|| tracer.sees(&act, process)) {
        Ok(()) if !tracer.is_over() => return drop(header.put_tracer(Some(tracer))),
        Ok(()) => {}
        Err(crash) => super::report_crash(process, &crash),
    }
    header.note_traced(false);
    drop(contain(|| drop(tracer)));
}

impl Header {
    /// Whether somebody wants to know what the process does: the director, or a tracer.
    #[inline]
    pub(crate) fn is_seen(&self) -> bool {
        self.notes.has(SEEN)
    }

    /// Whether the process has a tracer.
    #[inline]
    pub(crate) fn is_traced(&self) -> bool {
        self.notes.has(TRACED)
    }

    fn put_tracer(&self, tracer: Option<Box<dyn Tracer>>) -> Option<Box<dyn Tracer>> {
        let mut relations = self.relations.lock();
        match (relations.alive(), tracer) {
            (Some(alive), None) => alive.existing_rare()?.tracer.take(),
            (Some(alive), tracer) => std::mem::replace(&mut alive.rare().tracer, tracer),
            (None, tracer) => tracer,
        }
    }

    fn note_traced(&self, on: bool) {
        self.notes.set(TRACED, on);
        self.notes.set(RESTS, false);
        self.notes.set(SEEN, on || self.is_marked());
    }
}

impl Process {
    /// Notes that the running process answers a call. False if it dies in place of that: it has the signal that ends it.
    #[inline]
    pub(crate) fn may_answer(answer: &dyn fmt::Debug) -> bool {
        with_present(|present| {
            present.is_none_or(|present| {
                !present.header().is_seen() || {
                    let process = present.process();
                    answers(&Process::new(process), answer)
                }
            })
        })
    }
}

#[cold]
fn answers(process: &Process, answer: &dyn fmt::Debug) -> bool {
    let header = process.inner().header();
    if header.is_directed() && !lives_to_answer(process) {
        return false;
    }
    // Not while it serves a system request, which is no message.
    if header.notes.has(RESTS) {
        trace(process, Act::Replies(answer));
    }
    true
}

/// Shows a value by its type, because it may not be `Debug`.
pub(crate) struct ByType<T>(PhantomData<fn(T)>);

impl<T> ByType<T> {
    pub(crate) fn new() -> ByType<T> {
        ByType(PhantomData)
    }
}

impl<T> fmt::Debug for ByType<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(type_name::<T>())
    }
}

impl fmt::Debug for Act<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Handles(message) => write!(f, "in {message:?}"),
            Act::Replies(answer) => write!(f, "out {answer:?}"),
            Act::Rests(state) => write!(f, "state {state:?}"),
        }
    }
}
