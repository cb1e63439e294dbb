"""PDF files written by hand, of text and ruled lines."""

from __future__ import annotations

import re
import zlib

from pipeline.intake.letter_tables import PageBox


class Pdf:
    """A PDF of text and ruled lines, written by hand; y counts from the bottom of the page."""

    def __init__(self) -> None:
        self.pages: list[bytes] = []
        self.annots = b""

    def page(self, *operators: str) -> Pdf:
        self.pages.append("\n".join(operators).encode("cp1252"))
        return self

    def written(self, packed: bool = False, cut: int = 0) -> bytes:
        kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(self.pages)))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
        for index, content in enumerate(self.pages):
            objects.append(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Resources << /Font << /F 3 0 R >> "
                b"/XObject << >> >> /Contents %d 0 R %s >>" % (5 + 2 * index, self.annots)
            )
            stream = zlib.compress(content) if packed else content
            stream = stream[: len(stream) - cut]
            kind = b"/Filter /FlateDecode " if packed else b""
            objects.append(b"<< %s/Length %d >>\nstream\n%s\nendstream" % (kind, len(stream), stream))
        out, places = b"%PDF-1.4\n", []
        for number, body in enumerate(objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
        return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S"


def words(x: float, y: float, text: str, size: float = 10) -> str:
    escaped = re.sub(r"([\\()])", r"\\\1", text)
    return f"BT /F {size} Tf {x} {y} Td ({escaped}) Tj ET"


XS, YS = (50, 150, 210, 270), (300, 280, 260, 240)
GRID = [*(line(x, YS[0], x, YS[-1]) for x in XS), *(line(XS[0], y, XS[-1], y) for y in YS)]
CELLS = [("Platform", "2015", "2016"), ("Face book", "1,203", "<5"), ("Snapchat", "", "*")]
TEXTS = [
    words(XS[column] + 4, YS[row] - 14, text)
    for row, cells in enumerate(CELLS)
    for column, text in enumerate(cells)
    if text
]
BOX = PageBox(1, 50.0, 100.0, 270.0, 160.0)
