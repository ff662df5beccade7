use std::time::Duration;

/// Bounds what the clients of an [`Http`](crate::Http) server can take. Each limit has a default that suits pages of
/// operation.
///
/// ```
/// use std::time::Duration;
///
/// use otp::http::Limits;
///
/// let limits = Limits::new().connections(8).body(1024).write_time(Duration::from_secs(5));
/// assert_eq!(limits, limits.clone().header(16 * 1024), "the default");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Limits {
    pub(crate) connections: usize,
    pub(crate) header: usize,
    pub(crate) header_time: Duration,
    pub(crate) body: usize,
    pub(crate) body_time: Duration,
    pub(crate) write_time: Duration,
    pub(crate) requests_per_second: u32,
    pub(crate) stop_time: Duration,
}

impl Limits {
    /// The defaults.
    pub fn new() -> Limits {
        Limits {
            connections: 64,
            header: 16 * 1024,
            header_time: Duration::from_secs(10),
            body: 64 * 1024,
            body_time: Duration::from_secs(10),
            write_time: Duration::from_secs(30),
            requests_per_second: 1000,
            stop_time: Duration::from_secs(3),
        }
    }

    /// Sets how many connections are open at once, at least one; by default 64. Further clients wait, unaccepted, until a
    /// connection ends.
    pub fn connections(mut self, limit: usize) -> Limits {
        self.connections = limit.max(1);
        self
    }

    /// Sets how many bytes the request line and the headers of a request have together; by default 16 KiB. The least is
    /// 8 KiB. A larger request gets the status 431, or 414.
    pub fn header(mut self, bytes: usize) -> Limits {
        self.header = bytes.max(8 * 1024);
        self
    }

    /// Sets how long a client may take for the headers of a request, and how long a connection may be idle between two
    /// requests; by default ten seconds. Then the connection is closed.
    pub fn header_time(mut self, limit: Duration) -> Limits {
        self.header_time = limit;
        self
    }

    /// Sets how many bytes the body of a request has; by default 64 KiB. A larger request gets the status 413.
    pub fn body(mut self, bytes: usize) -> Limits {
        self.body = bytes;
        self
    }

    /// Sets how long a client may take for the body of a request; by default ten seconds. Then it gets the status 408.
    pub fn body_time(mut self, limit: Duration) -> Limits {
        self.body_time = limit;
        self
    }

    /// Sets how long a client may read nothing while there is something to read; by default 30 seconds. Then the connection
    /// is closed. Until then a slow client holds back the stream of its response (backpressure), and nothing else.
    pub fn write_time(mut self, limit: Duration) -> Limits {
        self.write_time = limit;
        self
    }

    /// Sets how many requests of one connection are handled in a second; by default 1000. As many may come at once. A further
    /// one gets the status 429, and its connection is closed. Clients take nothing away from each other: what all of them
    /// may ask at the same time is limited by [`connections`](Limits::connections).
    pub fn requests_per_second(mut self, limit: u32) -> Limits {
        self.requests_per_second = limit;
        self
    }

    /// Sets how long the server waits for running requests when it stops; by default three seconds. Then their connections
    /// are closed. A supervisor gives a child five seconds to stop, unless its spec says otherwise.
    pub fn stop_time(mut self, limit: Duration) -> Limits {
        self.stop_time = limit;
        self
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::new()
    }
}
