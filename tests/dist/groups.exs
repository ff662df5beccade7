# What Erlang's pg thinks of groups that a Rust node shares, and the other way round.
rust = :"rust@127.0.0.1"
boss = {:boss, rust}

defmodule Check do
  # Until it holds, for at most ten seconds.
  def eventually(what, check, tries \\ 1000) do
    cond do
      check.() -> :ok
      tries == 0 -> raise("never: #{what}")
      true ->
        Process.sleep(10)
        eventually(what, check, tries - 1)
    end
  end

  # The members of a group as the Rust node sees them: its own, and ours.
  def counted(boss, group, own, ours) do
    eventually("rust has #{own} and #{ours} in #{group}", fn ->
      send(boss, {:count, group, self()})
      receive do
        {here, there} -> {here, there} == {own, ours}
      after
        5000 -> raise("no answer")
      end
    end)
  end

  def members(group, count) do
    eventually("we have #{count} in #{group}", fn -> length(:pg.get_members(group)) == count end)
  end
end

idle = fn -> spawn(fn -> Process.sleep(:infinity) end) end
{:ok, scope} = :pg.start(:pg)
early = idle.()
:ok = :pg.join("kitchen", early)
true = Node.connect(rust)

# Who joined before they were connected.
Check.members("kitchen", 3)
Check.counted(boss, "kitchen", 2, 1)
2 = Enum.count(:pg.get_members("kitchen"), &(node(&1) == rust))

# Twice, several at once, and of both nodes.
:ok = :pg.join("kitchen", [self(), self(), idle.()])
Check.counted(boss, "kitchen", 2, 4)
send(boss, {:shout, "kitchen", :dinner})
for _ <- 1..2 do
  receive do
    :dinner -> :ok
  after
    5000 -> raise("no dinner")
  end
end

# One membership of two, and the end of a process.
:ok = :pg.leave("kitchen", self())
Check.counted(boss, "kitchen", 2, 3)
Process.exit(early, :kill)
Check.counted(boss, "kitchen", 2, 2)
send(hd(Enum.filter(:pg.get_members("kitchen"), &(node(&1) == rust))), :stop)
Check.members("kitchen", 3)
Check.counted(boss, "kitchen", 1, 2)

# Those who monitor a group are told.
{ref, []} = :pg.monitor("attic")
send(boss, {:join, "attic"})
[guest] =
  receive do
    {^ref, :join, "attic", pids} -> pids
  after
    5000 -> raise("nobody joins")
  end
send(guest, :stop)
receive do
  {^ref, :leave, "attic", [^guest]} -> :ok
after
  5000 -> raise("nobody leaves")
end

# Keys that a Rust node with texts does not have.
:ok = :pg.join({:some, 1}, self())
:ok = :pg.join(:atom, self())

# A lost connection, and a new one.
true = Node.disconnect(rust)
Check.members("kitchen", 2)
true = Node.connect(rust)
Check.members("kitchen", 3)
Check.counted(boss, "kitchen", 1, 2)

# A scope that is started again.
Process.exit(scope, :kill)
Check.counted(boss, "kitchen", 1, 0)
{:ok, _} = :pg.start(:pg)
Check.members("kitchen", 1)
:ok = :pg.join("kitchen", self())
Check.counted(boss, "kitchen", 1, 1)

send(boss, {:stop})
Check.members("kitchen", 1)
IO.puts("groups: shared with OTP #{System.otp_release()}")
