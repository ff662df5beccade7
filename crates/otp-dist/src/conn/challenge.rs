use std::collections::HashSet;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use otp_core::System;

/// The challenges of a node that are not answered yet.
///
/// The answer to a challenge does not depend on who asks. A stranger who does not know the cookie could ask what it was asked,
/// when this node connects to it, and answer what it is told. So a node does not answer its own challenges.
#[derive(Default)]
pub(crate) struct Challenges(Mutex<HashSet<u32>>);

/// A challenge, until it is dropped.
pub(super) struct Challenge<'a> {
    of: &'a Challenges,
    pub(super) number: u32,
}

impl Challenges {
    /// Makes a challenge that nobody can have prepared for.
    pub(super) fn begin(&self, system: &System) -> io::Result<Challenge<'_>> {
        loop {
            let number = secret(system)?;
            if self.lock().insert(number) {
                return Ok(Challenge { of: self, number });
            }
        }
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.lock().contains(&number)
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Challenge<'_> {
    fn drop(&mut self) {
        self.of.lock().remove(&self.number);
    }
}

/// A number that nobody can guess.
pub(crate) fn secret(system: &System) -> io::Result<u32> {
    let mut bytes = [0; 4];
    system.secure_random(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}
