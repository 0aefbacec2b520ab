"""What the opinions say together: daily counts, spikes and rising phrases. Holds no text of anybody, only counts and terms."""
