op f(k, m) {
    let a = x -> conv(k)
    let b = x -> relu
    a
}
