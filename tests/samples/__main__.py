"""`python -m tests.samples`: draw and write the samples that need no encoder.

The others were made by ffmpeg from its own test picture and tone, two seconds each:
sample.mp4 (H.264 and AAC), sample.m4a, streamed.m4a (in fragments, as browsers record),
sample.mp3 and sample.wav.
"""

from PIL import Image

from tests.samples import FOLDER


def main() -> None:
    """Write the image and document samples anew."""
    image = Image.linear_gradient("L").resize((64, 48))
    image.save(FOLDER / "sample.png")
    image.convert("RGB").save(FOLDER / "sample.jpg", quality=60)
    image.convert("RGB").save(FOLDER / "sample.pdf", resolution=72)


if __name__ == "__main__":
    main()
