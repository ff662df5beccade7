//! Spans: what is traced.
//!
//! | file | idea |
//! |---|---|
//! | `names` | all spans, with their names and fields |
//! | `tracing_on` | the process that keeps spans switched on, and its options |
//! | `opening` | what a spectator opens |

mod names;
mod opening;
mod tracing_on;

pub use names::{SPANS, SpanName};
pub use tracing_on::Spans;
