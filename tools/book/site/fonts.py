"""The fonts of the site, from packages that pip installed, cut to the characters in use."""

import hashlib
import shutil
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

#: file to write: package, file in it, axes to pin ("opsz": 16) or to keep a part of ("wght": (400,
#: 700))
FONTS = {
    "serif.woff2": (
        "fontpkg_source_serif_4",
        "files/SourceSerif4[opsz,wght].ttf",
        {"opsz": 16, "wght": (400, 700)},
    ),
    "serif-italic.woff2": (
        "fontpkg_source_serif_4",
        "files/SourceSerif4-Italic[opsz,wght].ttf",
        {"opsz": 16, "wght": 400},
    ),
    "sans.woff2": ("fontpkg_source_sans_3", "files/SourceSans3[wght].ttf", {"wght": (400, 700)}),
    "math.woff2": ("ziamath", "fonts/STIXTwoMath-Regular.ttf", {}),
}

# ASCII, Latin-1, Greek, dashes, quotes and what prose on mathematics uses; the rest falls back to
# the reader's fonts.
TEXT = {
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x391, 0x3CA),
    *map(ord, "–—‘’“”•…−′₀₁₂₃←→↑↓≈≠≤≥∞√∂Σ·×"),
}
# Letters and where their mathematical italics begin: first, last, first italic.
ITALICS = [
    (ord("A"), ord("Z"), 0x1D434),
    (ord("a"), ord("z"), 0x1D44E),
    (ord("Α"), ord("Ω"), 0x1D6E2),
    (ord("α"), ord("ω"), 0x1D6FC),
]

FEATURES = ["kern", "liga", "tnum", "mark", "ccmp"]


def write_fonts(folder: Path, cache: Path, formulas: set[str]) -> None:
    """Write the fonts as WOFF2 into `folder`; `formulas` are the characters in the formulas.

    Cutting takes seconds, so the files are kept in `cache` under a name that stands for all that
    goes into them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    kept, missing = {}, []
    for name, (package, file, axes) in FONTS.items():
        source = Path(find_spec(package).origin).parent / file
        characters = _in_formulas(formulas) if name == "math.woff2" else TEXT
        key = hashlib.sha256(
            source.read_bytes() + Path(__file__).read_bytes() + repr(sorted(characters)).encode()
        )
        kept[name] = cache / f"{key.hexdigest()[:16]}-{name}"
        if not kept[name].exists():
            missing.append((source, characters, axes, kept[name]))
    if missing:
        with ProcessPoolExecutor() as pool:
            list(pool.map(_cut, *zip(*missing, strict=True)))
    for name, path in kept.items():
        shutil.copyfile(path, folder / name)


def _in_formulas(formulas):
    """The characters that a browser takes from the font for formulas in which these are written."""
    written = {*map(ord, formulas), *range(0x30, 0x3A)}
    # A single letter is set in mathematical italics, which are characters of their own.
    italics = {
        start + code - first
        for first, last, start in ITALICS
        for code in written & {*range(first, last + 1)}
    }
    # A root's sign and a brace over or under a formula are drawn, not written.
    return written | italics | {*map(ord, "√⏞⏟ℎ")}


def _cut(source, characters, axes, target):
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(desubroutinize=True, hinting=False, notdef_outline=True)
    options.layout_features = (
        FEATURES if axes else ["*"]
    )  # a formula needs them all: script sizes, stretched brackets
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    if axes:
        instantiateVariableFont(font, axes, inplace=True)
    if "MATH" in font:
        _keep_one_root(font)
    font.flavor = "woff2"
    part = target.with_suffix(".part")
    font.save(part)
    part.replace(target)


def _keep_one_root(font):
    """Leave out the larger forms of the root's sign: Chromium leaves room for the widest of them.

    The book's roots are one line high; write a higher one as a power.
    """
    variants = font["MATH"].table.MathVariants
    sign = variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[ord("√")])
    construction = variants.VertGlyphConstruction[sign]
    del construction.MathGlyphVariantRecord[1:]
    construction.MathGlyphVariantCount = 1
    construction.GlyphAssembly = None
