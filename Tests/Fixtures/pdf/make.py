"""Makes contract.pdf: plain PDF 1.4, ten pages of text, the same bytes every time.

    python3 Tests/Fixtures/pdf/make.py Tests/Fixtures/pdf/contract.pdf
"""

import sys

PAGES = 10
CLAUSES = [
    "The parties agree that the work is done when it is done, and not before.",
    "Notices are in writing and count from the day on which they arrive.",
    "Each party bears the costs that it causes, and says so in advance.",
    "What is confidential stays confidential for five years after the end.",
    "Changes of this contract need the signature of both parties to be valid.",
]


def page_text(number):
    lines = [f"Contract, page {number} of {PAGES}", ""]
    for clause in range(1, 26):
        lines.append(f"{number}.{clause}  {CLAUSES[(number + clause) % len(CLAUSES)]}")
    return lines


def document():
    catalog, pages, font = 1, 2, 3
    objects = {
        catalog: b"<< /Type /Catalog /Pages 2 0 R >>",
        font: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    kids = []
    for number in range(1, PAGES + 1):
        shown = " ".join(f"({line}) Tj T*" for line in page_text(number))
        content = f"BT /F1 11 Tf 72 740 Td 16 TL {shown} ET".encode()
        stream, page = len(objects) + 2, len(objects) + 3
        objects[stream] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
        objects[page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % stream
        )
        kids.append(b"%d 0 R" % page)
    objects[pages] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (PAGES, b" ".join(kids))

    output, offsets = b"%PDF-1.4\n", []
    for number in sorted(objects):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return output + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(output))


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        file.write(document())
