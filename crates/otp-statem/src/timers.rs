use std::collections::VecDeque;

use otp_core::{Process, TimerRef};

use crate::action::{Setting, Timer};
use crate::event::Event;
use crate::state_machine::StateMachine;
use crate::upgrade::UpgradeMachine;

/// The timers of a machine: those that run, and those with zero time.
pub(crate) struct Timers<M: StateMachine> {
    running: Vec<Running<M>>,
    /// Timers with zero time. They fire when no event is left, in the order in which they were set.
    due: VecDeque<(Timer<M>, M::Internal)>,
    /// Timers that had fired when they were cancelled: their messages are ignored.
    stale: Vec<TimerRef>,
}

struct Running<M: StateMachine> {
    timer: Timer<M>,
    armed: TimerRef,
    content: M::Internal,
}

/// The meaning of a timer message.
pub(crate) enum Fired<M: StateMachine> {
    /// The event of a timer of the machine.
    Event(Event<M>),
    /// A timer that the machine's own code has set.
    Foreign(TimerRef),
}

impl<M: StateMachine> Timers<M> {
    pub(crate) fn new() -> Timers<M> {
        Timers { running: Vec::new(), due: VecDeque::new(), stale: Vec::new() }
    }

    /// Applies the settings of one transition, in their order. If one timer has several, the last one counts.
    pub(crate) fn set(&mut self, settings: Vec<(Timer<M>, Setting<M>)>, process: &Process) {
        let mut last: Vec<(Timer<M>, Setting<M>)> = Vec::with_capacity(settings.len());
        for (timer, setting) in settings {
            last.retain(|(earlier, _)| *earlier != timer);
            last.push((timer, setting));
        }
        for (timer, setting) in last {
            match setting {
                Setting::Cancel => self.cancel(&timer),
                Setting::Update(content) => self.update(timer, content),
                Setting::After(delay, content) => {
                    self.cancel(&timer);
                    if delay.is_zero() {
                        self.due.push_back((timer, content));
                    } else {
                        self.running.push(Running { timer, armed: process.set_timer(delay), content });
                    }
                }
            }
        }
    }

    pub(crate) fn cancel(&mut self, timer: &Timer<M>) {
        if let Some(place) = self.running.iter().position(|running| running.timer == *timer) {
            let Running { armed, content, .. } = self.running.swap_remove(place);
            if armed.cancel().is_none() {
                self.stale.push(armed);
            }
            drop(content);
        }
        if let Some(place) = self.due.iter().position(|(due, _)| due == timer) {
            self.due.remove(place);
        }
    }

    fn update(&mut self, timer: Timer<M>, content: M::Internal) {
        let running = self.running.iter_mut().find(|running| running.timer == timer);
        let set = match running {
            Some(running) => Some(&mut running.content),
            None => self.due.iter_mut().find(|(due, _)| *due == timer).map(|(_, content)| content),
        };
        match set {
            Some(set) => *set = content,
            None => self.due.push_back((timer, content)),
        }
    }

    /// The same timers, of a machine that has the same names and contents.
    pub(crate) fn retyped<New: UpgradeMachine<M>>(self) -> Timers<New> {
        let Timers { running, due, stale } = self;
        let retyped =
            |Running { timer, armed, content }: Running<M>| Running { timer: timer.retyped(), armed, content };
        Timers {
            running: running.into_iter().map(retyped).collect(),
            due: due.into_iter().map(|(timer, content)| (timer.retyped(), content)).collect(),
            stale,
        }
    }

    /// The event of a timer that has fired.
    pub(crate) fn fired(&mut self, armed: TimerRef) -> Fired<M> {
        if let Some(place) = self.running.iter().position(|running| running.armed == armed) {
            let Running { timer, content, .. } = self.running.swap_remove(place);
            return Fired::Event(timer.into_event(content));
        }
        Fired::Foreign(armed)
    }

    /// Forgets a timer that was cancelled after it had fired; false if it is none.
    pub(crate) fn forgets(&mut self, armed: &TimerRef) -> bool {
        let place = self.stale.iter().position(|stale| stale == armed);
        place.map(|place| self.stale.swap_remove(place)).is_some()
    }

    /// The event of the first timer with zero time.
    pub(crate) fn next_due(&mut self) -> Option<Event<M>> {
        self.due.pop_front().map(|(timer, content)| timer.into_event(content))
    }
}
