use std::env;
use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use otp_core::System;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::File;
use crate::help::Help;
use crate::key::{option, upper, variable};
use crate::origin::Origin;
use crate::problem::{LoadError, Problem, Problems};
use crate::read::read;
use crate::shape::Shape;
use crate::tree::{Node, of_defaults, of_variables, read_arguments};

/// Describes where the configuration of a program comes from, and makes it: a value of the user's type `T`.
///
/// A later source overrides an earlier one, key by key, whatever the order of the calls: defaults, files in the order in
/// which they are named, environment variables, command line. A list is overridden as a whole. What no source has comes
/// from `#[serde(default)]`, and is [missing](Problem::Missing) otherwise.
///
/// | source | how it names the key `store.max_size` of the program `kv-store` |
/// |---|---|
/// | a file | `max_size = 3` below `[store]` |
/// | the environment | `KV_STORE__STORE__MAX_SIZE=3` |
/// | the command line | `--store.max-size 3` or `--store.max-size=3` |
///
/// The text of a variable or an option is read as the type of its key. A flag's option needs no value. A list is split at
/// commas, and an option of a list may be given several times; or it is a TOML array, `["a,b", "c"]`. A table may be given
/// as `{ a = 1 }`. A key, variable with the prefix, or option that `T` does not have is an [error](Problem::Unknown).
///
/// Nothing is read before [`read`](Config::read) or [`load`](Config::load), which may be called again: then the files are
/// read again; environment and command line stay as they were.
///
/// ```
/// use otp::config::Config;
/// use serde::Deserialize;
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// struct Options {
///     name: String,
///     #[serde(default)]
///     store: Store,
/// }
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// #[serde(default)]
/// struct Store {
///     shards: u16,
///     max_size: u64,
/// }
///
/// impl Default for Store {
///     fn default() -> Store {
///         Store { shards: 4, max_size: 1000 }
///     }
/// }
///
/// let config = Config::<Options>::new("kv-store")
///     .variables([("KV_STORE__NAME", "north"), ("KV_STORE__STORE__MAX_SIZE", "10"), ("HOME", "/root")])
///     .arguments(["--store.max-size=20"]);
/// assert_eq!(config.read().unwrap(), Options { name: "north".into(), store: Store { shards: 4, max_size: 20 } });
///
/// let wrong = config.arguments(["--store.shards", "four", "--store.max-sise=1"]).read().unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "unknown option --store.max-sise; did you mean `--store.max-size`?\n\
///      option --store.shards: expected u16, found \"four\""
/// );
/// ```
#[must_use = "it is read by `read` or `load`"]
pub struct Config<T> {
    program: String,
    prefix: String,
    about: String,
    version: Option<String>,
    defaults: Option<Result<Node, String>>,
    files: Vec<File>,
    variables: Option<Vec<(OsString, OsString)>>,
    arguments: Option<Vec<OsString>>,
    texts: Vec<(String, String)>,
    check: Option<Arc<Check<T>>>,
    of: PhantomData<fn() -> T>,
}

type Check<T> = dyn Fn(&T) -> Result<(), String> + Send + Sync;

impl<T: DeserializeOwned> Config<T> {
    /// Makes the configuration of a program, from no source yet. The name stands in the help, and is the beginning of the
    /// environment variables: that of `kv-store` is `KV_STORE__`.
    pub fn new(program: impl Into<String>) -> Config<T> {
        let program = program.into();
        Config {
            prefix: upper(&program),
            program,
            about: String::new(),
            version: None,
            defaults: None,
            files: Vec::new(),
            variables: None,
            arguments: None,
            texts: Vec::new(),
            check: None,
            of: PhantomData,
        }
    }

    /// Takes what nothing else says from a value of the type, or of another one with the same names. The help shows it.
    pub fn defaults(mut self, value: &impl Serialize) -> Config<T> {
        self.defaults = Some(of_defaults(value));
        self
    }

    /// Reads a file in TOML, which has to exist. At most 16 MiB of it.
    pub fn file(mut self, path: impl AsRef<Path>) -> Config<T> {
        self.files.push(File::new(path, true));
        self
    }

    /// Reads a file in TOML, if it exists.
    pub fn file_if_present(mut self, path: impl AsRef<Path>) -> Config<T> {
        self.files.push(File::new(path, false));
        self
    }

    /// Reads the environment variables of this program, as they are now.
    pub fn environment(self) -> Config<T> {
        self.variables(env::vars_os())
    }

    /// Reads these environment variables instead of the program's, for tests.
    pub fn variables<K: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Config<T> {
        self.variables = Some(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Sets the beginning of the names of environment variables, without the two underscores that follow it. There are
    /// two, because Kubernetes sets `KV_STORE_PORT` for every service `kv-store`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Config<T> {
        self.prefix = prefix.into();
        self
    }

    /// Reads the command line of this program. Beside the options of the keys there are `--help` (`-h`), `--version`
    /// (`-V`) and, if a file is read, `--config <FILE>`: a file, which has to exist, that is read instead.
    pub fn command_line(self) -> Config<T> {
        self.arguments(env::args_os().skip(1))
    }

    /// Reads these arguments instead of the program's.
    pub fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Config<T> {
        self.arguments = Some(arguments.into_iter().map(Into::into).collect());
        self
    }

    /// Sets what the help says of the program.
    pub fn about(mut self, text: impl Into<String>) -> Config<T> {
        self.about = text.into();
        self
    }

    /// Sets what `--version` prints after the program's name.
    pub fn version(mut self, version: impl Into<String>) -> Config<T> {
        self.version = Some(version.into());
        self
    }

    /// Sets what the help says of a key, such as `store.shards`.
    pub fn describe(mut self, key: impl Into<String>, text: impl Into<String>) -> Config<T> {
        self.texts.push((key.into(), text.into()));
        self
    }

    /// Has a configuration whose values are well formed examined as a whole. An error is a
    /// [problem](Problem::Refused).
    pub fn check<E: fmt::Display>(mut self, check: impl Fn(&T) -> Result<(), E> + Send + Sync + 'static) -> Config<T> {
        self.check = Some(Arc::new(move |value: &T| check(value).map_err(|error| error.to_string())));
        self
    }

    /// What `--help` prints: each key with its option, its type, its default and its variable.
    pub fn help(&self) -> String {
        let help = Help {
            program: &self.program,
            about: &self.about,
            prefix: self.variables.is_some().then_some(self.prefix.as_str()),
            version: self.version.is_some(),
            defaults: self.defaults.as_ref().and_then(|defaults| defaults.as_ref().ok()),
            files: &self.files,
            texts: &self.texts,
        };
        help.text(&Shape::of::<T>())
    }

    /// Reads all sources, and makes the configuration. Blocks on the file system: for a `main`, before an executor runs.
    /// [`load`](Config::load) is for processes.
    ///
    /// # Errors
    ///
    /// The command line asks for help, or something is wrong: all that is, as far as it can be told at once.
    pub fn read(&self) -> Result<T, LoadError> {
        let shape = Shape::of::<T>();
        let mut problems = Vec::new();
        let arguments = self.arguments.as_deref().unwrap_or_default();
        let arguments = read_arguments(arguments, &shape, !self.files.is_empty(), &mut problems);
        if arguments.help {
            return Err(LoadError::Help(self.help()));
        }
        if arguments.version {
            let version = self.version.as_deref().unwrap_or("of no version");
            return Err(LoadError::Help(format!("{} {version}\n", self.program)));
        }
        let mut root = Node::empty(Origin::Defaults);
        match &self.defaults {
            Some(Ok(defaults)) => root.merge(defaults.clone()),
            Some(Err(reason)) => problems.push(Problem::invalid(Origin::Defaults, Default::default(), reason)),
            None => {}
        }
        // Problems are told in the order of the sources, although the command line is read first.
        let mut before = Vec::new();
        match arguments.file {
            Some(path) => root.merge(File::new(path, true).read(&mut before)),
            None => self.files.iter().for_each(|file| root.merge(file.read(&mut before))),
        }
        if let Some(variables) = &self.variables {
            root.merge(of_variables(variables, &self.prefix, &shape, &mut before));
        }
        root.merge(arguments.root);
        before.append(&mut problems);
        let mut problems = before;
        // Of a file that could not be read to its end, the values would be guesses.
        let is_whole =
            !problems.iter().any(|problem| matches!(problem, Problem::Syntax { .. } | Problem::Unreadable { .. }));
        let value = is_whole.then(|| read(root, &shape, &mut problems)).flatten();
        for problem in &mut problems {
            self.tell_names(problem);
        }
        match value {
            Some(value) if problems.is_empty() => match self.check.as_ref().map_or(Ok(()), |check| check(&value)) {
                Ok(()) => Ok(value),
                Err(reason) => Err(LoadError::Wrong(Problems(vec![Problem::Refused { reason }]))),
            },
            _ => Err(LoadError::Wrong(Problems(problems))),
        }
    }

    /// Reads all sources, and makes the configuration, in a blocking job of the system.
    ///
    /// # Errors
    ///
    /// As [`read`](Config::read); and a panic in code of the type or of the [check](Config::check), which is reported as a
    /// crash, too.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is changed. A job that has begun reads on, and its result is dropped.
    pub async fn load(&self, system: &System) -> Result<T, LoadError>
    where
        T: Send + 'static,
    {
        let config = self.clone();
        system.spawn_blocking(move || config.read()).await?
    }

    /// Adds how a missing value may be given.
    fn tell_names(&self, problem: &mut Problem) {
        if let Problem::Missing { key, variable: by_variable, option: by_option } = problem
            && let Some(fields) = key.fields()
        {
            *by_variable = self.variables.is_some().then(|| variable(&self.prefix, &fields));
            *by_option = self.arguments.is_some().then(|| format!("--{}", option(&fields)));
        }
    }
}

impl<T> Clone for Config<T> {
    fn clone(&self) -> Config<T> {
        Config {
            program: self.program.clone(),
            prefix: self.prefix.clone(),
            about: self.about.clone(),
            version: self.version.clone(),
            defaults: self.defaults.clone(),
            files: self.files.clone(),
            variables: self.variables.clone(),
            arguments: self.arguments.clone(),
            texts: self.texts.clone(),
            check: self.check.clone(),
            of: PhantomData,
        }
    }
}

/// Shows no value: there may be secrets among them.
impl<T> fmt::Debug for Config<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut config = f.debug_struct("Config");
        config.field("program", &self.program).field("files", &self.files).finish_non_exhaustive()
    }
}
