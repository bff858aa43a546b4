op f = x -> relu ->
