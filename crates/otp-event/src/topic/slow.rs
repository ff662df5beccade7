/// What a topic does with a value for a subscriber that has as many unread ones as its limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "whoever matches on it wants to know of another policy")]
pub enum Slow {
    /// The subscriber does not get this value. It keeps those that it has not read.
    DropNewest,
    /// The subscriber gets this value instead of the oldest one that it has not read.
    DropOldest,
    /// The subscription ends, after the values that the subscriber has not read.
    Disconnect,
    /// The publisher waits until the subscriber has read a value (backpressure), or its subscription has ended.
    Wait,
}
