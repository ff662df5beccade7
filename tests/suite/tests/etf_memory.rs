//! What bytes of an enemy cost in memory. A program of its own, because all memory of the program is counted.

use otp::etf::{DecodeErrorKind, Limits, Term, decode, decode_ref, from_bytes};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most memory that `work` has held at once.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = work();
    let peak = MEMORY.peak_usage();
    drop(result);
    peak - before
}

/// One test, since others would run beside it in the same memory.
#[test]
fn bytes_of_an_enemy_cost_a_small_multiple_of_their_length() {
    let mut cases: Vec<(&str, Vec<u8>)> = include_str!("etf/corpus/invalid.jsonl")
        .lines()
        .map(|line| {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let hex = case["hex"].as_str().unwrap();
            let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            ("invalid", bytes.collect())
        })
        .collect();
    let large = 1 << 20;
    let list = |announced: u32| [&b"l"[..], &announced.to_be_bytes()].concat();
    // Each list announces all that is left, in each other and one after the other.
    cases.push((
        "lists that announce all that is left",
        [b"\x83", &list(large).repeat(250)[..], &vec![b'j'; large as usize]].concat(),
    ));
    cases.push((
        "tuples that announce all that is left",
        [b"\x83", &b"i\0\x10\0\0".repeat(250)[..], &vec![b'j'; large as usize]].concat(),
    ));
    cases.push((
        "maps that announce all that is left",
        [b"\x83", &b"t\0\x08\0\0".repeat(250)[..], &vec![b'j'; large as usize]].concat(),
    ));
    cases.push(("lists that announce 4 GiB", [b"\x83", &list(u32::MAX).repeat(250)[..]].concat()));
    cases.push(("empty lists", [b"\x83", &list(large)[..], &vec![b'j'; 1 + large as usize]].concat()));
    cases.push(("empty tuples", [b"\x83", &list(large)[..], &b"h\0".repeat(large as usize), b"j"].concat()));
    cases.push((
        "a list in cells",
        [b"\x83", &list(1).iter().chain(b"j").copied().collect::<Vec<u8>>().repeat(100_000)[..], b"j"].concat(),
    ));
    cases.push(("a string", [&b"\x83k\xff\xff"[..], &[7; 65_535]].concat()));
    cases.push((
        "many strings",
        [b"\x83", &list(1_000)[..], &[&b"k\x03\xe8"[..], &[7; 1_000]].concat().repeat(1_000), b"j"].concat(),
    ));
    cases.push(("a large map", {
        let pairs = (0..100_000_u32).rev().flat_map(|key| [&b"b"[..], &key.to_be_bytes(), b"j"].concat());
        [b"\x83t\0\x01\x86\xa0".to_vec(), pairs.collect()].concat()
    }));
    cases.push(("a map with the same long key many times", {
        let pair = [&b"m\0\0\x03\xe8"[..], &[7; 1_000], b"j"].concat();
        [b"\x83t\0\0\x03\xe8".to_vec(), pair.repeat(1_000)].concat()
    }));
    cases.push(("a large integer", [&b"\x83o\0\x10\0\0\0"[..], &vec![0xff; large as usize]].concat()));

    for (name, bytes) in &cases {
        let most = 100 * bytes.len() + 4096;
        let used = peak(|| decode(bytes, &Limits::new()));
        assert!(used <= most, "{name}: {used} bytes of memory for {}", bytes.len());
        let used = peak(|| decode_ref(bytes, &Limits::new()));
        assert!(used <= most, "{name}, borrowed: {used} bytes of memory for {}", bytes.len());
        let used = peak(|| from_bytes::<Term>(bytes));
        assert!(used <= most, "{name}, serde: {used} bytes of memory for {}", bytes.len());
        let used = peak(|| from_bytes::<Vec<Vec<u64>>>(bytes));
        assert!(used <= most, "{name}, lists by serde: {used} bytes of memory for {}", bytes.len());
    }

    let lies = [b"\x83", &list(large).repeat(250)[..], &vec![b'j'; large as usize]].concat();
    let error = decode(&lies, &Limits::new()).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (&DecodeErrorKind::Truncated, 1 + 5), "the second lie is noticed");
}
