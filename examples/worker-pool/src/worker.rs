//! The server that does jobs, one at a time.

use std::sync::Arc;

use otp::prelude::*;

use crate::job::Job;

/// A worker of the pool. It keeps nothing between two jobs, so a crash costs the attempt that caused it and no more.
#[derive(Debug)]
pub struct Worker;

#[gen_server]
impl Worker {
    #[init]
    fn init() -> Self {
        Worker
    }

    /// Tries a job. An `Err` is a failure of the job, and a panic is a bug; both are failed attempts for the caller, but
    /// after a panic the pool replaces the worker.
    #[call]
    async fn perform(&mut self, job: Arc<Job>, attempt: u32, ctx: &mut Context<Self>) -> Result<u64, String> {
        match *job {
            // Computes for long between two awaits, so it goes to a thread that may block.
            Job::Primes { below } => {
                let counted = ctx.system().spawn_blocking(move || primes_below(below)).await;
                counted.map_err(|error| error.to_string())
            }
            Job::Sleep { ms } => {
                ctx.system().sleep(std::time::Duration::from_millis(ms)).await;
                Ok(ms)
            }
            Job::Flaky { failures } if attempt <= failures => Err(format!("attempt {attempt} fails")),
            Job::Flaky { failures } => Ok(failures.into()),
            Job::Fail { ref reason } => Err(reason.clone()),
            Job::Crash {} => panic!("the job has a bug"),
        }
    }
}

/// The sieve of Eratosthenes.
fn primes_below(below: u32) -> u64 {
    let below = below as usize;
    let mut is_prime = vec![true; below];
    for n in (2..below).take_while(|n| n * n < below) {
        if is_prime[n] {
            (n * n..below).step_by(n).for_each(|multiple| is_prime[multiple] = false);
        }
    }
    is_prime.iter().skip(2).filter(|is_prime| **is_prime).count() as u64
}

#[cfg(test)]
mod tests {
    use super::primes_below;

    #[test]
    fn the_primes_below_small_and_large_numbers_are_counted() {
        assert_eq!([0, 1, 2, 3, 4, 10, 25, 1000, 1_000_000].map(primes_below), [0, 0, 0, 1, 2, 4, 9, 168, 78_498]);
    }
}
