/// What is wrong with a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: the wrapper itself does no harm.
    None,

    /// Spawned tasks are dropped without being run.
    DropsTasks,
    /// A task is dropped when it has to wait, as where a dropped handle cancels.
    DropsTasksThatWait,
    /// Tasks beyond the thousandth are dropped.
    DropsTasksBeyondAThousand,
    /// Tasks and jobs are leaked when the executor goes, or is gone.
    LeaksTasks,
    /// Tasks that come while or after the executor goes are leaked, as by a look at a flag that comes too early.
    LeaksLateTasks,
    /// Jobs and tasks for an executor that has gone are run anyway.
    RunsTheDead,
    /// Only the executor's own threads may spawn.
    RefusesForeignSpawns,
    /// Spawning while a task is being polled or dropped panics, where a real one would wait for its own lock.
    IsNotReentrant,
    /// Spawning panics once the executor has gone.
    PanicsOnceDead,

    /// A task that is woken during its poll is polled again at once, and nothing else.
    PollsAgainAtOnce,
    /// A task that asks to be polled again is not.
    ForgetsToPollAgain,
    /// It says that every thread may run its processes, though its timers need its own.
    IsEnteredEverywhere,
    /// A wake-up that comes during the poll is lost.
    LosesWakesDuringPolls,
    /// A wake-up that comes from a thread that is not the executor's is lost.
    LosesForeignWakes,
    /// Waking a task that has ended panics.
    PanicsAtLateWakes,
    /// A waker keeps its task alive.
    WakersKeepTasks,

    /// Timers fire at once.
    FiresEarly,
    /// Every other timer is late.
    FiresOutOfOrder,
    /// A deadline in the past never comes.
    MissesPastDeadlines,
    /// A deadline that is far away overflows, and fires at once.
    FiresFarDeadlines,
    /// A reset does nothing.
    IgnoresResets,
    /// A timer cannot be armed again once it has fired.
    FiresOnce,
    /// A timer is ready once, and waits for ever when it is polled again.
    ForgetsThatItFired,
    /// A timer that is dropped goes on, and wakes.
    WakesFromDroppedTimers,
    /// A timer wakes the waker of its first poll.
    KeepsTheFirstWaker,
    /// Only the executor's own threads may make timers.
    RefusesForeignTimers,
    /// Polling a timer panics once the executor has gone.
    TimersPanicOnceDead,

    /// Blocking jobs run where they are spawned.
    BlocksInline,
    /// Blocking jobs are dropped.
    DropsJobs,
    /// Tasks for threads are dropped.
    DropsThreads,
    /// Tasks for threads are polled where they are started, before their threads poll them.
    PollsThreadsAtOnce,

    /// The clock jumps back now and then.
    ClockJumpsBack,
    /// The clock stands.
    ClockStands,
    /// Every random number is the same.
    NotRandom,
    /// Secure random bytes fill a part of their buffer.
    RandomStopsShort,

    /// A nested run is not refused.
    NestsRuns,
    /// A nested run is refused, but its future has been polled.
    PollsBeforeRefusing,
    /// A nested run is refused in somebody else's name.
    RefusesUnclearly,
    /// A run leaves its thread marked as running.
    StaysEntered,
    /// A run ends when its future has to wait.
    ReturnsEarly,

    /// A write that takes several bytes loses the last one.
    LosesBytes,
    /// A write that has to wait says that it is done.
    BuffersWithoutBound,
    /// A write of several buffers takes the first.
    TakesOneBuffer,
    /// Closing a stream does nothing.
    ClosesNothing,
    /// Closing a stream ends what it reads, too.
    ClosesBothDirections,
    /// A stream that is dropped stays open.
    LeaksStreams,
    /// Each half of a stream forgets whom the other one has to wake.
    HalvesShareAWaker,
    /// Dropping the half that reads closes the other one, too.
    ReadHalfClosesAll,
    /// A read takes a byte and then waits.
    ReadsEarly,
    /// Whether small writes are sent at once cannot be changed.
    IgnoresNodelay,
    /// A stream tells another address than its own.
    MixesUpAddresses,

    /// A listener that is dropped goes on.
    LeaksListeners,
    /// A listener tells no port.
    HidesThePort,
    /// A listener is one of IPv4, whatever was asked for.
    ListensOnV4Only,
    /// A listener lets as many clients wait as there is room for.
    IgnoresBacklog,
    /// The file of a Unix socket stays.
    LeavesUnixFiles,
    /// The file of a Unix socket is removed, whatever it is by now.
    RemovesAnyFile,
    /// Of those who wait for clients, only the last is woken.
    WakesOneAcceptor,
    /// An accept takes a client and then waits.
    AcceptsEarly,
    /// Clients beyond the fiftieth are disconnected.
    DropsClientsBeyondFifty,

    /// A connection that nobody waits for any more is made and kept.
    LeaksConnects,
    /// Errors are told without their kinds.
    ForgetsKinds,
    /// Only the executor's own threads may connect.
    RefusesForeignSockets,
    /// Connecting panics once the executor has gone.
    SocketsPanicOnceDead,
    /// A look-up forgets the port.
    LooksUpAnotherPort,
    /// A host that is unknown is this one.
    FindsEveryHost,
}
