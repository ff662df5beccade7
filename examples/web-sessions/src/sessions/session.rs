use std::collections::BTreeMap;
use std::time::Duration;

use otp::gen_server::Next;
use otp::prelude::*;
use otp::runtime::Instant;
use serde::Serialize;

/// The server of one session. It ends when nobody has used it for a while.
#[derive(Debug)]
pub struct Session {
    values: BTreeMap<String, String>,
    idle: Duration,
    used: Instant,
}

/// What is in a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contents {
    /// Its values, by key.
    pub values: BTreeMap<String, String>,
    /// How long it lives if nobody uses it, in seconds.
    pub expires_in: u64,
}

/// Why a value is not put into a session.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PutError {
    /// There are as many as there may be.
    #[error("a session has at most {} values", Session::MOST)]
    Full,
    /// It is too long.
    #[error("a key has 1 to {} bytes, a value at most {}", Session::LONGEST_KEY, Session::LONGEST_VALUE)]
    TooLong,
}

impl Session {
    /// How many values it may have.
    pub const MOST: usize = 16;
    /// How long a key may be.
    pub const LONGEST_KEY: usize = 64;
    /// How long a value may be.
    pub const LONGEST_VALUE: usize = 1024;
}

#[gen_server]
impl Session {
    #[init]
    fn init(idle: Duration, ctx: &mut Context<Self>) -> Self {
        ctx.send_after(idle, SessionInfo::Look);
        Session { values: BTreeMap::new(), idle, used: ctx.system().now() }
    }

    /// What is in it.
    #[call]
    fn contents(&mut self, ctx: &mut Context<Self>) -> Contents {
        self.used = ctx.system().now();
        Contents { values: self.values.clone(), expires_in: self.idle.as_secs() }
    }

    /// Puts a value, in place of one that has the key.
    #[call]
    fn put(&mut self, key: String, value: String, ctx: &mut Context<Self>) -> Result<(), PutError> {
        self.used = ctx.system().now();
        if key.is_empty() || key.len() > Session::LONGEST_KEY || value.len() > Session::LONGEST_VALUE {
            return Err(PutError::TooLong);
        }
        if self.values.len() == Session::MOST && !self.values.contains_key(&key) {
            return Err(PutError::Full);
        }
        self.values.insert(key, value);
        Ok(())
    }

    /// Looks whether it has expired. The timer is set again from here, and not with each use: most uses cost no timer.
    #[info]
    fn look(&mut self, ctx: &mut Context<Self>) -> Next<Self> {
        let left = self.idle.saturating_sub(ctx.system().now() - self.used);
        if left.is_zero() {
            return Next::Stop(ExitReason::Normal);
        }
        ctx.send_after(left, SessionInfo::Look);
        Next::Receive
    }
}
