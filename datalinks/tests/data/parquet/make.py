"""Generates the Parquet files of this directory, with the expected rows of each.

    pip install pyarrow==26.0.1 polars==2.1.0
    python make.py

The values are random with a fixed seed. An .ndjson.gz file contains the expected rows of the reader. Floats have an
exponent and are compared as floats. All other values are compared as text. A row that JSON cannot represent is
{"bad row": "path"}.
"""

import base64
import datetime
import decimal
import gzip
import json
import math
import pathlib
import random
import struct

import polars
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20240701
DIRECTORY = pathlib.Path(__file__).parent
# Units of a timestamp in one second.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
EPOCH = datetime.datetime(1970, 1, 1)

rng = random.Random(SEED)


class Bad(Exception):
    """A value that JSON cannot represent."""


# Values as text. These functions are independent of the reader: they use integers and Python's own calendar.


def fraction(rest, digits):
    text = f"{rest:0{digits}}"
    while len(text) > 0 and text.endswith("000"):
        text = text[:-3]
    return text


def clock(seconds, nanoseconds):
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    rest = fraction(nanoseconds, 9)
    return text + ("." + rest if rest else "")


def day(days):
    return (EPOCH + datetime.timedelta(days=days)).date().isoformat()


def timestamp(value, unit, zone):
    seconds, rest = divmod(value, PER_SECOND[unit])
    suffix = ""
    if zone is not None:
        suffix = "Z"
        if zone[0] in "+-":
            minutes = int(zone[1:3]) * 60 + int(zone[4:6])
            seconds += (minutes if zone[0] == "+" else -minutes) * 60
            suffix = zone
    days, of_day = divmod(seconds, 86400)
    return day(days) + "T" + clock(of_day, rest * (10**9 // PER_SECOND[unit])) + suffix


def duration(value, unit):
    nanoseconds = value * (10**9 // PER_SECOND[unit])
    seconds, rest = divmod(abs(nanoseconds), 10**9)
    text = f"{rest:09}".rstrip("0")
    return f"PT{'-' if nanoseconds < 0 else ''}{seconds}{'.' + text if text else ''}S"


def shortest(value, form):
    """Returns the shortest digits that give the same four-byte float."""
    for digits in range(1, 12):
        text = f"{value:.{digits}e}"
        if struct.unpack(form, struct.pack(form, float(text))) == struct.unpack(form, struct.pack(form, value)):
            return text
    raise AssertionError(value)


# A kind is a type of Arrow, a generator of values as Arrow stores them, and their text as JSON. The text of a value that
# JSON cannot represent raises Bad with the path within the column.


class Kind:
    def __init__(self, type, make, text):
        self.type, self.make, self.text = type, make, text


def string(text):
    return json.dumps(text, ensure_ascii=False)


def integers(type, low, high):
    return Kind(type, lambda: rng.choice([low, high, 0, rng.randint(low, high)]), str)


def finite(value):
    if not math.isfinite(value):
        raise Bad("")
    return value


SPECIAL = [math.nan, math.inf, -math.inf]


def floats(type, form, digits, special):
    def make():
        if special and rng.random() < 0.01:
            return rng.choice(SPECIAL)
        value = rng.choice([0.0, -0.0, 1.0, 0.1, 1e20, 1e-20, rng.uniform(-1, 1), rng.uniform(-1e9, 1e9)])
        return struct.unpack(form, struct.pack(form, value))[0]

    return Kind(type, make, lambda value: digits(finite(value)))


def decimals(type, precision, scale):
    def make():
        digits = rng.randint(0, 10 ** rng.randint(1, precision) - 1)
        with decimal.localcontext(prec=100):
            return decimal.Decimal(rng.choice([1, -1]) * digits).scaleb(-scale)

    def text(value):
        with decimal.localcontext(prec=100):
            unscaled = int(value.scaleb(scale))
        sign, unscaled = ("-" if unscaled < 0 else ""), str(abs(unscaled)).rjust(scale + 1, "0")
        return sign + unscaled[: len(unscaled) - scale] + ("." + unscaled[len(unscaled) - scale :] if scale else "")

    return Kind(type, make, text)


def word():
    return "".join(rng.choice("ab \"\\/\n\té€😀\x01,{}[]:") for _ in range(rng.randint(0, 8)))


def texts(type):
    return Kind(type, word, string)


def blobs(type, length=None):
    make = lambda: bytes(rng.randrange(256) for _ in range(rng.randint(0, 5) if length is None else length))
    return Kind(type, make, lambda value: string(value.hex()))


def days(type, scale=1):
    low, high = -719162, 2932896  # years 1 to 9999
    return Kind(type, lambda: rng.randint(low, high) * scale, lambda value: string(day(value // scale)))


def times(type, unit):
    per_second = PER_SECOND[unit]

    def text(value):
        return string(clock(value // per_second, value % per_second * (10**9 // per_second)))

    return Kind(type, lambda: rng.randrange(86400) * per_second + rng.choice([0, rng.randrange(per_second)]), text)


def timestamps(unit, zone=None, narrow=False):
    low, high = (-62135596800 + 86400, 253402300799 - 86400)
    if unit == "ns" or narrow:
        low, high = -9214560000, 9214646400  # 1678 to 2261
    per_second = PER_SECOND[unit]
    make = lambda: rng.randint(low, high) * per_second + rng.choice([0, rng.randrange(per_second)])
    # Parquet has no seconds. pyarrow stores milliseconds, for which its recorded offset is wrong, so only the
    # instant remains.
    kept = zone if unit != "s" or zone is None else "UTC"
    return Kind(pa.timestamp(unit, zone), make, lambda value: string(timestamp(value, unit, kept)))


def durations(unit):
    make = lambda: rng.randint(-(10**15), 10**15)
    return Kind(pa.duration(unit), make, lambda value: string(duration(value, unit)))


def maybe(kind, share=0.1):
    def make():
        return None if rng.random() < share else kind.make()

    return Kind(kind.type, make, lambda value: "null" if value is None else kind.text(value))


def within(at, kind, value):
    try:
        return kind.text(value)
    except Bad as bad:
        raise Bad(at + str(bad)) from None


def lists(kind, type=pa.list_, length=None):
    def make():
        return [kind.make() for _ in range(rng.randint(0, 3) if length is None else length)]

    def text(value):
        return "[" + ",".join(within(f"[{at}]", kind, item) for at, item in enumerate(value)) + "]"

    return Kind(type(kind.type), make, text)


def structs(**kinds):
    def text(value):
        members = (string(name) + ":" + within("." + name, kind, value[name]) for name, kind in kinds.items())
        return "{" + ",".join(members) + "}"

    type = pa.struct([(name, kind.type) for name, kind in kinds.items()])
    return Kind(type, lambda: {name: kind.make() for name, kind in kinds.items()}, text)


def key_text(kind, key):
    text = kind.text(key)
    return text if text.startswith('"') else f'"{text}"'


def maps(key, value):
    def make():
        pairs = {}
        for _ in range(rng.randint(0, 3)):
            made = key.make()
            pairs[key_text(key, made)] = (made, value.make())
        return list(pairs.values())

    def text(pairs):
        parts = []
        for made, inner in pairs:
            name = key_text(key, made)
            parts.append(name + ":" + within(f"[{name}]", value, inner))
        return "{" + ",".join(parts) + "}"

    return Kind(pa.map_(key.type, value.type), make, text)


def dictionaries(kind, count=4):
    values = [kind.make() for _ in range(count)]
    return Kind(pa.dictionary(pa.int8(), kind.type), lambda: rng.choice(values), kind.text)


def stored(kind, values):
    """Returns an array of values as they are stored, with numbers in place of dates and times."""
    type = kind.type
    if pa.types.is_dictionary(type):
        return stored_as(type.value_type, values).dictionary_encode().cast(type)
    return stored_as(type, values)


def stored_as(type, values):
    present = [value is not None for value in values]
    mask = pa.array([not valid for valid in present])
    if pa.types.is_temporal(type):
        wide = pa.int32() if type.bit_width == 32 else pa.int64()
        return pa.array(values, wide).cast(type) if not pa.types.is_date32(type) else pa.array(values, wide).view(type)
    if pa.types.is_struct(type):
        children = [stored_as(field.type, [value[field.name] if value else None for value in values]) for field in type]
        return pa.StructArray.from_arrays(children, fields=list(type), mask=mask)
    if pa.types.is_map(type):
        offsets = offsets_of(values)
        pairs = [pair for value in values if value is not None for pair in value]
        keys = stored_as(type.key_type, [key for key, _ in pairs])
        return pa.MapArray.from_arrays(offsets, keys, stored_as(type.item_type, [item for _, item in pairs]))
    if pa.types.is_fixed_size_list(type):
        items = [item for value in values for item in (value if value is not None else [None] * type.list_size)]
        return pa.FixedSizeListArray.from_arrays(stored_as(type.value_type, items), type=type, mask=mask)
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        items = stored_as(type.value_type, [item for value in values if value is not None for item in value])
        offsets = offsets_of(values)
        if pa.types.is_large_list(type):
            return pa.LargeListArray.from_arrays(offsets.cast(pa.int64()), items)
        return pa.ListArray.from_arrays(offsets, items)
    if pa.types.is_dictionary(type):
        return stored_as(type.value_type, values).dictionary_encode().cast(type)
    return pa.array(values, type)


def offsets_of(values):
    offsets, end = [], 0
    for value in values:
        offsets.append(None if value is None else end)
        end += len(value or [])
    return pa.array(offsets + [end], pa.int32())


def expected(kinds, rows):
    for row in rows:
        try:
            members = (string(name) + ":" + within(name, kind, row[name]) for name, kind in kinds.items())
            yield "{" + ",".join(members) + "}"
        except Bad as bad:
            yield json.dumps({"bad row": str(bad)}, ensure_ascii=False)


def save_expected(name, kinds, rows):
    text = "".join(line + "\n" for line in expected(kinds, rows))
    (DIRECTORY / f"{name}.ndjson.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def table(kinds, count):
    rows = [{name: kind.make() for name, kind in kinds.items()} for _ in range(count)]
    columns = {name: stored(kind, [row[name] for row in rows]) for name, kind in kinds.items()}
    return rows, pa.table(columns)


def save(name, kinds, count, **options):
    rows, made = table(kinds, count)
    pq.write_table(made, DIRECTORY / f"{name}.parquet", **options)
    save_expected(name, kinds, rows)


def double(value):
    return f"{value!r}e0" if "e" not in repr(value) else repr(value)


def single(value):
    return shortest(value, "f")


FLAT = {
    "bool": Kind(pa.bool_(), lambda: rng.random() < 0.5, lambda value: str(value).lower()),
    **{f"int{bits}": integers(getattr(pa, f"int{bits}")(), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": integers(getattr(pa, f"uint{bits}")(), 0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    "half": Kind(pa.float16(), lambda: rng.choice([0.5, -2.0, struct.unpack("e", struct.pack("e", rng.uniform(-9, 9)))[0]]), single),
    "float": floats(pa.float32(), "f", single, True),
    "double": floats(pa.float64(), "d", double, True),
    "decimal5": decimals(pa.decimal128(5, 2), 5, 2),
    "decimal38": decimals(pa.decimal128(38, 10), 38, 10),
    "decimal18": decimals(pa.decimal128(18, 0), 18, 0),
    "decimal76": decimals(pa.decimal256(76, 40), 76, 40),
    "string": texts(pa.string()),
    "large_string": texts(pa.large_string()),
    "binary": blobs(pa.binary()),
    "large_binary": blobs(pa.large_binary()),
    "fixed_binary": blobs(pa.binary(3), 3),
    "date32": days(pa.date32()),
    "date64": days(pa.date64(), 86400000),
    "time_s": times(pa.time32("s"), "s"),
    "time_ms": times(pa.time32("ms"), "ms"),
    "time_us": times(pa.time64("us"), "us"),
    "time_ns": times(pa.time64("ns"), "ns"),
    **{f"at_{unit}": timestamps(unit) for unit in PER_SECOND},
    **{f"utc_{unit}": timestamps(unit, "UTC") for unit in PER_SECOND},
    **{f"offset_{unit}": timestamps(unit, "+05:30") for unit in PER_SECOND},
    "west": timestamps("us", "-08:00"),
    "named": timestamps("us", "America/New_York"),
    **{f"duration_{unit}": durations(unit) for unit in PER_SECOND},
    "dictionary": dictionaries(texts(pa.string())),
    "numbers": dictionaries(integers(pa.int64(), -(2**63), 2**63 - 1)),
    "doubles": dictionaries(floats(pa.float64(), "d", double, False)),
    "null": Kind(pa.null(), lambda: None, lambda value: "null"),
    'odd "name".é': texts(pa.string()),
}

UTC = timestamps("us", "UTC")
DOUBLE = floats(pa.float64(), "d", double, True)
NESTED = {
    "list": lists(maybe(DOUBLE)),
    "large_list": lists(maybe(texts(pa.string())), pa.large_list),
    "pairs": lists(maybe(integers(pa.int16(), -9, 9)), lambda type: pa.list_(type, 2), 2),
    "times": lists(maybe(timestamps("ns", "+02:00"))),
    "dates": lists(lists(maybe(days(pa.date32())))),
    "struct": structs(at=maybe(UTC), day=maybe(days(pa.date32())), inner=structs(x=maybe(DOUBLE), text=maybe(texts(pa.string())))),
    "structs": lists(structs(at=maybe(UTC), of=lists(maybe(times(pa.time64("us"), "us"))))),
    "by_int": maps(integers(pa.int32(), -(2**31), 2**31 - 1), maybe(texts(pa.string()))),
    "by_bool": maps(Kind(pa.bool_(), lambda: rng.random() < 0.5, lambda value: str(value).lower()), maybe(DOUBLE)),
    "by_day": maps(days(pa.date32()), maybe(UTC)),
    "by_time": maps(UTC, lists(maybe(DOUBLE))),
    "by_decimal": maps(decimals(pa.decimal128(9, 3), 9, 3), structs(a=maybe(integers(pa.int8(), -9, 9)))),
    "by_text": maps(texts(pa.string()), maybe(blobs(pa.binary()))),
    "by_bytes": maps(blobs(pa.binary()), maybe(integers(pa.uint64(), 0, 2**64 - 1))),
}


def optional(kinds):
    return {name: kind if pa.types.is_null(kind.type) else maybe(kind) for name, kind in kinds.items()}


# Within the years 1677 to 2262: pyarrow changes others when it writes them as INT96.
INT96 = {
    "at": timestamps("ns"),
    "us": timestamps("us", narrow=True),
    "utc": timestamps("ns", "UTC"),
    "offset": timestamps("us", "+05:30", narrow=True),
    "list": lists(maybe(timestamps("ns"))),
    "struct": structs(a=maybe(integers(pa.int8(), -9, 9)), at=maybe(timestamps("ms", narrow=True)), last=maybe(texts(pa.string()))),
    "map": maps(texts(pa.string()), maybe(timestamps("ns"))),
}

POLARS = {
    "id": integers(pa.int64(), -(2**63), 2**63 - 1),
    "text": texts(pa.large_string()),
    "ratio": DOUBLE,
    "at": timestamps("us"),
    "utc": timestamps("us", "UTC"),
    "named": timestamps("ms", "Europe/Berlin"),
    "day": days(pa.date32()),
    "time": times(pa.time64("ns"), "ns"),
    "took": durations("us"),
    "price": decimals(pa.decimal128(20, 4), 20, 4),
    "list": lists(maybe(integers(pa.int64(), -9, 9)), pa.large_list),
    "struct": structs(a=maybe(integers(pa.int64(), -9, 9)), b=maybe(texts(pa.large_string()))),
}


def save_polars(name, kinds, count):
    rows, made = table(kinds, count)
    polars.from_arrow(made).write_parquet(DIRECTORY / f"{name}.parquet")
    save_expected(name, kinds, rows)


def intervals(name, count):
    """Writes INTERVAL columns. pyarrow cannot write the type, so the annotation of the column is set in the bytes of
    the footer."""
    rows = [tuple(rng.choice([0, rng.randint(-(2**31), 2**31 - 1), rng.randint(0, 40)]) for _ in range(3)) for _ in range(count)]
    values = [struct.pack("<iii", *row) for row in rows]
    path = DIRECTORY / f"{name}.parquet"
    pq.write_table(pa.table({"span": pa.array(values, pa.binary(12))}), path, store_schema=False)
    footer = path.read_bytes()
    # SchemaElement: type (1), type_length (2), repetition_type (3), name (4) and then the end of the struct. The converted
    # type (6) is put before that end: INTERVAL is 21, as a zigzag varint 42, two fields on.
    element, marked = b"\x18\x04span\x00", b"\x18\x04span\x25\x2a\x00"
    assert footer.count(element) == 1
    length = struct.unpack("<i", footer[-8:-4])[0]
    made = footer.replace(element, marked)
    path.write_bytes(made[:-8] + struct.pack("<i", length + len(marked) - len(element)) + b"PAR1")

    def text(row):
        months, number, milliseconds = row
        said = "P" + (f"{months}M" if months else "") + (f"{number}D" if number else "")
        took = duration(milliseconds, "ms")[1:]
        return string(said + took if milliseconds or said == "P" else said)

    save_expected(name, {"span": Kind(None, None, text)}, [{"span": row} for row in rows])


def save_table(name, **columns):
    pq.write_table(pa.table(columns), DIRECTORY / f"{name}.parquet", store_schema=False, compression="none")


def main():
    small = {"row_group_size": 150, "data_page_size": 1024}
    save("flat_v1", optional(FLAT), 400, compression="snappy", **small)
    save("flat_v2", FLAT, 300, compression="zstd", data_page_version="2.0", use_dictionary=False, **small)
    save("nested_v1", optional(NESTED), 400, compression="zstd", **small)
    save("nested_v2", NESTED, 300, compression="gzip", data_page_version="2.0", use_dictionary=False, **small)
    save("int96", optional(INT96), 300, use_deprecated_int96_timestamps=True, **small)
    save_polars("polars", optional(POLARS), 300)
    intervals("interval", 100)
    save_table("map_struct", m=pa.array([[({"x": 1}, 1)]], pa.map_(pa.struct([("x", pa.int8())]), pa.int8())), id=pa.array([7]))
    save_table("map_twice", m=pa.array([[("a", 1), ("b", 2)], [("a", 1), ("b", 2), ("a", 3)]], pa.map_(pa.string(), pa.int8())))
    latin = [None, "ab".encode(), "é".encode(), "é".encode("latin-1"), b""]
    save_table("latin1", id=pa.array(range(5)), text=pa.array(latin), list=pa.array([[value] for value in latin]))


if __name__ == "__main__":
    main()
