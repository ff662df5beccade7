use serde_json::Value;

use super::label::Label;
use super::node::{Node, Parsed};

/// What is done with a table.
#[derive(Clone, Debug)]
pub(crate) enum Tabling {
    New { id: String, spec: TableSpec },
    Whereis(String),
    Of { table: String, request: TableRequest },
}

#[derive(Clone, Debug)]
pub(crate) struct TableSpec {
    pub(crate) kind: TableKind,
    pub(crate) access: TableAccess,
    pub(crate) name: Option<String>,
    pub(crate) heir: Option<HeirSpec>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableKind {
    Set,
    OrderedSet,
    Bag,
    DuplicateBag,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableAccess {
    Private,
    Protected,
    Public,
}

#[derive(Clone, Debug)]
pub(crate) struct HeirSpec {
    pub(crate) to: Label,
    pub(crate) data: Value,
}

/// A row: its key, and what it has beside that.
#[derive(Clone, Debug)]
pub(crate) struct RowSpec {
    pub(crate) key: Value,
    pub(crate) fields: Vec<Value>,
}

#[derive(Clone, Debug)]
pub(crate) enum TableRequest {
    Insert(Vec<RowSpec>),
    InsertNew(Vec<RowSpec>),
    Lookup(Value),
    Take(Value),
    Member(Value),
    DeleteKey(Value),
    DeleteObject(RowSpec),
    DeleteAll,
    Delete,
    UpdateCounter(Counting),
    /// A position counts from 0, behind the key.
    UpdateElement {
        key: Value,
        place: Option<usize>,
        value: Value,
    },
    First,
    Last,
    Next(Value),
    Prev(Value),
    All,
    WalkDelete,
    Fix,
    GiveAway {
        to: Label,
        data: Value,
    },
    SetHeir(Option<HeirSpec>),
    Rename(String),
    Info,
}

#[derive(Clone, Debug)]
pub(crate) struct Counting {
    pub(crate) key: Value,
    /// Counts from 0, behind the key; none is the key itself.
    pub(crate) place: Option<usize>,
    pub(crate) by: i64,
    pub(crate) threshold: Option<(i64, i64)>,
    pub(crate) default: Option<RowSpec>,
}

impl Tabling {
    /// Reads a step; `None` if it has nothing to do with tables.
    pub(crate) fn parse(verb: &str, node: &Node<'_>) -> Parsed<Option<Tabling>> {
        let Some(verb) = verb.strip_prefix("ets_") else { return Ok(None) };
        let key = || node.key("key")?.free();
        let request = match verb {
            "new" => return Ok(Some(Tabling::New { id: node.key("as")?.text()?, spec: TableSpec::parse(node)? })),
            "whereis" => return Ok(Some(Tabling::Whereis(node.key("name")?.text()?))),
            "insert" => TableRequest::Insert(rows(node)?),
            "insert_new" => TableRequest::InsertNew(rows(node)?),
            "lookup" => TableRequest::Lookup(key()?),
            "take" => TableRequest::Take(key()?),
            "member" => TableRequest::Member(key()?),
            "delete_key" => TableRequest::DeleteKey(key()?),
            "delete_object" => TableRequest::DeleteObject(row(&node.key("row")?)?),
            "delete_all" => TableRequest::DeleteAll,
            "delete" => TableRequest::Delete,
            "update_counter" => TableRequest::UpdateCounter(Counting {
                key: key()?,
                place: place(node)?,
                by: integer(&node.key("by")?)?,
                threshold: match node.maybe("threshold", integer)? {
                    Some(limit) => Some((limit, integer(&node.key("reset")?)?)),
                    None => None,
                },
                default: node.maybe("default", row)?,
            }),
            "update_element" => {
                TableRequest::UpdateElement { key: key()?, place: place(node)?, value: node.key("value")?.free()? }
            }
            "first" => TableRequest::First,
            "last" => TableRequest::Last,
            "next" => TableRequest::Next(key()?),
            "prev" => TableRequest::Prev(key()?),
            "all" => TableRequest::All,
            "walk_delete" => TableRequest::WalkDelete,
            "fix" => TableRequest::Fix,
            "give_away" => TableRequest::GiveAway {
                to: Label::parse(&node.key("to")?)?,
                data: node.maybe("data", Node::free)?.unwrap_or_default(),
            },
            "set_heir" => TableRequest::SetHeir(heir(node)?),
            "rename" => TableRequest::Rename(node.key("name")?.text()?),
            "info" => TableRequest::Info,
            _ => return Ok(None),
        };
        Ok(Some(Tabling::Of { table: node.key("table")?.text()?, request }))
    }
}

impl TableSpec {
    fn parse(node: &Node<'_>) -> Parsed<TableSpec> {
        let kind = match node.maybe("type", Node::text)?.as_deref() {
            None | Some("set") => TableKind::Set,
            Some("ordered_set") => TableKind::OrderedSet,
            Some("bag") => TableKind::Bag,
            Some("duplicate_bag") => TableKind::DuplicateBag,
            Some(other) => return Err(node.invalid(format!("unknown type \"{other}\""))),
        };
        let access = match node.maybe("access", Node::text)?.as_deref() {
            Some("private") => TableAccess::Private,
            None | Some("protected") => TableAccess::Protected,
            Some("public") => TableAccess::Public,
            Some(other) => return Err(node.invalid(format!("unknown access \"{other}\""))),
        };
        let heir = if node.optional("heir")?.is_some() { heir(node)? } else { None };
        Ok(TableSpec { kind, access, name: node.maybe("name", Node::text)?, heir })
    }
}

/// An heir, or "none".
fn heir(node: &Node<'_>) -> Parsed<Option<HeirSpec>> {
    let heir = node.key("heir")?;
    if heir.value() == "none" {
        return Ok(None);
    }
    let data = heir.maybe("data", Node::free)?.unwrap_or_default();
    Ok(Some(HeirSpec { to: Label::parse(&heir.key("to")?)?, data }))
}

fn rows(node: &Node<'_>) -> Parsed<Vec<RowSpec>> {
    match node.optional("rows")? {
        Some(rows) => rows.list()?.iter().map(row).collect(),
        None => Ok(vec![row(&node.key("row")?)?]),
    }
}

fn row(node: &Node<'_>) -> Parsed<RowSpec> {
    let mut fields = node.list()?.iter().map(Node::free).collect::<Parsed<Vec<Value>>>()?.into_iter();
    let key = fields.next().ok_or_else(|| node.invalid("a row has a key"))?;
    Ok(RowSpec { key, fields: fields.collect() })
}

fn place(node: &Node<'_>) -> Parsed<Option<usize>> {
    let position = node.maybe("pos", integer)?.unwrap_or(2);
    Ok(usize::try_from(position - 2).ok())
}

fn integer(node: &Node<'_>) -> Parsed<i64> {
    node.value().as_i64().ok_or_else(|| node.invalid("an integer is wanted"))
}
