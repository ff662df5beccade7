use std::fmt;
use std::time::Duration;

use otp_core::Label;
use serde_json::{Value, json};

/// Tells whether a check passes, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whoever asks wants yes or no")]
pub enum HealthStatus {
    /// It works.
    Pass,
    /// It does not.
    Fail,
}

impl HealthStatus {
    pub(super) fn of(passes: bool) -> HealthStatus {
        if passes { HealthStatus::Pass } else { HealthStatus::Fail }
    }

    /// `"pass"` or `"fail"`, as in the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            HealthStatus::Pass => "pass",
            HealthStatus::Fail => "fail",
        }
    }
}

impl fmt::Display for HealthStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reports on all checks of a kind: what [`Health::liveness`](crate::Health::liveness) and
/// [`Health::readiness`](crate::Health::readiness) return.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthReport {
    pub(super) withdrawn: Option<String>,
    pub(super) checks: Vec<CheckReport>,
}

/// Reports on one check.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The name of the check.
    pub name: Label,
    /// Whether it passes.
    pub status: HealthStatus,
    /// Why it fails.
    pub reason: Option<String>,
    /// How long it has run.
    pub took: Duration,
    /// How old the answer is.
    pub age: Duration,
}

impl HealthReport {
    /// `Pass` if every check passes, and nobody has [withdrawn](crate::Health::withdraw) the service.
    pub fn status(&self) -> HealthStatus {
        let passes = self.checks.iter().all(|check| check.status == HealthStatus::Pass);
        HealthStatus::of(passes && self.withdrawn.is_none())
    }

    /// Why the service was [withdrawn](crate::Health::withdraw), if it was.
    pub fn withdrawn(&self) -> Option<&str> {
        self.withdrawn.as_deref()
    }

    /// The checks, in the order in which they were added.
    pub fn checks(&self) -> &[CheckReport] {
        &self.checks
    }

    /// The report as JSON. docs/health.md describes it.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::health::Health;
    ///
    /// assert_eq!(Health::new().liveness(&system).await.json(), r#"{"checks":[],"status":"pass"}"#);
    /// # }).unwrap();
    /// ```
    pub fn json(&self) -> String {
        let mut report = json!({
            "status": self.status().as_str(),
            "checks": self.checks.iter().map(CheckReport::value).collect::<Vec<_>>(),
        });
        if let Some(reason) = &self.withdrawn {
            report["reason"] = json!(reason);
        }
        report.to_string()
    }
}

impl CheckReport {
    fn value(&self) -> Value {
        let milliseconds = |time: Duration| time.as_micros() as f64 / 1000.0;
        let mut check = json!({
            "name": self.name.as_str(),
            "status": self.status.as_str(),
            "took_ms": milliseconds(self.took),
            "age_ms": milliseconds(self.age),
        });
        if let Some(reason) = &self.reason {
            check["reason"] = json!(reason);
        }
        check
    }
}

/// One line: the status, and the reasons.
impl fmt::Display for HealthReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status())?;
        let mut failing = self.checks.iter().filter(|check| check.status == HealthStatus::Fail);
        let reasons = failing.by_ref().map(|check| (check.name.as_str(), check.reason.as_deref().unwrap_or_default()));
        let withdrawn = self.withdrawn.iter().map(|reason| ("withdrawn", reason.as_str()));
        for (place, (name, reason)) in withdrawn.chain(reasons).enumerate() {
            write!(f, "{} {name}: {reason}", if place == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}
