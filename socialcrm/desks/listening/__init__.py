"""聆听: what the texts say together, for managers and agents: trends, spikes, rising phrases, and the texts behind them."""
