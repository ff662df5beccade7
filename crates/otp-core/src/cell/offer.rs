use std::cell::Cell;
use std::ptr;

use crate::sync::thread_local;

/// A message that the calling thread offers to a process, while it runs the process inline: it never goes through a
/// queue.
#[derive(Clone, Copy)]
struct Offer {
    /// The address of the process.
    to: *const (),
    /// The `Option<M>` on the stack of the caller of `offer`.
    message: *mut (),
}

thread_local! {
    static OFFER: Cell<Offer> = const { Cell::new(Offer { to: ptr::null(), message: ptr::null_mut() }) };
}

/// Calls `run`, during which the process `to`, whose messages are of type `M`, can take `message`; gives it back if it
/// was not taken.
///
/// # Safety
///
/// `to` is the address of a live process, and always offered messages of the same type.
pub(super) unsafe fn offer<M>(to: *const (), message: M, run: impl FnOnce()) -> Option<M> {
    struct Restore(Offer);
    impl Drop for Restore {
        #[inline]
        fn drop(&mut self) {
            OFFER.with(|offer| offer.set(self.0));
        }
    }
    let mut place = Some(message);
    let offer = Offer { to, message: (&raw mut place).cast() };
    let restore = Restore(OFFER.with(|current| current.replace(offer)));
    run();
    drop(restore);
    place
}

/// Whether a message is on offer to the process `to`, whose messages are of type `M`.
///
/// # Safety
///
/// As of [`accept`].
pub(super) unsafe fn is_offered<M>(to: *const ()) -> bool {
    let offer = OFFER.with(Cell::get);
    // SAFETY: as in `accept`; it is only looked at, and not while it is taken, which this thread does.
    ptr::eq(offer.to, to) && unsafe { (*offer.message.cast::<Option<M>>()).is_some() }
}

/// The message on offer to the process `to`, whose messages are of type `M`.
///
/// # Safety
///
/// `to` is the address of a live process, and only offered messages of type `M`.
pub(super) unsafe fn accept<M>(to: *const ()) -> Option<M> {
    let offer = OFFER.with(Cell::get);
    if !ptr::eq(offer.to, to) {
        return None;
    }
    // SAFETY: the address is that of a live process, so it is the one to which the message was offered, and its type is
    // the same `M`. `offer` has not returned, since it restores what was there before; nobody else has the pointer, and
    // this thread is the only one that can reach it.
    unsafe { (*offer.message.cast::<Option<M>>()).take() }
}
