# A client of the bank. It crashes if the bank does not do what it should.
defmodule Client do
  def reason(monitor) do
    receive do
      {:DOWN, ^monitor, :process, _, reason} -> reason
    end
  end

  def accounts(bank) do
    GenServer.call(bank, :accounts)
  catch
    :exit, _ -> accounts(bank)
  end
end

bank = {:bank, :"bank@127.0.0.1"}
true = Node.connect(:"bank@127.0.0.1")

100 = GenServer.call(bank, {:deposit, %{account: "bo", amount: 100}})
{:ok, 70} = GenServer.call(bank, {:withdraw, %{account: "bo", amount: 30}})
{:error, {:insufficient_funds, %{balance: 70}}} = GenServer.call(bank, {:withdraw, %{account: "bo", amount: 300}})
{:error, :unknown_account} = GenServer.call(bank, {:withdraw, %{account: "li", amount: 1}})
{:error, {:bad_request, why}} = GenServer.call(bank, {:rob, 1})
IO.puts("a wrong request: #{why}")

:ok = GenServer.cast(bank, {:close, "bo"})
0 = GenServer.call(bank, :accounts)

# No code of others runs there.
{:badrpc, _} = :rpc.call(:"bank@127.0.0.1", :os, :cmd, [~c"id"])

monitor = Process.monitor(bank)
:ok = GenServer.stop(bank)
:normal = Client.reason(monitor)
# Its supervisor has started it again, or will have.
0 = Client.accounts(bank)
IO.puts("the bank was stopped, and is open again")
