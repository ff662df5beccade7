//! Which fault is found by which test, and what that says.

use crate::fault::Fault::{self, *};

/// A fault, a test that finds it, and a part of the test's message.
pub(crate) type Case = (Fault, &'static str, &'static str);

/// The message of a test that has run out of patience.
pub(crate) const HANGS: &str = ": hangs";

pub(crate) const TASKS: &[Case] = &[
    (DropsTasks, "spawned_task_runs", "dropped before it was ready"),
    (DropsTasks, "panic_in_a_task_is_contained", "vanished without being run"),
    (DropsTasks, "panic_in_a_process_is_its_exit_reason", "ended with the reason `killed`"),
    (DropsTasks, "kill_drops_the_state_before_the_exit_is_seen", "dropped before it ran"),
    (DropsTasksThatWait, "process_goes_on_when_its_handle_is_dropped", "dropped with its handle"),
    (DropsTasksThatWait, "spawned_task_runs", "dropped before it was ready"),
    (DropsTasksBeyondAThousand, "ten_thousand_tasks_run", "of 10000 tasks only 1000 came to their end"),
    (RefusesForeignSpawns, "spawn_works_on_a_foreign_thread", "spawned on a foreign thread was dropped"),
    (IsNotReentrant, "spawn_works_inside_drop", "spawned inside `Drop` did not run"),
    (PollsAgainAtOnce, "yielding_lets_a_sibling_run", HANGS),
    (PollsAgainAtOnce, "yielding_tasks_do_not_starve_a_sibling", HANGS),
    (PollsAgainAtOnce, "busy_processes_do_not_starve_a_sibling", HANGS),
    // Of the callee, or of a caller that waits because the callee is too slow to be run at once.
    (IsEnteredEverywhere, "process_called_from_anywhere_finds_its_executor", "no executor runs here"),
];

pub(crate) const EXITS: &[Case] = &[
    (LeaksTasks, "exit_is_published_when_the_executor_drops_the_task", HANGS),
    (LeaksTasks, "panic_in_a_task_that_the_executor_drops_is_contained", HANGS),
    (LeaksTasks, "runtime_may_be_used_inside_drop_as_the_executor_goes", HANGS),
    (LeaksLateTasks, "exit_is_published_when_spawn_hits_a_dead_executor", HANGS),
    (LeaksLateTasks, "exit_is_published_when_spawn_races_with_the_drop_of_the_executor", HANGS),
    (LeaksLateTasks, "runtime_may_be_used_inside_drop_as_the_executor_goes", HANGS),
    (RunsTheDead, "exit_is_published_when_spawn_hits_a_dead_executor", "on an executor that has gone"),
    (PanicsOnceDead, "exit_is_published_when_spawn_hits_a_dead_executor", "the executor has gone"),
    (
        PanicsOnceDead,
        "exit_is_published_when_spawn_races_with_the_drop_of_the_executor",
        "`spawn` panicked while the executor went",
    ),
];

pub(crate) const WAKERS: &[Case] = &[
    (LosesWakesDuringPolls, "wake_during_the_poll_is_not_lost", HANGS),
    (ForgetsToPollAgain, "task_that_asks_to_be_polled_again_is", HANGS),
    (LosesForeignWakes, "wake_from_another_thread_is_not_lost", HANGS),
    (PanicsAtLateWakes, "waker_may_be_kept_after_the_end_of_its_task", "a late wake-up panicked"),
    (PanicsAtLateWakes, "waker_may_be_kept_after_the_end_of_the_executor", "a late wake-up panicked"),
    (WakersKeepTasks, "waker_may_be_kept_after_the_end_of_the_executor", HANGS),
];

pub(crate) const TIMERS: &[Case] = &[
    (FiresEarly, "timer_never_fires_early", "before its deadline"),
    (FiresEarly, "far_deadline_does_not_fire", "a timer fired"),
    (FiresOutOfOrder, "timers_fire_in_the_order_of_their_deadlines", "fired in the order [0, 2, 4, 6, 1, 3, 5, 7]"),
    (MissesPastDeadlines, "past_deadline_fires", HANGS),
    (FiresFarDeadlines, "far_deadline_does_not_fire", "more than a year early"),
    (IgnoresResets, "reset_to_an_earlier_deadline_holds", HANGS),
    (IgnoresResets, "reset_to_a_later_deadline_holds", "a timer that was moved"),
    (IgnoresResets, "reset_after_firing_arms_the_timer_again", "armed again is still ready"),
    (FiresOnce, "reset_after_firing_arms_the_timer_again", "armed again is still ready"),
    (ForgetsThatItFired, "expired_timer_stays_ready", HANGS),
    (WakesFromDroppedTimers, "dropped_timer_never_wakes", "had been dropped woke its waker"),
    (KeepsTheFirstWaker, "timer_wakes_the_waker_of_its_last_poll", HANGS),
    (RefusesForeignTimers, "timer_works_on_a_foreign_thread", "no executor runs here"),
    (TimersPanicOnceDead, "timer_may_outlive_its_executor", "no executor runs any more"),
];

pub(crate) const BLOCKING: &[Case] = &[
    (BlocksInline, "blocking_jobs_stall_neither_tasks_nor_timers", HANGS),
    (DropsJobs, "blocking_job_runs", "dropped before it ran"),
    (LeaksTasks, "blocking_job_for_a_dead_executor_is_dropped", HANGS),
    (BlocksInline, "blocked_threads_stall_neither_tasks_nor_timers", HANGS),
    (DropsThreads, "thread_runs_its_task", "dropped before it was ready"),
    (PollsThreadsAtOnce, "thread_polls_its_task_on_one_thread", "was polled on two threads"),
    (LeaksTasks, "process_on_a_thread_ends_with_its_executor", HANGS),
    (RunsTheDead, "blocking_job_for_a_dead_executor_is_dropped", "was run although its executor has gone"),
];

pub(crate) const CLOCK: &[Case] = &[
    (ClockJumpsBack, "clock_never_goes_back", "the clock went back"),
    (ClockStands, "clock_never_goes_back", HANGS),
    (NotRandom, "random_numbers_vary", "were the same"),
    (NotRandom, "secure_random_bytes_vary", "were the same twice"),
    (RandomStopsShort, "secure_random_bytes_vary", "did not fill their buffer"),
];

pub(crate) const RUNS: &[Case] = &[
    (NestsRuns, "nested_run_is_refused", "ran another one"),
    (NestsRuns, "nested_run_is_refused_in_a_process", "ran another one"),
    (PollsBeforeRefusing, "nested_run_is_refused", "its future was polled"),
    (RefusesUnclearly, "nested_run_is_refused", "names another runtime"),
    (StaysEntered, "runs_follow_each_other", "did not run on a thread that runs no other executor"),
    (ReturnsEarly, "spawned_task_runs", "the future was run to its end"),
    (ReturnsEarly, "exit_is_published_when_the_executor_drops_the_task", "returned before its future was ready"),
];

pub(crate) const STREAMS: &[Case] = &[
    (LosesBytes, "bytes_arrive_in_order_both_ways", "other bytes arrived"),
    (LosesBytes, "unix_socket_carries_bytes", "other bytes arrived"),
    (BuffersWithoutBound, "writing_waits_for_a_peer_that_does_not_read", "a peer that does not read was sent"),
    (TakesOneBuffer, "vectored_write_takes_several_buffers", "takes only the first buffer"),
    (ClosesNothing, "closing_ends_one_direction", HANGS),
    (ClosesNothing, "dropped_write_half_ends_its_direction", HANGS),
    (ClosesBothDirections, "closing_ends_one_direction", "has closed the other"),
    (ClosesBothDirections, "dropped_write_half_ends_its_direction", "has closed the read half"),
    (LeaksStreams, "dropped_stream_is_closed", HANGS),
    (LeaksStreams, "stream_is_closed_with_its_halves", HANGS),
    (LeaksStreams, "writing_to_a_peer_that_is_gone_fails", HANGS),
    (HalvesShareAWaker, "halves_belong_to_two_tasks", HANGS),
    (ReadHalfClosesAll, "dropped_read_half_closes_nothing", "has closed the stream"),
    (ReadsEarly, "dropped_read_loses_no_byte", "has lost bytes"),
    (IgnoresNodelay, "nodelay_is_set_and_told", "nodelay is not what it was set to"),
    (MixesUpAddresses, "ends_of_a_connection_know_each_other", "the peer of the server is not the client"),
];

pub(crate) const LISTENERS: &[Case] = &[
    (LeaksListeners, "address_is_free_when_its_listener_is_dropped", "is not free"),
    (LeaksListeners, "clients_that_wait_are_disconnected_with_the_listener", HANGS),
    (LeaksListeners, "client_is_refused_where_nobody_listens", "was connected to nobody"),
    (ForgetsKinds, "address_of_a_listener_is_in_use", "has another kind"),
    (HidesThePort, "listener_tells_the_port_that_was_chosen", "the port of a listener is 0"),
    (ListensOnV4Only, "connection_by_ipv6_carries_bytes", "gets another address"),
    (IgnoresBacklog, "backlog_bounds_the_clients_that_wait", "let 10 clients wait"),
    (LeavesUnixFiles, "unix_listener_removes_its_file", "is left behind"),
    (RemovesAnyFile, "unix_listener_leaves_the_file_of_another", "has removed the file of another"),
    (RemovesAnyFile, "unix_file_that_is_left_behind_is_replaced_if_asked", "that is no socket"),
    (WakesOneAcceptor, "several_tasks_may_wait_for_clients", HANGS),
    (AcceptsEarly, "dropped_accept_loses_no_client", HANGS),
    (DropsClientsBeyondFifty, "hundred_clients_are_served_at_once", "a client was not answered"),
];

pub(crate) const CONNECTS: &[Case] = &[
    (LeaksConnects, "dropped_connect_leaves_no_connection", HANGS),
    (ForgetsKinds, "address_that_nobody_can_have_is_unsupported", "has another kind"),
    (ForgetsKinds, "client_is_refused_where_nobody_listens", "has another kind"),
    (RefusesForeignSockets, "sockets_work_on_a_foreign_thread", "panicked on a foreign thread"),
    (SocketsPanicOnceDead, "sockets_may_outlive_their_executor", "no executor runs any more"),
    (LooksUpAnotherPort, "host_is_looked_up", "the port of a look-up is another"),
    (FindsEveryHost, "unknown_host_is_an_error", "a host was found that cannot be"),
];
