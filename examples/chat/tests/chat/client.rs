//! A client as netcat is one: lines go out, lines come in.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use chat::args::Options;
use chat::serve::Server;
use chat::tree::NICKS;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncWriteExt};
use otp::registry::Registry;
use otp::runtime::net::{NetAddr, ReadHalf, WriteHalf};
use otp::{Pid, System};

/// A connection. What hangs for longer than [`Ears::PATIENCE`] fails the test.
pub(crate) struct Client {
    pub(crate) ears: Ears,
    pub(crate) mouth: Mouth,
}

/// What comes in.
pub(crate) struct Ears {
    system: System,
    lines: BufReader<ReadHalf>,
}

/// What goes out.
pub(crate) struct Mouth(WriteHalf);

/// A server on a free port, and how to be its client.
pub(crate) struct Chat {
    pub(crate) system: System,
    pub(crate) server: Server,
}

impl Chat {
    pub(crate) async fn start(system: &System) -> Self {
        Self::with(system, Options::default()).await
    }

    pub(crate) async fn with(system: &System, options: Options) -> Self {
        let options = Options { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 0, ..options };
        Self { system: system.clone(), server: Server::start(system, options).await.unwrap() }
    }

    /// A client who has read the welcome.
    pub(crate) async fn client(&self) -> Client {
        let mut client = Client::connect(&self.system, self.server.address()).await;
        assert!(client.line().await.starts_with("* welcome: "));
        client
    }

    /// A client with a nick, in a room, who has read that.
    pub(crate) async fn user(&self, nick: &str, room: &str) -> Client {
        let mut client = self.client().await;
        client.send(&format!("/nick {nick}\n/join {room}\n")).await;
        client.expect(&format!("* you are {nick}")).await;
        client.expect(&format!("* {nick} joins {room}")).await;
        assert!(client.line().await.starts_with(&format!("* in {room}: ")));
        client
    }

    /// The process of the user who has this nick.
    pub(crate) fn pid(&self, nick: &str) -> Option<Pid> {
        Registry::named(&self.system, NICKS).lookup(nick).map(|entry| entry.pid())
    }
}

impl Client {
    pub(crate) async fn connect(system: &System, address: &NetAddr) -> Self {
        let socket = system.net().unwrap().connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (reader, writer) = socket.split();
        Self { ears: Ears { system: system.clone(), lines: BufReader::new(reader) }, mouth: Mouth(writer) }
    }

    pub(crate) async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.mouth.send(text).await;
    }

    pub(crate) async fn line(&mut self) -> String {
        self.ears.line().await
    }

    pub(crate) async fn expect(&mut self, line: &str) {
        self.ears.expect(line).await;
    }

    /// Sends a line, and returns the next one that comes.
    pub(crate) async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\n")).await;
        self.line().await
    }

    /// Waits for the end of the connection.
    pub(crate) async fn expect_end(&mut self) {
        assert_eq!(self.ears.next().await, None);
    }
}

impl Ears {
    const PATIENCE: Duration = Duration::from_secs(60);

    /// The next line, without its end; `None` when the server has closed, or the connection broke.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.system.timeout(Self::PATIENCE, self.lines.read_line(&mut line)).await;
        read.expect("nothing came").ok().filter(|read| *read > 0)?;
        line.pop();
        Some(line)
    }

    pub(crate) async fn line(&mut self) -> String {
        self.next().await.expect("the server has closed")
    }

    pub(crate) async fn expect(&mut self, line: &str) {
        assert_eq!(self.line().await, line);
    }
}

impl Mouth {
    /// Sends what may be one line or several, as it is.
    pub(crate) async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.try_send(text).await.unwrap();
    }

    pub(crate) async fn try_send(&mut self, text: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.0.write_all(text.as_ref()).await
    }

    /// Tells the server that nothing more will be sent.
    pub(crate) async fn finish(&mut self) {
        self.0.close().await.unwrap();
    }
}
