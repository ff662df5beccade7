use std::fmt;
use std::sync::{Arc, Weak};

use super::EventBus;

/// Keeps an event hook in place; dropping it removes the hook.
#[must_use = "dropping it removes the hook"]
pub struct HookGuard {
    bus: Weak<EventBus>,
    id: u64,
}

impl HookGuard {
    pub(super) fn new(bus: &Arc<EventBus>, id: u64) -> HookGuard {
        HookGuard { bus: Arc::downgrade(bus), id }
    }

    /// Keeps the hook as long as the system lives.
    pub fn forever(mut self) {
        self.bus = Weak::new();
    }
}

impl Drop for HookGuard {
    fn drop(&mut self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.remove(self.id);
        }
    }
}

impl fmt::Debug for HookGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookGuard")
    }
}
