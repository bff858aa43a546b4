"""What a probe knows of a recording: the mean and the deviation over time of its log-mels and MFCCs."""

from __future__ import annotations

import torch
from torch import Tensor

from ...data.cache.rows import Examples
from ...data.frontend.spectrum import Mel, Stft, cosines, to_float

WINDOW, HOP = 0.025, 0.01  # seconds
BANDS, CEPSTRA = 40, 20
FLOOR = 1e-6  # of the power, before the logarithm
_BATCH = 256


@torch.no_grad()
def clip_statistics(waves: Examples, rate: int) -> Tensor:
    """Four statistics of each wave (N, samples), full scale as in `to_float`: (N, 2 (bands + cepstra)).

    40 log-mels and 20 mel-frequency cepstral coefficients (Davis and Mermelstein, 1980) of windows of 25 ms,
    every 10 ms; of each its mean over time, then its deviation. rate: in Hz; a low one has fewer bands.
    """
    window = max(2, round(WINDOW * rate))
    bands = min(BANDS, window // 2)
    spectrum = Stft(window, max(1, round(HOP * rate)))
    mel, turned = Mel(window // 2 + 1, bands, rate), cosines(min(CEPSTRA, bands), bands)
    found = []
    for start in range(0, len(waves), _BATCH):
        powers = mel(spectrum(to_float(waves[start : start + _BATCH])))[:, 0]
        logs = torch.log(powers + FLOOR)
        rows = torch.cat([logs, turned @ logs], dim=1).double()  # (N, bands + cepstra, T)
        found.append(torch.cat([rows.mean(2), rows.std(2, correction=0)], dim=1))
    return torch.cat(found)
