use crate::OwnedBackend;

/// A test of the suite: panics when the backend breaks the promise that it tests.
pub type Test = fn(&dyn OwnedBackend);

/// Makes a `#[test]` of each test of the suite, for the backend at a path.
///
/// `suite!(path)` takes an [`OwnedBackend`](crate::OwnedBackend), such as a function that returns an executor.
/// `suite!(shared path)` takes a [`Backend`](crate::Backend) and leaves out the tests that need to own the executor.
/// `suite!(single_threaded path)` leaves out the tests in which blocking jobs and threads wait for tasks, which they cannot
/// do where a simulator runs them on its only thread. The tests have the names of the functions, so put each backend into its
/// own module.
#[macro_export]
macro_rules! suite {
    (shared $backend:path) => { $crate::suite!(@list shared $backend); };
    (single_threaded $backend:path) => { $crate::suite!(@list single_threaded $backend); };
    ($backend:path) => { $crate::suite!(@list owned $backend); };

    (@list $($purpose:tt)*) => {
        $crate::suite! {
            @for [$($purpose)*]
            every backend {
                spawned_task_runs
                panic_in_a_task_is_contained
                spawn_works_on_a_foreign_thread
                spawn_works_inside_drop
                ten_thousand_tasks_run
                yielding_lets_a_sibling_run
                yielding_tasks_do_not_starve_a_sibling
                process_goes_on_when_its_handle_is_dropped
                panic_in_a_process_is_its_exit_reason
                kill_drops_the_state_before_the_exit_is_seen
                busy_processes_do_not_starve_a_sibling
                process_called_from_anywhere_finds_its_executor
                timer_never_fires_early
                past_deadline_fires
                far_deadline_does_not_fire
                timers_fire_in_the_order_of_their_deadlines
                reset_to_an_earlier_deadline_holds
                reset_to_a_later_deadline_holds
                reset_after_firing_arms_the_timer_again
                expired_timer_stays_ready
                dropped_timer_never_wakes
                timer_wakes_the_waker_of_its_last_poll
                timer_works_on_a_foreign_thread
                wake_during_the_poll_is_not_lost
                task_that_asks_to_be_polled_again_is
                wake_from_another_thread_is_not_lost
                waker_may_be_kept_after_the_end_of_its_task
                blocking_job_runs
                thread_runs_its_task
                thread_polls_its_task_on_one_thread
                clock_never_goes_back
                random_numbers_vary
                secure_random_bytes_vary
                nested_run_is_refused
                runs_follow_each_other
            }
            owned backend {
                runtime_may_be_used_inside_drop_as_the_executor_goes
                panic_in_a_task_that_the_executor_drops_is_contained
                exit_is_published_when_the_executor_drops_the_task
                exit_is_published_when_spawn_hits_a_dead_executor
                exit_is_published_when_spawn_races_with_the_drop_of_the_executor
                timer_may_outlive_its_executor
                waker_may_be_kept_after_the_end_of_the_executor
                blocking_job_for_a_dead_executor_is_dropped
                process_on_a_thread_ends_with_its_executor
                nested_run_is_refused_in_a_process
            }
            threaded backend {
                blocking_jobs_stall_neither_tasks_nor_timers
                blocked_threads_stall_neither_tasks_nor_timers
            }
        }
    };

    (@for [shared $backend:path] $($kind:ident backend { $($test:ident)* })*) => {
        $($crate::suite!(@shared $backend, $kind { $($test)* });)*
    };
    (@for [single_threaded $backend:path] $($kind:ident backend { $($test:ident)* })*) => {
        $($crate::suite!(@single_threaded $backend, $kind { $($test)* });)*
    };
    (@for [owned $backend:path] $($kind:ident backend { $($test:ident)* })*) => {
        $($crate::suite!(@tests $backend, { $($test)* });)*
    };
    (@for [table] $($kind:ident backend { $($test:ident)* })*) => {
        &[$($((stringify!($test), |backend| $crate::$test(backend)),)*)*]
    };

    (@shared $backend:path, owned { $($test:ident)* }) => {};
    (@shared $backend:path, $kind:ident { $($test:ident)* }) => { $crate::suite!(@tests $backend, { $($test)* }); };

    (@single_threaded $backend:path, threaded { $($test:ident)* }) => {};
    (@single_threaded $backend:path, $kind:ident { $($test:ident)* }) => {
        $crate::suite!(@tests $backend, { $($test)* });
    };

    (@tests $backend:path, { $($test:ident)* }) => {
        $(#[test] fn $test() { $crate::$test(&$backend); })*
    };
}

/// All tests of the suite, by name.
pub const TESTS: &[(&str, Test)] = suite!(@list table);
