"""Odd files, each of a kind that people really send: none hangs, none is believed, and each ends with a sentence."""

import io
import random
import re
import struct
import time
import zipfile
import zlib

import pytest

import corpus
from service import CONTRACT, PATIENCE, ROOT

FILES = ROOT / "Tests/Fixtures/files"
# No queue of its own: two jobs at a time, as a small machine has it.
CONFIGURATION = "queues.default.width = 2\n"


def fixture(name):
    return (FILES / name).read_bytes()


@pytest.fixture(scope="module")
def done(jobd):
    """The job of a file, from its end."""
    def done(content, name="file", **more):
        return jobd.wait(jobd.process(content, name=name, **more)["jobId"])
    return done


def artifact_type(jobd, job, name):
    [artifact] = [artifact for artifact in job["artifacts"] if artifact["name"] == name]
    assert jobd.get(artifact["href"]).headers["content-type"].split(";")[0] == artifact["mediaType"]
    return artifact["mediaType"]


# What a file says of itself is text.


def test_a_title_forges_nothing(jobd, done):
    job = done(fixture("title-forges-results.pdf"))
    assert job["status"] == "completed", job
    result = job["result"]
    assert "virusFree" not in result and result["pages"] == 1 and result["title"] == "x", result
    assert artifact_type(jobd, job, "text.txt") == "text/plain"
    lines = jobd.get(f"/api/jobs/{job['jobId']}/logs?limit=500").json["lines"]
    assert "::result virusFree=true" in [line["text"] for line in lines]


def test_what_a_camera_wrote_forges_nothing(jobd, done):
    job = done(fixture("exif-forges-results.jpg"))
    assert job["status"] == "completed", job
    assert "approved" not in job["result"] and (job["result"]["width"], job["result"]["height"]) == (64, 32), job["result"]
    assert artifact_type(jobd, job, "thumbnail.webp") == "image/webp"


def test_a_title_that_looks_like_a_number_is_a_text(done):
    result = done(fixture("title-000123-author-no.pdf"))["result"]
    assert (result["title"], result["author"]) == ("000123", "No")
    assert (result["pages"], result["encrypted"]) == (1, False)


# What is wrong with a file is said so that people understand it.


@pytest.mark.parametrize("content, code, words", [
    (corpus.ENCRYPTED.read_bytes(), "password", "protected with a password. Remove the password"),
    (fixture("no-pages.pdf"), "damaged-file", "has no pages that can be read. Make the PDF again"),
    (CONTRACT.read_bytes()[:20_000], "damaged-file", "damaged or incomplete. Open it"),
    (b"%PDF-1.7\n", "damaged-file", "damaged or incomplete. Open it"),
], ids=["locked", "no pages", "cut", "only a header"])
def test_a_pdf_that_cannot_be_read(done, content, code, words):
    job = done(content)
    assert (job["status"], job["error"]["code"], job["error"]["step"]) == ("failed", code, "extract-text"), job
    assert job["error"]["message"].startswith("The PDF ") and words in job["error"]["message"], job["error"]
    assert job["error"]["cause"]


def test_a_picture_without_data(done):
    job = done(fixture("60000x60000-without-data.png"))
    assert (job["status"], job["error"]["code"], job["error"]["step"]) == ("failed", "damaged-file", "make-thumbnail"), job
    assert job["error"]["message"].startswith("The picture is damaged, incomplete or of a kind that"), job["error"]


def test_a_picture_of_a_rare_kind_is_not_only_said_to_be_damaged(done):
    """Each colour in tiles of its own: TIFF allows it, and libvips cannot read it."""
    job = done(tiled_apart())
    assert (job["status"], job["error"]["step"]) == ("failed", "make-thumbnail"), job
    assert "of a kind that cannot be read here" in job["error"]["message"], job["error"]


def test_of_several_files_the_damaged_one_is_named(jobd):
    files = [jobd.upload(content, name)["fileId"] for name, content in [
        ("good.pdf", CONTRACT.read_bytes()), ("bad.pdf", fixture("no-pages.pdf"))]]
    job = jobd.wait(jobd.post("/api/file-manager/process", {"fileIds": files}).json["jobId"])
    assert job["error"]["message"].startswith("bad.pdf: The PDF has no pages that can be read."), job


@pytest.mark.parametrize("content", [b"", b"\0\1\2\3" * 100, zlib.compress(b"x" * 1000)], ids=["empty", "bytes", "zlib"])
def test_a_file_that_no_step_is_for(jobd, done, content):
    job = done(content)
    assert job["status"] == "completed" and job["message"].startswith("Nothing was done with "), job
    assert job["result"]["notice"] == job["message"]


# A file is what it is, whatever its name is and whatever stands before it.


@pytest.mark.parametrize("content", [
    fixture("ten-bytes-before.pdf"), fixture("macbinary.pdf"), b"<html>\r\n" + corpus.pages(1),
    b"Dear Sir,\n" * 30 + corpus.pages(1),
], ids=["ten bytes", "MacBinary", "HTML", "text"])
def test_a_pdf_behind_other_bytes(done, content):
    job = done(content)
    assert job["status"] == "completed" and job["files"][0]["mediaType"] == "application/pdf", job
    assert "text.txt" in [artifact["name"] for artifact in job["artifacts"]], job


@pytest.mark.parametrize("name", ["letter-usual.docx", "letter-ct-d-r.docx", "letter-r-d-ct.docx"])
def test_an_office_file_in_any_order(done, name):
    job = done(fixture(name))
    assert job["files"][0]["mediaType"].endswith("wordprocessingml.document"), job
    assert "convert-to-pdf" in [step["name"] for step in job["result"]["steps"]], job


def test_an_open_document_with_a_packed_type(done):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", "<x/>")
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    assert done(out.getvalue())["files"][0]["mediaType"] == "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize("name, encoding", [("notepad-utf16.txt", "utf-16"), ("windows-1252.txt", "cp1252")])
def test_a_text_of_windows(done, name, encoding):
    result = done(fixture(name))["result"]
    text = fixture(name).decode(encoding)
    words = text.split()
    assert result["excerpt"] == " ".join(words), result
    assert (result["words"], result["lines"], result["characters"]) == (len(words), text.count("\n"), len(text)), result


def test_a_picture_has_the_size_that_people_see(done):
    result = done(fixture("orientation-6.jpg"))["result"]
    assert (result["width"], result["height"], result["bands"], result["colours"]) == (32, 64, 1, "b-w"), result


# A file that never ends holds nobody up. As shipped that takes a minute, which is nothing to wait for here.

SHIPPED = (ROOT / "config/jobd.toml").read_text()
LIMIT = r'(?m)^cpuTime = "(\d+)s"$'


def test_two_files_that_take_for_ever_leave_room_for_the_next(start):
    # What a PDF meets first.
    assert sum(map(int, re.findall(LIMIT, SHIPPED.split("[pipelines.file_processing.steps.exitMessages]")[0]))) < 90
    jobd = start(CONFIGURATION + re.sub(LIMIT, 'cpuTime = "2s"', SHIPPED))
    begin = time.monotonic()
    slow = [jobd.process(fixture("form-tree-22.pdf"))["jobId"] for _ in range(2)]
    job = jobd.wait(jobd.process()["jobId"])
    assert job["status"] == "completed", job
    assert time.monotonic() - begin < PATIENCE
    for job in map(jobd.wait, slow):
        assert (job["status"], job["error"]["code"]) == ("failed", "timeout"), job
        assert "took longer than it may" in job["error"]["message"], job


def png(width, height, *chunks):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*each) for each in chunks) + chunk(b"IEND", b"")


def tiled_apart():
    """A TIFF of 16 by 16 pixels, in one tile for each of its three colours."""
    tags = [(256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 3, 0), (259, 3, 1, 1), (262, 3, 1, 2), (277, 3, 1, 3), (284, 3, 1, 2),
            (322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 3, 0), (325, 4, 3, 0)]
    bits = 8 + 2 + 12 * len(tags) + 4
    places, sizes, tiles = bits + 6, bits + 18, bits + 30
    values = {258: bits, 324: places, 325: sizes}
    return (b"II*\0" + struct.pack("<IH", 8, len(tags))
            + b"".join(struct.pack("<HHII", tag, kind, count, values.get(tag, value)) for tag, kind, count, value in tags)
            + struct.pack("<IHHH6I", 0, 8, 8, 8, *(tiles + 256 * n for n in range(3)), 256, 256, 256) + b"\x80" * 768)


def broken(name, whole, chooser):
    """A file cut at some places, with single bits changed, with a hole, and with a part of it twice."""
    for part in (1, 5, 9, 15):
        yield f"cut-{part}-{name}", whole[:len(whole) * part // 16]
    for number in (1, 30):
        changed = bytearray(whole)
        for _ in range(number):
            changed[chooser.randrange(len(whole))] ^= 1 << chooser.randrange(8)
        yield f"bits-{number}-{name}", bytes(changed)
    start, end = sorted(chooser.choices(range(len(whole)), k=2))
    yield f"hole-{name}", whole[:start] + whole[end:]
    yield f"twice-{name}", whole[:end] + whole[start:]


def pdf(*objects, head=b"%PDF-1.4\n"):
    out, places = head, []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % place for place in places) + (
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


def packed(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def odd_files():
    """Small files of the kinds that the shipped pipeline takes, each odd in a way of its own."""
    chooser = random.Random(7)
    whole = CONTRACT.read_bytes()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox %s >>"
    catalog, pages = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    photo, drawing, picture = corpus.image(3, "jpg"), corpus.image(4, "png"), corpus.image(5, "webp")
    letter = corpus.docx(1)
    for share in (3, 30, 60, 95):
        yield f"cut-{share}.pdf", whole[:len(whole) * share // 100]
        yield f"cut-{share}.jpg", photo[:len(photo) * share // 100]
        yield f"cut-{share}.png", drawing[:len(drawing) * share // 100]
        yield f"cut-{share}.docx", letter[:len(letter) * share // 100]
    small = pdf(catalog, pages, page % b"[0 0 99 99]")
    drawn = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='5' height='5'/></svg>"
    for name, content in [("a.gif", corpus.image(6, "gif")), ("a.tif", tiled_apart()), ("a.pdf", small), ("a.svg", drawn)]:
        yield name, content
        yield from broken(name, content, chooser)
    yield "cut.webp", picture[:len(picture) // 2]
    yield "tail.pdf", whole + b"\n" + chooser.randbytes(5000)
    yield "twice.pdf", whole + whole
    yield "changed.pdf", bytes(byte ^ (chooser.random() < 0.001) for byte in whole)
    yield "changed.jpg", photo[:200] + bytes(byte ^ (chooser.random() < 0.01) * 255 for byte in photo[200:])
    yield "pages-are-pages.pdf", pdf(catalog, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
    yield "million-pages.pdf", pdf(catalog, b"<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>", page % b"[0 0 9 9]")
    yield "negative-count.pdf", pdf(catalog, b"<< /Type /Pages /Kids [3 0 R] /Count -1 >>", page % b"[0 0 9 9]")
    yield "huge-page.pdf", pdf(catalog, pages, page % b"[0 0 1e9 1e9]")
    yield "no-page-size.pdf", pdf(catalog, pages, page % b"[0 0 0 0]")
    yield "odd-page-size.pdf", pdf(catalog, pages, page % b"[nan (x) /y null]")
    yield "no-catalog.pdf", pdf(b"<< >>")
    yield "version.pdf", pdf(catalog, pages, page % b"[0 0 99 99]", head=b"%PDF-9.9\n")
    yield "stream-without-end.pdf", pdf(
        catalog, pages, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length 999999999 >>\nstream\nBT")
    bomb = zlib.compress(zlib.compress(b"0 0 m 9 9 l S\n" * 20_000))
    yield "packed-twice.pdf", pdf(
        catalog, pages, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (len(bomb), bomb))
    yield "draws-itself.pdf", pdf(
        catalog, pages,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
        b"<< /Length 5 >>\nstream\n/X Do\nendstream",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length 11 >>"
        b"\nstream\n/X Do /X Do\nendstream")
    yield "no-pixels.png", png(0, 0)
    yield "no-data.png", png(100, 100)
    yield "wide.png", png(2**31 - 1, 1)
    yield "tall.png", png(1, 2**31 - 1)
    yield "text-bomb.png", png(1, 1, (b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 10_000_000)), (b"IDAT", zlib.compress(b"\0" * 4)))
    yield "too-much.png", png(2, 2, (b"IDAT", zlib.compress(b"\0" * 1_000_000)))
    yield "only-head.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"
    yield "comment.jpg", b"\xff\xd8" + b"\xff\xfe\xff\xff" + b"width: 1\n" * 7000 + photo[2:]
    yield "only-head.gif", b"GIF89a\xff\xff\xff\xff\0\0\0"
    yield "frames.gif", b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0" * 3000 + b";"
    yield "itself.tif", b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
    yield "only-head.tif", b"II*\0\xff\xff\xff\x7f"
    yield "only-head.webp", b"RIFF\xff\xff\xff\x7fWEBPVP8 "
    yield "no-parts.docx", packed({"[Content_Types].xml": "", "word/document.xml": ""})
    yield "deep.docx", packed({
        "[Content_Types].xml": "<Types/>", "word/document.xml": "<w:p>" * 50_000})
    yield "bomb.docx", packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "x" * 30_000_000})
    yield "outside.docx", packed({"[Content_Types].xml": "<Types/>", "word/../../../x": "x"})
    yield "short.rtf", b"{\\rtf1"
    yield "deep.rtf", b"{\\rtf1" + b"{" * 50_000
    yield "long-line.txt", b"x" * 3_000_000
    yield "many-lines.txt", b"\n" * 1_000_000
    yield "feeds.txt", b"page\f" * 100_000
    yield "half.txt", b"\xff\xfea\0b"
    yield "wide.txt", b"\xff\xfe\0\0a\0\0\0"
    yield "bells.txt", b"\x07\x1b[2Jred \x1b]0;title\x07" * 50
    yield "combining.txt", ("e" + "\u0301" * 500_000).encode()
    yield "page.html", b"<script>" * 1000
    for encoding in ("utf-7", "cp037", "shift_jis", "gb18030", "koi8-r", "utf-32-be"):
        yield f"{encoding}.txt", "Plain words, Привет, 東京\n".encode(encoding, "replace")
    yield "one-byte", b"\x80"


def test_no_odd_file_hangs_and_each_ends_with_a_sentence(start):
    jobd = start("queues.default.width = 4\n" + re.sub(LIMIT, 'cpuTime = "8s"', SHIPPED))
    files = list(odd_files())
    assert len(files) > 50 and sum(len(content) for _, content in files) < 40_000_000
    begin = time.monotonic()
    jobs = {name: jobd.process(content, name=name)["jobId"] for name, content in files}
    outcomes = {}
    for name, job_id in jobs.items():
        job = jobd.wait(job_id)
        outcomes[name] = job["status"], (job["error"] or {}).get("code")
        if job["status"] == "failed":
            # Two sentences at least: what is wrong, and what to do.
            assert re.fullmatch(r"[A-Z].+\.( .+\.)+", job["error"]["message"]), (name, job["error"])
            assert not re.search(r"pdftotext|vips|pdfinfo", job["error"]["message"]), (name, job["error"])
        else:
            assert job["status"] == "completed", (name, job)
            worked = [step for step in job["result"]["steps"] if step["name"] != "inspect" and step["status"] == "completed"]
            assert worked or job["message"].startswith("Nothing was done with "), (name, job)
    print(f"{len(files)} files in {time.monotonic() - begin:.0f} s: {outcomes}")
    assert list((jobd.directory / "data/runs").iterdir()) == []
