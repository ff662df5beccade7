//! Who may ask: what keeps pages of other sites in the same browser away from the system, and others from changing it.

use std::net::IpAddr;
use std::sync::Arc;

use otp_http::{HeaderValue, Request, Response, StatusCode, header};
use subtle::ConstantTimeEq;

/// The rules by which a request is let in.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    pub(crate) token: Option<Arc<str>>,
    /// Whether the observer is reached by addresses beyond loopback.
    pub(crate) any_address: bool,
    /// Names of hosts beside `localhost`, in lower case.
    pub(crate) hosts: Vec<String>,
}

impl Guard {
    /// The least length of a token.
    pub(crate) const LEAST: usize = 16;

    /// Refuses a request that may come from a page of another site.
    ///
    /// The name of a site may lead to this machine (DNS rebinding): then `Host` is that name, which a browser does not let
    /// a page choose. A page of another site that asks us under our own name has an `Origin` of its own.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Response> {
        let host = request.header("host").or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        let Some(host) = host.filter(|host| self.is_ours(host)) else {
            return Err(refused(StatusCode::MISDIRECTED_REQUEST, "this host is not served here; see Observer::host"));
        };
        let has_origin = request.headers().contains_key(header::ORIGIN);
        let is_same = request.header("origin").is_some_and(|origin| {
            let site = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            site.is_some_and(|site| site.eq_ignore_ascii_case(host))
        });
        let comes_from = request.header("sec-fetch-site");
        let is_foreign = comes_from.is_some_and(|site| !["same-origin", "none"].contains(&site));
        if has_origin && !is_same || is_foreign {
            return Err(refused(StatusCode::FORBIDDEN, "the observer does not answer pages of other sites"));
        }
        Ok(())
    }

    /// Refuses a request to change something without the token. A browser sends the header only where the script of this
    /// page sets it, so that no other page can.
    pub(crate) fn check_token(&self, request: &Request) -> Result<(), Response> {
        let Some(token) = &self.token else {
            return Err(refused(StatusCode::FORBIDDEN, "the observer is read-only; see Observer::writable"));
        };
        let given = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        match bool::from(given.as_bytes().ct_eq(token.as_bytes())) {
            true => Ok(()),
            false => Err(refused(StatusCode::UNAUTHORIZED, "this needs the token of the observer")),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            // Not a part of an address in brackets.
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (host, None),
        };
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return false;
        }
        let name = name.to_ascii_lowercase();
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
        match address.parse::<IpAddr>() {
            Ok(address) => self.any_address || address.to_canonical().is_loopback(),
            Err(_) => name == "localhost" || self.hosts.contains(&name),
        }
    }
}

/// A refusal, as JSON.
pub(crate) fn refused(status: StatusCode, why: &str) -> Response {
    Response::json(serde_json::json!({ "error": why }).to_string()).status(status)
}

/// Adds what tells a browser to keep others out: whatever the page shows, it loads and runs nothing but its own files.
pub(crate) fn secured(response: Response) -> Response {
    let csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
               base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, csp),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    headers.into_iter().fold(response, |response, (name, value)| response.header(name, HeaderValue::from_static(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_this_machine_and_those_that_were_named() {
        let guard = Guard { hosts: vec!["ops.example".to_owned()], ..Guard::default() };
        let ours = [
            "localhost",
            "LOCALHOST:9",
            "127.0.0.1",
            "127.9.9.9:80",
            "[::1]:80",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "Ops.example:1",
        ];
        let foreign = [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.1",
            "[::2]:80",
            "0.0.0.0",
            "localhost:",
            "localhost:x",
            "localhost:80:80",
            "evil.example@localhost",
            "ops.example.",
            "2130706433",
        ];
        assert_eq!(ours.map(|host| guard.is_ours(host)), [true; 8]);
        assert_eq!(foreign.map(|host| guard.is_ours(host)), [false; 13]);
    }
}
