# A BEAM that is busy with the nodes of `soak-node`, as they are with it, and cuts its connections now and then.
# soak.exs SECONDS

defmodule Soak do
  use GenServer

  def init(_), do: {:ok, nil}
  def handle_call({:echo, n}, _, s), do: {:reply, n, s}

  def handle_call({:later, n, ms}, from, s) do
    spawn(fn ->
      Process.sleep(ms)
      GenServer.reply(from, n)
    end)

    {:noreply, s}
  end

  def handle_call({:mortal, ms}, _, s), do: {:reply, mortal(ms), s}

  def handle_cast({:tell, ref}, s) do
    send(ref, "told")
    {:noreply, s}
  end

  defp mortal(ms) do
    spawn(fn ->
      receive do
      after
        ms -> exit(:it_was_time)
      end
    end)
  end
end

defmodule Client do
  @rust [:"rust1@127.0.0.1", :"rust2@127.0.0.1"]

  def run(until) do
    Process.flag(:trap_exit, true)
    loop(until)
  end

  defp loop(until) do
    if System.monotonic_time(:millisecond) < until do
      node = Enum.random(@rust)

      try do
        act(:rand.uniform(64), node)
      catch
        # There is no connection, or no answer in time.
        :exit, _ -> :ok
      end

      drain()
      loop(until)
    end
  end

  defp act(1, node), do: Node.disconnect(node)
  defp act(n, node) when n < 8, do: GenServer.call({:soak, node}, {:later, 1, 2}, :rand.uniform(4))

  defp act(n, node) when n < 16 do
    alias = :erlang.alias()
    GenServer.cast({:soak, node}, {:tell, alias})

    receive do
      "told" -> :ok
    after
      20 -> :ok
    end

    :erlang.unalias(alias)
  end

  defp act(n, node) when n < 32 do
    ref = Process.monitor(mortal(node))

    if :rand.uniform(2) == 1 do
      Process.demonitor(ref, [:flush])
    else
      receive do
        {:DOWN, ^ref, _, _, _} -> :ok
      end
    end
  end

  defp act(n, node) when n < 48 do
    pid = mortal(node)
    Process.link(pid)

    if :rand.uniform(2) == 1 do
      Process.unlink(pid)
    else
      receive do
        {:EXIT, ^pid, _} -> :ok
      end
    end
  end

  defp act(n, _) when n < 52 do
    if :pg.leave("soak", self()) == :not_joined, do: :pg.join("soak", self())
    for member <- :pg.get_members("soak"), do: send(member, :hello)
  end

  defp act(_, node), do: GenServer.call({:soak, node}, {:echo, 7}) == 7 || raise("the answer to another call")

  defp mortal(node), do: GenServer.call({:soak, node}, {:mortal, :rand.uniform(8)})

  defp drain do
    receive do
      _ -> drain()
    after
      0 -> :ok
    end
  end
end

# Processes end all the time.
Logger.configure(level: :none)
[seconds] = System.argv()
# OTP 25's pg ends now and then when connections are cut, also between two BEAMs: it does not know the group that is left.
pg = %{id: :pg, start: {:pg, :start_link, [:pg]}}
{:ok, _} = Supervisor.start_link([pg], strategy: :one_for_one, max_restarts: 1_000_000)
Process.register(self(), :boss)
{:ok, _} = GenServer.start(Soak, nil, name: :soak)

receive do
  :go -> :ok
end

before = length(Process.list())
until = System.monotonic_time(:millisecond) + String.to_integer(seconds) * 1000
clients = for _ <- 1..8, do: spawn_monitor(fn -> Client.run(until) end)

for {pid, ref} <- clients do
  receive do
    {:DOWN, ^ref, _, ^pid, reason} -> :normal = reason
  end
end

receive do
  :stop -> :ok
end

IO.puts("beam:   OTP #{System.otp_release()}, #{before} processes before, #{length(Process.list())} after, #{div(:erlang.memory(:total), 1_048_576)} MiB, members of groups: #{length(:pg.get_members("soak"))}")
