# load:
op f = x -> relu
