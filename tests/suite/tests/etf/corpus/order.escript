#!/usr/bin/env escript
%% -*- coding: utf-8 -*-
%% Writes order.txt: terms.jsonl's terms and some more, as a BEAM sorts them.
%%     ./order.escript <terms.jsonl >order.txt
%% One term a line: its rank by `<` and `==`, its rank by the order of keys in maps (as `=:=`), its encoding.

main(_) ->
    All = lists:usort(corpus() ++ [term_to_binary(T, [{minor_version, 2}]) || T <- more()]),
    Terms = [{binary_to_term(B), B} || B <- All],
    Loose = ranks(Terms, fun(A, B) -> if A < B -> -1; A == B -> 0; true -> 1 end end),
    Exact = ranks(Terms, fun(A, B) -> erts_internal:cmp_term(A, B) end),
    [io:format("~b ~b ~s~n", [maps:get(B, Loose), maps:get(B, Exact), binary:encode_hex(B)]) || B <- All].

ranks(Terms, Compare) ->
    Sorted = lists:sort(fun({A, _}, {B, _}) -> Compare(A, B) =< 0 end, Terms),
    {_, _, Ranks} = lists:foldl(fun
        ({T, B}, {none, _, Ranks}) -> {{T}, 0, Ranks#{B => 0}};
        ({T, B}, {{Last}, Rank, Ranks}) ->
            Next = case Compare(Last, T) of 0 -> Rank; _ -> Rank + 1 end,
            {{T}, Next, Ranks#{B => Next}}
    end, {none, 0, #{}}, Sorted),
    Ranks.

corpus() ->
    case io:get_line("") of
        eof -> [];
        Line ->
            {match, [Hex]} = re:run(Line, "\"minor2\":\"([0-9a-f]+)\"", [{capture, [1], binary}]),
            Found = binary:decode_hex(Hex),
            [Found || byte_size(Found) =< 400] ++ corpus()
    end.

more() ->
    P = fun(N, I, S, C) -> dist(<<88>>, N, <<I:32, S:32, C:32>>) end,
    R = fun(N, C, Ws) -> dist(<<90, (length(Ws)):16>>, N, iolist_to_binary([<<C:32>> | [<<W:32>> || W <- Ws]])) end,
    O = fun(N, I, C) -> dist(<<120>>, N, <<I:64, C:32>>) end,
    Nodes = ['a@h', 'b@h'],
    Floats = [0.0, 1.0, -1.0, 1.5, 0.1, 1.0e10, 9007199254740991.0, 9007199254740992.0, 9007199254740994.0,
              -9007199254740992.0, 9223372036854775807.0, 9223372036854774784.0, -9223372036854775808.0,
              18446744073709551616.0, 1.0e22, -1.0e22, 1.0e300, -1.0e300, 1.7976931348623157e308, 5.0e-324],
    Ints = [0, 1, -1, 2, 10000000000, (1 bsl 53) - 1, 1 bsl 53, (1 bsl 53) + 1, (1 bsl 53) + 2, -(1 bsl 53), -(1 bsl 53) - 1,
            (1 bsl 63) - 1025, (1 bsl 63) - 1024, (1 bsl 63) - 1, 1 bsl 63, (1 bsl 63) + 1, -(1 bsl 63), -(1 bsl 63) - 1, 1 bsl 64, (1 bsl 64) - 1,
            10000000000000000000000, 10000000000000000000001, -10000000000000000000000, trunc(1.0e300), trunc(1.0e300) + 1,
            trunc(1.0e300) - 1, -trunc(1.0e300), trunc(1.7976931348623157e308), 1 bsl 1024, 1 bsl 2000, -(1 bsl 2000)],
    Numbers = Floats ++ Ints,
    Numbers
    ++ [P(N, I, S, C) || N <- Nodes, I <- [1, 2], S <- [1, 2], C <- [1, 2]]
    ++ [R(N, C, Ws) || N <- Nodes, C <- [1, 2], Ws <- [[1], [2], [1, 0], [1, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1], [1, 2, 3, 4, 5]]]
    ++ [O(N, I, C) || N <- Nodes, I <- [1, 2, 1 bsl 40], C <- [1, 2]]
    ++ [fun a:b/2, fun a:c/1, fun b:a/0, fun a:b/1]
    ++ [#{}, #{1 => a}, #{1.0 => a}, #{2 => a}, #{a => 1}, #{a => 1.0}, #{a => 2, b => 1}, #{a => 1.0, b => 2}, #{1 => x, 1.0 => y},
        #{1 => y, 1.0 => x}, #{2 => x, 1.0 => x}, #{[1] => x}, #{[1.0] => x}, #{{1} => 1.0}, #{{1.0} => 1}]
    ++ [[1 | 2], [1, 2], [1, 2 | 3], [1 | {}], [1 | <<>>], [1], [1.0], [1.0, 2], [1, 2.0], [[]], [[], []], [a | b], [1 | 2.0], {1}, {1.0}, {1, 2.0}, {1.0, 2}]
    ++ [<<>>, <<1:1>>, <<0:1>>, <<255>>, <<255:7>>, <<1>>, <<1, 0:1>>, <<1, 1:1>>, <<0:3>>, <<0:5>>, <<0:8>>, <<0:9>>]
    ++ ['é', zz, 'Z', a, ab, '', 'ÿ', 'Ā', '日本', '😀'].

dist(Head, Node, Tail) ->
    Name = atom_to_binary(Node),
    binary_to_term(<<131, Head/binary, 119, (byte_size(Name)), Name/binary, Tail/binary>>).
