use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The address of a socket: an IP address with a port, or the path of a Unix socket.
///
/// Its text is `127.0.0.1:6379`, `[::1]:6379` or `unix:/run/app.sock`; parsing the text gives the same address.
///
/// ```
/// use otp::runtime::net::NetAddr;
///
/// let tcp: NetAddr = "127.0.0.1:6379".parse().unwrap();
/// assert_eq!(tcp, NetAddr::from(([127, 0, 0, 1], 6379)));
/// assert_eq!(tcp.port(), Some(6379));
///
/// let unix: NetAddr = "unix:/run/app.sock".parse().unwrap();
/// assert_eq!(unix.path(), Some("/run/app.sock".as_ref()));
/// assert_eq!(unix.to_string(), "unix:/run/app.sock");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NetAddr {
    /// A TCP socket.
    Tcp(SocketAddr),
    /// A Unix socket with a path in the file system.
    Unix(PathBuf),
    /// A Unix socket without a path, such as that of a client. It cannot be connected to.
    UnixUnnamed,
}

impl NetAddr {
    /// Returns the IP address and the port of a TCP socket.
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            NetAddr::Tcp(address) => Some(*address),
            NetAddr::Unix(_) | NetAddr::UnixUnnamed => None,
        }
    }

    /// Returns the port of a TCP socket.
    pub fn port(&self) -> Option<u16> {
        self.tcp().map(|address| address.port())
    }

    /// Returns the path of a Unix socket that has one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            NetAddr::Unix(path) => Some(path),
            NetAddr::Tcp(_) | NetAddr::UnixUnnamed => None,
        }
    }
}

impl fmt::Display for NetAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NetAddr::Tcp(address) => fmt::Display::fmt(address, f),
            NetAddr::Unix(path) => write!(f, "{UNIX}{}", path.display()),
            NetAddr::UnixUnnamed => f.write_str(UNIX),
        }
    }
}

impl FromStr for NetAddr {
    type Err = ParseNetAddrError;

    fn from_str(text: &str) -> Result<NetAddr, ParseNetAddrError> {
        match text.strip_prefix(UNIX) {
            Some("") => Ok(NetAddr::UnixUnnamed),
            Some(path) => Ok(NetAddr::Unix(path.into())),
            None => text.parse().map(NetAddr::Tcp).map_err(|_| ParseNetAddrError { text: text.to_owned() }),
        }
    }
}

/// The error of parsing a text that is not a [`NetAddr`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no address: it is neither an IP address with a port nor \"unix:\" with a path")]
#[non_exhaustive]
pub struct ParseNetAddrError {
    /// The text.
    pub text: String,
}

/// Parses the text, like [`str::parse`].
impl TryFrom<&str> for NetAddr {
    type Error = ParseNetAddrError;

    fn try_from(text: &str) -> Result<NetAddr, ParseNetAddrError> {
        text.parse()
    }
}

/// Parses the text, like [`str::parse`].
impl TryFrom<String> for NetAddr {
    type Error = ParseNetAddrError;

    fn try_from(text: String) -> Result<NetAddr, ParseNetAddrError> {
        text.parse()
    }
}

impl From<SocketAddr> for NetAddr {
    fn from(address: SocketAddr) -> NetAddr {
        NetAddr::Tcp(address)
    }
}

impl From<SocketAddrV4> for NetAddr {
    fn from(address: SocketAddrV4) -> NetAddr {
        NetAddr::Tcp(address.into())
    }
}

impl From<SocketAddrV6> for NetAddr {
    fn from(address: SocketAddrV6) -> NetAddr {
        NetAddr::Tcp(address.into())
    }
}

impl From<(IpAddr, u16)> for NetAddr {
    fn from(address: (IpAddr, u16)) -> NetAddr {
        NetAddr::Tcp(address.into())
    }
}

impl From<(Ipv4Addr, u16)> for NetAddr {
    fn from(address: (Ipv4Addr, u16)) -> NetAddr {
        NetAddr::Tcp(address.into())
    }
}

impl From<(Ipv6Addr, u16)> for NetAddr {
    fn from(address: (Ipv6Addr, u16)) -> NetAddr {
        NetAddr::Tcp(address.into())
    }
}

/// Makes a TCP address from the four numbers of an IPv4 address, and a port.
impl From<([u8; 4], u16)> for NetAddr {
    fn from(address: ([u8; 4], u16)) -> NetAddr {
        NetAddr::Tcp(address.into())
    }
}

/// Makes the address of a Unix socket.
impl From<PathBuf> for NetAddr {
    fn from(path: PathBuf) -> NetAddr {
        NetAddr::Unix(path)
    }
}

/// Makes the address of a Unix socket.
impl From<&Path> for NetAddr {
    fn from(path: &Path) -> NetAddr {
        NetAddr::Unix(path.to_owned())
    }
}

impl From<&NetAddr> for NetAddr {
    fn from(address: &NetAddr) -> NetAddr {
        address.clone()
    }
}

const UNIX: &str = "unix:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let texts = ["127.0.0.1:0", "[::1]:65535", "unix:/tmp/a socket", "unix:relative", "unix:"];
        for text in texts {
            assert_eq!(text.parse::<NetAddr>().map(|address| address.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_text_that_is_no_address_is_named() {
        for text in ["", "127.0.0.1", "localhost:80", "/tmp/socket", "127.0.0.1:65536"] {
            let error = text.parse::<NetAddr>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("{text:?} is no address")), "{error}");
        }
    }

    #[test]
    fn every_way_to_write_an_address_means_the_same() {
        let v4 = Ipv4Addr::new(10, 0, 0, 1);
        let expected: NetAddr = "10.0.0.1:80".parse().unwrap();
        let same: [NetAddr; 5] = [
            (v4, 80).into(),
            (IpAddr::V4(v4), 80).into(),
            SocketAddrV4::new(v4, 80).into(),
            ([10, 0, 0, 1], 80).into(),
            (&expected).into(),
        ];
        assert!(same.iter().all(|address| *address == expected), "{same:?}");
        assert_eq!(NetAddr::from((Ipv6Addr::LOCALHOST, 80)), SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 0).into());
        assert_eq!(NetAddr::from(PathBuf::from("/a")), Path::new("/a").into());
        assert_eq!((expected.tcp(), expected.path()), (Some(([10, 0, 0, 1], 80).into()), None));
        assert_eq!((NetAddr::UnixUnnamed.port(), NetAddr::UnixUnnamed.path()), (None, None));
    }
}
