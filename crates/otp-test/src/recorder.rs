use std::fmt;
use std::panic::Location;
use std::time::Duration;

use futures::channel::mpsc;
use futures::{FutureExt, StreamExt};
use otp_core::event::{Event, HookGuard};
use otp_core::{Label, System};
use otp_supervisor::SupervisorEvent;
use similar::{Algorithm, ChangeTag, capture_diff_slices};

use crate::within::Within;

/// Records what happens, in order, as lines of text: events of the system, and notes of code in the [`Journal`].
///
/// Each line is read once. [`expect`](Recorder::expect) compares the next lines with the expected ones, and shows the
/// difference:
///
/// ```text
/// what was recorded (+) is not what was expected (-), at tests/orders.rs:31:14
///   shop spawned
/// - shop ended shutdown
/// + shop ended crash: out of stock
///   shop restarted
/// ```
///
/// Lines that are written on one thread are in order; lines of two processes that do not wait for each other have no
/// order.
///
/// ```
/// # otp::tokio::run(async |system| {
/// use otp::test::Recorder;
/// use otp::{ExitReason, ProcessContext};
/// use otp::process::SpawnOptions;
///
/// let mut recorder = Recorder::start(&system);
/// let journal = recorder.journal();
/// let labelled = SpawnOptions::new().label("cook");
/// let cook = system.spawn_with(labelled, async move |_: ProcessContext<()>| {
///     journal.note("soup is on");
///     ExitReason::Shutdown
/// });
/// recorder.expect(["cook spawned", "soup is on", "cook ended shutdown"]).await;
/// assert_eq!(recorder.so_far(), [""; 0]);
/// # drop(cook);
/// # });
/// ```
#[must_use = "dropping it ends the record"]
pub struct Recorder {
    system: System,
    journal: Journal,
    lines: mpsc::UnboundedReceiver<String>,
    _hook: HookGuard,
}

/// Writes notes into a [`Recorder`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Journal(mpsc::UnboundedSender<String>);

impl Journal {
    /// Adds a line. Does nothing after the recorder has been dropped.
    pub fn note(&self, line: impl Into<String>) {
        let _ = self.0.unbounded_send(line.into());
    }
}

impl Recorder {
    /// Starts to record what happens to processes that have a name or a label, without their pids, which differ from
    /// one run to the next:
    ///
    /// ```text
    /// counter spawned
    /// counter crashed: …        also before each abnormal end
    /// counter ended …
    /// counter restarted         by a supervisor; counter is the child's id
    /// pool gave up on counter   a supervisor, on a child that ended too often
    /// ```
    ///
    /// Events of other crates are recorded as their `Display` text.
    pub fn start(system: &System) -> Recorder {
        Recorder::of(system, line)
    }

    /// Starts to record the lines that `line` makes from events.
    pub fn of(system: &System, line: impl Fn(&Event) -> Option<String> + Send + Sync + 'static) -> Recorder {
        let (sender, lines) = mpsc::unbounded();
        let journal = Journal(sender);
        let to = journal.clone();
        let hook = system.on_event(move |event| {
            if let Some(line) = line(event) {
                to.note(line);
            }
        });
        Recorder { system: system.clone(), journal, lines, _hook: hook }
    }

    /// Returns the journal for notes of code.
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }

    /// Returns the next line; waits for it.
    ///
    /// # Panics
    ///
    /// If there is none in time.
    #[track_caller]
    #[allow(clippy::should_implement_trait, reason = "it is awaited, as `Events::next` is")]
    pub fn next(&mut self) -> Within<'_, String> {
        let at = Location::caller();
        Within::new(async move |limit| match self.system.timeout(limit, self.lines.next()).await {
            Ok(line) => line.expect("the recorder holds its journal open"),
            Err(_) => panic!("nothing was recorded within {limit:?}, at {at}"),
        })
    }

    /// Returns all lines up to `last`; waits for it.
    ///
    /// # Panics
    ///
    /// If it does not come in time.
    #[track_caller]
    pub fn until(&mut self, last: impl Into<String>) -> Within<'_, Vec<String>> {
        let (last, at) = (last.into(), Location::caller());
        Within::new(async move |limit| {
            let mut seen = Vec::new();
            let complete = self.read(limit, &mut seen, |seen| seen.last() == Some(&last)).await;
            assert!(complete, "{last:?} was not recorded within {limit:?}, at {at}, only {seen:#?}");
            seen
        })
    }

    /// Waits for as many lines as are expected, and compares them.
    ///
    /// # Panics
    ///
    /// If they differ, or there are fewer when the time is up; the message shows the difference.
    #[track_caller]
    pub fn expect(&mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Within<'_, ()> {
        let expected: Vec<String> = lines.into_iter().map(Into::into).collect();
        let at = Location::caller();
        Within::new(async move |limit| {
            let mut seen = Vec::new();
            self.read(limit, &mut seen, |seen| seen.len() >= expected.len()).await;
            if seen != expected {
                panic!("what was recorded (+) is not what was expected (-), at {at}{}", difference(&expected, &seen));
            }
        })
    }

    /// Returns all lines so far; does not wait.
    pub fn so_far(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.lines.next().now_or_never().flatten()).collect()
    }

    /// Reads lines until `complete`, for at most `limit` in all; false if the time is up first.
    async fn read(&mut self, limit: Duration, seen: &mut Vec<String>, complete: impl Fn(&[String]) -> bool) -> bool {
        let lines = &mut self.lines;
        let reading = async {
            while !complete(seen) {
                seen.extend(lines.next().await);
            }
        };
        self.system.timeout(limit, reading).await.is_ok()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

/// Formats an event as a line; `None` for a process without a name or label.
fn line(event: &Event) -> Option<String> {
    let named = |label: &Option<Label>, what: &str| label.as_ref().map(|label| format!("{label} {what}"));
    match event {
        Event::Spawned { label, .. } => named(label, "spawned"),
        Event::Exited { label, reason, .. } => named(label, &format!("ended {reason}")),
        Event::Crashed(report) => named(&report.label, &format!("crashed: {}", report.reason)),
        Event::Other(occurrence) => match event.downcast_ref() {
            Some(SupervisorEvent::Restarted { child, .. }) => Some(format!("{child} restarted")),
            Some(SupervisorEvent::GaveUp { label, child, .. }) => named(label, &format!("gave up on {child}")),
            Some(_) => None,
            None => Some(occurrence.to_string()),
        },
        _ => None,
    }
}

/// Merges both sequences: lines that are only expected get a minus, lines that are only recorded a plus.
fn difference(expected: &[String], recorded: &[String]) -> String {
    capture_diff_slices(Algorithm::Myers, expected, recorded)
        .iter()
        .flat_map(|part| part.iter_changes(expected, recorded))
        .map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            format!("\n{sign} {}", change.value())
        })
        .collect()
}
