//! What the library promises, tested on every backend. The tests are in `tests/`, a file for each idea.

#![forbid(unsafe_code)]
