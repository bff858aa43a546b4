# What is set per data set: the front end, and the sizes of the search and of the retraining. `real` and `complex` are
# table 2 of the ForceDARTS paper (preset `paper`), `quick` fits two processor cores and a few minutes. It counts in
# steps, so that large and small sets take as long; `warmup` is the share of steps before the architecture moves, and
# `travel` is learning rate x steps of the architecture. The paper's 5,800 steps at 3e-4 come to 1.74; with 5, the few
# steps of `quick` decide (`benchmarks/survival.py`). The short retraining learns faster than the paper's long one (`lr`,
# `weight_decay`).
use "frontends.nas"

profile sc09 {
    frontend:       logmel(32)
    real.search:    (nodes: 3, channels: 16, repeat: 2, batch: 96, epochs: 60)
    real.train:     (channels: 26, repeat: 6, batch: 128, epochs: 200, mixup: 0.2)
    complex.search: (nodes: 3, channels: 14, repeat: 1, batch: 96, epochs: 60)
    complex.train:  (channels: 22, repeat: 4, batch: 128, epochs: 200, mixup: 0.2)
    quick.search:   (nodes: 3, channels: 8, repeat: 1, batch: 32, steps: 240, travel: 5, warmup: 25%)
    quick.train:    (channels: 16, repeat: 1, batch: 32, steps: 800, lr: 0.1, weight_decay: 1e-3)
}
profile digits = sc09 with {
    quick.train: (channels: 16, repeat: 1, batch: 32, steps: 600, lr: 0.1, weight_decay: 1e-3)
}
profile fsdd = sc09 with {  # recorded at 8 kHz: bands above 4 kHz would be empty
    frontend:    logmel(32, rate: 8kHz)
    quick.train: (channels: 16, repeat: 1, batch: 32, steps: 2400, lr: 0.1, weight_decay: 1e-3)
}
profile audiomnist = sc09 with {}
profile recordings = sc09 with {}  # `folder:` and `csv:`

profile sc35 = sc09 with {
    real.search:    (nodes: 4, channels: 18, repeat: 2, batch: 72, epochs: 20)
    real.train:     (channels: 26, repeat: 6, batch: 128, epochs: 150, mixup: 0.2)
    complex.search: (nodes: 4, channels: 14, repeat: 1, batch: 72, epochs: 20)
    complex.train:  (channels: 22, repeat: 4, batch: 128, epochs: 150, mixup: 0.2)
}

profile esc50 = sc09 with {
    frontend:       logmel(56, rate: 22050Hz, clip: 5s, window: 92.9ms, hop: 34.4ms)
    real.search:    (nodes: 4, channels: 18, repeat: 2, batch: 12, epochs: 120)
    real.train:     (channels: 26, repeat: 8, batch: 16, epochs: 450, mixup: 0.2)
    complex.search: (nodes: 4, channels: 14, repeat: 1, batch: 12, epochs: 120)
    complex.train:  (channels: 22, repeat: 5, batch: 16, epochs: 450, mixup: 0.2)
    quick.search:   (nodes: 3, channels: 8, repeat: 1, batch: 8, steps: 240, travel: 5, warmup: 25%)
    quick.train:    (channels: 16, repeat: 1, batch: 8, steps: 800, lr: 0.05, weight_decay: 1e-3)
}
profile esc10 = esc50 with {}

profile dcase2018 {  # domestic activities; sizes of NASC-net
    frontend:     logmel(40, clip: 10s, window: 40ms, hop: 20ms)
    real.search:  (batch: 192, epochs: 10)
    real.train:   (batch: 192, epochs: 10)
    quick.search: (batch: 16, steps: 200)
    quick.train:  (batch: 16, steps: 400)
}

profile cifar10 {  # sizes of DARTS (Liu et al., 2019): 8 cells are searched, 20 are trained, there with affine norms
    frontend:     photo
    real.search:  (nodes: 4, channels: 16, repeat: 2, batch: 64, epochs: 50)
    real.train:   (channels: 36, repeat: 6, affine: true, batch: 96, epochs: 600)
    quick.search: (nodes: 4, channels: 8, repeat: 1, batch: 32, steps: 240, travel: 5, warmup: 25%)
    quick.train:  (channels: 16, repeat: 1, affine: true, batch: 32, steps: 800, lr: 0.1, weight_decay: 1e-3)
}
profile cifar100 = cifar10 with {
    frontend: photo(mean: (0.5071, 0.4867, 0.4408), deviation: (0.2675, 0.2565, 0.2761))
}
profile fashionmnist = cifar10 with {
    frontend: photo(1, 28, mean: 0.286, deviation: 0.353)
}
profile mnist = cifar10 with {
    frontend: handwriting
}

profile pictures {  # `folder:` and `csv:` of pictures; their sizes are read small, `frontend: picture(224)` sees more
    frontend:     picture(64, resize: 72)
    real.search:  (nodes: 4, channels: 16, repeat: 2, batch: 64, epochs: 50)
    real.train:   (channels: 36, repeat: 6, affine: true, batch: 96, epochs: 200)
    quick.search: (nodes: 3, channels: 8, repeat: 1, batch: 16, steps: 240, travel: 5, warmup: 25%)
    quick.train:  (channels: 16, repeat: 1, affine: true, batch: 32, steps: 800, lr: 0.1, weight_decay: 1e-3)
}
profile cats_vs_dogs = pictures with {  # DARTS-GAL: all scaled to 256 x 256, whatever their shape; 16 channels
    frontend:    picture(224, resize: (256, 256))
    real.search: (nodes: 4, channels: 16, repeat: 1, batch: 32, epochs: 50)
    real.train:  (channels: 16, repeat: 1, affine: true, batch: 32, epochs: 50)
}

profile voxceleb1 = sc09 with {  # who speaks, by the loudest three seconds of a recording
    frontend:     logmel(40, clip: 3s, window: 25ms, hop: 10ms)
    quick.search: (nodes: 3, channels: 8, repeat: 1, batch: 16, steps: 240, travel: 5, warmup: 25%)
    quick.train:  (channels: 16, repeat: 1, batch: 16, steps: 800, lr: 0.05, weight_decay: 1e-3)
}
profile voxceleb1_min {  # DARTS-GAL: coloured spectrograms of 360 x 360; 16 channels
    frontend:     voiceprint
    real.search:  (nodes: 4, channels: 16, repeat: 2, batch: 16, epochs: 50)
    real.train:   (channels: 16, repeat: 2, affine: true, batch: 16, epochs: 50)
    quick.search: (nodes: 3, channels: 4, repeat: 0, batch: 8, steps: 240, travel: 5, warmup: 25%)
    quick.train:  (channels: 8, repeat: 0, affine: true, batch: 8, steps: 800, lr: 0.05, weight_decay: 1e-3)
}
