//! Which partition a key belongs to.

use std::hash::{Hash, Hasher};

/// The number of the partition of a key, of `count`. An integer, or a type whose hash is that of one integer, such as a
/// wrapper around an id, gives its remainder, without its sign. The result for any other key is that of its hash, which is
/// the same in every run of the program.
pub(super) fn partition_of<K: Hash + ?Sized>(key: &K, count: usize) -> usize {
    let mut hasher = KeyHasher { bytes: OFFSET, integer: Integer::None };
    key.hash(&mut hasher);
    let count = count as u128;
    let partition = match hasher.integer {
        Integer::One(n) => n % count,
        _ => u128::from(mixed(hasher.bytes)) % count,
    };
    usize::try_from(partition).expect("it is less than a usize")
}

/// FNV-1a: short, and fixed for good, as what a key's partition is should be.
struct KeyHasher {
    bytes: u64,
    integer: Integer,
}

/// What a key has hashed so far.
enum Integer {
    None,
    /// One integer, without its sign, and nothing else.
    One(u128),
    /// Anything else.
    Other,
}

const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0100_0000_01B3;

/// The low bits of FNV-1a alone depend too little on the high bits of the bytes.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash ^ (hash >> 33)
}

impl KeyHasher {
    fn integer(&mut self, magnitude: u128, bytes: &[u8]) {
        let before = std::mem::replace(&mut self.integer, Integer::Other);
        self.add(bytes);
        if let Integer::None = before {
            self.integer = Integer::One(magnitude);
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes = (self.bytes ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }
}

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.bytes
    }

    fn write(&mut self, bytes: &[u8]) {
        self.integer = Integer::Other;
        self.add(bytes);
    }

    fn write_u8(&mut self, n: u8) {
        self.integer(n.into(), &n.to_le_bytes());
    }

    fn write_u16(&mut self, n: u16) {
        self.integer(n.into(), &n.to_le_bytes());
    }

    fn write_u32(&mut self, n: u32) {
        self.integer(n.into(), &n.to_le_bytes());
    }

    fn write_u64(&mut self, n: u64) {
        self.integer(n.into(), &n.to_le_bytes());
    }

    fn write_u128(&mut self, n: u128) {
        self.integer(n, &n.to_le_bytes());
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_i8(&mut self, n: i8) {
        self.integer(n.unsigned_abs().into(), &n.to_le_bytes());
    }

    fn write_i16(&mut self, n: i16) {
        self.integer(n.unsigned_abs().into(), &n.to_le_bytes());
    }

    fn write_i32(&mut self, n: i32) {
        self.integer(n.unsigned_abs().into(), &n.to_le_bytes());
    }

    fn write_i64(&mut self, n: i64) {
        self.integer(n.unsigned_abs().into(), &n.to_le_bytes());
    }

    fn write_i128(&mut self, n: i128) {
        self.integer(n.unsigned_abs(), &n.to_le_bytes());
    }

    fn write_isize(&mut self, n: isize) {
        self.write_i64(n as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_gives_its_remainder_without_its_sign() {
        for count in [1, 3, 8] {
            for n in -20_i64..20 {
                assert_eq!(partition_of(&n, count), n.unsigned_abs() as usize % count);
                assert_eq!(partition_of(&n.unsigned_abs(), count), n.unsigned_abs() as usize % count);
            }
        }
        assert_eq!(partition_of(&u128::MAX, 10), 5);
        assert_eq!(partition_of(&i64::MIN, 10), 8);
        assert_eq!(partition_of(&7_u8, 4), 3);
    }

    #[test]
    fn a_wrapper_around_an_integer_is_that_integer() {
        #[derive(Hash)]
        struct Id(u32);
        assert_eq!(partition_of(&Id(11), 4), 3);
    }

    #[test]
    fn other_keys_are_spread_and_always_go_the_same_way() {
        let mut counts = [0; 4];
        for n in 0..4000 {
            counts[partition_of(&format!("user {n}"), 4)] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
        // As long as this holds, a program finds what an earlier version of it has stored by partition.
        assert_eq!(["a", "b", "c", "d", "e"].map(|key| partition_of(key, 1000)), EXPECTED);
        assert_ne!(partition_of(&(1, 2), 1 << 40), partition_of(&(2, 1), 1 << 40));
    }

    const EXPECTED: [usize; 5] = [22, 165, 567, 775, 254];
}
