//! How long the machine waits.

use std::time::Duration;

/// How long the machine waits, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// For the next thing that a customer does, until the money comes back.
    pub patience: Duration,
    /// For an item to fall into the tray, until the machine is out of order.
    pub jam: Duration,
    /// After the last coin, until the display goes dark.
    pub light: Duration,
}

impl Default for Times {
    fn default() -> Times {
        Times { patience: Duration::from_secs(60), jam: Duration::from_secs(10), light: Duration::from_secs(300) }
    }
}
