//! A peer that knows the cookie, and sends what it likes.

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::System;
use otp::dist::proto::{
    Acceptor, Control, Flags, Frames, Inbound, Initiator, Introduction, Limits, MAX_MESSAGE, Message, Outbound, Prefix,
    Status, Step,
};
use otp::dist::{Cookie, NodeName};
use otp::etf::{Atom, Pid, Reference, Term, encode};
use otp::runtime::net::{Listener, Stream};

use crate::nodes::Side;

pub(crate) struct Rogue {
    stream: Stream,
    frames: Frames,
    inbound: Inbound,
    own: Introduction,
    agreed: Flags,
    peer: Option<Introduction>,
}

impl Rogue {
    /// Connects to a node under a name, and logs in.
    pub(crate) async fn dial(to: &Side, name: &str) -> Rogue {
        Rogue::dial_as(to, introduction(name)).await
    }

    pub(crate) async fn dial_as(to: &Side, own: Introduction) -> Rogue {
        let mut rogue = Rogue::claim(to, own).await;
        assert_eq!(rogue.log_in(to, &[]).await, Ok(()));
        rogue
    }

    /// Connects, and says a name.
    pub(crate) async fn claim(to: &Side, own: Introduction) -> Rogue {
        let (rogue, status) = Rogue::knock(to, own).await;
        assert_eq!(status, Status::Ok);
        rogue
    }

    /// Connects, and says a name; returns what the node says about it.
    pub(crate) async fn knock(to: &Side, own: Introduction) -> (Rogue, Status) {
        let host: std::net::IpAddr = to.name.host().parse().unwrap();
        let stream = to.system.net().unwrap().connect((host, to.port)).await.unwrap();
        let mut rogue = Rogue::on(stream, own);
        let name = rogue.own.name_message();
        rogue.say(&name).await;
        let status = Status::of_message(&rogue.hear().await.unwrap()).unwrap();
        (rogue, status)
    }

    /// Proves that it knows the cookie; `more` is sent together with the proof. Fails if the connection is closed.
    pub(crate) async fn log_in(&mut self, to: &Side, more: &[u8]) -> Result<(), &'static str> {
        let mut login = Initiator::new(self.own.clone(), to.name.clone(), cookie(), 1);
        login.receive(Status::Ok.message()).unwrap();
        let challenge = self.hear().await.ok_or("no challenge")?;
        let Ok(Step::Send(reply)) = login.receive(&challenge) else { panic!("it replies") };
        let mut sent = u16::try_from(reply.len()).unwrap().to_be_bytes().to_vec();
        sent.extend(reply);
        sent.extend(more);
        self.stream.write_all(&sent).await.map_err(|_| "refused")?;
        let ack = self.hear().await.ok_or("refused")?;
        let Ok(Step::Done(peer)) = login.receive(&ack) else { panic!("both have proved themselves") };
        self.is_up(peer);
        Ok(())
    }

    /// Waits until a node connects.
    pub(crate) async fn accept(on: &Listener, name: &str) -> Rogue {
        let mut rogue = Rogue::on(on.accept().await.unwrap(), introduction(name));
        let mut login = Acceptor::new(rogue.own.clone(), cookie(), 2);
        let peer = login.name(&rogue.hear().await.unwrap()).unwrap().clone();
        rogue.say(Status::Ok.message()).await;
        rogue.say(&login.challenge()).await;
        let ack = login.reply(&rogue.hear().await.unwrap()).unwrap();
        rogue.say(&ack).await;
        rogue.is_up(peer);
        rogue
    }

    /// The challenge of a node that has been told a name.
    pub(crate) async fn challenge(&mut self) -> u32 {
        Introduction::of_challenge_message(&self.hear().await.unwrap()).unwrap().1
    }

    /// Waits until a node connects, and challenges it; returns its answer, if there is one.
    pub(crate) async fn ask(on: &Listener, name: &str, challenge: u32) -> Option<Vec<u8>> {
        let mut rogue = Rogue::on(on.accept().await.unwrap(), introduction(name));
        rogue.hear().await.unwrap();
        rogue.say(Status::Ok.message()).await;
        let question = rogue.own.challenge_message(challenge);
        rogue.say(&question).await;
        rogue.hear().await
    }

    fn on(stream: Stream, own: Introduction) -> Rogue {
        let frames = Frames::new(Prefix::Two, MAX_MESSAGE);
        let agreed = own.flags & Flags::visible();
        Rogue { stream, frames, inbound: Inbound::new(agreed, Limits::default()), own, agreed, peer: None }
    }

    fn is_up(&mut self, peer: Introduction) {
        self.frames.expect(Prefix::Four, 1 << 20);
        self.peer = Some(peer);
    }

    /// A process of it.
    pub(crate) fn pid(&self, id: u32) -> Pid {
        Pid::new(self.own.name.atom().clone(), id, 0, self.own.creation)
    }

    pub(crate) fn reference(&self, word: u32) -> Reference {
        Reference::new(self.own.name.atom().clone(), self.own.creation, &[word]).unwrap()
    }

    /// A message as it is sent.
    pub(crate) fn frame(&self, control: &Control, payload: Option<&Term>) -> Vec<u8> {
        let payload = payload.map(|term| encode(term).unwrap()[1..].to_vec()).unwrap_or_default();
        let encoded = Outbound::new(self.agreed).message(control, |out| out.extend(payload));
        encoded.unwrap().into_frame()
    }

    pub(crate) async fn send(&mut self, control: &Control, payload: Option<&Term>) {
        let frame = self.frame(control, payload);
        // If the node has closed the connection, `receive` tells.
        let _ = self.stream.write_all(&frame).await;
    }

    pub(crate) async fn send_to(&mut self, name: &'static str, message: &Term) {
        let control = Control::RegSend { from: self.pid(9), name: Atom::from_static(name) };
        self.send(&control, Some(message)).await;
    }

    /// Calls a server by its name; the answer is a message.
    pub(crate) async fn call(&mut self, name: &'static str, request: Term) {
        let from = Term::tuple([self.pid(9).into(), self.reference(9).into()]);
        self.send_to(name, &Term::tuple([Term::atom("$gen_call"), from, request])).await;
    }

    /// The next message that is no tick; `None` when the connection is closed.
    pub(crate) async fn receive(&mut self) -> Option<Message> {
        loop {
            let frame = self.hear().await?;
            if let Some(message) = self.inbound.receive(frame.into()).unwrap() {
                return Some(message);
            }
        }
    }

    /// Returns whether the node is there, and has handled everything that was sent before: `net_adm:ping`.
    pub(crate) async fn pings(&mut self) -> bool {
        let own = Term::Atom(self.own.name.atom().clone());
        self.call("net_kernel", Term::tuple([Term::atom("is_auth"), own])).await;
        let yes = Term::tuple([self.reference(9).into(), Term::atom("yes")]);
        while let Some(message) = self.receive().await {
            if message.payload.is_some_and(|payload| payload.term().unwrap() == yes) {
                return true;
            }
        }
        false
    }

    async fn say(&mut self, message: &[u8]) {
        self.stream.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).await.unwrap();
        self.stream.write_all(message).await.unwrap();
    }

    async fn hear(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(frame) = self.frames.next().unwrap() {
                return Some(frame.to_vec());
            }
            let mut some = [0; 4096];
            match self.stream.read(&mut some).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.frames.push(&some[..read]),
            }
        }
    }
}

pub(crate) fn introduction(name: &str) -> Introduction {
    Introduction::new(name.parse::<NodeName>().unwrap(), Flags::visible(), 5)
}

fn cookie() -> Cookie {
    Cookie::new("secret")
}

/// Listens where a node of this name would.
pub(crate) async fn listen(system: &System, host: [u8; 4], port: u16) -> Listener {
    system.net().unwrap().listen((host, port)).await.unwrap()
}
