use super::label::Label;
use super::node::{Node, Parsed};

/// What is done with the groups of a scope.
#[derive(Clone, Debug)]
pub(crate) struct Grouping {
    /// The label of the scope.
    pub(crate) scope: String,
    pub(crate) request: GroupRequest,
}

#[derive(Clone, Debug)]
pub(crate) enum GroupRequest {
    Join { group: String, of: Vec<Label> },
    Leave { group: String, of: Vec<Label> },
    Members(String),
    LocalMembers(String),
    Groups,
    Monitor { group: String, name: String },
    MonitorScope(String),
    Demonitor(String),
}

impl Grouping {
    /// Reads a step; `None` if it has nothing to do with groups.
    pub(crate) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Grouping>> {
        let text = |key: &str| node.key(key)?.text();
        let request = match verb {
            "pg_join" => GroupRequest::Join { group: text("group")?, of: processes(node)? },
            "pg_leave" => GroupRequest::Leave { group: text("group")?, of: processes(node)? },
            "pg_members" => GroupRequest::Members(text("group")?),
            "pg_local_members" => GroupRequest::LocalMembers(text("group")?),
            "pg_groups" => GroupRequest::Groups,
            "pg_monitor" => GroupRequest::Monitor { group: text("group")?, name: text("as")? },
            "pg_monitor_scope" => GroupRequest::MonitorScope(text("as")?),
            "pg_demonitor" => GroupRequest::Demonitor(text("ref")?),
            _ => return Ok(None),
        };
        Ok(Some(Grouping { scope: text("scope")?, request }))
    }
}

/// One process, or a list; by default the one that executes the step.
fn processes(node: &Node<'_>) -> Parsed<Vec<Label>> {
    match node.optional("of")? {
        None => Ok(vec![Label::Own]),
        Some(of) if of.value().is_array() => of.list()?.iter().map(Label::parse).collect(),
        Some(of) => Ok(vec![Label::parse(&of)?]),
    }
}
