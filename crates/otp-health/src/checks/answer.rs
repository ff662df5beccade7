use super::report::HealthStatus;
use crate::HealthReport;

/// Answers a request over HTTP for `/livez` or `/readyz`, whoever serves it; see [`Health::answer`](crate::Health::answer).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The status code: 200 if all checks pass, 503 otherwise.
    pub status: u16,
    /// The body, JSON: its content type is `application/json`.
    pub body: String,
}

impl From<&HealthReport> for Answer {
    fn from(report: &HealthReport) -> Answer {
        let status = match report.status() {
            HealthStatus::Pass => 200,
            HealthStatus::Fail => 503,
        };
        Answer { status, body: report.json() }
    }
}
