//! Programs whose callers race with each other and with the end of what they call, on plain threads: small enough for
//! Miri, which sees undefined behaviour in them, and data races. CONTRIBUTING has the command.

mod calls;
mod ends;
mod hand_over;
mod starts;
mod threads;
