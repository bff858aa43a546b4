frontend branches = wave(16kHz, 1s) -> gain(-6dB .. 6dB) -> (x + x)
frontend from_nothing = stft(window: 64ms, hop: 32ms)
frontend too_short = wave(16kHz, 1ms) -> stft(window: 64ms, hop: 32ms)
frontend mixed = wave(16kHz, 1s) -> mel(32)
frontend silent(rate = 16kHz) = wave(rate, 1s)
frontend units = wave(16ms, 1kHz) -> gain(3 .. 6)
frontend unknown = wave(16kHz, 1s) -> stft(window: windo, hop: 32ms)
profile p {
    frontend: logmell(32)
    real.search: (batch: 3, epochs: 2)
}
profile q {
    frontend: silent(bands: 3)
    real.search: 3
}
