use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq;

/// The secret that nodes of one cluster share. Its text is never shown.
#[derive(Clone)]
pub struct Cookie(Box<[u8]>);

/// What proves that its sender knows the cookie: a digest of the cookie and a challenge.
pub type Digest = [u8; 16];

impl Cookie {
    /// Makes a cookie of its text. With an empty one a node does not start.
    pub fn new(text: impl AsRef<[u8]>) -> Cookie {
        Cookie(text.as_ref().into())
    }

    /// Reads a cookie from a file, such as `~/.erlang.cookie`; a line end at the end is not part of it. Blocks for as long as
    /// that takes.
    ///
    /// # Errors
    ///
    /// [`CookieError`] if the file cannot be read, is empty, or may be read or written by others than its owner.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Cookie, CookieError> {
        let path = path.as_ref();
        let failed = |source| CookieError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let mode = file.metadata().map_err(failed)?.mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(CookieError::Accessible { path: path.to_owned(), mode });
            }
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(CookieError::Empty { path: path.to_owned() }),
            cookie => Ok(Cookie::new(cookie)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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

/// The error of reading a cookie from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CookieError {
    /// The file cannot be read.
    #[error("cannot read the cookie in {}", path.display())]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Others than its owner may read or write the file.
    #[error("the cookie in {} is no secret: its mode is {mode:o}, and has to be 600 or 400", path.display())]
    #[non_exhaustive]
    Accessible {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file is empty.
    #[error("there is no cookie in {}", path.display())]
    #[non_exhaustive]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_cookie_is_read_from_a_file_that_only_its_owner_may_read() {
        let path = std::env::temp_dir().join(format!("otp-dist-cookie-{}", std::process::id()));
        fs::write(&path, "secret\n").unwrap();
        let read = |mode| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            Cookie::from_file(&path)
        };
        assert_eq!(read(0o600).unwrap().digest(1), Cookie::new("secret").digest(1));
        assert!(matches!(read(0o640), Err(CookieError::Accessible { mode: 0o640, .. })));
        assert!(matches!(read(0o604), Err(CookieError::Accessible { .. })));
        fs::write(&path, "\n").unwrap();
        assert!(matches!(read(0o400), Err(CookieError::Empty { .. })));
        fs::remove_file(&path).unwrap();
        assert!(matches!(Cookie::from_file(&path), Err(CookieError::Read { .. })));
    }
}
