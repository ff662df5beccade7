//! A client that speaks RESP2, and as much else as a test wants it to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// A connection. What hangs for longer than [`Client::PATIENCE`] fails the test.
pub(crate) struct Client {
    socket: TcpStream,
    replies: BufReader<TcpStream>,
}

impl Client {
    pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Self::PATIENCE)).unwrap();
        socket.set_write_timeout(Some(Self::PATIENCE)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self { replies: BufReader::new(socket.try_clone().unwrap()), socket }
    }

    /// Sends a command, its arguments parted by single spaces, and returns the reply as [`reply`](Self::reply) does.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.try_ask(line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    pub(crate) fn try_ask(&mut self, line: &str) -> std::io::Result<String> {
        self.socket.write_all(&request(line))?;
        self.try_reply()
    }

    /// Asks again and again until the reply is this one.
    pub(crate) fn ask_until(&mut self, line: &str, wanted: &str) {
        while self.ask(line) != wanted {}
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.socket.write_all(bytes)
    }

    /// A second client on the same connection, to read while this one writes.
    pub(crate) fn split(&self) -> Self {
        let socket = self.socket.try_clone().unwrap();
        Self { replies: BufReader::new(socket.try_clone().unwrap()), socket }
    }

    /// Tells the server that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    /// Reads a reply, in short: `OK`, `-ERR …`, `7`, `"bulk"`, `nil`, `["a" nil]`.
    pub(crate) fn reply(&mut self) -> String {
        self.try_reply().unwrap()
    }

    /// Reads until the server closes; a reset counts. Returns what came before.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.replies.read_to_end(&mut rest) {
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => panic!("the server did not close"),
            _ => rest,
        }
    }

    /// Waits until there is something to read.
    pub(crate) fn peek(&mut self) {
        self.replies.fill_buf().unwrap();
    }

    pub(crate) fn try_reply(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.replies.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let (kind, text) = line.trim_end().split_at(1);
        Ok(match kind {
            "+" | ":" => text.to_owned(),
            "-" => format!("-{text}"),
            "$" if text == "-1" => "nil".to_owned(),
            "$" => {
                let mut bulk = vec![0; text.parse::<usize>().unwrap() + 2];
                self.replies.read_exact(&mut bulk)?;
                format!("{:?}", String::from_utf8_lossy(&bulk[..bulk.len() - 2]))
            }
            "*" => {
                let count: usize = text.parse().unwrap();
                let items: std::io::Result<Vec<_>> = (0..count).map(|_| self.try_reply()).collect();
                format!("[{}]", items?.join(" "))
            }
            _ => panic!("no reply begins so: {line:?}"),
        })
    }
}

/// A command on the wire.
pub(crate) fn request(line: &str) -> Vec<u8> {
    let arguments: Vec<_> = line.split(' ').collect();
    let mut wire = format!("*{}\r\n", arguments.len());
    for argument in arguments {
        wire += &format!("${}\r\n{argument}\r\n", argument.len());
    }
    wire.into_bytes()
}
