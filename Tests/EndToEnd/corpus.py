"""Files as people upload them, each made from a number, so that every run has the same ones."""

import io
import pathlib
import random
import subprocess
import tempfile
import zipfile

from service import CONTRACT, ROOT

ENCRYPTED = ROOT / "Tests/Fixtures/pdf/encrypted.pdf"
WORDS = "the contract begins at noon and ends when both parties straße 東京 naïve “quoted” say so".split()


def text(number):
    chooser = random.Random(number)
    lines = [" ".join(chooser.choices(WORDS, k=chooser.randint(0, 14))) for _ in range(chooser.randint(1, 400))]
    return (chooser.choice(["\n", "\r\n"]).join(lines) + "\n").encode()


def pages(number):
    """A part of the contract, from its first page on, as a PDF of its own."""
    return run("qpdf", "--deterministic-id", CONTRACT, "--pages", ".", f"1-{number % 10 + 1}", "--", "-")


def scan(number):
    """A page as a picture in a PDF: it has no text until somebody reads it."""
    jpeg = run("pdftoppm", "-jpeg", "-r", "150", "-f", str(number % 10 + 1), "-singlefile", CONTRACT)
    width, height = 1240, 1754
    content = b"q 595 0 0 842 0 0 cm /Im Do Q"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /Im 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8"
        b" /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream" % (width, height, len(jpeg), jpeg)]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for index, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (index, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def image(number, ending):
    size = 40 + number * 37 % 900, 30 + number * 53 % 700
    return run("vips", "gaussnoise", f".{ending}", *map(str, size), "--seed", str(number), through=ending)


def docx(number):
    """The least that an office program takes for a document."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text(number).decode().split("\n")[:40])
    files = {
        "[Content_Types].xml":
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels":
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r"'
            ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
            ' Target="word/document.xml"/></Relationships>',
        "word/document.xml":
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            f"{paragraphs}</w:body></w:document>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def truncated(number):
    whole = CONTRACT.read_bytes()
    return whole[:200 + number * 1009 % (len(whole) - 300)]


KINDS = {
    "pages.pdf": pages,
    "photo.jpg": lambda number: image(number, "jpg"),
    "notes.txt": text,
    "drawing.png": lambda number: image(number, "png"),
    "encrypted.pdf": lambda number: ENCRYPTED.read_bytes(),
    "truncated.pdf": truncated,
    "picture.webp": lambda number: image(number, "webp"),
    "letter.docx": docx,
    "empty": lambda number: b"",
    "junk.bin": lambda number: random.Random(number).randbytes(number * 7919 % 100_000 + 1),
    "scan.pdf": scan,
    "nonsense.pdf": lambda number: b"%PDF-1.4\nnonsense " + str(number).encode(),
}


def files(count):
    """Names and contents, every kind in turn."""
    kinds = list(KINDS.items())
    for number in range(count):
        name, make = kinds[number % len(kinds)]
        yield f"{number}-{name}", make(number)


def run(*command, through=None):
    """What a program prints, or what it writes to a file whose name ends so."""
    if through is None:
        return subprocess.run(command, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"made.{through}"
        words = [path if word == f".{through}" else word for word in command]
        if words[1] == "gaussnoise":
            raw = path.with_suffix(".v")
            words[2] = raw
            subprocess.run(words, capture_output=True, check=True)
            subprocess.run(["vips", "cast", raw, path, "uchar"], capture_output=True, check=True)
        return path.read_bytes()
