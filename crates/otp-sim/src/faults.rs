use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use otp_core::ProcessInfo;

use crate::dice::Dice;
use crate::schedule::{Moment, Schedule};

/// Configures fault injection: which faults happen in a run, and how often. Each kind happens once in a given number of
/// opportunities, on average; zero, the default, means never.
///
/// The seed decides when a fault happens, and what it affects. [`set_faults`](crate::set_faults) switches all faults
/// off and on again during a run.
#[derive(Clone)]
#[must_use]
pub struct Faults {
    rates: [u32; KINDS],
    pause: Duration,
    jump: Duration,
    stretch: Duration,
    delay: Duration,
    partition: Duration,
    lag: Duration,
    down: Duration,
    stall: Duration,
    most: u32,
    victims: Option<Victims>,
}

type Victims = Arc<dyn Fn(&ProcessInfo) -> bool + Send + Sync>;

/// A kind of fault; its number is the index of its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Kill,
    Pause,
    Jump,
    Spawn,
    Stretch,
    Delay,
    Refuse,
    Reset,
    HalfOpen,
    Partition,
    Lag,
    KillBefore,
    KillAfter,
    Crash,
    SlowReader,
}

const KINDS: usize = 15;

/// An injected fault: the opportunity of its kind at which it happened, and the random number that decided the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) at: Moment,
    pub(crate) value: u64,
    /// The number of the task or host that was chosen, of a fault that hits one.
    pub(crate) victim: Option<u64>,
}

impl Faults {
    /// Makes a configuration without faults.
    pub fn none() -> Faults {
        Faults {
            rates: [0; KINDS],
            pause: Duration::ZERO,
            jump: Duration::ZERO,
            stretch: Duration::ZERO,
            delay: Duration::ZERO,
            partition: Duration::ZERO,
            lag: Duration::ZERO,
            down: Duration::ZERO,
            stall: Duration::ZERO,
            most: u32::MAX,
            victims: None,
        }
    }

    /// Kills a process, about once in `steps` steps.
    pub fn kill(self, steps: u32) -> Faults {
        self.rate(Kind::Kill, steps)
    }

    /// Kills a called process before it handles the request, about once in `calls` calls.
    ///
    /// As with [`kill_after_handling`](Faults::kill_after_handling), the caller learns that the process was killed, and
    /// not whether it had handled the request.
    pub fn kill_before_handling(self, calls: u32) -> Faults {
        self.rate(Kind::KillBefore, calls)
    }

    /// Kills a process that has handled a call, before its answer is sent, about once in `answers` answers. The effects
    /// of the call remain, and the caller learns only that the process was killed.
    ///
    /// This finds callers that repeat a request that was handled already and is not idempotent.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    ///
    /// use otp::sim::{Config, Faults, try_check};
    /// use otp::{Call, Message, ProcessContext, ReplyTo};
    ///
    /// let config = Config::new().seeds(100).faults(Faults::none().kill_after_handling(3).at_most(1));
    /// let failed = try_check(config, async |system| {
    ///     let paid = Arc::new(AtomicU32::new(0));
    ///     loop {
    ///         let counter = paid.clone();
    ///         let till = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<()>>| {
    ///             while let Message::User(from) = ctx.receive().await {
    ///                 counter.fetch_add(1, Relaxed);
    ///                 from.reply(());
    ///             }
    ///         });
    ///         if Call::new(&till, |from| from).await.is_ok() {
    ///             break;
    ///         }
    ///     }
    ///     assert_eq!(paid.load(Relaxed), 1);
    /// });
    /// assert!(failed.unwrap_err().to_string().contains("FAULT: kill-after-handling <0.2.0>"));
    /// ```
    pub fn kill_after_handling(self, answers: u32) -> Faults {
        self.rate(Kind::KillAfter, answers)
    }

    /// Restricts kills and pauses to processes for which `victims` returns true.
    pub fn only(mut self, victims: impl Fn(&ProcessInfo) -> bool + Send + Sync + 'static) -> Faults {
        self.victims = Some(Arc::new(victims));
        self
    }

    /// Pauses a process for some time, at most `longest`, about once in `steps` steps.
    pub fn pause(mut self, steps: u32, longest: Duration) -> Faults {
        self.pause = longest;
        self.rate(Kind::Pause, steps)
    }

    /// Sets the wall clock forward or back by at most `farthest`, about once in `steps` steps. Timers do not use it.
    pub fn jump_wall_clock(mut self, steps: u32, farthest: Duration) -> Faults {
        self.jump = farthest;
        self.rate(Kind::Jump, steps)
    }

    /// Ends a started process at once, with `Killed`, about once in `spawns` starts.
    pub fn fail_spawn(self, spawns: u32) -> Faults {
        self.rate(Kind::Spawn, spawns)
    }

    /// Makes a timer fire late, by at most `longest`, about once in `timers` timers.
    pub fn stretch_timer(mut self, timers: u32, longest: Duration) -> Faults {
        self.stretch = longest;
        self.rate(Kind::Stretch, timers)
    }

    /// Holds a message back for some time, at most `longest`, about once in `messages` messages. Later messages of the
    /// sender to the same process wait behind it.
    pub fn delay_message(mut self, messages: u32, longest: Duration) -> Faults {
        self.delay = longest;
        self.rate(Kind::Delay, messages)
    }

    /// Refuses a client although there is a listener, about once in `connects` connects.
    pub fn refuse_connect(self, connects: u32) -> Faults {
        self.rate(Kind::Refuse, connects)
    }

    /// Resets a connection, about once in `writes` writes: both ends fail.
    pub fn reset_connection(self, writes: u32) -> Faults {
        self.rate(Kind::Reset, writes)
    }

    /// Makes one end of a connection forget it, about once in `writes` writes: that end fails, and the other one only
    /// notices when it writes.
    pub fn half_open(self, writes: u32) -> Faults {
        self.rate(Kind::HalfOpen, writes)
    }

    /// Partitions the two hosts of a connection for some time, at most `longest`, about once in `writes` writes: in
    /// both directions, or in one of them. Data that is sent meanwhile arrives afterwards.
    pub fn partition(mut self, writes: u32, longest: Duration) -> Faults {
        self.partition = longest;
        self.rate(Kind::Partition, writes)
    }

    /// Makes written data arrive late, by at most `longest`, about once in `writes` writes. Later data of the
    /// connection waits behind it.
    pub fn lag(mut self, writes: u32, longest: Duration) -> Faults {
        self.lag = longest;
        self.rate(Kind::Lag, writes)
    }

    /// Makes an end of a connection read nothing for some time, at most `longest`, about once in `reads` reads of data that
    /// has arrived: its buffer fills, and then its peer cannot write any more.
    pub fn slow_reader(mut self, reads: u32, longest: Duration) -> Faults {
        self.stall = longest;
        self.rate(Kind::SlowReader, reads)
    }

    /// Crashes a host that was [booted](crate::SimNet::boot), as by a loss of power, about once in `steps` steps. Its program
    /// starts again after some time, at most `longest`.
    pub fn crash(mut self, steps: u32, longest: Duration) -> Faults {
        self.down = longest;
        self.rate(Kind::Crash, steps)
    }

    /// Limits the number of faults in one run.
    pub fn at_most(mut self, faults: u32) -> Faults {
        self.most = faults;
        self
    }

    fn rate(mut self, kind: Kind, rate: u32) -> Faults {
        self.rates[kind as usize] = rate;
        self
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.rates[kind as usize] > 0
    }

    /// Whether a process may be killed or paused.
    pub(crate) fn may_hit(&self, process: &ProcessInfo) -> bool {
        self.victims.as_ref().is_none_or(|victims| victims(process))
    }

    /// The longest duration of a fault of a kind.
    fn longest(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Kill | Kind::KillBefore | Kind::KillAfter => Duration::ZERO,
            Kind::Spawn | Kind::Refuse | Kind::Reset | Kind::HalfOpen => Duration::ZERO,
            Kind::Pause => self.pause,
            Kind::Jump => self.jump,
            Kind::Stretch => self.stretch,
            Kind::Delay => self.delay,
            Kind::Partition => self.partition,
            Kind::Lag => self.lag,
            Kind::Crash => self.down,
            Kind::SlowReader => self.stall,
        }
    }
}

impl Default for Faults {
    fn default() -> Faults {
        Faults::none()
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("rates", &self.rates).finish_non_exhaustive()
    }
}

impl Kind {
    const ALL: [Kind; KINDS] = [
        Kind::Kill,
        Kind::Pause,
        Kind::Jump,
        Kind::Spawn,
        Kind::Stretch,
        Kind::Delay,
        Kind::Refuse,
        Kind::Reset,
        Kind::HalfOpen,
        Kind::Partition,
        Kind::Lag,
        Kind::KillBefore,
        Kind::KillAfter,
        Kind::Crash,
        Kind::SlowReader,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Kill => "kill",
            Kind::Pause => "pause",
            Kind::Jump => "jump",
            Kind::Spawn => "spawn",
            Kind::Stretch => "stretch",
            Kind::Delay => "delay",
            Kind::Refuse => "refuse",
            Kind::Reset => "reset",
            Kind::HalfOpen => "half-open",
            Kind::Partition => "partition",
            Kind::Lag => "lag",
            Kind::KillBefore => "kill-before-handling",
            Kind::KillAfter => "kill-after-handling",
            Kind::Crash => "crash",
            Kind::SlowReader => "slow-reader",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Decides, at each opportunity, whether a fault happens.
pub(crate) struct Injector {
    faults: Faults,
    dice: Dice,
    /// The faults of a run that is repeated. Without, faults are drawn.
    script: Option<BTreeMap<(Kind, Moment), Fault>>,
    moment: Moment,
    /// The number of opportunities in the current moment, by kind.
    seen: [u32; KINDS],
    left: u32,
    on: bool,
}

impl Injector {
    pub(crate) fn new(faults: Faults, dice: Dice) -> Injector {
        Injector {
            left: faults.most,
            faults,
            dice,
            script: None,
            moment: Moment::default(),
            seen: [0; KINDS],
            on: true,
        }
    }

    pub(crate) fn scripted(faults: Faults, dice: Dice, schedule: &Schedule) -> Injector {
        let script = schedule.faults.iter().map(|fault| ((fault.kind, fault.at), *fault)).collect();
        Injector { script: Some(script), ..Injector::new(faults, dice) }
    }

    /// Begins a step.
    pub(crate) fn begin(&mut self, moment: Moment) {
        self.moment = moment;
        self.seen = [0; KINDS];
    }

    pub(crate) fn switch(&mut self, on: bool) {
        self.on = on;
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Decides at an opportunity whether a fault of the kind happens.
    pub(crate) fn draw(&mut self, kind: Kind) -> Option<Fault> {
        let rate = self.faults.rates[kind as usize];
        if rate == 0 {
            return None;
        }
        let at = Moment { nth: self.seen[kind as usize], ..self.moment };
        self.seen[kind as usize] += 1;
        match &self.script {
            Some(script) => script.get(&(kind, at)).copied(),
            None if self.on && self.left > 0 && self.dice.once_in(rate) => {
                self.left -= 1;
                Some(Fault { kind, at, value: self.dice.next(), victim: None })
            }
            None => None,
        }
    }

    /// The duration of a fault.
    pub(crate) fn duration(&self, fault: Fault) -> Duration {
        let longest = u64::try_from(self.faults.longest(fault.kind).as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(fault.value % longest.saturating_add(1).max(1))
    }
}
