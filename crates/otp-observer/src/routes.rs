//! Which request gets what.

use std::sync::Arc;

use otp_http::{Method, Request, Response, StatusCode};

use crate::api;
use crate::assets::asset;
use crate::eyes::Eyes;
use crate::guard::{refused, secured};

/// Answers a request to the observer.
pub(crate) async fn answer(eyes: Arc<Eyes>, request: Request) -> Response {
    let answered = match eyes.guard.check(&request) {
        Ok(()) => route(&eyes, &request).await,
        Err(refused) => refused,
    };
    secured(answered)
}

async fn route(eyes: &Arc<Eyes>, request: &Request) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let answered = match request.path() {
        "/api/system" if reads => api::system(eyes).await,
        "/api/tree" if reads => api::tree(eyes, request).await,
        "/api/search" if reads => api::search(eyes, request).await,
        "/api/process" if reads => api::process(eyes, request).await,
        "/api/top" if reads => api::top(eyes, request).await,
        "/api/crashes" if reads => api::crashes(eyes).await,
        "/api/events" if reads => api::events(eyes),
        "/api/act" | "/api/trace" if request.method() != Method::POST => {
            Err(refused(StatusCode::METHOD_NOT_ALLOWED, "this takes a POST"))
        }
        "/api/act" => api::act(eyes, request).await,
        "/api/trace" => api::trace(eyes, request).await,
        path => match asset(path) {
            Some(asset) if reads => Ok(asset),
            Some(_) => Err(refused(StatusCode::METHOD_NOT_ALLOWED, "this takes a GET")),
            None => Err(refused(StatusCode::NOT_FOUND, "there is nothing here")),
        },
    };
    answered.unwrap_or_else(|refused| refused)
}
