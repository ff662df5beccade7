use std::time::Duration;

use otp::supervisor::{AutoShutdown, Strategy};

use super::node::{Node, Parsed};

/// A value that OTP refuses when it runs, and that the library's types cannot even express: what OTP calls it.
pub(crate) type Unfit = &'static str;

/// The options of a supervisor; what is absent is left to the library.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) strategy: Option<Strategy>,
    pub(crate) intensity: Option<usize>,
    pub(crate) period: Option<Duration>,
    pub(crate) auto_shutdown: Option<AutoShutdown>,
    /// The first one that does not fit.
    pub(crate) unfit: Option<Unfit>,
}

/// The options of an Elixir DynamicSupervisor.
#[derive(Clone, Debug, Default)]
pub(crate) struct DynamicFlags {
    pub(crate) intensity: Option<usize>,
    pub(crate) period: Option<Duration>,
    pub(crate) max_children: Option<usize>,
}

impl Flags {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<Flags> {
        let mut unfit = None;
        let strategy = fit(node, "strategy", "strategy", &mut unfit, |node| match node.value().as_str()? {
            "one_for_one" => Some(Strategy::OneForOne),
            "one_for_all" => Some(Strategy::OneForAll),
            "rest_for_one" => Some(Strategy::RestForOne),
            _ => None,
        })?;
        let intensity = fit(node, "intensity", "intensity", &mut unfit, natural)?;
        let period = fit(node, "period", "period", &mut unfit, |node| Some(Duration::from_secs(node.natural().ok()?)))?;
        let auto_shutdown =
            fit(node, "auto_shutdown", "auto_shutdown", &mut unfit, |node| match node.value().as_str()? {
                "never" => Some(AutoShutdown::Never),
                "any_significant" => Some(AutoShutdown::AnySignificant),
                "all_significant" => Some(AutoShutdown::AllSignificant),
                _ => None,
            })?;
        Ok(Flags { strategy, intensity, period, auto_shutdown, unfit })
    }
}

impl DynamicFlags {
    pub(crate) fn parse(node: &Node<'_>) -> Parsed<DynamicFlags> {
        Ok(DynamicFlags {
            intensity: node.maybe("intensity", |node| Ok(node.natural()? as usize))?,
            period: node.maybe("period", |node| Ok(Duration::from_secs(node.natural()?)))?,
            max_children: node
                .maybe("max_children", |node| match node.value().as_str() {
                    Some("infinity") => Ok(None),
                    _ => Ok(Some(node.natural()? as usize)),
                })?
                .flatten(),
        })
    }
}

/// What `read` makes of the value under a key; notes the key, under OTP's word for it, if that is nothing.
pub(super) fn fit<'a, T>(
    node: &Node<'a>,
    key: &str,
    word: Unfit,
    unfit: &mut Option<Unfit>,
    read: impl FnOnce(&Node<'a>) -> Option<T>,
) -> Parsed<Option<T>> {
    let Some(value) = node.optional(key)? else { return Ok(None) };
    let read = read(&value);
    if read.is_none() {
        unfit.get_or_insert(word);
    }
    Ok(read)
}

fn natural(node: &Node<'_>) -> Option<usize> {
    usize::try_from(node.natural().ok()?).ok()
}
