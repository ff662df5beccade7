use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use crate::origin::Origin;
use crate::problem::Problem;
use crate::tree::{Node, of_file};

/// A configuration is not larger.
const LARGEST: u64 = 16 << 20;

/// A file that is read.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: Arc<Path>,
    pub(crate) has_to_exist: bool,
}

impl File {
    pub(crate) fn new(path: impl AsRef<Path>, has_to_exist: bool) -> File {
        File { path: path.as_ref().into(), has_to_exist }
    }

    /// What is in it; what is wrong goes to `problems`.
    pub(crate) fn read(&self, problems: &mut Vec<Problem>) -> Node {
        match self.bytes() {
            Ok(bytes) => return of_file(&self.path, &bytes, problems),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.has_to_exist => {}
            Err(error) => problems.push(Problem::unreadable(&self.path, &error)),
        }
        Node::empty(Origin::Defaults)
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(&self.path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "it has more than 16 MiB"));
        }
        Ok(bytes)
    }
}
