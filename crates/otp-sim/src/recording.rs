use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use otp_core::Label;

use crate::faults::Fault;
use crate::life::{Life, Who};
use crate::policy::TaskId;
use crate::schedule::{Moment, Schedule, Switch};
use crate::state::{Ready, Work};
use crate::tail::{Item, Tail};
use crate::trace::{Entry, Hit, Named, Placed, Runner, What, short};

/// The record of a run: its decisions, the last lines of its trace, and its first crashes and faults.
pub(crate) struct Recording {
    pub(crate) schedule: Schedule,
    tail: Tail,
    /// The first crashes and faults.
    troubles: Vec<Entry>,
    /// The number of crashes and faults that were not kept.
    untold: usize,
    pub(super) labels: BTreeMap<Who, Label>,
    /// The hosts of lives other than that of the main function.
    pub(super) hosts: BTreeMap<u32, Arc<str>>,
    step: u64,
    now: u64,
    running: Option<TaskId>,
}

/// The maximum number of crashes and faults that are kept: the first ones, which often cause the others.
const TROUBLES: usize = 40;

impl Recording {
    /// Makes a recording that keeps the last `limit` lines.
    pub(crate) fn new(seed: u64, limit: usize) -> Recording {
        Recording {
            schedule: Schedule::new(seed),
            tail: Tail::new(limit),
            troubles: Vec::new(),
            untold: 0,
            labels: BTreeMap::new(),
            hosts: BTreeMap::new(),
            step: 0,
            now: 0,
            running: None,
        }
    }

    /// Sets the number and the time of the next step.
    pub(crate) fn step(&mut self, step: u64, now: u64) {
        self.step = step;
        self.now = now;
    }

    /// Records that a task is polled, and a switch if the plainest schedule would poll another one.
    pub(crate) fn ran(&mut self, task: TaskId, instead_of: &Ready, process: Option<Who>, work: &Work) {
        if instead_of.id != task {
            self.schedule.switches.push(Switch { task: instead_of.id, step: instead_of.step, to: task });
        }
        if self.running.replace(task) != Some(task) {
            self.add(What::Runs(match (work, process) {
                (Work::Main, _) => Runner::Main,
                (Work::Job(_), _) => Runner::Job(task),
                (_, Some(process)) => Runner::Process(process),
                (_, None) => Runner::Task(task),
            }));
        }
    }

    /// Records that code that could have continued in the step of its caller is scheduled instead.
    pub(crate) fn scheduled(&mut self, at: Moment) {
        self.schedule.scheduled.push(at);
    }

    pub(crate) fn rests(&mut self, until: u64) {
        self.running = None;
        self.add(What::Rests { until });
        self.now = until;
    }

    pub(crate) fn fault(&mut self, fault: Fault, hit: Hit, lasting: Duration) {
        self.schedule.faults.push(fault);
        self.add(What::Fault { kind: fault.kind, hit, lasting });
    }

    /// Records that a program begins on a host.
    pub(crate) fn begins(&mut self, life: &Life) {
        self.hosts.insert(life.number, life.host.clone());
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
        let entry = Entry { step: self.step, at: self.now, what };
        if matches!(entry.what, What::Fault { .. } | What::Crashed { .. }) {
            match self.troubles.len() < TROUBLES {
                true => self.troubles.push(entry.clone()),
                false => self.untold += 1,
            }
        }
        self.tail.add(entry);
    }

    /// The last lines of the trace, in words, and whether earlier ones are missing.
    pub(crate) fn lines(&self) -> (Vec<String>, bool) {
        let (items, cut) = self.tail.shown();
        let lines = items.map(|item| match item {
            Item::Entry(entry) => self.line(entry),
            Item::Again { lines, times, step, at } => {
                let what = if *lines == 1 { "this".to_owned() } else { format!("these {lines} lines") };
                format!("{:>7} {:>13} ... {what} {times} times more", step, time(*at))
            }
        });
        (lines.collect(), cut)
    }

    /// The crashes of the run, and the faults, in words.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.troubles.iter().map(|entry| self.line(entry)).collect();
        if self.untold > 0 {
            lines.push(format!("{:>21} ... and {} more", "", self.untold));
        }
        lines
    }

    fn line(&self, entry: &Entry) -> String {
        format!("{:>7} {:>13} {}", entry.step, time(entry.at), self.words(&entry.what))
    }

    fn words(&self, what: &What) -> String {
        let name = |who: &Who| Named(self, *who).to_string();
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
            What::RunsInline { caller, callee, message } => {
                format!("{} runs {} inline with {}", name(caller), name(callee), short(message))
            }
            What::Spawned { parent, pid, .. } => format!("{} starts {}", name(parent), name(pid)),
            What::Exited { pid, reason, .. } => format!("{} ends: {reason}", name(pid)),
            What::Crashed { pid, label, why, place } => {
                let who = match (pid, label) {
                    (Some(pid), Some(label)) => format!("{} {label}", Placed(self, *pid)),
                    (Some(pid), None) => name(pid),
                    (None, Some(label)) => label.to_string(),
                    (None, None) => "a task".to_owned(),
                };
                let place = place.as_ref().map_or_else(String::new, |place| format!(", at {place}"));
                format!("CRASH: {who}: {why}{place}")
            }
            What::Occurred { by, what } => match self.hosts.get(&by.life) {
                Some(host) => format!("{host}: {what}"),
                None => what.clone(),
            },
            What::Fault { kind, hit, lasting } => {
                let hit = match hit {
                    Hit::Nothing => String::new(),
                    Hit::Process(who) => format!(" {}", name(who)),
                    Hit::Host(host) => format!(" {host}"),
                };
                let lasting = if lasting.is_zero() { String::new() } else { format!(" for {lasting:?}") };
                format!("FAULT: {}{hit}{lasting}", kind.name())
            }
            What::Net(text) => format!("net: {text}"),
            What::Note(text) => format!("note: {text}"),
        }
    }
}

fn time(nanos: u64) -> String {
    format!("{:.6}s", Duration::from_nanos(nanos).as_secs_f64())
}
