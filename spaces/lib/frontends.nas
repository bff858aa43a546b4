# Front ends: from a wave to what the network sees (figure 6 of the ForceDARTS paper), and from an image.

# `phase`: from where phases count in a complex space, `centre | relative | start`; this is the default.
frontend logmel(
    bands = 32,
    rate = 16kHz,
    clip = 1s,
    window = 64ms,
    hop = 32ms,
    phase = relative
) = wave(rate, clip)
    -> gain(-6dB .. 6dB) -> fade(200ms)
    -> stft(window: window, hop: hop, phase: phase) -> mel(bands) -> log
    -> add_noise(probability: 0.5) -> stretch(0.9 .. 1.1) -> mask_time(4) -> mask_freq(4)

# Cepstral coefficients (MFCC), as keyword spotters read them: of 80 mel bands the first 40 of their cosine transform, frames
# of 30 ms every 10 ms that lie in the clip, 98 of a second. KWT (Berg et al., 2021) masks so much of time and frequency.
frontend mfcc(
    coefficients = 40,
    bands = 80,
    rate = 16kHz,
    clip = 1s,
    window = 30ms,
    hop = 10ms,
    mask = 7
) = wave(rate, clip)
    -> gain(-6dB .. 6dB) -> fade(200ms)
    -> stft(window: window, hop: hop, whole: true) -> mel(bands) -> log
    -> add_noise(probability: 0.5) -> cepstrum(coefficients)
    -> mask_time(25) -> mask_freq(mask)

# The front end of NASC-net (Li et al., 2020): 40 bands x 501 frames. Of augmentation the paper names cutout alone, and
# not how large its squares are.
frontend scene(
    bands = 40,
    rate = 16kHz,
    clip = 10s,
    window = 40ms,
    hop = 20ms,
    phase = relative
) = wave(rate, clip)
    -> stft(window: window, hop: hop, phase: phase) -> mel(bands) -> log
    -> cutout(16)

# The coloured spectrogram of the DARTS-GAL paper (Zhang et al., 2021): 360 bins x 360 frames of a piece of three seconds.
# The paper names neither the window, 44.9 ms here, nor the colours, which are those of `colour`, nor any augmentation.
frontend voiceprint(rate = 16kHz, clip = 2.99s) = wave(rate, clip)
    -> stft(window: 44.875ms, hop: 8.3125ms) -> log -> colour(-7 .. 9)

# From a picture of any size: its shorter side is scaled to `resize`, and the middle is taken. Two numbers scale height
# and width whatever its shape was. Mean and deviation are those of ImageNet.
frontend picture(
    size = 224,
    resize = 256,
    channels = 3,
    mean = (0.485, 0.456, 0.406),
    deviation = (0.229, 0.224, 0.225)
) = image(channels, size, size, resize: resize)
    -> flip -> normalize(mean, deviation)

# From an image to what the network sees: the augmentation of DARTS, with the statistics of CIFAR-10.
frontend photo(
    channels = 3,
    size = 32,
    mean = (0.49139968, 0.48215827, 0.44653124),
    deviation = (0.24703233, 0.24348505, 0.26158768)
) = image(channels, size, size)
    -> crop(4) -> flip -> normalize(mean, deviation) -> cutout(16)

# Handwriting has a left and a right: it is moved and never mirrored.
frontend handwriting(size = 28, mean = 0.1307, deviation = 0.3081) = image(1, size, size)
    -> crop(2) -> normalize(mean, deviation)
