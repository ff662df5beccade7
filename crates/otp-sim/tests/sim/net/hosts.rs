//! Hosts, their addresses, and the systems on them.

use std::io::ErrorKind;
use std::path::Path;

use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::runtime::net::NetAddr;
use otp_core::{ProcessContext, System};
use otp_sim::{SimNet, run};

use super::sim;

#[test]
fn a_host_is_found_by_its_name_and_its_address() {
    run(1, async |_| {
        let (a, b) = (sim().host("a"), sim().host("b"));
        let found = a.look_up("b", 80).await.unwrap();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.2:80", "[fd00::2]:80"]);
        assert_eq!(sim().address("b"), found[0].ip());
        let error = a.look_up("c", 80).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotFound, "cannot look up the host \"c\""));

        for address in found {
            let listener = b.listen(address).await.unwrap();
            let client = a.connect(address).await.unwrap();
            assert_eq!(listener.accept().await.unwrap().peer(), &client.local().unwrap());
            assert_eq!(client.local().unwrap().tcp().unwrap().is_ipv4(), address.is_ipv4());
        }
        let nowhere = a.connect(([10, 0, 9, 9], 80)).await.unwrap_err();
        assert_eq!(nowhere.kind(), ErrorKind::HostUnreachable);
        let not_mine = a.listen((sim().address("b"), 80)).await.unwrap_err();
        assert_eq!(not_mine.kind(), ErrorKind::AddrNotAvailable);
    });
}

#[test]
fn each_host_has_its_own_loopback_ports_and_paths() {
    run(1, async |_| {
        let (a, b) = (sim().host("a"), sim().host("b"));
        let path = Path::new("/run/app.sock");
        for address in [NetAddr::from(([127, 0, 0, 1], 80)), path.into()] {
            let on_a = a.listen(&address).await.unwrap();
            let error = b.connect(&address).await.unwrap_err();
            let nobody = if address.tcp().is_some() { ErrorKind::ConnectionRefused } else { ErrorKind::NotFound };
            assert_eq!(error.kind(), nobody, "it is another host's");
            let _on_b = b.listen(&address).await.unwrap();
            let _client = a.connect(&address).await.unwrap();
            let _server = on_a.accept().await.unwrap();
            assert_eq!(a.listen(&address).await.unwrap_err().kind(), ErrorKind::AddrInUse);
        }
        let outside = b.connect((sim().address("a"), 80)).await.unwrap_err();
        assert_eq!(outside.kind(), ErrorKind::ConnectionRefused, "a listener on the loopback is not on the network");
    });
}

#[test]
fn a_listener_on_all_addresses_is_in_the_way_of_one_on_any() {
    run(1, async |_| {
        let a = sim().host("a");
        let everywhere = a.listen(([0, 0, 0, 0], 80)).await.unwrap();
        assert_eq!(a.listen(([127, 0, 0, 1], 80)).await.unwrap_err().kind(), ErrorKind::AddrInUse);
        let _other = a.listen(([127, 0, 0, 1], 81)).await.unwrap();
        for address in [[127, 0, 0, 1], [10, 0, 0, 1], [0, 0, 0, 0]] {
            let _client = a.connect((address, 80)).await.unwrap();
            let _server = everywhere.accept().await.unwrap();
        }
    });
}

#[test]
fn a_port_is_used_by_one_socket_at_a_time() {
    run(1, async |_| {
        let a = sim().host("a");
        let listener = a.listen(([127, 0, 0, 1], 0)).await.unwrap();
        let address = listener.local().unwrap();
        // One that would be next.
        let asked_for = address.port().unwrap() + 1;
        let _other = a.listen(([127, 0, 0, 1], asked_for)).await.unwrap();
        let mut clients = Vec::new();
        for _ in 0..10 {
            clients.push(a.connect(&address).await.unwrap());
        }
        let mut ports: Vec<_> = clients.iter().map(|client| client.local().unwrap().port()).collect();
        ports.extend([address.port(), Some(asked_for)]);
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 12, "{ports:?}");
    });
}

#[test]
fn a_listener_leaves_the_file_of_another_in_its_place() {
    run(1, async |_| {
        let (a, path) = (sim().host("a"), Path::new("/run/app.sock"));
        let first = a.listen(path).await.unwrap();
        a.sockets().remove(path).unwrap();
        assert_eq!(a.sockets().remove(path).unwrap_err().kind(), ErrorKind::NotFound);
        let _second = a.listen(path).await.unwrap();
        drop(first);
        let _client = a.connect(path).await.expect("it is the second one's");
    });
}

#[test]
fn two_systems_of_one_run_talk_to_each_other() {
    run(1, async |main| {
        let paris = System::new(sim().runtime("paris"));
        let listener = paris.net().unwrap().listen((sim().address("paris"), 80)).await.unwrap();
        let server = paris.spawn(async move |_: ProcessContext<()>| {
            let mut stream = listener.accept().await.unwrap();
            let peer = stream.peer().tcp().unwrap().ip();
            stream.write_all(peer.to_string().as_bytes()).await.unwrap();
        });
        let mut client = main.net().unwrap().connect_to("paris", 80).await.unwrap();
        let mut address = String::new();
        client.read_to_string(&mut address).await.unwrap();
        assert_eq!(address, sim().address(SimNet::MAIN).to_string(), "a system is on the main host");
        server.exited().await;
    });
}

#[test]
fn outside_a_run_there_is_no_network() {
    assert!(otp_sim::net().is_none());
}
