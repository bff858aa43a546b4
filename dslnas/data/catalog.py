"""The catalogue of known data sets: classes, licence, folders, and how to get the files.

`plan` and `check` need the classes of a data set, not its recordings.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..base.diagnostics import fail

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORDS = (
    "backward bed bird cat dog down follow forward go happy house learn left marvin no off on right sheila "
    "stop tree up visual wow yes"
)
_ESC50 = (
    "dog rooster pig cow frog cat hen insects sheep crow rain sea_waves crackling_fire crickets "
    "chirping_birds water_drops wind pouring_water toilet_flush thunderstorm crying_baby sneezing clapping "
    "breathing coughing footsteps laughing brushing_teeth snoring drinking_sipping door_wood_knock "
    "mouse_click keyboard_typing door_wood_creaks can_opening washing_machine vacuum_cleaner clock_alarm "
    "clock_tick glass_breaking helicopter chainsaw siren car_horn engine train church_bells airplane "
    "fireworks hand_saw"
)
_ACTIVITIES = "absence cooking dishwashing eating other social_activity vacuum_cleaner watching_tv working"
_ESC10 = "dog rooster rain sea_waves crackling_fire crying_baby sneezing clock_tick helicopter chainsaw"

_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_CIFAR100 = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel "
    "can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur "
    "dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion "
    "lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree "
    "pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea "
    "seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table "
    "tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman "
    "worm"
)
_FASHION = "t_shirt trouser pullover dress coat sandal shirt sneaker bag ankle_boot"


@dataclass(frozen=True)
class Download:
    """An archive that may be fetched: its address, its SHA-256, its size in bytes, the folder it becomes."""

    url: str
    sha256: str
    size: int
    folder: str


@dataclass(frozen=True)
class Known:
    """The facts of a known data set.

    folders: names under the data root, tried in order; marks: what one of them must contain (any of these);
    how: how to get it by hand; download: an archive of it with a checksum; holds: the kind of its examples,
    `images` where many lie in one file, `pictures` where each is a file. folds: how many official folds it
    comes in; 0: none. on_disk: the classes are those of the folder; `classes` stand for them where it is not
    there.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    licence: str
    source: str
    folders: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    how: str = ""
    download: Download | None = None
    holds: Literal["recordings", "images", "pictures"] = "recordings"
    folds: int = 0
    on_disk: bool = False


_SPEECH_COMMANDS = Download(
    "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
    "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    2_428_923_189,
    "speech_commands_v0.02",
)
_SC09 = Known(
    "sc09",
    "Speech Commands v0.02, the ten digits",
    _DIGITS,
    "CC BY 4.0",
    "https://arxiv.org/abs/1804.03209",
    ("speech_commands_v0.02", "SpeechCommands/speech_commands_v0.02"),
    _DIGITS,
    f"unpack {_SPEECH_COMMANDS.url} there as speech_commands_v0.02 (2.4 GB)",
    _SPEECH_COMMANDS,
)
_ESC50_HOW = "unpack https://github.com/karolpiczak/ESC-50/archive/master.zip there (600 MB)"

_VOXCELEB = Known(
    "voxceleb1",
    "VoxCeleb1, who speaks",
    tuple(f"id1{number:04}" for number in range(1, 1252)),
    "CC BY 4.0",
    "https://arxiv.org/abs/1706.08612",
    ("VoxCeleb1", "voxceleb1", "vox1", "voxceleb1_layout_librispeech"),
    ("iden_split.txt",),
    "put wav/ and iden_split.txt of https://www.robots.ox.ac.uk/~vgg/data/voxceleb/vox1.html there as "
    "VoxCeleb1 (40 GB)",
    on_disk=True,
)

KNOWN: dict[str, Known] = {
    known.name: known
    for known in (
        Known(
            "digits",
            "spoken digits synthesised offline by eSpeak NG",
            _DIGITS,
            "made here; eSpeak NG is GPL-3.0",
            "https://github.com/espeak-ng/espeak-ng",
            how="pip install 'dslnas[digits]'",
        ),
        Known(
            "fsdd",
            "Free Spoken Digit Dataset",
            _DIGITS,
            "CC BY-SA 4.0",
            "https://github.com/Jakobovski/free-spoken-digit-dataset",
            ("free-spoken-digit-dataset", "fsdd", "free-spoken-digit-dataset-master"),
            ("recordings",),
            "git clone https://github.com/Jakobovski/free-spoken-digit-dataset there (16 MB)",
        ),
        _SC09,
        replace(
            _SC09,
            name="sc35",
            title="Speech Commands v0.02, all 35 words",
            classes=(*_DIGITS, *_WORDS.split()),
        ),
        Known(
            "audiomnist",
            "AudioMNIST",
            _DIGITS,
            "MIT",
            "https://github.com/soerenab/AudioMNIST",
            ("AudioMNIST", "AudioMNIST-master", "audiomnist"),
            ("data/audioMNIST_meta.txt", "data/01"),
            "git clone https://github.com/soerenab/AudioMNIST there (1 GB)",
        ),
        Known(
            "esc10",
            "ESC-10",
            tuple(_ESC10.split()),
            "CC BY 3.0",
            "https://github.com/karolpiczak/ESC-10",
            ("ESC-10", "ESC-10-master", "ESC-50-master", "ESC-50"),
            ("001 - Dog bark", "meta/esc50.csv"),
            _ESC50_HOW,
            folds=5,
        ),
        Known(
            "esc50",
            "ESC-50",
            tuple(_ESC50.split()),
            "CC BY-NC 3.0",
            "https://github.com/karolpiczak/ESC-50",
            ("ESC-50-master", "ESC-50"),
            ("meta/esc50.csv",),
            _ESC50_HOW,
            folds=5,
        ),
        Known(
            "dcase2018",
            "DCASE 2018 task 5, domestic activities",
            tuple(_ACTIVITIES.split()),
            "for research alone (SINS database)",
            "http://dcase.community/challenge2018/task-monitoring-domestic-activities",
            ("DCASE2018-task5-dev",),
            ("evaluation_setup/fold1_evaluate.txt",),
            "unpack the development set of https://zenodo.org/record/1247102 there as DCASE2018-task5-dev",
            folds=4,
        ),
        Known(
            "cifar10",
            "CIFAR-10, images",
            tuple(_CIFAR10.split()),
            "none is stated",
            "https://www.cs.toronto.edu/~kriz/cifar.html",
            ("cifar-10-batches-py",),
            ("data_batch_1",),
            "unpack https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz there (170 MB)",
            holds="images",
        ),
        Known(
            "cifar100",
            "CIFAR-100, images",
            tuple(_CIFAR100.split()),
            "none is stated",
            "https://www.cs.toronto.edu/~kriz/cifar.html",
            ("cifar-100-python",),
            ("train",),
            "unpack https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz there (170 MB)",
            holds="images",
        ),
        Known(
            "mnist",
            "MNIST, images of handwritten digits",
            _DIGITS,
            "CC BY-SA 3.0",
            "https://yann.lecun.org/exdb/mnist/",
            ("MNIST",),
            ("raw/train-images-idx3-ubyte.gz", "raw/train-images-idx3-ubyte"),
            "put the four files of https://ossci-datasets.s3.amazonaws.com/mnist/ there as MNIST/raw (12 MB)",
            holds="images",
        ),
        Known(
            "fashionmnist",
            "Fashion-MNIST, images of clothes",
            tuple(_FASHION.split()),
            "MIT",
            "https://github.com/zalandoresearch/fashion-mnist",
            ("FashionMNIST",),
            ("raw/train-images-idx3-ubyte.gz", "raw/train-images-idx3-ubyte"),
            "put the four files of data/fashion of https://github.com/zalandoresearch/fashion-mnist there as "
            "FashionMNIST/raw (30 MB)",
            holds="images",
        ),
        Known(
            "cats_vs_dogs",
            "Cats vs. Dogs of Kaggle, pictures",
            ("cat", "dog"),
            "none is stated",
            "https://www.kaggle.com/c/dogs-vs-cats/data",
            ("dogs-vs-cats", "cats_vs_dogs", "PetImages", "kagglecatsanddogs/PetImages"),
            ("train/cat.0.jpg", "Cat/0.jpg", "train", "Cat"),
            "unpack train.zip of https://www.kaggle.com/c/dogs-vs-cats/data there as dogs-vs-cats/train "
            "(570 MB)",
            holds="pictures",
        ),
        _VOXCELEB,
        replace(
            _VOXCELEB,
            name="voxceleb1_min",
            title="VoxCeleb1-Min: 100 speakers of VoxCeleb1 who speak for about as long, in pieces of 3 s",
            classes=tuple(f"speaker_{number:03}" for number in range(1, 101)),
        ),
    )
}


@dataclass(frozen=True)
class Spec:
    """The data set that `--data` names: a known one, or the user's own recordings or pictures at a path."""

    kind: Literal["known", "folder", "csv"]
    name: str
    path: Path | None = None

    def __str__(self) -> str:
        return self.name if self.path is None else f"{self.kind}:{self.path}"


def parse_spec(text: str) -> Spec:
    """The data set that `digits`, `fsdd`, ..., `folder:PATH`, `csv:PATH` names; DslnasError N0604 if none."""
    kind, colon, path = text.partition(":")
    if colon and kind in ("folder", "csv"):
        if not path:
            raise fail("N0604", f"`{text}` names no path", help=f"write `{kind}:PATH`")
        return Spec("folder" if kind == "folder" else "csv", "recordings", Path(path).expanduser())
    if text in KNOWN:
        return Spec("known", text)
    raise fail("N0604", f"no data set is called `{text}`", help=_suggestion(text))


def _suggestion(text: str) -> str:
    known = ", ".join(KNOWN)
    if Path(text).is_dir():
        return f"for a folder with one sub-folder a class write `folder:{text}`"
    if text.endswith(".csv"):
        return f"for a table of recordings write `csv:{text}`"
    close = difflib.get_close_matches(text.lower(), KNOWN, n=1)
    did_you_mean = f"did you mean `{close[0]}`? " if close else ""
    return f"{did_you_mean}known are {known}, folder:PATH and csv:PATH"
