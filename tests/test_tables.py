"""Tables as other programs write them, and as people bring them: right numbers, or words that say what to do."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import numpy as np
import pytest

import nodesim as ns
from nodesim.cli import main
from nodesim.formats import dialect, fann_data

# What most of the files mean: two samples, two inputs, one target.
PLAIN = ((1.5, 2), (4, 5.25)), ((3,), (6,))
WHOLE = ((1, 2), (4, 5)), ((3,), (6,))
LABELS = ((1.5, 2), (4, 5.25)), (1, 0)

READ = {
    "comma and blank": ("a, b, y\n1.5, 2, 3\n4, 5.25, 6\n", PLAIN),
    "decimal commas": ("a;b;y\n1,5;2;3\n4;5,25;6\n", PLAIN),
    "decimal commas between blanks": ("1,5 2 3\n4 5,25 6\n", PLAIN),
    "decimal commas in quotes": ('a,b,y\n"1,5","2","3"\n"4","5,25","6"\n', PLAIN),
    "a target with decimal commas": ('a,b,y\n1,2,"3,5"\n4,5,"6,25"\n', (WHOLE[0], ((3.5,), (6.25,)))),
    "thousands of Germany": ("a;b;y\n1.234,5;2;1.234\n4;0,125;6\n", (((1234.5, 2), (4, 0.125)), ((1234,), (6,)))),
    "thousands of America": (
        'a,b,y\n"1,234.50",2,950\n4,"1,234,567",6\n',
        (((1234.5, 2), (4, 1234567)), ((950,), (6,))),
    ),
    "thousands in a column": ('a,b,y\n"1,234",2.5,3\n950,0.5,6\n', (((1234, 2.5), (950, 0.5)), ((3,), (6,)))),
    "thousands of Switzerland and France": (
        "a;b;y\n1'234'567.5;2\u202f000;3\n\u22124;5\u00a0250;6\n",
        (((1234567.5, 2000), (-4, 5250)), ((3,), (6,))),
    ),
    "comments, blank lines": ("# by hand\n\na,b,y\n\n1.5,2,3\n#0,0,0\n\n4,5.25,6\n\n", PLAIN),
    "names in a comment": ("# a b y\n1.5 2 3\n4 5.25 6\n", PLAIN),
    "a quote in a comment": ('# the "old"er\n1.5 2 3\n4 5.25 6\n', PLAIN),
    "names in angles": ("<A>\t<B>\t<Y>\n1.5\t2\t3\n4\t5.25\t6\n", PLAIN),
    "row names of R": ('"a" "b" "y"\n"1" 1.5 2 3\n"2" 4 5.25 6\n', PLAIN),
    "words as row names": ('"","a","b","y"\n"Mazda RX4",1.5,2,3\n"Fiat 128",4,5.25,6\n', PLAIN),
    "an index of pandas": (",a,b,y\n0,1.5,2,3\n1,4,5.25,6\n", PLAIN),
    "an index beside a column without a name": (",,b,y\n0,1.5,2,3\n1,4,5.25,6\n", PLAIN),
    "an index twice written": ("Unnamed: 0,a,b,y\n0,1.5,2,3\n1,4,5.25,6\n", PLAIN),
    "an index of shuffled rows": (",a,b,y\n17,1.5,2,3\n5,4,5.25,6\n", PLAIN),
    "an index below numbers": (",0,1,2\n0,1.5,2,3\n1,4,5.25,6\n", PLAIN),
    "a separator at every end": ("a;b;y;\n1,5;2;3;\n4;5,25;6;\n", PLAIN),
    "a separator at the header's end": ("a,b,y,\n1.5,2,3\n4,5.25,6\n", PLAIN),
    "separators at the ends of some rows": ("a,b,y\n1.5,2,3,,\n4,5.25,6\n", PLAIN),
    "empty cells around a sheet": ("a,b,y,,\n1.5,2,3,,\n,,,,\n4,5.25,6,,\n,,,,\n", PLAIN),
    "tabs and blanks": ("1.5\t2 3\n4\t5.25  6\n", PLAIN),
    "fixed width": ("    a     b     y\n  1.5   2.0   3.0\n 4.00  5.25   6.0\n", PLAIN),
    "ends of old Macs": ("a,b,y\r1.5,2,3\r4,5.25,6\r", PLAIN),
    "the end of DOS": ("a,b,y\r\n1.5,2,3\r\n4,5.25,6\r\n\x1a", PLAIN),
    "sep=": ("sep=|\r\na|b|y\r\n1,5|2|3\r\n4|5,25|6\r\n", PLAIN),
    "UTF-8 with a mark": ("\ufeffa,b,y\n1.5,2,3\n4,5.25,6\n", PLAIN),
    "UTF-16": ("a\tb\ty\r\n1,5\t2\t3\r\n4\t5,25\t6\r\n".encode("utf-16"), PLAIN),
    "UTF-16 without a mark": ("a\tb\ty\r\n1,5\t2\t3\r\n4\t5,25\t6\r\n".encode("utf-16-le"), PLAIN),
    "UTF-16, big end first": ("a\tb\ty\r\n1,5\t2\t3\r\n4\t5,25\t6\r\n".encode("utf-16-be"), PLAIN),
    "UTF-32": ("a\tb\ty\r\n1,5\t2\t3\r\n4\t5,25\t6\r\n".encode("utf-32"), PLAIN),
    "truths": ("a,b,y\nTRUE,2,3\nfalse,5,6\n", (((1, 2), (0, 5)), ((3,), (6,)))),
    "truths without a header": ("True,False,dog\nFalse,True,cat\n", (((1, 0), (0, 1)), (1, 0))),
    "labels with separators": ('a,b,y\n1.5,2,"x;y, z"\n4,5.25,"u"\n', LABELS),
    "labels with line ends": ('a,b,y\n1.5,2,"x\ny"\n4,5.25,"u"\n', LABELS),
    "FANN": ("2 2 1\n1.5 2\n3\n4 5.25\n6\n", PLAIN),
    "FANN, two outputs": ("2 1 2\n1\n2 3\n4\n5 6\n", (((1,), (4,)), ((2, 3), (5, 6)))),
    "FANN, a sample on a line": ("2 2 2\n1 2 3 0\n4 5 6 0\n", (WHOLE[0], ((3, 0), (6, 0)))),
    # It could be one of FANN: a table of three rows is the plainer reading.
    "three rows of three": ("2 3 3\n1 2 3\n4 5 6\n", (((2, 3), (1, 2), (4, 5)), ((3,), (3,), (6,)))),
    "a column without a name that counts nothing": (",a,y\n0.5,1,0\n2,3,1\n", (((0.5, 1), (2, 3)), ((0,), (1,)))),
    "a column with a name that counts": ("i,a,y\n0,1,0\n1,3,1\n", (((0, 1), (1, 3)), ((0,), (1,)))),
}


@pytest.fixture
def table(tmp_path):
    def write(content):
        file = tmp_path / "data.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


def test_right_numbers(table):
    for name, (content, (X, y)) in READ.items():
        data = ns.datasets.read_csv(table(content))
        assert data.X.tolist() == np.array(X).tolist(), name
        assert data.y.tolist() == np.array(y).tolist(), name
        outputs = data.y.shape[1] if data.y.ndim == 2 else 1
        ns.Network.layered([data.X.shape[1], 2, outputs], seed=0).fit(data.X, data.y, epochs=1, learning_rate=1e-9)


def packed(member):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, "x")
    return file.getvalue()


DECIMAL = r"are decimals written with a point or a comma\? .*decimal='\.' or decimal=','"
HEADER = "If it holds names, say header=True; otherwise header=False"
REFUSED = {
    "point or comma": ("a;b;y\n1,5;2.5;3\n", DECIMAL),
    "thousands or a fraction": ('a,b,y\n"1,234",2,3\n', DECIMAL),
    "thousands or a fraction between tabs": ("a\tb\ty\n1,234\t2\t3\n950\t5\t6\n", DECIMAL),
    "a point beside decimal commas": ("a;b;y\n1.234;2,5;3\n", "'1.234' can mean thousands or a fraction"),
    "decimal commas between commas": ("a,b,y\n1,5,2,5,3\n", "5 columns, the first row has 3. What holds a separator"),
    "one column of decimal commas": ("y\n1,5\n2,5\n", "2 columns, the first row has 1. What holds a separator"),
    "a short row": ("a,b,y\n1,2,3\n4,5\n", "row 3: it has 2 columns, the first row has 3. Complete the row"),
    "a header too short": ("a b,y\n10,2,3\n20,5,6\n", "row 2: .*the first row has 2.* these need a name in the header"),
    "a header too short for truths": ("a b,y\nTRUE,2,3\nFALSE,5,6\n", "row 2: it has 3 columns, the first row has 2"),
    "years as names": ("2019,2020,2021\n1.5,2.5,3.5\n", HEADER),
    "numbers as names": ("0,1,2\n1,2,3\n", HEADER),
    "a number among names": ("id,2019,2020\n1,2.5,3.5\n", HEADER),
    "a slip in the first row": ("1,2,O.7\n1,2,0.5\n", HEADER),
    "missing in the first row": ("?,?,dog\n1,2,cat\n", HEADER),
    "two rows of names": ("a,b,y\ncm,cm,kg\n1,2,3\n4,5,6\n", "row 2.*'kg' is no finite number. If several rows of"),
    "half of the targets": ("a,b,y\n1,2,3\n4,5,oops\n", "'oops' is no finite number"),
    "files put together": ("a,b,y\n1,2,3\na,b,y\n4,5,6\n", "row 3.*The header stands here once more"),
    "missing": ("a,b,y\n1,#N/A,3\n", r"row 2, column 2 \(b\): the number is missing. .*ignore=\['b'\]"),
    "missing at the start": ("a,b,y\n#N/A,2,3\n4,5,6\n", r"row 2, column 1 \(a\): the number is missing. Fill it in"),
    "a missing label": ("a,b,y\n1,2,u\n1,2,?\n", r"row 3, column 3 \(y\): the value is missing. Fill it in"),
    "infinite": ("a,b,y\n1,-inf,3\n", "'-inf' is no finite number. Fill it in, or drop the row"),
    "too large": ("a,b,y\n1,1e999,3\n", "'1e999' is no finite number"),
    "hexadecimal": ("a,b,y\n0x1F,2,3\n", "a hexadecimal number. Write it in decimals"),
    "dates": ("a,b,y\n2024-01-02,2,3\n", r"a date. Turn it into a number of days, .*ignore=\['a'\]"),
    "times, counted past an index": (",a,b,y\n0,10:30,2,3\n1,1:20,5,6\n", r"column 2 \(a\): '10:30' .*a time"),
    "percentages to be learned": ("a,b,y\n1,2,50 %\n4,5,60 %\n", r"a percentage. Take .*classes=\['50 %', '...'\]"),
    "prices": ('a,b,y\n"$1,234.50",2,3\n', "a price. Take the currency away"),
    "units": ("a,b,y\n1,2,5 cm\n4,5,6 cm\n", "a number with a unit. Take the unit away"),
    "Fortran": ("1.5D+00 2 3\n4 5 6\n", HEADER),
    "blanks in numbers": ("a;b;y\n1 234,5;2;3\n", "a number with blanks in it. Take them away"),
    "words": ("a,b,y\nbob,2,3\nann,5,6\n", r"'bob' is no finite number. Leave the column out: ignore=\['a'\]"),
    "one name twice": ("a,a,y\n1,2,3\n", "two columns are named 'a'. Give one another name"),
    "one column": ("y\n1\n2\n", "no column is left for the inputs; it has 1 column, and learned is y"),
    "another separator": ("1:2:3\n4:5:6\n", "Columns are separated by commas, semicolons, tabs, bars or blanks"),
    "an endless cell": (f"a,b,y\n1,2,{'x' * 200_000}\n", "field larger than field limit"),
    "an open quote": ('a,b,y\n1,2,"x\n', "row 2: this is no CSV: .*A quote that is opened has to be closed"),
    "Latin-1": ("a;Länge;y\n1;2;3\n".encode("cp1252"), 'byte 0xe4 in line 1.*Save it in UTF-8.*"CSV UTF-8"'),
    "zeros": (b"1,2,3\n\0,5,6\n", "this is no text but binary data"),
    "nothing": ("\ufeff\n \n", "the file is empty"),
    "names only": ("a,b,y\n", "there is a header, but no data"),
    "gzip": (gzip.compress(b"a,b\n1,2\n"), "packed by gzip. Unpack it first"),
    "xlsx": (packed("xl/workbook.xml"), r"an Excel workbook \(xlsx\). Save the sheet as CSV UTF-8"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", r"an Excel workbook \(xls\)"),
    "npz": (packed("x.npy"), "Read them by numpy.load; fit takes arrays as they are"),
    "Parquet": (b"PAR1\x15\x04", r"a Parquet file. Read it with pandas, and write it by to_csv"),
    "a page": ("\n<!DOCTYPE html><html>", "a web page .*Download the file itself"),
    "XML": ('<?xml version="1.0"?><svg/>', "this is no table but XML"),
    "JSON": ('[{"a": 1, "y": 2}]', "this is no table but JSON"),
    "Weka": ("% iris\n@RELATION iris\n@DATA\n1,2\n", "an ARFF file of Weka. Keep what follows @data"),
    "LIBSVM": ("1 1:0.5 2:0.25\n-1 1:0.25\n", "a file of LIBSVM. Write a column for each"),
    "FANN, too few": ("3 1 2\n1\n2 3\n4\n5 6\n", "promises 3 samples of two lines each, but 4 lines follow. Correct"),
    "FANN, a short sample": ("2 1 2\n1\n2 3\n4\n5\n", "row 5: it has 1 outputs, the first row promises 2"),
    "FANN, wrong sizes": ("2 2 1\n-1 -1 5\n-1\n-1 1 1\n1\n", "If this is a training file of FANN: its first line says"),
}


def test_words_that_say_what_to_do(table):
    for name, (content, words) in REFUSED.items():
        with pytest.raises(ns.FileError, match=rf"(?s)data\.csv\b.*{words}"):
            print(name, ns.datasets.read_csv(table(content)))


def test_what_was_asked_for_is_taken(tmp_path):
    file = tmp_path / "data.csv"
    for text, said, X in (
        ("a;b;y\n1,234;2;3\n", {"decimal": ","}, [[1.234, 2]]),
        ("a;b;y\n1,234;2;3\n", {"decimal": "."}, [[1234, 2]]),
        ("a;b;y\n1.234;2,5;3\n", {"decimal": ","}, [[1234, 2.5]]),
        ("2019,2020,2021\n1.5,2.5,3.5\n", {"header": True}, [[1.5, 2.5]]),
        ("2019,2020,2021\n1.5,2.5,3.5\n", {"header": False}, [[2019, 2020], [1.5, 2.5]]),
        ("?,?,dog\n1,2,cat\n", {"header": True, "ignore": [1]}, None),
    ):
        file.write_text(text)
        if X is None:
            with pytest.raises(ns.FileError, match=r"two columns are named '\?'"):
                ns.datasets.read_csv(file, **said)
        else:
            assert ns.datasets.read_csv(file, **said).X.tolist() == X
    file.write_text("a;b;y\n1;2;1,5\n4;5;2,5\n")
    with pytest.raises(ns.FileError, match="a number with another decimal sign"):
        ns.datasets.read_csv(file, decimal=".")
    with pytest.raises(ns.ArgumentError, match="decimal is the sign before fractions"):
        ns.datasets.read_csv(file, decimal=";")


def test_what_is_left_out_is_said_and_columns_count_as_in_the_file(tmp_path, caplog):
    file = tmp_path / "data.csv"
    file.write_text(",a,b,y,\n0,1,2,3,\n1,4,5,6,\n")
    for columns, features in (({}, "ab"), ({"target": 2}, "by"), ({"ignore": 1}, "ab"), ({"ignore": [2]}, "b")):
        data = ns.datasets.read_csv(file, **columns)
        assert "".join(data.features) == features
        assert "the first column has no name and counts the rows: it is left out" in caplog.text
        assert "what follows column 4 is empty: it is left out" in caplog.text
        caplog.clear()
    with pytest.raises(ns.FileError, match="column 1 numbers or names the rows"):
        ns.datasets.read_csv(file, target=1)
    caplog.clear()
    file.write_text("a,b,y\n0,1,2\n1,4,5\n")
    ns.datasets.read_csv(file)
    assert not caplog.text


def test_messages_in_a_shell_name_its_options(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ns.Network.layered([2, 2, 1], seed=0).save("net.json")
    file = tmp_path / "data.csv"
    for text, message in (
        ("2019,2020,2021\n1.5,2.5,3.5\n", "say --header; otherwise --no-header"),
        ("a;b;y\n1,234;2;3\n", "Say --decimal . or --decimal ,;"),
        ("the day,b,y\n2024-01-02,2,3\n", "--ignore 'the day'"),
        ("2 1 2\n1\n2 3\n4\n5 6\n", "data.csv has 1 input (1), the network has 2 (I1, I2)"),
    ):
        file.write_text(text)
        assert main(["predict", "net.json", "data.csv"]) == 1
        assert message in capsys.readouterr().err
    file.write_text("a;b;y\n1,234;2;3\n")
    assert main(["predict", "net.json", "data.csv", "--decimal", ",", "--json"]) == 0
    expected = ns.load("net.json").predict([[1.234, 2]])
    assert json.loads(capsys.readouterr().out)["outputs"] == expected.tolist()


def test_what_only_looks_like_another_format():
    """Three whole numbers may begin a table of three columns, and a comment names columns only above a table."""
    assert not fann_data.is_fann_data("2 1 2\n3 4 5\n6 7 8\n")
    assert fann_data.is_fann_data("2 2 2\n3 4 5 6\n6 7 8 9\n")
    above, between = "# a,b\n1,2\n3,4\n", "1,2\n# a,b\n3,4\n"
    assert [dialect.cut("file", text)[2] for text in (above, between)] == [["a,b"], []]
