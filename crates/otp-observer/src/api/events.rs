//! What happens, as it happens.

use std::sync::Arc;

use futures::stream;
use otp_http::{Response, ServerSentEvent, StatusCode};

use super::Answer;
use crate::eyes::{Browser, Eyes, INTERVAL};
use crate::guard::refused;

/// `GET /api/events`: server-sent events; `totals` after each look, and `incident` for each crash and restart.
///
/// The stream is polled when its browser has room for more: one that does not read is told less, and holds up nobody.
pub(crate) fn events(eyes: &Arc<Eyes>) -> Answer {
    let Some(browser) = eyes.open() else {
        return Err(refused(StatusCode::SERVICE_UNAVAILABLE, "too many browsers look at this system"));
    };
    let start = Watching { eyes: eyes.clone(), _browser: browser, told: eyes.incidents.last(), is_first: true };
    let batches = stream::unfold(start, |mut watching| async move {
        let batch = watching.next().await;
        Some((stream::iter(batch), watching))
    });
    Ok(Response::events(futures::StreamExt::flatten(batches)))
}

struct Watching {
    eyes: Arc<Eyes>,
    _browser: Browser,
    /// The last incident that was told.
    told: u64,
    is_first: bool,
}

impl Watching {
    async fn next(&mut self) -> Vec<ServerSentEvent> {
        if !std::mem::take(&mut self.is_first) {
            self.eyes.system.sleep(INTERVAL).await;
        }
        let look = self.eyes.look().await;
        let new = self.eyes.incidents.since(self.told);
        self.told = new.last().map_or(self.told, |last| last.id);
        let event =
            |name: &str, json: Result<String, _>| json.ok().map(|json: String| ServerSentEvent::new(json).event(name));
        let incidents = new.iter().map(|incident| event("incident", serde_json::to_string(&**incident)));
        incidents.chain([event("totals", serde_json::to_string(&look.totals))]).flatten().collect()
    }
}
