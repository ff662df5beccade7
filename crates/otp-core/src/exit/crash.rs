use std::any::Any;
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, Once};

use super::kept::Kept;
use super::show::text_of;
use crate::label::Label;

/// Describes a panic or an unhandled error: its message, its place, and the error with its sources.
///
/// Cheap to clone. Two crashes are equal if their messages are equal.
#[derive(Clone)]
pub struct Crash(Arc<Inner>);

struct Inner {
    message: String,
    place: Option<Place>,
    error: Option<Kept<dyn Error + Send + Sync>>,
    /// The node on which it happened, if that is another one.
    origin: Option<Label>,
}

/// An error of another node: its text and those of its sources.
#[derive(Debug)]
struct Told {
    text: String,
    source: Option<Box<Told>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Told {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &dyn Error)
    }
}

/// Not by recursion: another node decides how many there are.
impl Drop for Told {
    fn drop(&mut self) {
        let mut next = self.source.take();
        while let Some(mut source) = next {
            next = source.source.take();
        }
    }
}

/// A place in the source code, such as that of a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file, as it was passed to the compiler.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Crash {
    /// Makes a crash with a message, at the caller's place.
    #[track_caller]
    pub fn new(message: impl Into<String>) -> Crash {
        Crash(Arc::new(Inner {
            message: message.into(),
            place: Some(Place::of(Location::caller())),
            error: None,
            origin: None,
        }))
    }

    /// Makes a crash that was caused by an error, and keeps the error. It may be of any error type, boxed, of `anyhow` or
    /// `eyre`, or a text.
    #[track_caller]
    pub fn from_error(error: impl Into<Box<dyn Error + Send + Sync>>) -> Crash {
        let error = error.into();
        Crash(Arc::new(Inner {
            message: text_of(&error),
            place: Some(Place::of(Location::caller())),
            error: Some(Kept::new(error)),
            origin: None,
        }))
    }

    /// Makes a crash from what `catch_unwind` caught on this thread; with its place, if our panic hook saw it.
    pub fn from_panic(panic: Box<dyn Any + Send>) -> Crash {
        // Taken first: dropping the payload may panic, and overwrite it.
        let seen = LAST_PANIC.try_with(|last| last.borrow_mut().take()).ok().flatten();
        let text = text_in(&*panic).map(str::to_owned);
        if text.is_none() {
            // The payload is a user value, and dropping it may panic; so may dropping what it panics with.
            let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(panic)));
            dropped.unwrap_or_else(std::mem::forget);
        }
        // A panic that was resumed rather than raised has no place; what the hook saw last was another one.
        let place = seen.filter(|seen| seen.message == text).and_then(|seen| seen.place);
        let message = text.unwrap_or_else(|| "a panic with a payload that is not text".to_owned());
        Crash(Arc::new(Inner { message, place, error: None, origin: None }))
    }

    /// Makes a crash that happened on another node, from its texts: the message, the place if it is known, and the
    /// sources of the error, nearest first.
    ///
    /// ```
    /// use otp::process::Crash;
    ///
    /// let crash = Crash::elsewhere("shop@host", "cannot open the log", None, ["permission denied"]);
    /// assert_eq!(crash.to_string(), "cannot open the log: permission denied");
    /// assert_eq!(crash.origin().unwrap().as_str(), "shop@host");
    /// ```
    pub fn elsewhere<S: Into<String>>(
        origin: impl Into<Label>,
        message: impl Into<String>,
        place: Option<Place>,
        sources: impl IntoIterator<Item = S>,
    ) -> Crash {
        let message = message.into();
        let sources: Vec<String> = sources.into_iter().map(Into::into).collect();
        let error = sources.into_iter().rev().fold(None, |source, text| Some(Box::new(Told { text, source })));
        let error = error.map(|source| {
            let told = Told { text: message.clone(), source: Some(source) };
            Kept::new(Box::new(told) as Box<dyn Error + Send + Sync>)
        });
        Crash(Arc::new(Inner { message, place, error, origin: Some(origin.into()) }))
    }

    /// The node on which it happened, if that is another one.
    pub fn origin(&self) -> Option<&Label> {
        self.0.origin.as_ref()
    }

    /// The message of the panic, or the text of the error.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place where it happened, if known: of the panic, or where the error became an exit reason.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The error that caused it, if it was not a panic.
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.error.as_deref()
    }

    /// The texts of the error's sources, nearest first; none for a panic.
    pub fn sources(&self) -> impl Iterator<Item = String> + '_ {
        let first = self.0.error.as_ref().and_then(|error| source_of(&**error));
        std::iter::successors(first, |error| source_of(*error)).map(|error| text_of(&error))
    }
}

impl PartialEq for Crash {
    fn eq(&self, other: &Crash) -> bool {
        self.message() == other.message()
    }
}

/// Formats the message, then the sources of the error: `cannot open the log: permission denied`.
impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        self.sources().try_for_each(|source| write!(f, ": {source}"))
    }
}

impl fmt::Debug for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crash({:?}", self.to_string())?;
        if let Some(place) = self.place() {
            write!(f, " at {place}")?;
        }
        f.write_str(")")
    }
}

impl Place {
    fn of(location: &Location<'_>) -> Place {
        Place { file: location.file().to_owned(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A panic as our hook saw it.
struct SeenPanic {
    /// Its text, to recognize it by.
    message: Option<String>,
    place: Option<Place>,
}

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<Option<SeenPanic>> = const { RefCell::new(None) };
}

/// Returns the source of an error. A panic in the error's own code is caught, and hides the source.
fn source_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    panic::catch_unwind(AssertUnwindSafe(|| error.source())).unwrap_or_else(|panic| {
        drop(Crash::from_panic(panic));
        None
    })
}

/// The text of a panic's payload, if it is one.
fn text_in(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Installs our panic hook: only a panic hook learns where a panic happened. Ours records the place and then calls the
/// previous one, so that the output of a panic does not change.
pub(crate) fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = text_in(info.payload()).map(str::to_owned);
            let seen = SeenPanic { message, place: info.location().map(Place::of) };
            let _ = LAST_PANIC.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some(seen)));
            if !panics_are_silent() {
                previous(info);
            }
        }));
    });
}

/// Runs `code` without any output for panics on this thread: neither the panic hook that was there before the first
/// [`System`](crate::System), nor the log of crashes. For simulators, which run a failing program many times and report
/// once.
pub fn silence_panics<R>(code: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            SILENT.set(self.0);
        }
    }
    let _restore = Restore(SILENT.replace(true));
    code()
}

pub(crate) fn panics_are_silent() -> bool {
    SILENT.try_with(Cell::get).unwrap_or(false)
}
