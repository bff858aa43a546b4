use "parts/circle.nas"
op f = x -> relu
