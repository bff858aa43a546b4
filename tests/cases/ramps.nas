use "lib/methods.nas"
method late = forcedarts with {
    loss: cross_entropy
          + gini(alpha)    from 80% to 50%
          + entropy(alpha) from 50% to 120%
          + gini(alpha)    from half to 80%
}
method open = forcedarts with {
    loss: cross_entropy + gini(alpha) from 50%
}
