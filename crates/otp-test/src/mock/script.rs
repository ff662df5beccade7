use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::mem;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use otp_genserver::{GenServer, Received};

/// The script of a mock, and its progress.
pub(super) struct Script<S: GenServer>(Mutex<State<S>>);

struct State<S: GenServer> {
    allowed: Vec<Allowed<S>>,
    expected: VecDeque<Rule<S>>,
    /// True while an answer runs.
    answering: bool,
    /// The failure, if the script was not followed.
    failed: Option<String>,
    /// True once the failure has been reported.
    told: bool,
}

/// A request that does not match comes back.
type Answered<S> = Result<(), Received<S>>;

type Allowed<S> = Box<dyn FnMut(Received<S>) -> Answered<S> + Send>;

/// A request that is expected once.
pub(super) struct Rule<S: GenServer> {
    kind: &'static str,
    what: &'static str,
    at: &'static Location<'static>,
    answer: Box<dyn FnOnce(Received<S>) -> Answered<S> + Send>,
}

impl<S: GenServer> Script<S> {
    pub(super) fn expect(&self, rule: Rule<S>) {
        self.state().expected.push_back(rule);
    }

    pub(super) fn allow(&self, answer: impl FnMut(Received<S>) -> Answered<S> + Send + 'static) {
        self.state().allowed.push(Box::new(answer));
    }

    /// True while a request is still expected and nothing has failed.
    pub(super) fn is_waiting(&self) -> bool {
        let state = self.state();
        state.failed.is_none() && (state.answering || !state.expected.is_empty())
    }

    /// Returns the failure, or the requests that are missing `until` now; reported once.
    pub(super) fn failure(&self, until: &str) -> Option<String> {
        let mut state = self.state();
        let failure = match &state.failed {
            Some(text) => text.clone(),
            None if state.expected.is_empty() => return None,
            None => {
                let missing: Vec<_> = state.expected.iter().map(|rule| format!("\n  {rule}")).collect();
                format!("still expected {until}:{}", missing.concat())
            }
        };
        (!mem::replace(&mut state.told, true)).then_some(failure)
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Script<S>
where
    S: GenServer<Call: Debug, Cast: Debug, Info: Debug>,
{
    /// Answers a request.
    ///
    /// # Errors
    ///
    /// The message for an unexpected request.
    ///
    /// # Panics
    ///
    /// If the answer panics.
    pub(super) fn play(&self, request: Received<S>) -> Result<(), String> {
        let shown = format!("{:?}", Shown(&request));
        self.state().answering = true;
        let answered = catch_unwind(AssertUnwindSafe(|| self.answer(request)));
        let mut state = self.state();
        state.answering = false;
        match answered {
            Ok(Ok(())) => Ok(()),
            Ok(Err(expected)) => {
                let text = format!("unexpected {shown}; {expected}");
                state.failed = Some(text.clone());
                Err(text)
            }
            Err(panic) => {
                state.failed = Some(format!("its answer to {shown} panicked"));
                drop(state);
                resume_unwind(panic)
            }
        }
    }

    /// Runs the answer without the lock, so that it may use the mock.
    fn answer(&self, request: Received<S>) -> Result<(), String> {
        let mut allowed = mem::take(&mut self.state().allowed);
        let refused = allowed.iter_mut().try_fold(request, |request, answer| match answer(request) {
            Ok(()) => ControlFlow::Break(()),
            Err(request) => ControlFlow::Continue(request),
        });
        let mut state = self.state();
        allowed.append(&mut state.allowed);
        state.allowed = allowed;
        let ControlFlow::Continue(request) = refused else { return Ok(()) };
        let Some(next) = state.expected.pop_front() else { return Err("nothing more was expected".to_owned()) };
        drop(state);
        let text = format!("next was to come {next}");
        (next.answer)(request).map_err(|_| text)
    }
}

impl<S: GenServer> Default for Script<S> {
    fn default() -> Script<S> {
        Script(Mutex::new(State {
            allowed: Vec::new(),
            expected: VecDeque::new(),
            answering: false,
            failed: None,
            told: false,
        }))
    }
}

impl<S: GenServer> Rule<S> {
    pub(super) fn call<F>(what: &'static str, at: &'static Location<'static>, answer: F) -> Rule<S>
    where
        F: FnOnce(S::Call) -> Result<(), S::Call> + Send + 'static,
    {
        let answer = |request| match request {
            Received::Call(call) => answer(call).map_err(Received::Call),
            other => Err(other),
        };
        Rule { kind: "call", what, at, answer: Box::new(answer) }
    }

    pub(super) fn cast<F>(what: &'static str, at: &'static Location<'static>, answer: F) -> Rule<S>
    where
        F: FnOnce(S::Cast) -> Result<(), S::Cast> + Send + 'static,
    {
        let answer = |request| match request {
            Received::Cast(cast) => answer(cast).map_err(Received::Cast),
            other => Err(other),
        };
        Rule { kind: "cast", what, at, answer: Box::new(answer) }
    }

    pub(super) fn info<F>(what: &'static str, at: &'static Location<'static>, answer: F) -> Rule<S>
    where
        F: FnOnce(S::Info) -> Result<(), S::Info> + Send + 'static,
    {
        let answer = |request| match request {
            Received::Info(info) => answer(info).map_err(Received::Info),
            other => Err(other),
        };
        Rule { kind: "info", what, at, answer: Box::new(answer) }
    }
}

impl<S: GenServer> fmt::Display for Rule<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, scripted at {}", self.kind, self.what, self.at)
    }
}

/// A request, in words.
pub(super) struct Shown<'a, S: GenServer>(pub(super) &'a Received<S>);

impl<S> fmt::Debug for Shown<'_, S>
where
    S: GenServer<Call: Debug, Cast: Debug, Info: Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Received::Call(call) => write!(f, "call {call:?}"),
            Received::Cast(cast) => write!(f, "cast {cast:?}"),
            Received::Info(info) => write!(f, "info {info:?}"),
            _ => f.write_str("message of an unknown kind"),
        }
    }
}
