//! The page: a text, a style, a script, and an icon, as they are in `page/`.

use otp_http::{HeaderValue, Response, header};

/// Returns a file of the page; `None` if there is none of this path.
pub(crate) fn asset(path: &str) -> Option<Response> {
    let (kind, content) = match path {
        "/" => ("text/html; charset=utf-8", include_str!("page/index.html")),
        "/observer.css" => ("text/css; charset=utf-8", include_str!("page/observer.css")),
        "/observer.js" => ("text/javascript; charset=utf-8", include_str!("page/observer.js")),
        "/icon.svg" => ("image/svg+xml", include_str!("page/icon.svg")),
        _ => return None,
    };
    let language = HeaderValue::from_static("en");
    Some(Response::new(kind, content).header(header::CONTENT_LANGUAGE, language))
}
