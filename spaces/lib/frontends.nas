# Front ends: from a wave to what the network sees (figure 6 of the ForceDARTS paper).

frontend logmel(bands = 32, rate = 16kHz, clip = 1s, window = 64ms, hop = 32ms) = wave(rate, clip)
    -> gain(-6dB .. 6dB) -> fade(200ms)
    -> stft(window: window, hop: hop) -> mel(bands) -> log
    -> add_noise(probability: 0.5) -> stretch(0.9 .. 1.1) -> mask_time(4) -> mask_freq(4)
