//! A plugin: totals by key.
//!
//! | request | answer |
//! |---|---|
//! | `add KEY NUMBER` | the new total |
//! | `report` | a line for each key |
//! | `crash KEY` | none: it panics |
//!
//! Each answer says which release it is from. There are two versions of the code, with states of different types: `totals`
//! alone, and totals that count what was added to them, with the feature `counts`. The number of the release is the
//! variable `RELEASE` of the build. So this makes three different libraries:
//!
//! ```text
//! cargo build -p hot-reload-plugin
//! RELEASE=2 cargo build -p hot-reload-plugin --features counts
//! RELEASE=3 cargo build -p hot-reload-plugin --features counts
//! ```

#![forbid(unsafe_code)]

#[cfg(feature = "counts")]
mod counts;
mod request;
mod totals;

#[cfg(feature = "counts")]
use counts::Counts as Current;
#[cfg(not(feature = "counts"))]
use totals::Totals as Current;

hot_reload_abi::export!(Current);

/// Which release this is.
const RELEASE: u32 = match option_env!("RELEASE") {
    Some(number) => match u32::from_str_radix(number, 10) {
        Ok(number) => number,
        Err(_) => panic!("RELEASE is no number"),
    },
    None => 1,
};
