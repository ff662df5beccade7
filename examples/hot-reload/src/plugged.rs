//! A server whose code is a plugin's.

use std::sync::Arc;

use hot_reload_abi::{Instance, Library, PluginError, SavedState};
use otp::gen_server::Upgrade;
use otp::prelude::*;
use otp::process::Term;

/// A server that has a plugin handle its calls. Its state is the plugin's.
///
/// It is upgraded to a server of the same type, whose code is another library's: the old library saves the state, the new
/// one reads it, and if it does, the new one handles all calls from then on. The old state is closed when the new server
/// takes over, in the process of the server, where no call can be running; and with it goes the handle of the old library.
#[derive(Debug)]
pub struct Plugged {
    instance: Instance,
}

#[gen_server]
impl Plugged {
    #[init]
    fn init(library: Arc<Library>) -> Result<Self, ExitReason> {
        Ok(Plugged { instance: Instance::open(&library, None)? })
    }

    /// Has the plugin answer. If it panics, the server ends: nobody knows what is left of the state.
    #[call]
    fn ask(&mut self, request: String, from: ReplyTo<Result<String, PluginError>>) -> Result<(), ExitReason> {
        let answer = self.instance.handle(request.as_bytes());
        let end = match &answer {
            Err(error) if !matches!(error, PluginError::Refused { .. }) => Err(error.clone().into()),
            _ => Ok(()),
        };
        from.reply(answer.map(|text| String::from_utf8_lossy(&text).into_owned()));
        end
    }

    /// Returns the state as it is now, and the code that can read it, for a request that takes long: it needs neither this
    /// server nor the code that the server will have.
    #[call]
    fn snapshot(&mut self) -> Result<Snapshot, PluginError> {
        Ok(Snapshot { library: self.instance.library().clone(), state: self.instance.save()? })
    }
}

impl Upgrade<Plugged> for Plugged {
    fn upgrade(old: &Plugged, to: &Term) -> Result<Plugged, ExitReason> {
        let Some(Code(library)) = to.downcast_ref() else { return Err(ExitReason::other("no library")) };
        Ok(Plugged { instance: Instance::open(library, Some(&old.instance.save()?))? })
    }
}

/// A library, as what an upgrade is told.
#[derive(Debug)]
pub struct Code(pub Arc<Library>);

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The state of a server at some time, with its code.
#[derive(Debug)]
pub struct Snapshot {
    library: Arc<Library>,
    state: SavedState,
}

impl Snapshot {
    /// Has the plugin answer from this state, piece by piece. Blocks its thread, as long as the plugin takes.
    ///
    /// # Errors
    ///
    /// If the plugin refuses, or panics.
    pub fn answer(self, request: &str, take: impl FnMut(&[u8])) -> Result<(), PluginError> {
        Instance::open(&self.library, Some(&self.state))?.stream(request.as_bytes(), take)
    }

    /// The library with the code.
    #[must_use]
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}
