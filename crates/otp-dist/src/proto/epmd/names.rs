use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

use super::request::Entry;

/// What an epmd knows: the nodes that are registered, each until its connection ends.
///
/// ```
/// use otp::dist::proto::epmd::{Names, Request, look_up, looked_up, register, registered};
///
/// let mut names = Names::new(100, 7);
/// let name = "shop@127.0.0.1".parse().unwrap();
/// let Some(Request::Register(entry)) = Request::read(&register(&name, 40_000)[2..]) else { panic!("a registration") };
/// assert_eq!(registered(&Names::registered(names.register(entry))), Some(7));
///
/// let Some(Request::LookUp(name)) = Request::read(&look_up(&name)[2..]) else { panic!("a look-up") };
/// assert_eq!(looked_up(&names.look_up(&name)), Some(40_000));
/// names.unregister("shop");
/// assert_eq!(looked_up(&names.look_up(&name)), None);
/// ```
#[derive(Debug)]
pub struct Names {
    entries: BTreeMap<String, Entry>,
    most: usize,
    next_creation: u32,
}

/// Why a node is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRegistered {
    /// Another node has the name.
    #[error("another node has the name")]
    Taken,
    /// There are as many nodes as there may be.
    #[error("too many nodes are registered")]
    Full,
}

impl Names {
    /// No names, and room for `most`. The first creation should be another one in each life of the epmd: a node that is
    /// registered again gets a creation that it has not had.
    pub fn new(most: usize, first_creation: u32) -> Names {
        Names { entries: BTreeMap::new(), most, next_creation: first_creation }
    }

    /// Registers a node; returns its creation, which is not zero.
    ///
    /// # Errors
    ///
    /// [`NotRegistered`] if it has to be refused.
    pub fn register(&mut self, entry: Entry) -> Result<u32, NotRegistered> {
        let is_full = self.entries.len() >= self.most;
        match self.entries.entry(entry.name().to_owned()) {
            Place::Occupied(_) => Err(NotRegistered::Taken),
            Place::Vacant(_) if is_full => Err(NotRegistered::Full),
            Place::Vacant(place) => {
                place.insert(entry);
                let creation = self.next_creation.max(1);
                self.next_creation = creation.wrapping_add(1);
                Ok(creation)
            }
        }
    }

    /// Forgets a node, whose connection has ended.
    pub fn unregister(&mut self, name: &str) {
        self.entries.remove(name);
    }

    /// The answer to a registration: `ALIVE2_X_RESP`.
    pub fn registered(result: Result<u32, NotRegistered>) -> [u8; 6] {
        // What epmd of OTP says instead of a creation is 99.
        let [a, b, c, d] = result.unwrap_or(99).to_be_bytes();
        [118, u8::from(result.is_err()), a, b, c, d]
    }

    /// The answer to one who looks a node up: `PORT2_RESP`. The connection is closed behind it.
    pub fn look_up(&self, name: &str) -> Vec<u8> {
        match self.entries.get(name) {
            Some(entry) => [&[119, 0], &*entry.described].concat(),
            None => vec![119, 1],
        }
    }

    /// The answer to one who asks for all names, of the epmd on this port: `NAMES_RESP`. The connection is closed behind it.
    pub fn list(&self, port: u16) -> Vec<u8> {
        let mut answer = u32::from(port).to_be_bytes().to_vec();
        for entry in self.entries.values() {
            answer.extend(format!("name {} at port {}\n", entry.name(), entry.port()).into_bytes());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request;
    use super::*;

    /// What nodes of OTP 25 have said to their epmd, and it to them.
    const REGISTER: &[u8] = b"x\x90\x07\x4d\x00\x00\x06\x00\x05\x00\x03hsa\x00\x00";
    const REGISTERED: [u8; 6] = [118, 0, 0x64, 0xa0, 0, 1];

    fn entry(body: &[u8]) -> Entry {
        match Request::read(body) {
            Some(Request::Register(entry)) => entry,
            other => panic!("{other:?}"),
        }
    }

    fn named(name: &str) -> Entry {
        let node = format!("{name}@host").parse().unwrap();
        entry(&super::super::register(&node, 1)[2..])
    }

    #[test]
    fn a_node_of_erlang_is_registered_and_found() {
        let mut names = Names::new(10, 0x64a0_0001);
        assert_eq!(Names::registered(names.register(entry(REGISTER))), REGISTERED);
        assert_eq!(names.look_up("hsa"), b"w\x00\x90\x07\x4d\x00\x00\x06\x00\x05\x00\x03hsa\x00\x00");
        assert_eq!(names.look_up("hsb"), b"w\x01");
        assert_eq!(names.list(4369), b"\x00\x00\x11\x11name hsa at port 36871\n");
    }

    #[test]
    fn a_name_is_taken_until_it_is_unregistered_and_has_another_creation_then() {
        let mut names = Names::new(10, u32::MAX);
        assert_eq!(names.register(named("a")), Ok(u32::MAX));
        assert_eq!(names.register(named("a")), Err(NotRegistered::Taken));
        assert_eq!(Names::registered(Err(NotRegistered::Taken)), [118, 1, 0, 0, 0, 99]);
        names.unregister("a");
        assert_eq!(names.register(named("a")), Ok(1), "a creation is not zero");
    }

    #[test]
    fn there_are_no_more_names_than_there_is_room_for() {
        let mut names = Names::new(2, 1);
        assert_eq!((names.register(named("a")), names.register(named("b"))), (Ok(1), Ok(2)));
        assert_eq!(names.register(named("c")), Err(NotRegistered::Full));
        assert_eq!(names.register(named("a")), Err(NotRegistered::Taken));
    }

    #[test]
    fn what_is_no_request_is_refused_wherever_it_ends() {
        for length in 0..REGISTER.len() {
            assert_eq!(Request::read(&REGISTER[..length]), None, "{length} bytes");
        }
        let but = |at: usize, byte: u8| {
            let mut body = REGISTER.to_vec();
            body[at] = byte;
            body
        };
        let wrong: [&[u8]; 8] = [
            &but(6, 5),
            &but(10, 4),
            &but(12, b'\n'),
            &but(12, b'@'),
            &but(12, 0xff),
            &[REGISTER, b"x"].concat(),
            b"z",
            b"k",
        ];
        for body in wrong {
            assert_eq!(Request::read(body), None, "{body:?}");
        }
        let long = [b"z", [b'a'; 256].as_slice()].concat();
        assert_eq!(Request::read(&long), None);
        assert!(matches!(Request::read(&long[..256]), Some(Request::LookUp(name)) if name.len() == 255));
    }
}
