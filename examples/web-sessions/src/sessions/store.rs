use std::time::Duration;

use otp::gen_server::Envelope;
use otp::prelude::*;
use otp::registry::{Registry, RegistryName};
use otp::supervisor::{StartChildError, SupervisorName, SupervisorRef};
use otp::sys;

use super::session::{Contents, PutError, Session, SessionClient};
use super::token::Token;

/// The sessions of a system, by their tokens. It works once it is [part of a tree](Sessions::add_to).
#[derive(Clone, Debug)]
pub struct Sessions {
    system: System,
    limits: Limits,
    index: Registry<Token, Envelope<Session>>,
    supervisor: SupervisorRef<Template>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    most: usize,
    idle: Duration,
}

/// A session is started for its token.
type Template = fn(Token) -> ServerRef<Session>;

const INDEX: RegistryName<Token, Envelope<Session>> = RegistryName::new("index");

/// The supervisor of the sessions: while it is up, there can be sessions.
pub const SESSIONS: SupervisorName<Template> = SupervisorName::new("sessions");

/// How long a part that is being restarted is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

impl Sessions {
    /// The store of a system, of at most so many sessions at once, each of which ends when nobody uses it for `idle`.
    #[must_use]
    pub fn new(system: &System, most: usize, idle: Duration) -> Sessions {
        Sessions {
            system: system.clone(),
            limits: Limits { most, idle },
            index: Registry::named(system, INDEX),
            supervisor: SupervisorRef::named(system, SESSIONS),
        }
    }

    /// Its children, for a supervisor that is rest_for_one: without their index, nobody finds the sessions.
    pub fn add_to(&self, tree: Supervisor) -> Supervisor {
        let (index, Limits { most, idle }) = (self.index.clone(), self.limits);
        let sessions = ChildSpec::supervisor(SESSIONS, move |root: Process| {
            let index = index.clone();
            let template = move |token| Session::child(idle).name(index.via(token)).restart(Restart::Temporary);
            DynamicSupervisor::template(template).max_children(most).start_link(&root).name(SESSIONS)
        });
        tree.child(self.index.child()).child(sessions)
    }

    /// Makes a session.
    ///
    /// # Errors
    ///
    /// See [`CreateError`].
    pub async fn create(&self) -> Result<Token, CreateError> {
        let token = Token::random()?;
        match self.supervisor.start_child(token).await {
            Ok(_) => Ok(token),
            Err(StartChildError::MaxChildren { .. }) => Err(CreateError::Full { most: self.limits.most }),
            Err(error) => Err(CreateError::Unavailable(error.to_string())),
        }
    }

    /// What is in a session; `None` if there is no such session any more.
    ///
    /// # Errors
    ///
    /// If it does not answer.
    pub async fn contents(&self, token: Token) -> Result<Option<Contents>, CallError> {
        found(self.index.server(token).contents().timeout(PATIENCE).await)
    }

    /// Puts a value into a session; `None` if there is no such session any more.
    ///
    /// # Errors
    ///
    /// If it does not answer.
    pub async fn put(
        &self,
        token: Token,
        key: String,
        value: String,
    ) -> Result<Option<Result<(), PutError>>, CallError> {
        found(self.index.server(token).put(key, value).timeout(PATIENCE).await)
    }

    /// Ends a session, and returns when nobody finds it any more; false if there was none.
    pub async fn end(&self, token: Token) -> bool {
        let Some(entry) = self.index.lookup(&token) else { return false };
        sys::stop(&self.system, entry.pid()).await.is_ok()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.index.count()
    }
}

/// A session that ends meanwhile is one that is not there.
fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(CallError::NoProc(_) | CallError::Exited { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why there is no new session.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CreateError {
    /// It helps to ask later.
    #[error("there are {most} sessions already")]
    Full {
        /// How many there may be.
        most: usize,
    },
    /// A part is being restarted.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// A token would be one that others can guess.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
