use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

const SCRIPT: &str = include_str!("../../oracle.escript");

/// A real BEAM, which runs scenarios through `oracle.escript`.
pub struct Beam {
    home: PathBuf,
    next: AtomicUsize,
}

/// Why the BEAM cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeamError {
    /// There is none.
    #[error("there is no escript on this machine: install Erlang/OTP 25 or later (Debian's erlang-base will do)")]
    Absent,
    /// Its files cannot be written or read.
    #[error("{}: {error}", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It cannot be started.
    #[error("escript cannot be started: {0}")]
    Start(io::Error),
}

/// How many BEAMs run at the same time.
const AT_A_TIME: usize = 2;

impl Beam {
    /// Looks for `escript`, and makes a directory for scenarios and traces.
    ///
    /// # Errors
    ///
    /// [`BeamError`].
    pub fn find() -> Result<Beam, BeamError> {
        match Command::new("escript").output() {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(BeamError::Absent),
            Err(error) => return Err(BeamError::Start(error)),
        }
        let home = std::env::temp_dir().join(format!("otp-conformance-oracle-{}", std::process::id()));
        fs::create_dir_all(&home).map_err(|error| BeamError::File { path: home.clone(), error })?;
        write(&home.join("oracle.escript"), SCRIPT)?;
        Ok(Beam { home, next: AtomicUsize::new(0) })
    }

    /// The traces of scenarios, or why one has none.
    ///
    /// # Errors
    ///
    /// [`BeamError`].
    pub fn traces(&self, scenarios: &[Value]) -> Result<Vec<Result<String, String>>, BeamError> {
        let share = scenarios.len().div_ceil(AT_A_TIME).max(1);
        let parts: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> =
                scenarios.chunks(share).map(|part| scope.spawn(move || self.in_one_beam(part))).collect();
            running
                .into_iter()
                .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        parts.into_iter().collect::<Result<Vec<_>, _>>().map(|parts| parts.concat())
    }

    /// A scenario that the BEAM refuses ends it; then each is asked for by itself.
    fn in_one_beam(&self, scenarios: &[Value]) -> Result<Vec<Result<String, String>>, BeamError> {
        let folder = self.home.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir_all(&folder).map_err(|error| BeamError::File { path: folder.clone(), error })?;
        let mut files = Vec::new();
        for (scenario, number) in scenarios.iter().zip(0..) {
            let file = folder.join(format!("{number}.json"));
            write(&file, &scenario.to_string())?;
            files.push(file);
        }
        let mut command = Command::new("escript");
        command.arg(self.home.join("oracle.escript")).arg("golden").arg(&folder).args(&files);
        let output = command.output().map_err(BeamError::Start)?;
        let traces = if output.status.success() {
            files.iter().map(|file| read(&file.with_extension("jsonl")).map(Ok)).collect()
        } else if let [_] = scenarios {
            Ok(vec![Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())])
        } else {
            let each = scenarios.iter().map(|one| self.in_one_beam(std::slice::from_ref(one)));
            each.collect::<Result<Vec<_>, _>>().map(|each| each.concat())
        };
        // Left behind if it cannot be removed; it is a temporary one.
        let _ = fs::remove_dir_all(&folder);
        traces
    }
}

impl Drop for Beam {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn write(path: &Path, text: &str) -> Result<(), BeamError> {
    fs::write(path, text).map_err(|error| BeamError::File { path: path.to_owned(), error })
}

fn read(path: &Path) -> Result<String, BeamError> {
    fs::read_to_string(path).map_err(|error| BeamError::File { path: path.to_owned(), error })
}
