//! The server as an application: how it is started, told of a changed configuration, and stopped.

use std::sync::Arc;
use std::time::Duration;

use otp::application::{AppContext, AppSpec, Application, Top};
use otp::gen_server::StartError;
use otp::prelude::*;
use otp::supervisor::FailedToStartChild;
use thiserror::Error;

use crate::options::Options;
use crate::shard::Layout;
use crate::tree::{self, Tree};

/// The application `kv-store`.
#[derive(Clone, Copy, Debug)]
pub struct KvStore;

/// What a server that serves has beside its tree.
#[derive(Debug)]
pub struct Serving {
    tree: Arc<Tree>,
    /// Keeps other servers out of the directory.
    _layout: Layout,
}

impl KvStore {
    /// How long an orderly stop may take; what has not ended then is killed. Replies that were sent are in the files in
    /// any case.
    pub const LIMIT: Duration = Duration::from_secs(4);
}

impl Application for KvStore {
    type State = Serving;
    type Config = Options;

    fn spec(&self) -> AppSpec {
        AppSpec::new("kv-store").description("keys and values, over RESP2").version(env!("CARGO_PKG_VERSION"))
    }

    /// Takes the port and the directory, and starts the tree; ready when every shard has recovered and clients are served.
    #[allow(
        clippy::print_stdout,
        reason = "whoever started the server waits for this line, and may read the port off it"
    )]
    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top<Serving>, ExitReason> {
        let options = Options::clone(ctx.config());
        let listener = ctx.system().net()?.listen((options.host, options.port)).await?;
        let address = listener.local().unwrap_or_else(|_| (options.host, options.port).into());
        // Blocks on the file system for a moment.
        let layout = Layout::open(&options.dir, options.shards.count())?;
        let tree = Arc::new(Tree::new(ctx.system(), options, address.clone()));
        let kv = tree::start(tree.clone(), ctx, &layout, Arc::new(listener)).await.map_err(NotStarted)?;
        println!("kv-store is ready on {address}");
        Ok(Top::with_state(kv, Serving { tree, _layout: layout }))
    }

    /// Goes over to a changed file, if the server can do that while it runs.
    async fn config_change(
        &self,
        old: &Options,
        new: &Options,
        serving: &mut Serving,
        _: &AppContext<Self>,
    ) -> Result<(), ExitReason> {
        old.can_become(new)?;
        serving.tree.set_write_timeout(new.write_timeout());
        Ok(())
    }

    /// Tells whoever asks that the server wants no more clients, before the tree stops.
    async fn prep_stop(&self, serving: &mut Serving, _: &AppContext<Self>) {
        serving.tree.health.withdraw("the server stops");
    }
}

/// A part did not start. The text names the path to it: `failed to start store > shard-1: …`.
#[derive(Debug, Error)]
#[error("{}", FailedToStartChild::behind(.0).map_or_else(|| .0.to_string(), ToString::to_string))]
struct NotStarted(StartError);
