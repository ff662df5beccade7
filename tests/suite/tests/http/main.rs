//! The HTTP server for pages of operation: what a handler gets and gives, its limits, its life.

mod life;
mod limits;
mod requests;
