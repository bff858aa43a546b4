use "ss1.nas"
method a = darts with {
    stages: (candidates: 5), (candidates: 3)
}
method b = darts with {
    stages: (depth: 10%), (candidates: 3, deep: 40%)
}
method c = darts with {
    stages: (depth: 0%), (candidates: 3), (candidates: 4)
}
method d = darts with {
    stages: 3, (candidates: 2)
}
method e = darts with {
    stages: (dropout: 100%)
}
method f = darts with {
    stages: (depth: 0%), (depth: 120%)
}
method g = darts with {
    arch:   none
    stages: (depth: 0%), (candidates: 3)
}
method h = darts with {
    order:  2
    stages: (dropout: 40%)
}
method i = nasc with {
    stages: (depth: 0%), (candidates: 3)
}
