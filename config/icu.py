"""Leaves English of ICU's data: python3 config/icu.py < ALL > SOME

Foundation brings what ICU knows of 700 languages, 34 MB, half of the executable. jobd speaks none but English to its
users, and all other data (time zones, characters, calendars) is kept. The format is ICU's "common data": a header, a
count, pairs of offsets of names and contents, the names, the contents.
"""

import re
import struct
import sys

ALIGNMENT = 16


def is_kept(name):
    stem, _, kind = name.rpartition("/")[2].rpartition(".")
    is_other_language = kind == "res" and re.fullmatch(r"[a-z]{2,3}(_\w+)*", stem) and not re.match(r"en(_|$)", stem)
    # Tables of old encodings, dictionaries for the line breaks of Thai and Japanese, transcriptions.
    return not is_other_language and kind not in ("cnv", "dict") and "/translit/" not in name


def entries(data, start):
    [count] = struct.unpack_from("<I", data, start)
    table = [struct.unpack_from("<II", data, start + 4 + 8 * index) for index in range(count)]
    ends = [content for _, content in table[1:]] + [len(data) - start]
    for (name, content), end in zip(table, ends):
        name = data[start + name : data.index(b"\0", start + name)]
        yield name, data[start + content : start + end]


def common_data(header, kept):
    position = 4 + 8 * len(kept)
    names, contents, table = b"", b"", []
    for name, _ in kept:
        table.append(position + len(names))
        names += name + b"\0"
    names += b"\0" * (-(len(header) + position + len(names)) % ALIGNMENT)
    body = position + len(names)
    for index, (_, content) in enumerate(kept):
        table[index] = (table[index], body + len(contents))
        contents += content + b"\0" * (-len(content) % ALIGNMENT)
    pairs = b"".join(struct.pack("<II", *pair) for pair in table)
    return header + struct.pack("<I", len(kept)) + pairs + names + contents


data = sys.stdin.buffer.read()
[size] = struct.unpack_from("<H", data)
assert data[2:4] == b"\xda\x27" and data[12:16] == b"CmnD", "this is not ICU's common data"
sys.stdout.buffer.write(common_data(data[:size], [entry for entry in entries(data, size) if is_kept(entry[0].decode())]))
