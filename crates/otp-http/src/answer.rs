use std::convert::Infallible;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::{StreamExt, stream};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use otp_behaviour::{contain, contain_future, report_crash};
use otp_core::Process;
use otp_core::runtime::net::NetAddr;

use crate::body::{Content, Pieces};
use crate::connection::{Draining, Shared};
use crate::limits::Limits;
use crate::rate::Rate;
use crate::request::Request;
use crate::response::Response;

/// Answers one request: checks the limits, reads the body, and runs the handler.
pub(crate) async fn answer(
    request: hyper::Request<Incoming>,
    peer: NetAddr,
    process: Process,
    shared: Arc<Shared>,
    rate: Arc<Rate>,
    draining: Draining,
) -> Result<hyper::Response<Outgoing>, Infallible> {
    let response = match accept(request, peer, &process, &shared.limits, &rate).await {
        Ok(request) => match contain_future(|| (shared.handler)(request)).await {
            Ok(response) => response,
            Err(crash) => {
                report_crash(&process, &crash);
                StatusCode::INTERNAL_SERVER_ERROR.into()
            }
        },
        Err(refused) => refused,
    };
    Ok(outgoing(response, process, draining))
}

/// Reads a request, within the limits; otherwise returns the answer.
async fn accept(
    request: hyper::Request<Incoming>,
    peer: NetAddr,
    process: &Process,
    limits: &Limits,
    rate: &Rate,
) -> Result<Request, Response> {
    let system = process.system();
    if !rate.take(system.now()) {
        return Err(refuse(StatusCode::TOO_MANY_REQUESTS));
    }
    let (head, body) = request.into_parts();
    let announced = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.body as u64) {
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let read = system.timeout(limits.body_time, Limited::new(body, limits.body).collect()).await;
    match read {
        Ok(Ok(body)) => Ok(Request::new(head, body.to_bytes(), peer, system.clone())),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(refuse(StatusCode::PAYLOAD_TOO_LARGE)),
        Ok(Err(_)) => Err(refuse(StatusCode::BAD_REQUEST)),
        Err(_) => Err(refuse(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// A refusal, after which the connection is closed: the rest of the request is not read.
fn refuse(status: StatusCode) -> Response {
    Response::from(status).header(CONNECTION, HeaderValue::from_static("close"))
}

/// The body of a response, as hyper sends it.
pub(crate) type Outgoing = UnsyncBoxBody<Bytes, Panicked>;

/// Aborts a response in its middle, so that the client sees that it is not complete.
#[derive(Debug, thiserror::Error)]
#[error("the stream of a response panicked")]
pub(crate) struct Panicked;

fn outgoing(response: Response, process: Process, draining: Draining) -> hyper::Response<Outgoing> {
    let Response { status, headers, body } = response;
    let body = match body.0 {
        Content::Whole(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
        Content::Stream(pieces) => {
            let mut pieces = Pieces::new(pieces, draining);
            let contained = stream::poll_fn(move |cx| match contain(|| pieces.poll_next_unpin(cx)) {
                Ok(polled) => polled.map(|piece| piece.map(Ok)),
                Err(crash) => {
                    report_crash(&process, &crash);
                    Poll::Ready(Some(Err(Panicked)))
                }
            });
            StreamBody::new(contained.map_ok(Frame::data)).boxed_unsync()
        }
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = *headers;
    response
}
