//! What somebody says to an epmd, and what an epmd may answer.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use otp::dist::proto::epmd::{Names, NotRegistered, Request, looked_up, registered};

const MOST: usize = 4;

fuzz_target!(|messages: Vec<&[u8]>| {
    let (mut names, mut expected) = (Names::new(MOST, u32::MAX), BTreeMap::new());
    for message in messages {
        // As answers, they are read or not.
        let _ = (registered(message), looked_up(message));
        match Request::read(message) {
            Some(Request::Register(entry)) => {
                let (name, port) = (entry.name().to_owned(), entry.port());
                let is_taken = expected.contains_key(&name);
                let creation = names.register(entry);
                match creation {
                    Ok(creation) => assert!(!is_taken && creation != 0 && expected.len() < MOST),
                    Err(NotRegistered::Taken) => assert!(is_taken),
                    Err(_) => assert_eq!((is_taken, expected.len()), (false, MOST)),
                }
                assert_eq!(registered(&Names::registered(creation)), creation.ok());
                if creation.is_ok() {
                    expected.insert(name, port);
                }
            }
            Some(Request::LookUp(name)) => assert_eq!(looked_up(&names.look_up(&name)), expected.get(&name).copied()),
            Some(Request::Names) => {
                let lines = names.list(1).iter().filter(|byte| **byte == b'\n').count();
                assert_eq!(lines, expected.len(), "no name has a line of its own");
                if let Some((name, _)) = expected.pop_first() {
                    names.unregister(&name);
                }
            }
            _ => {}
        }
    }
});
