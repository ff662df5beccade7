use crate::proto::NodeName;

/// A request to register a node that listens on `port`, with its length.
pub fn register(name: &NodeName, port: u16) -> Vec<u8> {
    let short = name.short().as_bytes();
    let mut body = vec![b'x'];
    body.extend(port.to_be_bytes());
    // A normal node, TCP, the highest and lowest version of the protocol.
    body.extend([77, 0, 0, 6, 0, 5]);
    body.extend(u16_len(short));
    body.extend(short);
    body.extend([0, 0]);
    request(body)
}

/// Reads the answer to [`register`]: the creation; `None` if the name is taken, or the answer is no answer. It is
/// incomplete below [`registered_size`] bytes.
pub fn registered(answer: &[u8]) -> Option<u32> {
    match answer {
        [118, 0, a, b, c, d] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        [121, 0, a, b] => Some(u32::from(u16::from_be_bytes([*a, *b]))),
        _ => None,
    }
}

/// How many bytes an answer to [`register`] has that begins with this one.
pub fn registered_size(first: u8) -> usize {
    if first == 118 { 6 } else { 4 }
}

/// A request for the port of a node, with its length.
pub fn look_up(name: &NodeName) -> Vec<u8> {
    let mut body = vec![b'z'];
    body.extend(name.short().as_bytes());
    request(body)
}

/// Reads the answer to [`look_up`], which ends with the connection, or its beginning: the port; `None` if there is no
/// such node.
pub fn looked_up(answer: &[u8]) -> Option<u16> {
    match answer {
        [119, 0, a, b, ..] => Some(u16::from_be_bytes([*a, *b])),
        _ => None,
    }
}

fn request(body: Vec<u8>) -> Vec<u8> {
    let mut out = u16_len(&body).to_vec();
    out.extend(body);
    out
}

fn u16_len(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).expect("names are short").to_be_bytes()
}
