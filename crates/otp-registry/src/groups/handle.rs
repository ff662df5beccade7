use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use otp_behaviour::Stop;
use otp_core::{Address, Exited, Label, Name, Pid, Spawner, System, Target};

use super::error::{JoinError, LeaveError, NoScope};
use super::event::{GroupEvent, GroupMonitor};
use super::group::{Joined, repeated};
use super::member::Member;
use super::scope::{ScopeMessage, Scopes};
use super::start::StartGroups;
use super::table::{Closed, Table};

/// A scope of groups: processes join groups by key, leave them, and are found, or sent to, as a group. This is its
/// handle, which refers to one scope or, through a name, to the scope that holds the name at that time. Cheap to clone.
///
/// `K` is the type of the keys, `M` the type of the messages that members get. A member is an
/// [`Address<M>`](otp_core::Address), and so a server joins with one that is mapped to its own messages:
/// `server.info_address(..)`. A scope is a process in a tree. Scopes are independent of each other; the process of one
/// only sends the messages of its monitors, and no join or look-up waits for it.
///
/// * **Memberships.** A process may join several times, and must leave as often. It counts as a member with the address
///   with which it joined first.
/// * **On exit of a member.** All its memberships are gone before any link, monitor or event reports the end. Those who
///   monitor the group get one message for each membership.
/// * **On exit of the scope.** Its groups are forgotten; the members are not touched.
/// * **On restart.** A scope that its supervisor restarts is empty. A handle from [`named`](Groups::named) finds the new
///   one. A member that is restarted must join again.
/// * **Order.** Those who monitor get the changes in the order in which they happened.
///
/// The hash, comparison and drop of a key run outside all locks.
///
/// It follows [`pg`](https://www.erlang.org/doc/man/pg.html) of OTP, with typed keys and messages. `Node::shares` of
/// `otp::dist` shares a scope with those of the same name on other nodes: then a group has members there, too.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::registry::Groups;
/// use otp::{Address, ExitReason, Message, ProcessContext};
///
/// let rooms: Groups<String, u32> = Groups::start(&system).await.unwrap();
/// let guest = system.spawn(async |mut ctx: ProcessContext<u32>| {
///     assert_eq!(ctx.receive().await, Message::User(7));
/// });
/// rooms.join("kitchen", &guest).unwrap();
/// assert_eq!(rooms.members("kitchen").len(), 1);
///
/// rooms.broadcast("kitchen", 7);
/// assert_eq!(guest.exited().await, ExitReason::Normal);
/// assert!(rooms.members("kitchen").is_empty());
/// # }).unwrap();
/// ```
#[must_use = "a scope without a handle can only be found by its name"]
pub struct Groups<K, M> {
    scope: Scope<K, M>,
}

enum Scope<K, M> {
    One(Arc<Table<K, M>>),
    Named(System, GroupsName<K, M>),
}

/// The name of a scope whose keys are `K` and whose messages are `M`.
pub type GroupsName<K, M> = Name<ScopeMessage<K, M>>;

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Groups<K, M> {
    /// Starts a scope that is linked to no process. Does nothing until it is awaited.
    pub fn start(on: &impl Spawner) -> StartGroups<K, M> {
        StartGroups::new(on)
    }

    /// Starts a scope that is linked to the process that starts it, its parent. Does nothing until it is awaited.
    pub fn start_link(on: &impl Spawner) -> StartGroups<K, M> {
        StartGroups::new(on).link()
    }

    /// Returns a handle to the scope that holds `name` in `system`. Each operation looks up the current holder.
    pub fn named(system: &System, name: GroupsName<K, M>) -> Groups<K, M> {
        Groups { scope: Scope::Named(system.clone(), name) }
    }

    /// Adds a process to a group.
    ///
    /// # Errors
    ///
    /// See [`JoinError`].
    ///
    /// # Panics
    ///
    /// If the hash, the comparison or the copy of a key panics; nothing has changed then.
    pub fn join<Q>(&self, group: &Q, member: impl Into<Address<M>>) -> Result<(), JoinError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        self.join_all(group, [member])
    }

    /// Adds processes to a group, each as often as it occurs; those who monitor get one message. Processes that have
    /// ended are left out.
    ///
    /// # Errors
    ///
    /// See [`JoinError`]; it is [`NoProc`](JoinError::NoProc) if all of them have ended. After an error none has joined.
    ///
    /// # Panics
    ///
    /// As [`join`](Groups::join).
    pub fn join_all<Q, A>(&self, group: &Q, members: impl IntoIterator<Item = A>) -> Result<(), JoinError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        A: Into<Address<M>>,
    {
        let table = self.table()?;
        let addresses: Vec<Address<M>> = members.into_iter().map(Into::into).collect();
        let mut found = Vec::with_capacity(addresses.len());
        for address in &addresses {
            found.extend(member_of(&table, address)?);
        }
        let Some(first) = addresses.first() else { return Ok(()) };
        add(&table, group, &found, || first.target())
    }

    /// Adds members to a group, each as often as it occurs: processes of other nodes, or members of another group. For crates
    /// that connect nodes. Processes that have ended are left out.
    ///
    /// # Errors
    ///
    /// As [`join_all`](Groups::join_all).
    ///
    /// # Panics
    ///
    /// As [`join`](Groups::join).
    pub fn join_members<Q>(&self, group: &Q, members: &[Member<M>]) -> Result<(), JoinError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let Some(first) = members.first() else { return Ok(()) };
        add(&self.table()?, group, members, || first.pid.into())
    }

    /// Removes one membership of a process from a group.
    ///
    /// # Errors
    ///
    /// See [`LeaveError`].
    ///
    /// # Panics
    ///
    /// If the hash or the comparison of a key panics; nothing has changed then.
    pub fn leave<Q>(&self, group: &Q, pid: Pid) -> Result<(), LeaveError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.leave_all(group, [pid])
    }

    /// Removes memberships of processes from a group, of each as many as it occurs; those who monitor get one message.
    /// Processes that are not, or not so often, members are left out.
    ///
    /// # Errors
    ///
    /// See [`LeaveError`]; it is [`NotJoined`](LeaveError::NotJoined) if none of them is a member.
    ///
    /// # Panics
    ///
    /// As [`leave`](Groups::leave).
    pub fn leave_all<Q>(&self, group: &Q, pids: impl IntoIterator<Item = Pid>) -> Result<(), LeaveError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let table = self.table()?;
        let pids: Vec<Pid> = pids.into_iter().collect();
        let Some(first) = pids.first() else { return Ok(()) };
        match table.leave(group, &pids) {
            Ok(true) => Ok(()),
            Ok(false) => Err(LeaveError::NotJoined { scope: table.label.clone(), process: *first }),
            Err(Closed) => Err(ended(&table).into()),
        }
    }

    /// Returns the members of a group, each as often as it has joined; none if there is no such group, or no such scope.
    pub fn members<Q>(&self, group: &Q) -> Vec<Member<M>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let members = self.joined(group).unwrap_or_default();
        repeated(&members).cloned().collect()
    }

    /// Returns the members of a group that run on this node; see [`members`](Groups::members).
    pub fn local_members<Q>(&self, group: &Q) -> Vec<Member<M>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let members = self.joined(group).unwrap_or_default();
        repeated(&members).filter(|member| member.pid.is_here()).cloned().collect()
    }

    /// Returns the keys of all groups, the oldest group first. A group exists while it has members.
    ///
    /// # Errors
    ///
    /// [`NoScope`].
    pub fn groups(&self) -> Result<Vec<Arc<K>>, NoScope> {
        let table = self.table()?;
        table.groups().map_err(|Closed| ended(&table))
    }

    /// Monitors a group, which need not exist yet: returns its members now, and from now on `to` gets a message for each
    /// join and leave, until [`demonitor`](Groups::demonitor), or until the process behind `to` ends. Several monitors of
    /// one process are independent.
    ///
    /// `to` is mapped to the message type of its process, whose conversion runs in the process of the scope. A message
    /// that finds a bounded mailbox full is lost, which the next one [tells](GroupEvent::lost).
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::registry::{GroupChange, GroupEvent, Groups};
    /// use otp::{Address, Message, ProcessContext};
    ///
    /// enum News {
    ///     Group(GroupEvent<u32, ()>),
    /// }
    ///
    /// let groups: Groups<u32, ()> = Groups::start(&system).await.unwrap();
    /// let other = groups.clone();
    /// let watcher = system.spawn(async move |mut ctx: ProcessContext<News>| {
    ///     let (monitor, members) = other.monitor(&1, Address::from(ctx.this()).map_message(News::Group)).unwrap();
    ///     assert!(members.is_empty());
    ///     let worker = ctx.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    ///     other.join(&1, &worker).unwrap();
    ///     let Message::User(News::Group(event)) = ctx.receive().await else { panic!("no news") };
    ///     assert_eq!((event.monitor, *event.group, event.change), (monitor, 1, GroupChange::Joined));
    ///     assert_eq!(event.pids(), [worker.pid()]);
    /// });
    /// assert!(!watcher.exited().await.is_abnormal());
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// See [`JoinError`].
    ///
    /// # Panics
    ///
    /// As [`join`](Groups::join).
    pub fn monitor<Q>(
        &self,
        group: &Q,
        to: impl Into<Address<GroupEvent<K, M>>>,
    ) -> Result<(GroupMonitor, Vec<Member<M>>), JoinError>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let (table, to) = (self.table()?, to.into());
        let gone = || JoinError::NoProc { scope: table.label.clone(), process: to.target() };
        let owner = member_of(&table, &to)?.ok_or_else(gone)?;
        let (monitor, members) =
            table.monitor(group, owner.pid, owner.address).map_err(|Closed| ended(&table))?.ok_or_else(gone)?;
        Ok((monitor, repeated(&members).cloned().collect()))
    }

    /// Monitors all groups of the scope: returns the groups with their members now, the oldest group first; see
    /// [`monitor`](Groups::monitor).
    ///
    /// # Errors
    ///
    /// See [`JoinError`].
    #[expect(clippy::type_complexity, reason = "a monitor, and the groups with their members")]
    pub fn monitor_all(
        &self,
        to: impl Into<Address<GroupEvent<K, M>>>,
    ) -> Result<(GroupMonitor, Vec<(Arc<K>, Vec<Member<M>>)>), JoinError> {
        let (table, to) = (self.table()?, to.into());
        let gone = || JoinError::NoProc { scope: table.label.clone(), process: to.target() };
        let owner = member_of(&table, &to)?.ok_or_else(gone)?;
        let (monitor, groups) =
            table.monitor_all(owner.pid, owner.address).map_err(|Closed| ended(&table))?.ok_or_else(gone)?;
        let groups = groups.into_iter().map(|(key, members)| (key, repeated(&members).cloned().collect()));
        Ok((monitor, groups.collect()))
    }

    /// Removes a monitor; false if there is no such monitor. Messages that have been sent stay in the mailbox.
    ///
    /// # Errors
    ///
    /// [`NoScope`].
    pub fn demonitor(&self, monitor: GroupMonitor) -> Result<bool, NoScope> {
        let table = self.table()?;
        table.demonitor(monitor).map_err(|Closed| ended(&table))
    }

    /// Asks the scope to stop, and waits until it has ended; see [`Stop`].
    pub fn stop(&self) -> Stop {
        Stop::of(&self.address())
    }

    /// Waits for the end of the scope and returns its exit reason; `NoProc` if there is no such scope.
    pub fn exited(&self) -> Exited {
        self.address().exited()
    }

    /// Returns the pid of the scope; `None` if no process holds the name, or a process of another type holds it.
    pub fn pid(&self) -> Option<Pid> {
        self.address().pid().ok().flatten()
    }

    /// The system that the scope belongs to.
    pub fn system(&self) -> &System {
        match &self.scope {
            Scope::One(table) => &table.system,
            Scope::Named(system, _) => system,
        }
    }

    /// The address of the scope's process.
    fn address(&self) -> Address<ScopeMessage<K, M>> {
        match &self.scope {
            Scope::One(table) => table.scope.get().expect("a scope that has started has a process").into(),
            Scope::Named(system, name) => Address::named(system, name.clone()),
        }
    }

    pub(super) fn joined<Q>(&self, group: &Q) -> Option<Arc<Vec<Joined<M>>>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.table().ok()?.members(group)
    }

    fn table(&self) -> Result<Arc<Table<K, M>>, NoScope> {
        match &self.scope {
            Scope::One(table) => Ok(table.clone()),
            Scope::Named(system, name) => {
                let gone = || NoScope::Ended { scope: Label::from(name.clone()) };
                let scope = system.whereis(name)?.ok_or_else(gone)?;
                Scopes::find(system, scope.pid()).ok_or_else(gone)
            }
        }
    }
}

impl<K, M> Groups<K, M> {
    pub(super) fn of(table: Arc<Table<K, M>>) -> Groups<K, M> {
        Groups { scope: Scope::One(table) }
    }
}

fn ended<K, M>(table: &Table<K, M>) -> NoScope {
    NoScope::Ended { scope: table.label.clone() }
}

/// Adds members to a group. `first` is the first of those that were to join.
fn add<K, M, Q>(
    table: &Arc<Table<K, M>>,
    group: &Q,
    members: &[Member<M>],
    first: impl Fn() -> Target,
) -> Result<(), JoinError>
where
    K: Borrow<Q> + Hash + Eq + Send + Sync + 'static,
    M: Send + 'static,
    Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
{
    let gone = || JoinError::NoProc { scope: table.label.clone(), process: first() };
    if members.is_empty() {
        return Err(gone());
    }
    match table.join(group, members) {
        Ok(true) => Ok(()),
        Ok(false) => Err(gone()),
        Err(Closed) => Err(ended(table).into()),
    }
}

/// Whom an address leads to; `None` if there is nobody.
fn member_of<K, M, A: Send + 'static>(
    table: &Table<K, M>,
    address: &Address<A>,
) -> Result<Option<Member<A>>, JoinError> {
    if *address.system() != table.system {
        return Err(JoinError::OtherSystem { scope: table.label.clone(), process: address.target() });
    }
    Member::of(address).map_err(|wrong| JoinError::WrongType { scope: table.label.clone(), wrong })
}

impl<K, M> Clone for Groups<K, M> {
    fn clone(&self) -> Groups<K, M> {
        let scope = match &self.scope {
            Scope::One(table) => Scope::One(table.clone()),
            Scope::Named(system, name) => Scope::Named(system.clone(), name.clone()),
        };
        Groups { scope }
    }
}

/// Lets `monitor` and [`sys`](otp_behaviour::sys) take the handle.
impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> From<&Groups<K, M>> for Target {
    fn from(groups: &Groups<K, M>) -> Target {
        groups.address().target()
    }
}

impl<K, M> fmt::Debug for Groups<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::One(table) => write!(f, "Groups({})", table.label),
            Scope::Named(_, name) => write!(f, "Groups({name})"),
        }
    }
}
