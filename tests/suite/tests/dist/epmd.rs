//! Nodes that need no epmd of Erlang's: one of them is it, for all of the host.

use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::dist::proto::epmd::{MAX_REQUEST, look_up, looked_up, register, registered};
use otp::dist::{Cluster, Cookie, Node, NodeStartError};
use otp::etf::Term;
use otp::runtime::net::Stream;
use otp::supervisor::{Strategy, Supervisor, SupervisorRef};
use otp::{ExitReason, System};

use crate::nodes::{Side, free_port};

/// A node in a system of its own, which asks the epmd on this port, and is it if there is none.
fn node(name: &str, epmd: u16) -> Node {
    Node::named(name).unwrap().cookie(Cookie::new("secret")).epmd(epmd).start_epmd(true)
}

async fn start(system: &System, name: &str, epmd: u16) -> Side {
    let system = System::on(system.runtime().clone());
    crate::nodes::start(&system, epmd, node(name, epmd)).await
}

async fn dial(system: &System, epmd: u16) -> Stream {
    system.net().unwrap().connect(([127, 0, 0, 1], epmd)).await.unwrap()
}

/// What epmd says to a request until it closes the connection.
async fn ask(system: &System, epmd: u16, request: &[u8]) -> Vec<u8> {
    ask_on(dial(system, epmd).await, request).await
}

async fn ask_on(mut stream: Stream, request: &[u8]) -> Vec<u8> {
    // A node that has closed it already has nothing to say.
    let _ = stream.write_all(request).await;
    rest(&mut stream).await
}

async fn rest(stream: &mut Stream) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

async fn port_of(system: &System, epmd: u16, name: &str) -> Option<u16> {
    let name = format!("{name}@127.0.0.1").parse().unwrap();
    looked_up(&ask(system, epmd, &look_up(&name)).await)
}

/// Registers a name, as long as what is returned is open.
async fn claim(system: &System, epmd: u16, name: &str) -> (Stream, Option<u32>) {
    let mut stream = dial(system, epmd).await;
    let name = format!("{name}@127.0.0.1").parse().unwrap();
    stream.write_all(&register(&name, 9)).await.unwrap();
    let mut answer = [0; 6];
    stream.read_exact(&mut answer).await.unwrap();
    (stream, registered(&answer))
}

#[otp::test]
async fn the_first_node_of_a_host_is_the_epmd_of_all(system: System) {
    let epmd = free_port(&system).await;
    let a = start(&system, "a@127.0.0.1", epmd).await;
    let b = start(&system, "b@127.0.0.1", epmd).await;
    let (_, received) = b.recorder("log");
    a.cluster.named("log", &b.name).unwrap().send(&1).await.unwrap();
    assert_eq!(received.recv().await, Ok(Term::Int(1)));
    assert_ne!(a.cluster.creation(), b.cluster.creation());

    let names = ask(&system, epmd, b"\0\x01n").await;
    let (port, lines) = names.split_at(4);
    assert_eq!(port, u32::from(epmd).to_be_bytes());
    let ports = [port_of(&system, epmd, "a").await.unwrap(), port_of(&system, epmd, "b").await.unwrap()];
    let expected = format!("name a at port {}\nname b at port {}\n", ports[0], ports[1]);
    assert_eq!(String::from_utf8_lossy(lines), expected);
}

#[otp::test]
async fn nodes_at_other_addresses_of_the_loopback_interface_are_found(system: System) {
    let epmd = free_port(&system).await;
    let a = start(&system, "a@127.0.0.1", epmd).await;
    let b = start(&system, "b@127.0.0.2", epmd).await;
    assert_eq!(a.cluster.connect(&b.name).await, Ok(()));
    a.cluster.disconnect(&b.name);
    while b.cluster.connect(&a.name).await.is_err() {}
    assert_eq!(b.cluster.nodes().visible, std::slice::from_ref(&a.name));
}

#[otp::test]
async fn another_node_takes_the_place_of_the_epmd_that_has_ended(system: System) {
    let epmd = free_port(&system).await;
    let a = start(&system, "a@127.0.0.1", epmd).await;
    let b = start(&system, "b@127.0.0.1", epmd).await;
    let c = start(&system, "c@127.0.0.1", epmd).await;
    b.cluster.connect(&c.name).await.unwrap();
    let port = port_of(&system, epmd, "c").await;
    a.root.stop().await.unwrap();
    assert_eq!(b.cluster.nodes().visible, std::slice::from_ref(&c.name), "what is connected stays so");

    let d = start(&system, "d@127.0.0.1", epmd).await;
    let both_are_found = async {
        for name in [&b.name, &c.name] {
            while d.cluster.connect(name).await.is_err() {}
        }
    };
    system.timeout(Duration::from_secs(20), both_are_found).await.unwrap();
    assert_eq!(port_of(&system, epmd, "c").await, port, "it has not been restarted");
    assert_eq!(port_of(&system, epmd, "a").await, None);
}

#[otp::test]
async fn a_name_is_taken_while_its_node_runs_and_free_at_once_when_it_has_ended(system: System) {
    let epmd = free_port(&system).await;
    let _other = start(&system, "a@127.0.0.1", epmd).await;
    let b = start(&system, "b@127.0.0.1", epmd).await;
    let second = System::on(system.runtime().clone());
    let error = node("b@127.0.0.1", epmd).start(&second).await.unwrap_err();
    assert!(matches!(NodeStartError::behind(&error), Some(NodeStartError::NameTaken { .. })), "{error}");

    b.root.stop().await.unwrap();
    let again = start(&second, "b@127.0.0.1", epmd).await;
    assert_ne!(again.cluster.creation(), b.cluster.creation());
}

#[otp::test]
async fn a_node_whose_epmd_crashes_runs_on_and_is_found_again(system: System) {
    let epmd = free_port(&system).await;
    let root: SupervisorRef =
        Supervisor::new(Strategy::OneForOne).child(node("a@127.0.0.1", epmd)).start(&system).await.unwrap();
    let creation = Cluster::of(&system).unwrap().creation();
    let process =
        system.processes().into_iter().find(|pid| system.label(*pid).is_some_and(|label| label.as_str() == "epmd"));
    system.exit(process.unwrap(), ExitReason::Kill);
    let b = System::on(system.runtime().clone());
    let found = async {
        while node("b@127.0.0.1", epmd).start(&b).await.is_err() {}
        while Cluster::of(&b).unwrap().connect("a@127.0.0.1").await.is_err() {}
    };
    system.timeout(Duration::from_secs(20), found).await.unwrap();
    assert_eq!(Cluster::of(&system).unwrap().creation(), creation);
    drop(root);
}

#[otp::test]
async fn what_is_no_request_is_closed_and_the_next_one_is_answered(system: System) {
    let epmd = free_port(&system).await;
    let _a = start(&system, "a@127.0.0.1", epmd).await;
    let too_long = [&u16::try_from(MAX_REQUEST + 1).unwrap().to_be_bytes(), &b"z"[..]].concat();
    // A name that ends the line, one without a name, kill, stop, dump, none at all, and more than there may be.
    let hostile: [&[u8]; 8] = [
        b"\0\x11x\0\x09M\0\0\x06\0\x05\0\x04a\n b\0\0",
        b"\0\x0dx\0\x09M\0\0\x06\0\x05\0\0\0\0",
        b"\0\x01k",
        b"\0\x02sa",
        b"\0\x01d",
        b"\0\0",
        b"GET / HTTP/1.1\r\n\r\n",
        &too_long,
    ];
    for request in hostile {
        assert_eq!(ask(&system, epmd, request).await, b"", "{request:?}");
    }
    assert!(port_of(&system, epmd, "a").await.is_some());
}

#[otp::test]
async fn a_registration_ends_with_its_connection_or_with_what_comes_behind_it(system: System) {
    let epmd = free_port(&system).await;
    let _a = start(&system, "a@127.0.0.1", epmd).await;
    let (closed, creation) = claim(&system, epmd, "x").await;
    assert!(creation.is_some());
    assert_eq!(port_of(&system, epmd, "x").await, Some(9));
    let (_, refused) = claim(&system, epmd, "x").await;
    assert_eq!(refused, None);
    drop(closed);
    let (mut talks, again) = claim(&system, epmd, "x").await;
    assert!(again.is_some() && again != creation);
    talks.write_all(b"more").await.unwrap();
    rest(&mut talks).await;
    assert_eq!(port_of(&system, epmd, "x").await, None);
}

#[otp::test]
async fn connections_that_have_not_made_their_request_are_bounded_and_those_of_nodes_are_not_among_them(
    system: System,
) {
    let epmd = free_port(&system).await;
    let _a = start(&system, "a@127.0.0.1", epmd).await;
    let (_registered, creation) = claim(&system, epmd, "x").await;
    assert!(creation.is_some());
    let mut silent = Vec::new();
    for _ in 0..128 {
        let mut stream = dial(&system, epmd).await;
        stream.write_all(b"\0").await.unwrap();
        silent.push(stream);
    }
    assert_eq!(port_of(&system, epmd, "x").await, None, "one too many is closed at once");
    // Room for one, whose name is too short for what it announces.
    ask_on(silent.pop().unwrap(), b"\x01z").await;
    assert_eq!(port_of(&system, epmd, "x").await, Some(9));
}

#[otp::test(backends = [sim])]
async fn a_request_that_is_not_complete_in_time_is_closed(system: System) {
    let epmd = free_port(&system).await;
    let _a = start(&system, "a@127.0.0.1", epmd).await;
    let began = system.now();
    let mut stream = dial(&system, epmd).await;
    stream.write_all(b"\0\x02z").await.unwrap();
    assert_eq!(rest(&mut stream).await, b"");
    let took = system.now() - began;
    assert!((5..6).contains(&took.as_secs()), "{took:?}");
}
