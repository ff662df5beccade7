//! What holds for any bytes a client may send.

use bytes::{Bytes, BytesMut};
use kv_store::resp::{Decoder, Limits, ProtocolError};
use proptest::collection::vec;
use proptest::prelude::*;

const LIMITS: Limits = Limits { max_args: 8, max_bulk: 64, max_request: 256, max_inline: 128 };

/// Decodes what arrives in pieces, as a connection does; also returns the most it had to buffer.
fn decode(pieces: &[&[u8]]) -> (Vec<Vec<Bytes>>, Option<ProtocolError>, usize) {
    let mut decoder = Decoder::new(LIMITS);
    let mut buf = BytesMut::new();
    let mut requests = Vec::new();
    let mut most = 0;
    for piece in pieces {
        buf.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buf) {
                Ok(Some(request)) => requests.push(request),
                Ok(None) => break,
                Err(error) => return (requests, Some(error), most),
            }
        }
        most = most.max(buf.len());
    }
    (requests, None, most)
}

fn pieces(bytes: &[u8], mut cuts: Vec<prop::sample::Index>) -> Vec<&[u8]> {
    cuts.sort_by_key(|cut| cut.index(bytes.len() + 1));
    let mut pieces = Vec::new();
    let mut from = 0;
    for cut in cuts {
        let to = cut.index(bytes.len() + 1);
        pieces.push(&bytes[from..to]);
        from = to;
    }
    pieces.push(&bytes[from..]);
    pieces
}

fn encode(requests: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for request in requests {
        bytes.extend_from_slice(format!("*{}\r\n", request.len()).as_bytes());
        for argument in request {
            bytes.extend_from_slice(format!("${}\r\n", argument.len()).as_bytes());
            bytes.extend_from_slice(argument);
            bytes.extend_from_slice(b"\r\n");
        }
    }
    bytes
}

/// Bytes that look like requests, with damage in places.
fn almost_requests() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        8 => vec(vec(any::<u8>(), 0..20), 1..5).prop_map(|request| encode(&[request])),
        1 => Just(b"PING\r\n".to_vec()),
        1 => Just(b"SET \"a b\" 'c'\n".to_vec()),
        1 => "[*$][-+0-9]{0,12}\r\n".prop_map(String::into_bytes),
        1 => "[*$0-9\r\n\"'\\\\ a]{0,40}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..40),
    ];
    vec(fragment, 0..12).prop_map(|fragments| fragments.concat())
}

proptest! {
    #[test]
    fn requests_come_out_as_they_went_in(
        requests in vec(vec(vec(any::<u8>(), 0..30), 1..6), 0..10),
        cuts in vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = encode(&requests);
        let (decoded, error, _) = decode(&pieces(&bytes, cuts));
        prop_assert_eq!(error, None);
        prop_assert_eq!(decoded, requests);
    }

    #[test]
    fn where_the_bytes_are_split_makes_no_difference(
        bytes in almost_requests(),
        cuts in vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let (whole, whole_error, _) = decode(&[&bytes]);
        let (split, split_error, _) = decode(&pieces(&bytes, cuts));
        prop_assert_eq!(whole, split);
        prop_assert_eq!(whole_error, split_error);
    }

    #[test]
    fn no_more_is_buffered_than_the_limits_allow(
        bytes in prop_oneof![almost_requests(), vec(any::<u8>(), 0..2000)],
    ) {
        let bytewise: Vec<&[u8]> = bytes.chunks(1).collect();
        let (requests, _, most) = decode(&bytewise);
        prop_assert!(most <= LIMITS.max_request.max(LIMITS.max_inline));
        for request in requests {
            prop_assert!(request.len() <= LIMITS.max_args.max(LIMITS.max_inline));
            prop_assert!(request.iter().all(|argument| argument.len() <= LIMITS.max_inline));
        }
    }
}
