//! A function that is run for many items, a few at a time, each in a task of its own.
//!
//! | file | idea |
//! |---|---|
//! | `builder` | the stream, and its options |
//! | `poll` | how it takes items in and gives results out |
//! | `item` | the task of one item, which ends with the stream |

mod builder;
mod item;
mod poll;

pub use builder::{OnTimeout, TaskStream, stream};
