//! What is asked, and how it is answered.

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use otp::CallError;
use serde::Serialize;

use crate::job::{Job, JobId};
use crate::service::{Refused, Service};

/// No job is longer.
const LONGEST_BODY: usize = 4096;

/// All that clients can ask.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/jobs", post(submit))
        .route("/jobs/{id}", get(status))
        .route("/dead-letters", get(dead_letters))
        .route("/counts", get(counts))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(service)
}

async fn submit(State(service): State<Service>, job: Result<Json<Job>, JsonRejection>) -> Result<Response, Problem> {
    let Json(job) = job?;
    let id = service.submit(job).await?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, format!("/jobs/{id}"))], Json(Accepted { id })).into_response())
}

#[derive(Serialize)]
struct Accepted {
    id: JobId,
}

async fn status(State(service): State<Service>, Path(id): Path<u64>) -> Result<Response, Problem> {
    match service.status(JobId(id)).await? {
        Some(status) => Ok(Json(status).into_response()),
        None => Err(Problem::new(StatusCode::NOT_FOUND, format!("there is no job {id}, or it is forgotten"))),
    }
}

async fn dead_letters(State(service): State<Service>) -> Result<Response, Problem> {
    Ok(Json(service.dead_letters().await?).into_response())
}

async fn counts(State(service): State<Service>) -> Result<Response, Problem> {
    Ok(Json(service.counts().await?).into_response())
}

/// An answer that is no success: a status, and a text in JSON.
struct Problem {
    status: StatusCode,
    error: String,
}

impl Problem {
    fn new(status: StatusCode, error: String) -> Self {
        Problem { status, error }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let is_passing = matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let retry_after = is_passing.then_some([(RETRY_AFTER, "1")]);
        (self.status, retry_after, Json(serde_json::json!({ "error": self.error }))).into_response()
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let status = match refused {
            Refused::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Full { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refused::Draining | Refused::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Problem::new(status, refused.to_string())
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

/// No JSON is 400, another JSON 422, too much of it 413, and no word of JSON in the header 415.
impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Problem::new(rejection.status(), rejection.body_text())
    }
}
