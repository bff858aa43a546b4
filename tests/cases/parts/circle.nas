use "../circular_use.nas"
op g = x -> f
