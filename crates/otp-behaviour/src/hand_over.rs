use std::any::{Any, type_name};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_core::Process;
use otp_core::behaviour::{contain, report_crash};

/// Keeps what a process saves, and gives it to the next incarnation of that process.
///
/// A supervisor makes one for each child whose spec asks for it, with `ChildSpec::hand_over`, and passes it to the child at
/// each start; a server saves with `Context::save`, and reads with `Context::handed_over`. It lives as long as the child's
/// place in its supervisor, and is lost with the supervisor. A behaviour or a start function of your own can make one, and
/// hand out clones, which share what is kept.
///
/// What is kept is a copy of what was saved last, of any type, one value at a time. Each incarnation gets a clone of it, so
/// that it is still there if that incarnation crashes before it saves again. It is refused, and dropped, once the process
/// has crashed more often since it was saved than [`new`](HandOver::new) allows: then it may be what makes the process
/// crash, and the next incarnation starts clean.
///
/// ```
/// use otp::behaviour::HandOver;
///
/// let kept = HandOver::new(1);
/// kept.save(vec![1, 2, 3]);
/// assert_eq!(kept.handed_over::<String>(), None, "it is of another type");
/// // The process crashes once, and gets its state back; then it crashes again.
/// assert_eq!(kept.note_crash(), None);
/// assert_eq!(kept.handed_over(), Some(vec![1, 2, 3]));
/// assert_eq!(kept.note_crash(), Some(2));
/// assert_eq!(kept.handed_over::<Vec<i32>>(), None);
/// ```
#[derive(Clone)]
pub struct HandOver {
    crashes: u32,
    kept: Arc<Mutex<Option<Kept>>>,
}

struct Kept {
    /// `None` once it was taken out, to be dropped.
    value: Option<Box<dyn Any + Send>>,
    type_name: &'static str,
    /// How often the process has crashed since.
    crashes: u32,
}

impl HandOver {
    /// Keeps nothing yet. What is saved survives `crashes` crashes of the process.
    pub fn new(crashes: u32) -> HandOver {
        HandOver { crashes, kept: Arc::default() }
    }

    /// Keeps `value` in place of what was kept before, which is dropped.
    pub fn save<T: Clone + Send + 'static>(&self, value: T) {
        let kept = Kept { value: Some(Box::new(value)), type_name: type_name::<T>(), crashes: 0 };
        let before = self.lock().replace(kept);
        // Not under the lock: it is a value of users.
        drop(before);
    }

    /// Keeps nothing any more.
    pub fn forget(&self) {
        let before = self.lock().take();
        drop(before);
    }

    /// Returns a clone of what is kept, if it is a `T`.
    ///
    /// # Panics
    ///
    /// If cloning it panics. It stays in place then.
    pub fn handed_over<T: Clone + Send + 'static>(&self) -> Option<T> {
        // It is cloned without the lock, and meanwhile it is not there.
        let kept = self.lock().take()?;
        let back = PutBack { to: self, kept: Some(kept) };
        back.kept.as_ref()?.value.as_ref()?.downcast_ref::<T>().cloned()
    }

    /// The name of the type of what is kept, for error texts; `None` if nothing is.
    pub fn type_name(&self) -> Option<&'static str> {
        self.lock().as_ref().map(|kept| kept.type_name)
    }

    /// Counts a crash of the process. If that was one too many, what is kept is dropped, and the number of crashes since
    /// it was saved returned.
    pub fn note_crash(&self) -> Option<u32> {
        let mut place = self.lock();
        let kept = place.as_mut()?;
        kept.crashes = kept.crashes.saturating_add(1);
        let crashes = kept.crashes;
        if crashes <= self.crashes {
            return None;
        }
        let refused = place.take();
        drop(place);
        drop(refused);
        Some(crashes)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        // No code of others runs under the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts back what was taken out to be cloned, also if that panics, unless something else was saved meanwhile.
struct PutBack<'a> {
    to: &'a HandOver,
    kept: Option<Kept>,
}

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        let kept = self.kept.take();
        let mut place = self.to.lock();
        if place.is_none() {
            *place = kept;
        } else {
            drop(place);
            drop(kept);
        }
    }
}

/// Often dropped in a supervisor, which must not end because the drop of a value of a child panics.
impl Drop for Kept {
    fn drop(&mut self) {
        let value = self.value.take();
        if let Err(crash) = contain(|| drop(value))
            && let Some(process) = Process::current()
        {
            report_crash(&process, &crash);
        }
    }
}

impl fmt::Debug for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandOver({})", self.type_name().unwrap_or("nothing"))
    }
}
