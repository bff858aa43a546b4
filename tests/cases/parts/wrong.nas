op broken(k) = x -> -> relu
op badly_typed(k) = x -> conv(0)
