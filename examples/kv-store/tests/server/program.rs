//! `kv-store` as a child process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tempfile::TempDir;

use crate::client::Client;

/// A running server. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    address: SocketAddr,
    dir: Dir,
}

/// A directory that outlives the servers that use it.
#[derive(Clone)]
pub(crate) struct Dir(std::sync::Arc<TempDir>);

impl Dir {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap().into())
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn log(&self) -> PathBuf {
        self.0.path().join("log")
    }
}

/// How a server ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) after: Duration,
    pub(crate) log: String,
}

impl Program {
    /// Starts a server in a directory of its own.
    pub(crate) fn start(executor: &str, options: &[&str]) -> Self {
        Self::start_in(&Dir::new(), executor, options)
    }

    /// Starts a server on any port, and waits until it serves.
    pub(crate) fn start_in(dir: &Dir, executor: &str, options: &[&str]) -> Self {
        let mut child = spawn(dir, executor, options);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("kv-store is ready on ").map(|address| address.trim_end().parse().unwrap());
        let Some(address) = address else {
            child.wait().unwrap();
            panic!("the server did not start: {}", fs::read_to_string(dir.log()).unwrap());
        };
        Self { child, address, dir: dir.clone() }
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// The most memory that it has had in use, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Lets it open this many more files than it has open, and no more.
    pub(crate) fn limit_files(&self, more: u64) {
        let open = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count() as u64;
        let limit = Rlimit { current: Some(open + more), maximum: Some(open + more) };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Nofile, limit).unwrap();
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.log()).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end_by(self, signal: Signal) -> Ended {
        self.signal(signal);
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ended {
        let since = Instant::now();
        let status = self.child.wait().unwrap();
        Ended { code: status.code(), after: since.elapsed(), log: self.log() }
    }
}

impl Drop for Program {
    #[allow(clippy::print_stderr, reason = "what the server said, for whoever looks into a failed test")]
    fn drop(&mut self) {
        // Fails when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

/// Runs a server that is not expected to come so far as to serve.
pub(crate) fn run(dir: &Dir, executor: &str, options: &[&str]) -> Ended {
    let since = Instant::now();
    let status = spawn(dir, executor, options).wait().unwrap();
    Ended { code: status.code(), after: since.elapsed(), log: fs::read_to_string(dir.log()).unwrap() }
}

fn spawn(dir: &Dir, executor: &str, options: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_kv-store"))
        .args(["--backend", executor, "--port", "0", "--dir"])
        .arg(dir.data())
        .args(options)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(append(&dir.log()))
        .spawn()
        .unwrap()
}

fn append(path: &Path) -> File {
    File::options().create(true).append(true).open(path).unwrap()
}
