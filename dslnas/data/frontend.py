"""The stages of a front end as torch modules, and the whole front end over batches of waves.

Shapes: waves x_NS (examples, samples), spectrograms x_NCFT (examples, 1, frequency, time). A stage is called
with a `torch.Generator` to augment and with None to be deterministic: random stages are then the identity.
Nothing here waits for the device: no value is read back, no shape depends on one.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor, nn

from ..diagnostics import fail
from ..frontend import FrontEnd
from ..primitives.registry import Attributes
from ..tensortype import TensorType

FLOOR = 1e-6  # added to the power before the logarithm: about the noise of 16-bit samples in one bin
NOISE_SECONDS = 20  # of generated noise, of each colour, where a data set has none


def uniform(x: Tensor, generator: Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """One random number per example of x, shape (N, 1), on the device of x."""
    drawn = torch.rand((len(x), 1), generator=generator, device=generator.device)
    return low + (high - low) * drawn.to(x.device, non_blocking=True)


def to_float(waves: Tensor) -> Tensor:
    """Waves as float32 in [-1, 1], from int16 or from that."""
    return waves.float() / 32768 if waves.dtype == torch.int16 else waves.float()


class Stage(nn.Module):
    """One stage; `forward(x, generator)` augments with a generator and is deterministic with None."""

    random = False

    def forward(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        if self.random and generator is None:
            return x
        return self.apply_to(x, generator) if generator is not None else self.fixed(x)

    def fixed(self, x: Tensor) -> Tensor:
        """What a deterministic stage computes."""
        raise NotImplementedError

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """What the stage computes when it may be random."""
        return self.fixed(x)


class Wave(Stage):
    """The source: the wave itself."""

    def fixed(self, x: Tensor) -> Tensor:
        return x


class Gain(Stage):
    """x_NS times a gain drawn uniformly from a range of decibels."""

    random = True

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        decibels = uniform(x, generator, self.low, self.high)
        return x * torch.exp(decibels * (math.log(10) / 20))


class Fade(Stage):
    """x_NS with a linear fade-in and fade-out, each of a length drawn from 0 to `length` samples."""

    random = True

    def __init__(self, length: float) -> None:
        super().__init__()
        self.length = length

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        place = torch.arange(x.shape[-1], device=x.device, dtype=x.dtype) + 1
        rise = (place / uniform(x, generator, 1e-3, max(self.length, 1e-3))).clamp(max=1)
        fall = (place.flip(0) / uniform(x, generator, 1e-3, max(self.length, 1e-3))).clamp(max=1)
        return x * rise * fall


class Stft(Stage):
    """Power of the short-time Fourier transform: x_NS to x_NCFT, `window // 2 + 1` bins, centred frames."""

    window: Tensor

    def __init__(self, window: int, hop: int) -> None:
        super().__init__()
        self.length, self.hop = window, hop
        self.register_buffer("window", torch.hann_window(window), persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        spectrum = torch.stft(
            x,
            self.length,
            self.hop,
            window=self.window,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        return (spectrum.real.square() + spectrum.imag.square()).unsqueeze(1)


class Mel(Stage):
    """Triangular mel filters over frequency, HTK scale; a filter without a bin takes the nearest."""

    filters: Tensor

    def __init__(self, bins: int, bands: int, rate: float) -> None:
        super().__init__()
        self.register_buffer("filters", mel_filters(bins, bands, rate), persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        return self.filters @ x


def mel_filters(bins: int, bands: int, rate: float) -> Tensor:
    """The filters as (bands, bins), in place of torchaudio's, which leaves filters empty where bins are few.

    Triangles whose corners are equally spaced on the mel scale `2595 log10(1 + f / 700)` (O'Shaughnessy).
    """
    top = 2595 * math.log10(1 + rate / 2 / 700)
    corners = 700 * (10 ** (torch.linspace(0, top, bands + 2, dtype=torch.float64) / 2595) - 1)
    hertz = torch.linspace(0, rate / 2, bins, dtype=torch.float64)
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rise, fall = (hertz - low) / (centre - low), (high - hertz) / (high - centre)
    filters = torch.minimum(rise, fall).clamp(min=0)
    empty = filters.sum(dim=1) == 0
    nearest = (hertz - centre).abs().argmin(dim=1)
    filters[empty, nearest[empty]] = 1
    return filters.float()


class Log(Stage):
    """Natural logarithm of the power, with a floor."""

    def fixed(self, x: Tensor) -> Tensor:
        return torch.log(x + FLOOR)


class AddNoise(Stage):
    """Background noise that went through the same transforms joins a share of the examples, after the log.

    The paper (section 4, figure 6) adds the noise "after the logarithmic transformation". Adding the two
    logarithms would multiply the spectra: noise would filter the signal, and quiet noise would erase it. So
    the powers are added and the sum stays a logarithm: `log(S + level * N)`, the expected spectrum of signal
    plus noise. `level` makes the mean power of the signal stand above that of the noise by a ratio drawn
    uniformly from `snr` decibels. The noise is a random stretch of frames of the data set's recordings.
    """

    random = True
    bank: Tensor

    def __init__(self, probability: float, low: float, high: float) -> None:
        super().__init__()
        self.probability, self.low, self.high = probability, low, high
        self.logarithmic = True
        self.register_buffer("bank", torch.zeros(0), persistent=False)

    def hold(self, bank: Tensor, logarithmic: bool) -> None:
        """Keep the noise's spectrogram (F, T), longer than an example; `logarithmic`: after a log."""
        self.bank, self.logarithmic = bank, logarithmic

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        frames = x.shape[-1]
        last = self.bank.shape[-1] - frames
        starts = (uniform(x, generator) * (last + 1)).long().clamp(max=last)
        places = starts + torch.arange(frames, device=x.device)
        noise = self.bank[:, places].transpose(0, 1).unsqueeze(1)  # (F, N, T) to (N, 1, F, T)
        chosen = uniform(x, generator) < self.probability
        decibels = uniform(x, generator, self.low, self.high)
        ratio = torch.exp(decibels * (-math.log(10) / 10))
        if not self.logarithmic:
            level = ratio[..., None, None] * _mean(x) / _mean(noise).clamp(min=FLOOR)
            return torch.where(chosen[..., None, None], x + level * noise, x)
        level = torch.log(ratio)[..., None, None] + _log_mean(x) - _log_mean(noise)
        return torch.where(chosen[..., None, None], torch.logaddexp(x, level + noise), x)


def _mean(x: Tensor) -> Tensor:
    return x.mean(dim=(-2, -1), keepdim=True)


def _log_mean(x: Tensor) -> Tensor:
    """The logarithm of the mean of the exponentials: the mean power of a log spectrogram."""
    return torch.logsumexp(x, dim=(-2, -1), keepdim=True) - math.log(x.shape[-1] * x.shape[-2])


class Stretch(Stage):
    """Time runs faster or slower by a factor per example, around the middle; linear between frames.

    The number of frames stays: what is missing at the ends repeats the first or the last frame.
    """

    random = True

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        frames = x.shape[-1]
        middle = (frames - 1) / 2
        time = torch.arange(frames, device=x.device, dtype=x.dtype) - middle
        place = (middle + time * uniform(x, generator, self.low, self.high)).clamp(0, frames - 1)
        before = place.floor()
        share = (place - before)[:, None, None, :]
        left = before.long()[:, None, None, :].expand_as(x)
        right = (left + 1).clamp(max=frames - 1)
        return torch.lerp(x.gather(-1, left), x.gather(-1, right), share.expand_as(x))


class Mask(Stage):
    """One mask of 0 to `width` rows along an axis (-1 time, -2 frequency), filled with the example's mean."""

    random = True

    def __init__(self, width: int, axis: int) -> None:
        super().__init__()
        self.width, self.axis = width, axis

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        extent = x.shape[self.axis]
        width = (uniform(x, generator) * (self.width + 1)).floor()
        start = (uniform(x, generator) * (extent - width + 1)).floor()
        place = torch.arange(extent, device=x.device)
        masked = ((place >= start) & (place < start + width))[:, None, :, None]
        return torch.where(masked.transpose(-1, -2) if self.axis == -1 else masked, _mean(x), x)


def build_stage(name: str, inputs: tuple[TensorType, ...], output: TensorType, given: Attributes) -> Stage:
    """The module of a stage of `dslnas.primitives.frontend`, from its types and attributes.

    DslnasError N0308 where the output is complex.
    """
    if output.domain == "complex":
        raise fail("N0308", f"the front end has no complex `{name}`", help="give the space `domain: real`")
    match name:
        case "wave":
            return Wave()
        case "gain":
            return Gain(*given["range"])
        case "fade":
            return Fade(given["length"] * given["rate"])
        case "stft":
            return Stft(round(given["window"] * given["rate"]), round(given["hop"] * given["rate"]))
        case "mel":
            return Mel(inputs[0].shape[1], int(given["bands"]), given["rate"])
        case "log":
            return Log()
        case "add_noise":
            return AddNoise(given["probability"], *given["snr"])
        case "stretch":
            return Stretch(*given["range"])
        case "mask_time":
            return Mask(int(given["width"]), -1)
        case "mask_freq":
            return Mask(int(given["width"]), -2)
    raise AssertionError(f"no stage is called {name}")


class FrontEndModule(nn.Module):
    """A whole front end over batches of waves (N, samples), int16 or float32 in [-1, 1].

    noise: a long wave (samples,) of background noise at the front end's rate; None: pink and white noise
    made here, the same every time. It goes through the deterministic stages before `add_noise` once.
    """

    def __init__(self, frontend: FrontEnd, noise: Tensor | None = None) -> None:
        super().__init__()
        self.frontend = frontend
        self.stages = nn.ModuleList()
        before: tuple[TensorType, ...] = ()
        for stage in frontend.stages:
            self.stages.append(build_stage(stage.primitive, before, stage.output, dict(stage.attributes)))
            before = (stage.output,)
        for place, module in enumerate(self.stages):
            if isinstance(module, AddNoise):
                earlier = list(self.stages)[:place]
                wave = generated_noise(frontend.rate) if noise is None else noise
                module.hold(*self._bank(earlier, wave))

    def _bank(self, earlier: list[nn.Module], noise: Tensor) -> tuple[Tensor, bool]:
        """The spectrogram of the noise (F, T) before `add_noise`, and whether a log is among the stages."""
        x = to_float(noise)[None]
        x = x.repeat(1, math.ceil(2 * self.frontend.samples / x.shape[1]))  # short noise goes round
        for stage in earlier:
            x = stage(x)
        return x[0, 0], any(isinstance(stage, Log) for stage in earlier)

    @torch.no_grad()
    def features(self, waves: Tensor) -> Tensor:
        """What enters the network without augmentation: (N, 1, F, T) float32."""
        return self._run(waves, None)

    @torch.no_grad()
    def augmented(self, waves: Tensor, generator: Generator) -> Tensor:
        """What enters the network with every random stage drawn anew for every example: (N, 1, F, T).

        All randomness comes from `generator`, which may live on the device of the waves or on the CPU.
        """
        return self._run(waves, generator)

    def forward(self, waves: Tensor) -> Tensor:
        return self.features(waves)

    def _run(self, x: Tensor, generator: Generator | None) -> Tensor:
        # Half precision would lose quiet bins before the logarithm brings them up.
        with torch.autocast(x.device.type, enabled=False):
            x = to_float(x)
            for stage in self.stages:
                x = stage(x, generator)
        return x


def generated_noise(rate: int) -> Tensor:
    """White, then pink noise (power 1/f), `NOISE_SECONDS` of each, the same on every call."""
    generator = torch.Generator().manual_seed(0)
    white = torch.randn(2, rate * NOISE_SECONDS, generator=generator)
    spectrum = torch.fft.rfft(white[1])
    pink = torch.fft.irfft(spectrum / torch.arange(1, len(spectrum) + 1).sqrt(), n=white.shape[1])
    return torch.cat([white[0] / white[0].std(), pink / pink.std()]) / 10
