use otp::process::{Alias, MonitorRef, TimerRef};
use otp::registry::GroupMonitor;

use crate::actors::Mail;

/// What a label of a scenario can stand for, beside actors.
#[derive(Clone)]
pub(crate) enum Reference {
    Monitor(MonitorRef),
    Timer(TimerRef),
    Alias(Alias<Mail>),
    Groups(GroupMonitor),
}

/// All references with their labels. A label may be used again; what had it before keeps it for printing.
#[derive(Default)]
pub(crate) struct References {
    all: Vec<(String, Reference)>,
}

impl References {
    pub(crate) fn add(&mut self, name: &str, reference: Reference) {
        self.all.push((name.to_owned(), reference));
    }

    pub(crate) fn find(&self, name: &str) -> Option<Reference> {
        self.all.iter().rev().find(|(label, _)| label == name).map(|(_, reference)| reference.clone())
    }

    pub(crate) fn label_of(&self, wanted: &Reference) -> Option<String> {
        self.all.iter().find(|(_, reference)| reference.is(wanted)).map(|(label, _)| label.clone())
    }
}

impl Reference {
    fn is(&self, other: &Reference) -> bool {
        match (self, other) {
            (Reference::Monitor(one), Reference::Monitor(other)) => one == other,
            (Reference::Timer(one), Reference::Timer(other)) => one == other,
            // Aliases are not printed.
            _ => false,
        }
    }
}
