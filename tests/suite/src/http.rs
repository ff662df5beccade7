//! An HTTP/1 client that sends what it is told to, right or wrong.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::System;
use otp::runtime::net::{NetAddr, Stream};

/// A connection to a server.
pub struct Client {
    stream: Stream,
    /// What was read beyond the last answer.
    read: Vec<u8>,
}

/// An answer of a server.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The names, in lower case, and the values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body; that of a stream as far as it went.
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Sends one request without a body over a connection of its own.
pub async fn get(system: &System, to: &NetAddr, target: &str) -> Answer {
    let mut client = Client::connect(system, to).await;
    client.get(target).await
}

impl Client {
    /// Connects to a server.
    pub async fn connect(system: &System, to: &NetAddr) -> Client {
        Client { stream: system.net().unwrap().connect(to).await.unwrap(), read: Vec::new() }
    }

    /// Sends a request without a body, and reads the answer.
    pub async fn get(&mut self, target: &str) -> Answer {
        self.ask(&format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await
    }

    /// Sends these bytes, and reads an answer.
    pub async fn ask(&mut self, request: &str) -> Answer {
        self.send(request).await.unwrap();
        self.answer().await.unwrap()
    }

    /// Sends these bytes.
    ///
    /// # Errors
    ///
    /// The connection is broken.
    pub async fn send(&mut self, bytes: &str) -> io::Result<()> {
        self.stream.write_all(bytes.as_bytes()).await
    }

    /// Reads an answer, to its end.
    ///
    /// # Errors
    ///
    /// The connection was closed before.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head().await?;
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        if let Some(length) = length {
            answer.body = String::from_utf8_lossy(&self.take(length).await?).into_owned();
        } else if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(piece) = self.chunk().await? {
                answer.body.push_str(&piece);
            }
        }
        Ok(answer)
    }

    /// Reads the head of an answer, whose pieces [`chunk`](Client::chunk) reads.
    ///
    /// # Errors
    ///
    /// The connection was closed before.
    pub async fn head(&mut self) -> io::Result<Answer> {
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer =
            Answer { status: status.ok_or(io::ErrorKind::InvalidData)?, headers: Vec::new(), body: String::new() };
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(": ") else { return Ok(answer) };
            answer.headers.push((name.to_lowercase(), value.to_owned()));
        }
    }

    /// Reads a piece of a stream; `None` at its end.
    ///
    /// # Errors
    ///
    /// The connection was closed before.
    pub async fn chunk(&mut self) -> io::Result<Option<String>> {
        let length = usize::from_str_radix(&self.line().await?, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        let piece = self.take(length).await?;
        self.line().await?;
        Ok((length > 0).then(|| String::from_utf8_lossy(&piece).into_owned()))
    }

    /// Waits until the server closes the connection; what it sends is ignored.
    pub async fn closed(mut self) {
        let mut ignored = [0; 4096];
        while self.stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.read.drain(..end + 2);
                return Ok(line);
            }
            self.more().await?;
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < length {
            self.more().await?;
        }
        Ok(self.read.drain(..length).collect())
    }

    async fn more(&mut self) -> io::Result<()> {
        let mut more = [0; 4096];
        let read = self.stream.read(&mut more).await?;
        self.read.extend_from_slice(&more[..read]);
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}
