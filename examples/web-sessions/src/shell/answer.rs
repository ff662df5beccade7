use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::sessions::{Contents, Token};

/// What a client is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It has a new session.
    Created(Token),
    /// What is in its session.
    Contents(Contents),
    /// The value is in its session.
    Done,
    /// Its session has ended.
    Ended,
    /// How many sessions there are.
    Count(usize),
    /// It has no session, or no more.
    Unknown,
    /// It asks for what is not allowed.
    Refused(String),
    /// It may ask again later.
    Unavailable(String),
    /// It asks for what there is not, or in a way that there is not.
    Nonsense(StatusCode),
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Answer::Created(_) => StatusCode::CREATED,
            Answer::Contents(_) | Answer::Count(_) => StatusCode::OK,
            Answer::Done | Answer::Ended => StatusCode::NO_CONTENT,
            Answer::Unknown => StatusCode::UNAUTHORIZED,
            Answer::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Answer::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Answer::Nonsense(status) => *status,
        }
    }

    fn body(&self) -> Option<String> {
        let body = match self {
            Answer::Done | Answer::Ended => return None,
            Answer::Created(_) => json!({}),
            Answer::Contents(contents) => json!(contents),
            Answer::Count(count) => json!({ "sessions": count }),
            Answer::Unknown => json!({ "error": "there is no such session" }),
            Answer::Refused(error) | Answer::Unavailable(error) => json!({ "error": error }),
            Answer::Nonsense(status) => json!({ "error": status.canonical_reason() }),
        };
        Some(body.to_string())
    }

    /// The answer with a body of the shell's type.
    pub fn response<B: From<String>>(&self) -> Response<B> {
        let body = self.body();
        let mut response = Response::builder().status(self.status()).header(CACHE_CONTROL, "no-store");
        if body.is_some() {
            response = response.header(CONTENT_TYPE, "application/json");
        }
        response = match self {
            Answer::Created(token) => response.header(SET_COOKIE, cookie(&token.to_string(), "")),
            Answer::Ended => response.header(SET_COOKIE, cookie("", "; Max-Age=0")),
            Answer::Unavailable(_) => response.header(RETRY_AFTER, "1"),
            _ => response,
        };
        response.body(body.unwrap_or_default().into()).expect("it is made of valid parts")
    }
}

fn cookie(token: &str, more: &str) -> HeaderValue {
    let text = format!("session={token}; Path=/; HttpOnly; SameSite=Strict{more}");
    HeaderValue::try_from(text).expect("it is ASCII")
}
