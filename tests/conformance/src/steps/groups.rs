use otp::process::MessageRef;
use otp::registry::{GroupChange, GroupEvent, JoinError, LeaveError, Member};
use otp::{Address, Pid};
use serde_json::{Value, json};

use super::unfit;
use crate::actors::{Desk, Mail, Note};
use crate::language::{GroupRequest, Grouping, Label};
use crate::trace::Shape;
use crate::world::{Actor, Reference, Scope};

pub(super) fn perform(grouping: &Grouping, desk: &mut Desk) -> Shape {
    let scope = match desk.world.recorder().latest(&grouping.scope) {
        Some(Actor::Scope(scope)) => Some(scope),
        _ => None,
    };
    match (scope, &grouping.request) {
        (Some(scope), request) => ask(&scope, request, desk),
        (None, GroupRequest::Members(_) | GroupRequest::LocalMembers(_)) => Shape::List(Vec::new()),
        (None, _) => gone(),
    }
}

fn ask(scope: &Scope, request: &GroupRequest, desk: &mut Desk) -> Shape {
    let own = desk.ctx.pid();
    match request {
        GroupRequest::Join { group, of } => {
            let addresses: Option<Vec<Address<Value>>> = of.iter().map(|label| address(label, desk)).collect();
            let Some(addresses) = addresses else { return unfit("it gets no messages of the user") };
            match scope.join_all(group, addresses) {
                Ok(()) => Shape::done(),
                Err(JoinError::NoScope(_)) => gone(),
                // For OTP it joins, and leaves at once.
                Err(JoinError::NoProc { .. }) => Shape::done(),
                Err(other) => unfit(&other.to_string()),
            }
        }
        GroupRequest::Leave { group, of } => {
            let pids = of.iter().filter_map(|label| desk.world.resolve(label, own)?.pid());
            match scope.leave_all(group, pids) {
                Ok(()) => Shape::done(),
                Err(LeaveError::NotJoined { .. }) => Shape::word("not_joined"),
                Err(LeaveError::NoScope(_)) => gone(),
                Err(other) => unfit(&other.to_string()),
            }
        }
        GroupRequest::Members(group) => members(&scope.members(group)),
        GroupRequest::LocalMembers(group) => members(&scope.local_members(group)),
        GroupRequest::Groups => match scope.groups() {
            Ok(groups) => {
                let mut names: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
                names.sort_unstable();
                Shape::Json(json!(names))
            }
            Err(_) => gone(),
        },
        GroupRequest::Monitor { group, name } => match scope.monitor(group, receiver(name, desk)) {
            Ok((monitor, now)) => {
                desk.world.refer(name, Reference::Groups(monitor));
                members(&now)
            }
            Err(_) => gone(),
        },
        GroupRequest::MonitorScope(name) => match scope.monitor_all(receiver(name, desk)) {
            Ok((monitor, groups)) => {
                desk.world.refer(name, Reference::Groups(monitor));
                Shape::Named(groups.into_iter().map(|(group, now)| (String::clone(&group), members(&now))).collect())
            }
            Err(_) => gone(),
        },
        GroupRequest::Demonitor(name) => match desk.world.reference(name) {
            Some(Reference::Groups(monitor)) => match scope.demonitor(monitor) {
                Ok(true) => {
                    forget(name, desk);
                    Shape::done()
                }
                Ok(false) => Shape::Json(json!(false)),
                Err(_) => gone(),
            },
            _ => unfit("there is no such monitor"),
        },
    }
}

/// Removes the messages of a monitor, as `pg` does; the library leaves them to their receiver.
fn forget(name: &str, desk: &mut Desk) {
    let of_it = |message: MessageRef<'_, Mail>| matches!(message, MessageRef::User(Mail::Group { monitor, .. }) if monitor == name);
    while desk.ctx.try_receive_match(of_it).is_some() {}
}

/// Where a process gets the messages of its groups.
fn address(label: &Label, desk: &Desk) -> Option<Address<Value>> {
    match desk.world.resolve(label, desk.ctx.pid())? {
        Actor::Raw(raw) => Some(Address::from(raw.process).map_message(Mail::User)),
        Actor::Worker(server) => Some(server.info_address(Note::User)),
        Actor::Machine(machine) => Some(machine.info_address(Note::User)),
        _ => None,
    }
}

/// Where the executing process gets the messages of a monitor.
fn receiver(name: &str, desk: &Desk) -> Address<GroupEvent<String, Value>> {
    let name = name.to_owned();
    Address::from(desk.ctx.this()).map_message(move |event: GroupEvent<String, Value>| Mail::Group {
        monitor: name.clone(),
        event: if event.change == GroupChange::Joined { "join" } else { "leave" },
        group: String::clone(&event.group),
        pids: event.pids(),
    })
}

/// A message of a monitor.
pub(super) fn message(monitor: String, event: &'static str, group: String, pids: Vec<Pid>) -> Shape {
    let parts = vec![
        ("event", Shape::word(event)),
        ("group", Shape::word(&group)),
        ("pids", Shape::Sorted(pids.into_iter().map(Shape::Who).collect())),
        ("ref", Shape::word(&monitor)),
    ];
    Shape::tagged("pg", Shape::Object(parts))
}

fn members(members: &[Member<Value>]) -> Shape {
    Shape::Sorted(members.iter().map(|member| Shape::Who(member.pid())).collect())
}

fn gone() -> Shape {
    Shape::fail(Shape::word("noproc"))
}
