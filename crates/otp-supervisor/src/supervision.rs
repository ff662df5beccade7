use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use otp_behaviour::sys::SysError;
use otp_core::behaviour::{Ask, SystemRequest, Systemic, ask};
use otp_core::runtime::Instant;
use otp_core::{Pid, ProcessInfo, ReplyTo, System, Target};

use crate::children::{ChildState, Children};
use crate::flags::Strategy;
use crate::info::ChildInfo;
use crate::kind::Kind;
use crate::server::Server;

/// What a supervisor of any kind says about itself and some of its children; returned by [`supervision`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Supervision {
    /// The strategy.
    pub strategy: Strategy,
    /// How many restarts are allowed within the period.
    pub limit: usize,
    /// The period.
    pub period: Duration,
    /// How many restarts count against the limit now.
    pub used: usize,
    /// The number of child specs, running or not.
    pub specs: usize,
    /// Whether the supervisor is dynamic: its children have no order, and their ids no meaning.
    pub is_dynamic: bool,
    /// All children in start order, if there are no more than [`LISTED`](Supervision::LISTED); otherwise those that were
    /// asked for, in the order in which they were asked for.
    pub children: Vec<ChildInfo>,
}

impl Supervision {
    /// How many children are listed without being asked for.
    pub const LISTED: usize = 500;
}

/// Asks a supervisor of any kind about itself, by its pid, for tools. Beyond [`Supervision::LISTED`] children, it describes
/// only those with the pids in `children`, so that a supervisor with a million children is not held up.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
///
/// use otp::supervisor::{Strategy, Supervisor, supervision};
///
/// let supervisor = Supervisor::new(Strategy::RestForOne).intensity(3, Duration::from_secs(5)).start(&system).await.unwrap();
/// let about = supervision(&system, supervisor.pid().unwrap(), Vec::new()).await.unwrap();
/// assert_eq!((about.strategy, about.limit, about.used, about.specs), (Strategy::RestForOne, 3, 0, 0));
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// [`SysError::NotSupported`] if the process is not a supervisor; otherwise see [`SysError`].
pub fn supervision(system: &System, supervisor: impl Into<Target>, children: Vec<Pid>) -> Ask<Supervision, SysError> {
    ask(system, supervisor, |from| Box::new(Describe { children, from }))
}

struct Describe {
    children: Vec<Pid>,
    from: ReplyTo<Result<Supervision, SysError>>,
}

impl SystemRequest for Describe {
    fn name(&self) -> &'static str {
        "supervision"
    }

    fn serve(self: Box<Self>, by: &mut dyn Systemic) {
        let (system, process) = (by.process().system().clone(), by.process().clone());
        let view = by.state().and_then(|state| {
            let view = system.slot::<Kinds>().view((*state).type_id())?;
            view(state)
        });
        let answer = view.map(|server| server.describe(system.now(), &self.children));
        self.from.reply(answer.ok_or_else(|| SysError::not_supported(&process, "supervision")));
    }

    fn answer(self: Box<Self>, about: ProcessInfo) {
        self.from.reply(Err(SysError::not_supported(&about, "supervision")));
    }
}

/// A supervisor, whatever its kind.
trait AnySupervisor {
    fn describe(&self, now: Instant, wanted: &[Pid]) -> Supervision;
}

impl<K: Kind> AnySupervisor for Server<K> {
    fn describe(&self, now: Instant, wanted: &[Pid]) -> Supervision {
        let (limit, used) = self.rules.intensity.used(now);
        Supervision {
            strategy: self.rules.strategy,
            limit,
            period: self.rules.intensity.period(),
            used,
            specs: self.children.len(),
            is_dynamic: self.children.are_dynamic(),
            children: list(&self.children, wanted),
        }
    }
}

fn list(children: &Children, wanted: &[Pid]) -> Vec<ChildInfo> {
    if children.len() <= Supervision::LISTED {
        return children.iter().map(|(_, child)| ChildInfo::of(child)).collect();
    }
    let found = wanted.iter().filter_map(|pid| {
        let child = children.get(children.by_pid(*pid)?)?;
        (child.state == ChildState::Running(*pid)).then(|| ChildInfo::of(child))
    });
    found.collect()
}

/// The kinds of supervisors that a system has had, so that one of an unknown kind can be asked.
#[derive(Default)]
struct Kinds(Mutex<HashMap<TypeId, View>>);

type View = fn(&mut dyn Any) -> Option<&dyn AnySupervisor>;

impl Kinds {
    fn view(&self, server: TypeId) -> Option<View> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&server).copied()
    }
}

/// Remembers a kind of supervisor.
pub(crate) fn know<K: Kind>(system: &System) {
    let view: View = |state| state.downcast_ref::<Server<K>>().map(|server| server as &dyn AnySupervisor);
    let kinds = system.slot::<Kinds>();
    kinds.0.lock().unwrap_or_else(PoisonError::into_inner).entry(TypeId::of::<Server<K>>()).or_insert(view);
}
