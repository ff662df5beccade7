use std::fmt;

use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq;

/// The secret that nodes of one cluster share. Its text is never shown.
#[derive(Clone)]
pub struct Cookie(Box<[u8]>);

/// What proves that its sender knows the cookie: a digest of the cookie and a challenge.
pub type Digest = [u8; 16];

impl Cookie {
    /// Makes a cookie of its text.
    pub fn new(text: impl AsRef<[u8]>) -> Cookie {
        Cookie(text.as_ref().into())
    }

    /// Returns the answer to a challenge: the MD5 of the cookie and the decimal text of the challenge.
    ///
    /// ```
    /// use otp::dist::Cookie;
    ///
    /// // Recorded between two BEAMs.
    /// let digest = Cookie::new("captures-cookie-0123456789").digest(576_738_432);
    /// assert_eq!(digest[..4], [0xde, 0xbe, 0x84, 0xef]);
    /// ```
    pub fn digest(&self, challenge: u32) -> Digest {
        let mut md5 = Md5::new();
        md5.update(&self.0);
        md5.update(challenge.to_string());
        md5.finalize().into()
    }

    /// Returns whether a peer has answered a challenge; takes the same time whatever it has answered.
    pub fn is_answered(&self, challenge: u32, digest: &Digest) -> bool {
        self.digest(challenge).ct_eq(digest).into()
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(..)")
    }
}
