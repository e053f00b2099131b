"""The type of an upload: over sixty kinds by name, and what is known without one."""

from __future__ import annotations

import csv
import io
import tarfile
import wave
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from typedrun.files.filetypes import BINARY, BY_EXTENSION, detect_type

ZIP = b"PK\x03\x04\x14\0\x06\0\x08\0"
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"


def archive(*names: str, first: str = "[Content_Types].xml", content: bytes = b"<x/>") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in (first, *names):
            file.writestr(name, content)
    return made.getvalue()


def wav() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0" * 16)
    return made.getvalue()


def tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        file.addfile(tarfile.TarInfo("a"))
    return made.getvalue()


BMP = b"BM" + b"\x46\0\0\0" + b"\0\0\0\0" + b"\x36\0\0\0" + b"\x28\0\0\0" + b"\0" * 8
DOCX = archive("_rels/.rels", "docProps/app.xml", "word/document.xml")
EBML = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84"
OGG = b"OggS\0\x02" + b"\0" * 20 + b"\x01\x1e"


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("report.docx", DOCX, f"{OFFICE}.wordprocessingml.document"),
        ("sheet.xlsx", archive("xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
        ("slides.pptx", archive("ppt/presentation.xml"), f"{OFFICE}.presentationml.presentation"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
        ("old.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-powerpoint"),
        ("text.odt", ZIP, f"{OPEN}.text"),
        ("sheet.ods", ZIP, f"{OPEN}.spreadsheet"),
        ("slides.odp", ZIP, f"{OPEN}.presentation"),
        ("book.epub", ZIP, "application/epub+zip"),
        ("paper.pdf", b"%PDF-1.7", "application/pdf"),
        ("letter.rtf", b"{\\rtf1", "application/rtf"),
        ("mail.eml", b"From: a@b.c", "message/rfc822"),
        ("mail.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-outlook"),
        ("notes.txt", b"hello", "text/plain"),
        ("notes.txt", b"ID3 is a format of tags", "text/plain"),
        ("run.log", b"started", "text/plain"),
        ("readme.md", b"# Title", "text/markdown"),
        ("health.csv", b"BMI,age\n21,40\n", "text/csv"),
        ("data.tsv", b"a\tb", "text/tab-separated-values"),
        ("page.html", b"<!DOCTYPE html>", "text/html"),
        ("page.htm", b"<p>", "text/html"),
        ("style.css", b"p {}", "text/css"),
        ("app.js", b"let a", "text/javascript"),
        ("tool.py", b"import os", "text/x-python"),
        ("paper.tex", b"\\documentclass", "application/x-tex"),
        ("film.srt", b"1\n00:00:01,000", "application/x-subrip"),
        ("film.vtt", b"WEBVTT", "text/vtt"),
        ("plan.ics", b"BEGIN:VCALENDAR", "text/calendar"),
        ("a.json", b"{}", "application/json"),
        ("A.JSON", b"{}", "application/json"),
        ("rows.jsonl", b"{}\n{}", "application/jsonl"),
        ("rows.ndjson", b"{}\n{}", "application/x-ndjson"),
        ("work.ipynb", b"{}", "application/x-ipynb+json"),
        ("feed.xml", b"<?xml version='1.0'?>", "application/xml"),
        ("conf.yaml", b"a: 1", "application/yaml"),
        ("conf.yml", b"a: 1", "application/yaml"),
        ("rows.parquet", b"PAR1", "application/vnd.apache.parquet"),
        ("x.sqlite3", b"SQLite format 3\x00", "application/x-sqlite3"),
        ("x.db", b"", "application/x-sqlite3"),
        ("all.zip", archive("a.txt", first="b.txt"), "application/zip"),
        ("all.tar.gz", b"\x1f\x8b\x08", "application/gzip"),
        ("all.tar", tar(), "application/x-tar"),
        ("all.7z", b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("photo.jpeg", b"\xff\xd8\xff\xe1", "image/jpeg"),
        ("photo.jpg", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("photo.txt", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("icon.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("move.gif", b"GIF89a", "image/gif"),
        ("dots.bmp", BMP, "image/bmp"),
        ("photo.webp", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("scan.tiff", b"II*\x00", "image/tiff"),
        ("scan.tif", b"MM\x00*", "image/tiff"),
        ("photo.heic", b"\0\0\0\x18ftypheic", "image/heic"),
        ("photo.heif", b"\0\0\0\x18ftypmif1", "image/heif"),
        ("photo.avif", b"\0\0\0\x20ftypavif", "image/avif"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>", "image/svg+xml"),
        ("site.ico", b"\0\0\x01\0", "image/vnd.microsoft.icon"),
        ("voice.wav", wav(), "audio/wav"),
        ("song.mp3", b"ID3\x03", "audio/mpeg"),
        ("song.flac", b"fLaC", "audio/flac"),
        ("song.flac", b"ID3\x03", "audio/flac"),
        ("song.m4a", b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        ("song.mp4", b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        ("song.aac", b"\xff\xf1\x50", "audio/aac"),
        ("song.ogg", OGG, "audio/ogg"),
        ("song.opus", OGG, "audio/ogg"),
        ("song.weba", EBML + b"webm", "audio/webm"),
        ("song.aiff", b"FORM\0\0\0\0AIFF", "audio/aiff"),
        ("note.amr", b"#!AMR\n", "audio/amr"),
        ("song.wma", b"\x30\x26\xb2\x75", "audio/x-ms-wma"),
        ("film.mp4", b"\0\0\0\x20ftypisom", "video/mp4"),
        ("film.mov", b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        ("film.mp4", b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        ("film.avi", b"RIFF\x24\0\0\0AVI LIST", "video/x-msvideo"),
        ("film.webm", EBML + b"webm", "video/webm"),
        ("film.mkv", EBML + b"matroska", "video/x-matroska"),
        ("film.ogv", OGG, "video/ogg"),
        ("film.mpg", b"\x00\x00\x01\xba", "video/mpeg"),
        ("film.wmv", b"\x30\x26\xb2\x75", "video/x-ms-wmv"),
        ("film.flv", b"FLV\x01", "video/x-flv"),
        ("film.3gp", b"\0\0\0\x14ftyp3gp4", "video/3gpp"),
    ],
)  # fmt: skip
def test_a_name_tells_the_type_unless_the_bytes_are_another_medium(name: str, head: bytes, found: str) -> None:
    assert detect_type(head, name) == found


def test_sixty_kinds_are_known_by_name() -> None:
    assert len(set(BY_EXTENSION.values())) >= 60


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (BMP, "image/bmp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"<?xml version='1.0'?>\n<!-- by hand -->\n<svg >", "image/svg+xml"),
        (b"\n<!DOCTYPE html><html>", "text/html"),
        (b"<?xml version='1.0'?><feed>", "application/xml"),
        (wav(), "audio/wav"),
        (b"ID3\x04\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (OGG, "audio/ogg"),
        (EBML + b"webm", "video/webm"),
        (EBML + b"matroska", "video/x-matroska"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (DOCX, f"{OFFICE}.wordprocessingml.document"),
        (archive("xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
        (archive("ppt/presentation.xml"), f"{OFFICE}.presentationml.presentation"),
        (archive(first="mimetype", content=b"application/vnd.oasis.opendocument.text"), f"{OPEN}.text"),
        (archive(first="mimetype", content=b"application/epub+zip"), "application/epub+zip"),
        (archive("word of mouth.txt", first="a.txt"), "application/zip"),
        (b"SQLite format 3\x00", "application/x-sqlite3"),
        (b"a,b\n1,2", "text/plain"),
        (b"BMI,age\n21,40", "text/plain"),
        (b"ID3 is a format of tags", "text/plain"),
        ("größe".encode(), "text/plain"),
        (b"", "text/plain"),
        (b"\x00\x01\x02", BINARY),
        ("größe".encode("latin-1"), BINARY),
    ],
)
@pytest.mark.parametrize("name", ["", "upload", "x.nobody-knows"])
def test_without_a_telling_name_the_bytes_tell_it(head: bytes, found: str, name: str) -> None:
    assert detect_type(head, name) == found


def test_a_character_that_the_end_of_the_head_cuts_is_still_text() -> None:
    assert detect_type(b"a" * 8191 + "ü".encode()[:1]) == "text/plain"


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1), min_size=1))
@example([["BMI", "age"]])
@example([["ID3"]])
@example([["<svg>"]])
def test_any_table_is_a_table(rows: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    assert detect_type(made.getvalue().encode()[:8192], "table.csv") == "text/csv"


@given(st.binary(max_size=200))
def test_any_bytes_have_some_type(head: bytes) -> None:
    assert "/" in detect_type(head)
    assert detect_type(head, "x.docx") == f"{OFFICE}.wordprocessingml.document"
