use crate::sync::atomic::{AtomicPtr, Ordering};

/// A function that returns a text. The code behind its address exists before any thread runs and never changes, so
/// nothing has to be published along with it.
pub(crate) type Words = fn() -> &'static str;

/// A pointer-sized place for [`Words`] that threads share.
pub(crate) struct AtomicWords(AtomicPtr<()>);

impl AtomicWords {
    pub(crate) fn new(words: Words) -> AtomicWords {
        AtomicWords(AtomicPtr::new(words as *mut ()))
    }

    #[inline]
    pub(crate) fn set(&self, words: Words) {
        self.0.store(words as *mut (), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> Words {
        let address = self.0.load(Ordering::Relaxed);
        // SAFETY: only `new` and `set` write the pointer, and each gives it the address of a function of this type.
        unsafe { std::mem::transmute::<*mut (), Words>(address) }
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_were_set_last_are_found_by_every_thread() {
        let words = AtomicWords::new(|| "first");
        assert_eq!(words.get()(), "first");
        std::thread::scope(|scope| {
            scope.spawn(|| words.set(|| "second"));
        });
        assert_eq!(words.get()(), "second");
        std::thread::scope(|scope| {
            scope.spawn(|| (0..100).for_each(|_| words.set(|| "third")));
            for _ in 0..100 {
                assert!(["second", "third"].contains(&words.get()()));
            }
        });
        assert_eq!(words.get()(), "third");
    }
}
