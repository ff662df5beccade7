//! Metrics: what is counted, timed and sampled.
//!
//! | file | idea |
//! |---|---|
//! | `names` | all metrics, with their names and labels |
//! | `reporter` | the process, and its options |
//! | `sink` | the recorder of the user, whose code may panic |
//! | `kinds`, `kind` | the metrics of each type of process, found fast |
//! | `bounded` | labels of which there are not too many |
//! | `seen` | what a spectator counts |
//! | `heard` | what events count |
//! | `look` | what is sampled: a look at all processes, piece by piece |
//! | `family` | what other crates know: topics, pools, tables |

mod bounded;
mod family;
mod heard;
mod kind;
mod kinds;
mod look;
mod names;
mod reporter;
mod seen;
mod sink;

pub use names::{METRICS, Metric, MetricKind};
pub use reporter::Metrics;
