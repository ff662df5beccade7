//! Callbacks of a server that call the one that waits for its start, its end, or its state.

use std::time::Duration;

use otp::prelude::*;
use otp::sys;
use otp_suite::inside;

const TOP: SupervisorName = SupervisorName::new("top");

/// Its `init` asks its supervisor for its children.
struct Curious;

impl GenServer for Curious {
    type Args = ();
    type Call = ();
    type Cast = ();
    type Info = ();
    type Continue = ();

    async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        SupervisorRef::named(ctx.system(), TOP).which_children().await?;
        Ok(Init::Ok(Curious))
    }
}

impl Supervised for Curious {}

#[otp::test]
async fn an_init_that_calls_its_supervisor_is_told_and_the_supervisor_goes_on(system: System) {
    let tree = Supervisor::new(Strategy::OneForOne).start(&system).name(TOP).await.unwrap();
    let error = tree.start_child(Curious::child(())).await.unwrap_err();
    let text = error.to_string();
    let (top, pid) = ("top", tree.pid().unwrap());
    assert!(text.contains("deadlock, as Curious <") && text.contains(&format!("waits for {top} {pid}")), "{text}");
    assert!(tree.which_children().await.unwrap().is_empty());
}

#[otp::test]
async fn a_terminate_that_calls_the_supervisor_that_stops_it_is_told(system: System) {
    /// It asks its supervisor for its children when it ends.
    struct Nostalgic;

    impl GenServer for Nostalgic {
        type Args = ();
        type Call = ();
        type Cast = ();
        type Info = ();
        type Continue = ();

        async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            ctx.trap_exit(true);
            Ok(Init::Ok(Nostalgic))
        }

        async fn terminate(&mut self, _: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
            let told = SupervisorRef::named(ctx.system(), TOP).which_children().await;
            assert!(matches!(told, Err(CallError::Deadlock { .. })), "{told:?}");
            Ok(())
        }
    }

    impl Supervised for Nostalgic {}

    let tree = Supervisor::new(Strategy::OneForOne)
        .child(Nostalgic::child(()).with_id("one").shutdown(Shutdown::Timeout(Duration::from_secs(3600))))
        .start(&system)
        .name(TOP)
        .await
        .unwrap();
    let child = tree.which_children().await.unwrap()[0].state.running().unwrap();
    let exited = system.exited(child);
    tree.terminate_child("one").await.unwrap();
    assert_eq!(exited.await, ExitReason::Shutdown, "its assertion holds");
}

#[otp::test]
async fn a_system_request_in_a_cycle_is_told(system: System) {
    // A server whose handler asks for the state of its caller, which is a server, too, and waits.
    struct Asker;

    enum Ask {
        Of(ServerRef<Asker>, ReplyTo<bool>),
        State(otp::Pid, ReplyTo<bool>),
    }

    impl GenServer for Asker {
        type Args = ();
        type Call = Ask;
        type Cast = ();
        type Info = ();
        type Continue = ();

        async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::Ok(Asker))
        }

        async fn handle_call(&mut self, ask: Ask, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
            match ask {
                Ask::Of(other, from) => {
                    let pid = ctx.pid();
                    let told = match other.call(|from| Ask::State(pid, from)).no_timeout().await {
                        Ok(told) => told,
                        Err(error) => matches!(error, CallError::Deadlock { .. }),
                    };
                    from.reply(told);
                }
                Ask::State(pid, from) => {
                    let state =
                        sys::get_state(ctx.system(), pid, |_: &Asker| ()).timeout(Duration::from_secs(3600)).await;
                    from.reply(matches!(state, Err(sys::SysError::Call(CallError::Deadlock { .. }))));
                }
            }
            Ok(Next::Receive)
        }
    }

    inside(&system, async |ctx: otp::ProcessContext<()>| {
        let (one, two) = (Asker::start(&ctx, ()).await.unwrap(), Asker::start(&ctx, ()).await.unwrap());
        assert_eq!(one.call(|from| Ask::Of(two, from)).await, Ok(true));
    })
    .await;
}
