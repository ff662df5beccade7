use std::sync::Arc;
use std::time::Duration;

use otp::process::yield_now;

use crate::world::World;

/// How long a system may take to become quiet.
const LIMIT: Duration = Duration::from_secs(8);
/// How many looks in a row have to find the same.
const LOOKS: u32 = 3;
/// How many, if somebody pauses in the middle of something: a pause that is shorter is waited for.
const LOOKS_AT_PAUSES: u32 = 20;
/// Between them: the shortest pause that timers which are due now fire in.
const PAUSE: Duration = Duration::from_millis(1);
/// While something is going on, it is given the thread so often before a pause is made.
const YIELDS: u32 = 32;

/// Waits until nothing more happens by itself. No clock decides that, but the processes themselves: all of them wait,
/// at one moment, and go on waiting.
pub(super) async fn settle(world: &Arc<World>) -> Result<(), Duration> {
    let deadline = world.system.now() + LIMIT;
    let (mut before, mut same, mut yields) = (None, 0, 0);
    loop {
        let look = world.quiet();
        same = if look.is_some() && look == before { same + 1 } else { 0 };
        let pausing = look.as_ref().is_some_and(|look| look.pausing);
        if same + 1 >= if pausing { LOOKS_AT_PAUSES } else { LOOKS } {
            return Ok(());
        }
        if look.is_none() && yields < YIELDS {
            yields += 1;
            yield_now().await;
        } else if world.system.now() > deadline {
            return Err(LIMIT);
        } else {
            yields = 0;
            world.system.sleep(PAUSE).await;
        }
        before = look;
    }
}
