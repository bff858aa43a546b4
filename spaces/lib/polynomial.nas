# Pairwise operations: the asymmetric and attention polynomials of the ForceDARTS paper (figure 5).
# Convolutions that meet in a product are depthwise.

op asym4(n1, n2) {  # order 2 + order 1, the second branch bent by tanh
    let a = x -> dwconv(n1, stride)
    let b = x -> tanh -> dwconv(n2, stride) -> bn
    (a * b -> inorm) + a -> relu -> conv(1) -> bn
}

op asym5(n1, n2) {  # order 2 + order 1
    let a = x -> dwconv(n1, stride)
    let b = x -> dwconv(n2, stride)
    (a * b -> tanh) + a -> relu -> conv(1) -> bn
}

op attention(n1, n2, n3) {  # order 3: a bounded product gates a third branch
    let a = x -> dwconv(n1, stride)
    let b = x -> dwconv(n2, stride)
    (a * b -> tanh) * (x -> dwconv(n3, stride)) -> relu -> conv(1) -> bn
}

op asym4_bounded(n1, n2) {  # asym4, its product divided by its modulus and not normed
    let a = x -> dwconv(n1, stride)
    let b = x -> tanh -> dwconv(n2, stride) -> bn
    (a * b -> bounded) + a -> relu -> conv(1) -> bn
}

op asym4_scaled(n1, n2) {  # asym4, its product on a learned scale that begins small
    let a = x -> dwconv(n1, stride)
    let b = x -> tanh -> dwconv(n2, stride) -> bn
    (a * b -> inorm -> scaled(0.1)) + a -> relu -> conv(1) -> bn
}
