use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use otp_core::event::Event;
use otp_core::runtime::Step;
use otp_core::{Label, Pid};

use crate::faults::Fault;
use crate::policy::TaskId;
use crate::schedule::Schedule;
use crate::state::Work;

/// What was decided in a run, and the last things that happened.
pub(crate) struct Recording {
    pub(crate) schedule: Schedule,
    entries: VecDeque<Entry>,
    labels: BTreeMap<Pid, Label>,
    limit: usize,
    step: u64,
    now: u64,
    running: Option<TaskId>,
}

/// Something that happened, kept as it was and put into words only when somebody reads it.
struct Entry {
    step: u64,
    at: u64,
    what: What,
}

pub(crate) enum What {
    Runs(Runner),
    Rests { until: u64 },
    Sent { from: Pid, to: Pid, message: &'static str },
    Signalled { from: Pid, to: Pid, reason: String },
    Asked { from: Pid, to: Pid, request: &'static str },
    Down { target: String, to: Pid, reason: String },
    Handles { process: Pid, message: String },
    Waits { caller: Pid, callee: Pid, message: &'static str },
    Answered { caller: Pid, callee: Pid },
    Spawned { parent: Pid, pid: Pid, label: Option<Label> },
    Exited { pid: Pid, label: Option<Label>, reason: String },
    Crashed { report: String },
    Occurred { what: String },
    Fault(Fault, Option<Pid>, Duration),
    Net(String),
    Note(String),
}

pub(crate) enum Runner {
    Main,
    Process(Pid),
    Task(TaskId),
    Job(TaskId),
}

impl Recording {
    /// Keeps the last `limit` entries.
    pub(crate) fn new(seed: u64, limit: usize) -> Recording {
        Recording {
            schedule: Schedule::new(seed),
            entries: VecDeque::new(),
            labels: BTreeMap::new(),
            limit,
            step: 0,
            now: 0,
            running: None,
        }
    }

    /// The time and the number of the step that follows.
    pub(crate) fn step(&mut self, step: u64, now: u64) {
        self.step = step;
        self.now = now;
    }

    pub(crate) fn ran(&mut self, task: TaskId, pid: Option<Pid>, work: &Work) {
        self.schedule.ran(task);
        if self.running.replace(task) != Some(task) {
            self.add(What::Runs(match (work, pid) {
                (Work::Main, _) => Runner::Main,
                (Work::Job(_), _) => Runner::Job(task),
                (_, Some(pid)) => Runner::Process(pid),
                (_, None) => Runner::Task(task),
            }));
        }
    }

    pub(crate) fn rests(&mut self, until: u64) {
        self.running = None;
        self.add(What::Rests { until });
        self.now = until;
    }

    pub(crate) fn fault(&mut self, fault: Fault, hit: Option<Pid>, lasting: Duration) {
        self.schedule.faults.push(fault);
        self.add(What::Fault(fault, hit, lasting));
    }

    pub(crate) fn note(&mut self, text: String) {
        self.add(What::Note(text));
    }

    pub(crate) fn happened(&mut self, what: What) {
        if let What::Spawned { pid, label: Some(label), .. } | What::Exited { pid, label: Some(label), .. } = &what {
            self.labels.insert(*pid, label.clone());
        }
        self.add(what);
    }

    fn add(&mut self, what: What) {
        if self.entries.len() == self.limit {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { step: self.step, at: self.now, what });
    }

    /// The last things that happened, in words.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.entries.iter().map(|entry| self.line(entry)).collect()
    }

    fn line(&self, entry: &Entry) -> String {
        let time = Duration::from_nanos(entry.at);
        format!("{:>7} {:>13} {}", entry.step, format!("{:.6}s", time.as_secs_f64()), self.words(&entry.what))
    }

    fn words(&self, what: &What) -> String {
        let name = |pid: &Pid| Named(self, *pid).to_string();
        match what {
            What::Runs(Runner::Main) => "-- main runs".to_owned(),
            What::Runs(Runner::Process(pid)) => format!("-- {} runs", name(pid)),
            What::Runs(Runner::Task(task)) => format!("-- task {} runs", task.0),
            What::Runs(Runner::Job(task)) => format!("-- blocking job {} runs", task.0),
            What::Rests { until } => {
                format!("-- all wait, until {:.6}s", Duration::from_nanos(*until).as_secs_f64())
            }
            What::Sent { from, to, message } => format!("{} sends {} to {}", name(from), short(message), name(to)),
            What::Signalled { from, to, reason } => {
                format!("exit signal from {} to {}: {reason}", name(from), name(to))
            }
            What::Asked { from, to, request } => format!("{} asks {}: {request}", name(from), name(to)),
            What::Down { target, to, reason } => format!("{} hears of the end of {target}: {reason}", name(to)),
            What::Handles { process, message } => format!("{} handles {message}", name(process)),
            What::Waits { caller, callee, message } => {
                format!("{} waits for {} to answer {}", name(caller), name(callee), short(message))
            }
            What::Answered { caller, callee } => format!("{} no longer waits for {}", name(caller), name(callee)),
            What::Spawned { parent, pid, .. } => format!("{} starts {}", name(parent), name(pid)),
            What::Exited { pid, reason, .. } => format!("{} ends: {reason}", name(pid)),
            What::Crashed { report } => format!("crash: {report}"),
            What::Occurred { what } => what.clone(),
            What::Fault(fault, hit, lasting) => {
                let hit = hit.map_or_else(String::new, |pid| format!(" {}", name(&pid)));
                let lasting = if lasting.is_zero() { String::new() } else { format!(" for {lasting:?}") };
                format!("FAULT: {}{hit}{lasting}", fault.kind.name())
            }
            What::Net(text) => format!("net: {text}"),
            What::Note(text) => format!("note: {text}"),
        }
    }
}

impl What {
    /// What a step amounts to. It runs code of users, which say how their values are shown: not under a lock.
    pub(crate) fn of(step: &Step<'_>) -> Option<What> {
        Some(match *step {
            Step::Sent { from, to, message } => What::Sent { from, to, message },
            Step::Signalled { from, to, reason } => What::Signalled { from, to, reason: reason.to_string() },
            Step::Asked { from, to, request } => What::Asked { from, to, request },
            Step::Down { target, to, reason } => {
                What::Down { target: target.to_string(), to, reason: reason.to_string() }
            }
            Step::Handles { process, message } => What::Handles { process, message: format!("{message:?}") },
            Step::Calls { caller, callee, message, .. } => What::Waits { caller, callee, message },
            Step::Event(event) => match event {
                Event::Spawned { pid, label, parent } => {
                    What::Spawned { parent: *parent, pid: *pid, label: label.clone() }
                }
                Event::Exited { pid, label, reason } => {
                    What::Exited { pid: *pid, label: label.clone(), reason: reason.to_string() }
                }
                Event::Crashed(report) => What::Crashed { report: report.to_string() },
                Event::Other(occurrence) => What::Occurred { what: occurrence.to_string() },
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// A process as people call it.
struct Named<'a>(&'a Recording, Pid);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.labels.get(&self.1) {
            _ if self.1 == Pid::SYSTEM => f.write_str("main"),
            Some(label) => write!(f, "{} {label}", self.1),
            None => write!(f, "{}", self.1),
        }
    }
}

/// The name of a type without the paths that it and its parameters stand in.
pub(crate) fn short(type_name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for letter in type_name.chars() {
        if letter.is_alphanumeric() || letter == '_' || letter == ':' {
            word.push(letter);
        } else {
            short.push_str(word.rsplit("::").next().unwrap_or_default());
            word.clear();
            short.push(letter);
        }
    }
    short.push_str(word.rsplit("::").next().unwrap_or_default());
    short
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn names_of_types_lose_their_paths() {
        assert_eq!(short("alloc::vec::Vec<core::option::Option<my::Thing>>"), "Vec<Option<Thing>>");
        assert_eq!(short("(u8, &str)"), "(u8, &str)");
    }
}
