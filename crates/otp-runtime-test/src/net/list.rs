use crate::Test;

/// Makes a `#[test]` of each test of sockets, for the backend at a path.
///
/// `net_suite!(path)` takes an [`OwnedBackend`](crate::OwnedBackend). `net_suite!(shared path)` takes a
/// [`Backend`](crate::Backend) and leaves out the tests that need to own the executor. `net_suite!(simulated path)`
/// leaves out the tests that look at files of the operating system. The tests have the names of the functions, so put
/// each backend into its own module.
///
/// ```
/// // tests/runtime.rs of a backend crate
/// mod sockets {
///     otp_runtime_test::net_suite!(otp_tokio::TokioExecutor::current_thread);
/// }
/// ```
#[macro_export]
macro_rules! net_suite {
    (shared $backend:path) => { $crate::net_suite!(@list shared $backend); };
    (simulated $backend:path) => { $crate::net_suite!(@list simulated $backend); };
    ($backend:path) => { $crate::net_suite!(@list owned $backend); };

    (@list $($purpose:tt)*) => {
        $crate::net_suite! {
            @for [$($purpose)*]
            every backend {
                client_is_refused_where_nobody_listens
                hundred_clients_are_served_at_once
                sockets_work_on_a_foreign_thread
                writing_to_a_peer_that_is_gone_fails
                listener_tells_the_port_that_was_chosen
                ends_of_a_connection_know_each_other
                connection_by_ipv6_carries_bytes
                address_that_nobody_can_have_is_unsupported
                host_is_looked_up
                unknown_host_is_an_error
                address_of_a_listener_is_in_use
                address_is_free_when_its_listener_is_dropped
                clients_that_wait_are_disconnected_with_the_listener
                several_tasks_may_wait_for_clients
                bytes_arrive_in_order_both_ways
                closing_ends_one_direction
                dropped_stream_is_closed
                writing_waits_for_a_peer_that_does_not_read
                vectored_write_takes_several_buffers
                nodelay_is_set_and_told
                halves_belong_to_two_tasks
                dropped_write_half_ends_its_direction
                dropped_read_half_closes_nothing
                stream_is_closed_with_its_halves
                dropped_accept_loses_no_client
                dropped_read_loses_no_byte
                dropped_connect_leaves_no_connection
                unix_socket_carries_bytes
                unix_listener_removes_its_file
                backlog_bounds_the_clients_that_wait
            }
            owned backend {
                sockets_may_outlive_their_executor
            }
            real backend {
                unix_listener_leaves_the_file_of_another
                unix_file_that_is_left_behind_is_replaced_if_asked
            }
        }
    };

    (@for [shared $backend:path] $($kind:ident backend { $($test:ident)* })*) => {
        $($crate::net_suite!(@shared $backend, $kind { $($test)* });)*
    };
    (@for [simulated $backend:path] $($kind:ident backend { $($test:ident)* })*) => {
        $($crate::net_suite!(@simulated $backend, $kind { $($test)* });)*
    };
    (@for [owned $backend:path] $($kind:ident backend { $($test:ident)* })*) => {
        $($crate::net_suite!(@tests $backend, { $($test)* });)*
    };
    (@for [table] $($kind:ident backend { $($test:ident)* })*) => {
        &[$($((stringify!($test), |backend| $crate::$test(backend)),)*)*]
    };

    (@shared $backend:path, owned { $($test:ident)* }) => {};
    (@shared $backend:path, $kind:ident { $($test:ident)* }) => { $crate::net_suite!(@tests $backend, { $($test)* }); };

    (@simulated $backend:path, real { $($test:ident)* }) => {};
    (@simulated $backend:path, $kind:ident { $($test:ident)* }) => {
        $crate::net_suite!(@tests $backend, { $($test)* });
    };

    (@tests $backend:path, { $($test:ident)* }) => {
        $(#[test] fn $test() { $crate::$test(&$backend); })*
    };
}

/// All tests of sockets, by name.
pub const NET_TESTS: &[(&str, Test)] = net_suite!(@list table);
