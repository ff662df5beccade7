//! A price, and the topic of prices.

use otp::topic::TopicName;

/// A price at an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Which price it is, counted from zero.
    pub number: u32,
    /// What the share costs.
    pub cents: u64,
}

/// The prices. Whoever comes late gets the last one first.
pub const PRICES: TopicName<Price> = TopicName::new("prices").retaining();
