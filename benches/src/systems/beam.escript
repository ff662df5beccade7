#!/usr/bin/env escript
%%! +S 2:2 +P 4000000 +t 4000000
%% The workloads, on a BEAM with two schedulers. The first argument is the workload; each line read is a round with so
%% many operations, each line written has its figures: nanoseconds for an operation, or bytes.
-module(beam).
-mode(compile).
-export([main/1, init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export([round/2]).

main([Case]) ->
    logger:set_primary_config(level, none),
    persistent_term:put(steps, calibrate()),
    rounds(Case).

rounds(Case) ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            Ops = list_to_integer(string:trim(Line)),
            %% Every round has a client with a heap of its own.
            {Client, Monitor} = spawn_monitor(fun() -> exit({figures, ?MODULE:round(Case, Ops)}) end),
            receive
                {'DOWN', Monitor, process, Client, {figures, Figures}} ->
                    io:format("~s~n", [lists:join(" ", [float_to_list(float(F), [{decimals, 3}]) || F <- Figures])]);
                {'DOWN', Monitor, process, Client, Crash} ->
                    io:format(standard_error, "~s: ~p~n", [Case, Crash]),
                    halt(1)
            end,
            rounds(Case)
    end.

%% call

round("call", Calls) ->
    {ok, Server} = gen_server:start(?MODULE, adder, []),
    Start = now_ns(),
    Calls = calls(Server, Calls, 0),
    [per_op(Start, Calls)];
round("call/no-timeout", Calls) ->
    {ok, Server} = gen_server:start(?MODULE, adder, []),
    Start = now_ns(),
    Calls = calls_unlimited(Server, Calls, 0),
    [per_op(Start, Calls)];

%% call-busy

round("call-busy/8-clients", Calls) ->
    {ok, Server} = gen_server:start(?MODULE, adder, []),
    Each = (Calls + 7) div 8,
    Start = now_ns(),
    together([fun() -> calls(Server, Each, 0) end || _ <- lists:seq(1, 8)]),
    Time = now_ns() - Start,
    Sum = gen_server:call(Server, {add, 0}),
    Sum = 8 * Each,
    [Time / Sum];
round("call-busy/timer", Calls) ->
    Pairs = 5000,
    Each = (Calls + Pairs - 1) div Pairs,
    Servers = [begin {ok, S} = gen_server:start(?MODULE, adder, []), S end || _ <- lists:seq(1, Pairs)],
    Start = now_ns(),
    together([fun() -> naps(Server, Each) end || Server <- Servers]),
    Time = now_ns() - Start,
    [exit(Server, kill) || Server <- Servers],
    [Time / (Each * Pairs)];

%% call-fan-out

round("call-fan-out", Times) ->
    Servers = [begin {ok, S} = gen_server:start(?MODULE, adder, []), S end || _ <- lists:seq(1, 8)],
    Start = now_ns(),
    repeat(Times, fun() ->
        Requests = [gen_server:send_request(Server, burn) || Server <- Servers],
        [{reply, burnt} = gen_server:receive_response(Request, 5000) || Request <- Requests]
    end),
    Together = per_op(Start, Times),
    Again = now_ns(),
    repeat(Times, fun() -> [burnt = gen_server:call(Server, burn) || Server <- Servers] end),
    [Together, per_op(Again, Times)];

%% cast

round("cast/1-producer", Casts) -> cast(Casts, 1);
round("cast/4-producers", Casts) -> cast(Casts, 4);

%% ping-pong, ring

round("ping-pong", Messages) -> pass(2, Messages);
round("ring", Hops) -> pass(1000, Hops);

%% spawn

round("spawn", Count) -> spawn_batches((Count + 999) div 1000, 1000);
round("spawn/at-once", Count) -> spawn_batches(1, Count);
round("spawn/server", Count) ->
    Start = now_ns(),
    repeat(Count, fun() ->
        {ok, Server} = gen_server:start(?MODULE, adder, []),
        1 = gen_server:call(Server, {add, 1}, infinity),
        ok = gen_server:stop(Server)
    end),
    [per_op(Start, Count)];

%% memory

round("memory" ++ _, Count) ->
    {ok, First} = gen_server:start(?MODULE, adder, []),
    1 = gen_server:call(First, {add, 1}),
    Start = fun() -> {ok, _} = gen_server:start(?MODULE, adder, []) end,
    repeat(100, Start),
    Before = resident(),
    repeat(Count, Start),
    Grown = resident() - Before,
    2 = gen_server:call(First, {add, 1}),
    [max(0, Grown) / Count];

%% selective

round("selective/0", Times) -> ask_past(0, Times);
round("selective/1k", Times) -> ask_past(1000, Times);
round("selective/16k", Times) -> ask_past(16000, Times);

%% restart

round("restart/one", Crashes) -> restart(one_for_one, 1, Crashes);
round("restart/all", Crashes) -> restart(one_for_all, 1000, Crashes);
round("restart/terminate", Times) ->
    Took = [begin
        {ok, Top} = supervisor:start_link(?MODULE, top),
        Start = now_ns(),
        ok = gen_server:stop(Top),
        now_ns() - Start
    end || _ <- lists:seq(1, Times)],
    [lists:sum(Took) / Times];

%% names

round("names" ++ _, Count) ->
    Names = [list_to_atom("process " ++ integer_to_list(N)) || N <- lists:seq(1, Count)],
    Times = (20000 + Count - 1) div Count,
    Rounds = [names(list_to_tuple(Names), Count) || _ <- lists:seq(1, Times)],
    [lists:sum([element(Place, Figures) || Figures <- Rounds]) / Times || Place <- [1, 2, 3]];

%% registry

round("registry" ++ _, Count) ->
    elixir(),
    Times = (20000 + Count - 1) div Count,
    Rounds = [registry(Count) || _ <- lists:seq(1, Times)],
    [lists:sum([element(Place, Figures) || Figures <- Rounds]) / Times || Place <- [1, 2, 3, 4]];

%% table

round("table-memory", Count) ->
    Table = filled(Count),
    [ets:info(Table, memory) * erlang:system_info(wordsize) / Count];
round("table/" ++ _, Rows) ->
    Times = (400000 + Rows - 1) div Rows,
    Inserts = [begin
        Start = now_ns(),
        ets:delete(filled(Rows)),
        per_op(Start, Rows)
    end || _ <- lists:seq(1, min(Times, 20))],
    Table = filled(Rows),
    LookUp = fun(First) -> repeat(Times, fun() -> look_up_rows(Table, Rows, First, 0) end) end,
    Count = fun(First) -> repeat(Times, fun() -> count_rows(Table, Rows, First, 0) end) end,
    One = fun(Act) -> Start = now_ns(), Act(0), per_op(Start, Rows * Times) end,
    Two = fun(Act) ->
        Start = now_ns(),
        together([fun() -> Act(0) end, fun() -> Act(Rows div 2) end]),
        per_op(Start, Rows * Times)
    end,
    Figures = [lists:sum(Inserts) / length(Inserts), One(LookUp), Two(LookUp), One(Count), Two(Count)],
    Sum = ets:foldl(fun({_, N}, Sum) -> Sum + N end, 0, Table),
    Sum = Rows * (Rows - 1) div 2 + 3 * Times * Rows,
    Figures;

%% topic

round("topic/1", Values) -> topic(1, Values);
round("topic/100", Values) -> topic(100, Values);
round("topic/100k", Values) -> topic(100000, Values);

%% timers

round("timers/arm" ++ _, Count) ->
    Target = spawn(fun() -> receive stop -> ok end end),
    Times = (20000 + Count - 1) div Count,
    Rounds = [begin
        Start = now_ns(),
        Timers = [erlang:send_after(60000 + N * 7919 rem 60000, Target, due) || N <- lists:seq(0, Count - 1)],
        Armed = now_ns(),
        cancel(Timers),
        {Armed - Start, now_ns() - Armed}
    end || _ <- lists:seq(1, Times)],
    [lists:sum([element(Place, Figures) || Figures <- Rounds]) / (Count * Times) || Place <- [1, 2]];
round("timers/late" ++ _, Count) ->
    Late = late(Count),
    [lists:nth(Count div 2 + 1, Late), lists:nth(Count * 99 div 100 + 1, Late)];

%% tail

round("tail/call" ++ _, Calls) ->
    {ok, Server} = gen_server:start(?MODULE, adder, []),
    Took = [begin
        receive after 1 -> ok end,
        Start = now_ns(),
        gen_server:call(Server, {add, 1}),
        now_ns() - Start
    end || _ <- lists:seq(1, Calls)],
    slowest(lists:sort(Took));
round("tail/timer" ++ _, Count) -> slowest(late(Count));

%% etf

round("etf/decode", Count) ->
    Term = {put, <<"sensor-0017">>, 21.5, [1000, 2000], {unit, 'C1'}, true},
    Bytes = term_to_binary(Term, [{minor_version, 2}]),
    67 = byte_size(Bytes),
    Start = now_ns(),
    decode(Bytes, Count),
    Decoded = now_ns(),
    encode(Term, Count),
    [(Decoded - Start) / Count, (now_ns() - Decoded) / Count].

%% The server, the supervisors.

init(adder) -> {ok, 0};
init({fragile, Client}) -> Client ! started, {ok, 0};
init({supervisor, Strategy, Count, Client}) ->
    Child = fun(N) ->
        Start = case N of
            1 -> {gen_server, start_link, [{local, first}, ?MODULE, {fragile, Client}, []]};
            _ -> {gen_server, start_link, [?MODULE, {fragile, Client}, []]}
        end,
        #{id => N, start => Start}
    end,
    Flags = #{strategy => Strategy, intensity => 1000000, period => 1},
    {ok, {Flags, [Child(N) || N <- lists:seq(1, Count)]}};
init(top) ->
    Branch = fun(N) -> #{id => N, type => supervisor, start => {supervisor, start_link, [?MODULE, branch]}} end,
    {ok, {#{}, [Branch(N) || N <- lists:seq(1, 100)]}};
init(branch) ->
    Leaf = fun(N) -> #{id => N, start => {gen_server, start_link, [?MODULE, adder, []]}} end,
    {ok, {#{}, [Leaf(N) || N <- lists:seq(1, 1000)]}}.

handle_call({add, N}, _, Sum) -> {reply, Sum + N, Sum + N};
handle_call(nap, _, Called) -> timer:sleep(1), {reply, Called + 1, Called + 1};
handle_call(burn, _, Sum) -> compute(persistent_term:get(steps), 1), {reply, burnt, Sum};
handle_call(answer, _, State) -> {reply, ok, State}.

handle_cast({add, N}, Sum) -> {noreply, Sum + N};
handle_cast(crash, _) -> error(on_purpose).

handle_info(_, State) -> {noreply, State}.

terminate(_, _) -> ok.

%% What the rounds are made of.

decode(_, 0) -> ok;
decode(Bytes, Left) -> binary_to_term(Bytes), decode(Bytes, Left - 1).

encode(_, 0) -> ok;
encode(Term, Left) -> term_to_binary(Term, [{minor_version, 2}]), encode(Term, Left - 1).

calls(_, 0, Sum) -> Sum;
calls(Server, Left, _) -> calls(Server, Left - 1, gen_server:call(Server, {add, 1})).

calls_unlimited(_, 0, Sum) -> Sum;
calls_unlimited(Server, Left, _) -> calls_unlimited(Server, Left - 1, gen_server:call(Server, {add, 1}, infinity)).

naps(Server, Each) ->
    Each = lists:foldl(fun(_, _) -> gen_server:call(Server, nap) end, 0, lists:seq(1, Each)).

cast(Casts, Producers) ->
    {ok, Server} = gen_server:start(?MODULE, adder, []),
    Each = (Casts + Producers - 1) div Producers,
    Start = now_ns(),
    together([fun() -> casts(Server, Each) end || _ <- lists:seq(1, Producers)]),
    Sum = gen_server:call(Server, {add, 0}, infinity),
    Time = now_ns() - Start,
    Sum = Each * Producers,
    [Time / Sum].

casts(_, 0) -> ok;
casts(Server, Left) -> gen_server:cast(Server, {add, 1}), casts(Server, Left - 1).

pass(Size, Hops) ->
    Client = self(),
    Nodes = [spawn(fun() -> receive {next, Next} -> node_loop(Next, Client) end end) || _ <- lists:seq(1, Size)],
    [First | Others] = Nodes,
    [Node ! {next, Next} || {Node, Next} <- lists:zip(Nodes, Others ++ [First])],
    First ! {token, Size},
    receive arrived -> ok end,
    Start = now_ns(),
    First ! {token, Hops},
    receive arrived -> ok end,
    Figure = per_op(Start, Hops),
    [exit(Node, kill) || Node <- Nodes],
    [Figure].

node_loop(Next, Client) ->
    receive
        {token, 0} -> Client ! arrived;
        {token, Left} -> Next ! {token, Left - 1}
    end,
    node_loop(Next, Client).

spawn_batches(Batches, Size) ->
    Left = atomics:new(1, []),
    Client = self(),
    Start = now_ns(),
    repeat(Batches, fun() ->
        atomics:put(Left, 1, Size),
        spawn_batch(Size, Left, Client),
        receive all_ended -> ok end
    end),
    [per_op(Start, Batches * Size)].

spawn_batch(0, _, _) -> ok;
spawn_batch(Count, Left, Client) ->
    spawn(fun() ->
        case atomics:sub_get(Left, 1, 1) of
            0 -> Client ! all_ended;
            _ -> ok
        end
    end),
    spawn_batch(Count - 1, Left, Client).

ask_past(Waiting, Times) ->
    Echo = spawn(fun echo/0),
    repeat(Waiting, fun() -> self() ! unwanted end),
    Start = now_ns(),
    ask(Echo, Times),
    [per_op(Start, Times)].

echo() -> receive {From, Ref} -> From ! Ref end, echo().

ask(_, 0) -> ok;
ask(Echo, Left) ->
    Ref = make_ref(),
    Echo ! {self(), Ref},
    receive Ref -> ok end,
    ask(Echo, Left - 1).

restart(Strategy, Children, Crashes) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {supervisor, Strategy, Children, self()}),
    await_started(Children),
    ok = gen_server:call(first, answer),
    Took = [begin
        Start = now_ns(),
        gen_server:cast(first, crash),
        await_started(Children),
        until_it_answers(),
        now_ns() - Start
    end || _ <- lists:seq(1, Crashes)],
    ok = gen_server:stop(Supervisor),
    [lists:sum(Took) / Crashes].

await_started(0) -> ok;
await_started(Left) -> receive started -> await_started(Left - 1) end.

until_it_answers() ->
    try gen_server:call(first, answer) catch exit:_ -> erlang:yield(), until_it_answers() end.

names(Names, Count) ->
    Processes = [spawn_monitor(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, Count)],
    Pairs = lists:zip(tuple_to_list(Names), [Process || {Process, _} <- Processes]),
    Start = now_ns(),
    [register(Name, Process) || {Name, Process} <- Pairs],
    Registered = now_ns(),
    look_up(Names, Count, 0),
    LookedUp = now_ns(),
    [exit(Process, shutdown) || {Process, _} <- Processes],
    [receive {'DOWN', Monitor, process, _, _} -> ok end || {_, Monitor} <- Processes],
    Ended = now_ns(),
    undefined = whereis(element(1, Names)),
    {(Registered - Start) / Count, (LookedUp - Registered) / Count, (Ended - LookedUp) / Count}.

look_up(_, Count, Count) -> ok;
look_up(Names, Count, N) ->
    true = is_pid(whereis(element(N * 7919 rem Count + 1, Names))),
    look_up(Names, Count, N + 1).

filled(Rows) ->
    Table = ets:new(table, [public, {read_concurrency, true}]),
    repeat_with(Rows, fun(N) -> ets:insert(Table, {N, N}) end),
    Table.

look_up_rows(_, Rows, _, Rows) -> ok;
look_up_rows(Table, Rows, First, N) ->
    [{_, _}] = ets:lookup(Table, (N + First) * 7919 rem Rows),
    look_up_rows(Table, Rows, First, N + 1).

count_rows(_, Rows, _, Rows) -> ok;
count_rows(Table, Rows, First, N) ->
    ets:update_counter(Table, (N + First) * 7919 rem Rows, 1),
    count_rows(Table, Rows, First, N + 1).

%% Elixir's Registry, with as many partitions as schedulers, as its page says.
registry(Count) ->
    {ok, Registry} = 'Elixir.Registry':start_link([{keys, unique}, {name, bench_registry},
                                                   {partitions, erlang:system_info(schedulers_online)}]),
    Client = self(),
    {One, OneMonitor} = spawn_monitor(fun() ->
        Start = now_ns(),
        repeat_with(Count, fun(N) -> {ok, _} = 'Elixir.Registry':register(bench_registry, N, nil) end),
        Client ! {registered, per_op(Start, Count)},
        receive stop -> ok end
    end),
    Registering = receive {registered, Time} -> Time end,
    StartLeaving = now_ns(),
    exit(One, shutdown),
    receive {'DOWN', OneMonitor, process, _, _} -> ok end,
    until_empty(),
    Leaving = per_op(StartLeaving, Count),

    Processes = [spawn_monitor(fun() ->
        {ok, _} = 'Elixir.Registry':register(bench_registry, N, nil),
        receive stop -> ok end
    end) || N <- lists:seq(0, Count - 1)],
    until_count(Count),
    StartLookUp = now_ns(),
    find(Count, 0),
    LookedUp = now_ns(),
    end_in_parts([Process || {Process, _} <- Processes], Count),
    Ended = now_ns(),
    unlink(Registry),
    exit(Registry, shutdown),
    Gone = monitor(process, Registry),
    receive {'DOWN', Gone, process, _, _} -> ok end,
    {Registering, (LookedUp - StartLookUp) / Count, (Ended - LookedUp) / Count, Leaving}.

find(Count, Count) -> ok;
find(Count, N) ->
    [{_, nil}] = 'Elixir.Registry':lookup(bench_registry, N * 7919 rem Count),
    find(Count, N + 1).

%% A thousand at a time: with more, each end takes its registry longer, and with 1,000,000 at once it takes minutes.
end_in_parts([], 0) -> ok;
end_in_parts(Processes, Left) ->
    {Part, Rest} = lists:split(min(1000, Left), Processes),
    [exit(Process, shutdown) || Process <- Part],
    [receive {'DOWN', _, process, _, _} -> ok end || _ <- Part],
    until_count(Left - length(Part)),
    end_in_parts(Rest, Left - length(Part)).

%% The partitions of the registry hear of the ends later.
until_empty() -> until_count(0).

until_count(Count) ->
    case 'Elixir.Registry':count(bench_registry) of
        Count -> ok;
        _ -> erlang:yield(), until_count(Count)
    end.

%% Elixir's Registry with duplicate keys, as its page has it for a PubSub. The last one to have a value tells the client.
topic(Count, Values) ->
    elixir(),
    {ok, Registry} = 'Elixir.Registry':start_link([{keys, duplicate}, {name, bench_topic},
                                                   {partitions, erlang:system_info(schedulers_online)}]),
    Left = atomics:new(1, []),
    Client = self(),
    Processes = [spawn(fun() ->
        {ok, _} = 'Elixir.Registry':register(bench_topic, values, nil),
        Client ! subscribed,
        subscriber(Left, Client)
    end) || _ <- lists:seq(1, Count)],
    [receive subscribed -> ok end || _ <- Processes],
    publish(Left, Count, 0),
    Start = now_ns(),
    repeat_with(Values, fun(Value) -> publish(Left, Count, Value) end),
    Time = now_ns() - Start,
    unlink(Registry),
    [exit(Process, kill) || Process <- Processes],
    exit(Registry, shutdown),
    Gone = monitor(process, Registry),
    receive {'DOWN', Gone, process, _, _} -> ok end,
    [Time / (Values * Count)].

publish(Left, Count, Value) ->
    atomics:put(Left, 1, Count),
    'Elixir.Registry':dispatch(bench_topic, values, fun(Entries) -> [Pid ! {value, Value} || {Pid, _} <- Entries] end),
    receive all -> ok end.

subscriber(Left, Client) ->
    receive {value, _} ->
        case atomics:sub_get(Left, 1, 1) of
            0 -> Client ! all;
            _ -> ok
        end
    end,
    subscriber(Left, Client).

%% Its application is not started: that takes over standard input.
elixir() -> code:add_path(os:getenv("ELIXIR_EBIN", "/usr/lib/elixir/lib/elixir/ebin")).

cancel([]) -> ok;
cancel([Timer | Timers]) -> true = is_integer(erlang:cancel_timer(Timer)), cancel(Timers).

%% How late messages arrive that are due within a second, in order.
late(Count) ->
    Client = self(),
    Target = spawn(fun() -> Client ! {late, lists:sort(arrivals(Count, []))} end),
    repeat_with(Count, fun(N) ->
        Delay = 250 + N * 7919 rem Count * 1000 div Count,
        erlang:send_after(Delay, Target, {due, now_ns() + Delay * 1000000})
    end),
    receive {late, Late} -> Late end.

slowest(Took) -> [lists:nth(length(Took) * Place div 1000 + 1, Took) || Place <- [500, 990, 999]].

arrivals(0, Late) -> Late;
arrivals(Left, Late) -> receive {due, Due} -> arrivals(Left - 1, [now_ns() - Due | Late]) end.

%% Runs functions at the same time, each in a process, and waits for all.
together(Funs) ->
    Running = [spawn_monitor(Fun) || Fun <- Funs],
    [receive {'DOWN', Monitor, process, _, Reason} -> normal = Reason end || {_, Monitor} <- Running].

repeat(0, _) -> ok;
repeat(Times, Fun) -> Fun(), repeat(Times - 1, Fun).

repeat_with(0, _) -> ok;
repeat_with(N, Fun) -> Fun(N - 1), repeat_with(N - 1, Fun).

now_ns() -> erlang:monotonic_time(nanosecond).

per_op(Start, Ops) -> (now_ns() - Start) / Ops.

%% How many steps of computation take 200 microseconds.
calibrate() ->
    Try = 100000,
    Best = lists:min([begin Start = now_ns(), compute(Try, 1), now_ns() - Start end || _ <- lists:seq(1, 50)]),
    Try * 200000 div Best.

compute(0, X) -> X;
compute(Steps, X) -> compute(Steps - 1, (X * 1103515245 + Steps) band 16#7fffffff).

%% The resident memory of this BEAM, in bytes.
resident() ->
    {ok, Statm} = file:read_file("/proc/self/statm"),
    list_to_integer(binary_to_list(lists:nth(2, binary:split(Statm, <<" ">>, [global])))) * 4096.
