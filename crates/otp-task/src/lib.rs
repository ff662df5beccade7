//! Tasks: processes that compute one value.
#![forbid(unsafe_code)]
