//! What an observer answers, as far as it is shown here. Fields that a later version adds are ignored.

use serde::Deserialize;

/// The sums over all processes.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// How many processes there are.
    pub processes: u64,
    /// Messages received in a second.
    pub messages: f64,
    /// Messages that wait.
    pub queued: u64,
    /// Processes that run, or are ready to.
    pub runnable: u64,
    /// Crashes since the observer was started.
    pub crashes: u64,
    /// Restarts since then.
    pub restarts: u64,
}

/// `GET /api/system`.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct About {
    /// The executor.
    pub runtime: String,
    /// The sums.
    pub now: Totals,
}

/// A process in a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Row {
    /// How much, in a list of the busiest.
    #[serde(default)]
    pub figure: f64,
    /// The pid; none of a child that does not run.
    pub pid: Option<String>,
    /// The label.
    pub label: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// Whether it waits, runs, or is stopped.
    pub status: String,
    /// What it does.
    pub doing: String,
    /// How many messages wait.
    pub queue: u64,
    /// How many processes it has started.
    #[serde(default)]
    pub children: u64,
    /// What its supervisor knows of it.
    pub child: Option<Child>,
    /// What it is as a supervisor.
    pub supervisor: Option<Supervisor>,
    /// What has just happened to it.
    pub incident: Option<Incident>,
}

/// What a supervisor knows of a child.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Child {
    /// The id.
    pub id: String,
    /// How often it was restarted.
    pub restarts: u64,
}

/// What a supervisor is.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Supervisor {
    /// The strategy.
    pub strategy: String,
    /// How many restarts are allowed within its period.
    pub limit: u64,
    /// How many count now.
    pub used: u64,
}

/// A crash, or what followed.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Incident {
    /// What it is.
    pub kind: String,
    /// The process.
    pub pid: Option<String>,
    /// What it is called.
    pub label: Option<String>,
    /// Why.
    pub reason: String,
    /// Where in the source code.
    pub place: Option<String>,
    /// How the state of the process looked, if it told.
    pub state: Option<String>,
    /// When, in milliseconds since 1970.
    #[serde(default)]
    pub time: u64,
}

/// `GET /api/top` and a page of `GET /api/tree`.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Rows {
    /// How many there are in all, of a page.
    #[serde(default)]
    pub total: u64,
    /// The rows.
    pub rows: Vec<Row>,
}

/// `GET /api/crashes`.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Crashes {
    /// The last crashes, the last one first.
    pub list: Vec<Incident>,
}

impl Row {
    /// What people call it.
    pub fn called(&self) -> &str {
        let id = self.child.as_ref().map(|child| child.id.as_str());
        self.name.as_deref().or(id).or(self.label.as_deref()).or(self.pid.as_deref()).unwrap_or("?")
    }
}
