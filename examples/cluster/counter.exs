# A client of the counter, as a node of its own: adds to it and reads it, and says where the shards are when that changes.
#
#     elixir --name client@127.0.0.1 --cookie "$(cat COOKIE)" counter.exs [seconds]
defmodule Client do
  @nodes [:"a@127.0.0.1", :"b@127.0.0.1", :"c@127.0.0.1"]
  @keys ~w(apples pears plums figs limes dates nuts kiwis)

  def connect do
    case Enum.filter(@nodes, &Node.connect/1) do
      [] -> connect()
      connected -> connected
    end
  end

  # Any node takes a request to where the shard is.
  def call(request) do
    case Enum.filter(@nodes, &(&1 in Node.list())) do
      [] ->
        connect()
        call(request)

      nodes ->
        try do
          GenServer.call({:counter, Enum.random(nodes)}, request)
        catch
          :exit, _ -> {:error, :unreachable}
        end
    end
  end

  # Adds one at a time until the time is over. What is not answered with :ok may have been added, or not.
  def add(until, tried, acknowledged, owners) do
    owners = show(owners)

    if System.monotonic_time(:millisecond) > until do
      {tried, acknowledged}
    else
      case call({:add, Enum.random(@keys), 1}) do
        {:ok, _count} -> add(until, tried + 1, acknowledged + 1, owners)
        {:error, why} -> IO.puts("not counted: #{why}") && pause() && add(until, tried + 1, acknowledged, owners)
      end
    end
  end

  def count, do: @keys |> Enum.map(&count/1) |> Enum.sum()

  defp count(key) do
    case call({:count, key}) do
      {:ok, count} -> count
      {:error, _} -> pause() && count(key)
    end
  end

  defp show(before) do
    case call(:owners) do
      owners when is_list(owners) and owners != before ->
        shards = owners |> Enum.with_index() |> Enum.group_by(&elem(&1, 0), &elem(&1, 1))
        IO.puts(Enum.map_join(shards, "   ", fn {node, shards} -> "#{node}: #{Enum.join(shards, " ")}" end))
        owners

      _ ->
        before
    end
  end

  defp pause, do: Process.sleep(200) == :ok
end

seconds = System.argv() |> List.first("3600") |> String.to_integer()
Client.connect()
before = Client.count()
{tried, acknowledged} = Client.add(System.monotonic_time(:millisecond) + seconds * 1000, 0, 0, nil)
added = Client.count() - before
IO.puts("#{acknowledged} of #{tried} were acknowledged, #{added} are counted")
true = acknowledged <= added and added <= tried
