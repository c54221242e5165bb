"""Names: AWS's spelling to C++'s."""

import re

KEYWORDS = set("""alignas alignof and asm auto bool break case catch char class const constexpr continue decltype default
delete do double else enum explicit export extern false float for friend goto if inline int long mutable namespace new
noexcept not nullptr operator or private protected public register requires return short signed sizeof static struct
switch template this throw true try typedef typename union unsigned using virtual void volatile while xor concept
""".split())

SPECIAL = {"ETag": "etag", "PartETag": "part_etag"}


def snake(name):
    """QueueUrl -> queue_url, MD5OfBody -> md5_of_body, ChecksumCRC32C -> checksum_crc32c."""
    if name in SPECIAL:
        return SPECIAL[name]
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    text = re.sub(r"([a-z])([A-Z])", r"\1_\2", text)
    text = re.sub(r"([0-9])([A-Z][a-z])", r"\1_\2", text)
    text = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()
    return safe(text)


def enum_constant(value):
    """FifoQueue -> fifo_queue, STANDARD_IA -> standard_ia, aws:kms -> aws_kms."""
    if not value:
        return "empty"
    if not re.search(r"[a-z]", value):
        return safe(re.sub(r"[^A-Z0-9]+", "_", value).strip("_").lower() or "other")
    return snake(value)


def safe(name):
    if name[:1].isdigit():
        name = "_".join(["n", name])
    return name + "_" if name in KEYWORDS else name


def type_name(name):
    name = re.sub(r"[^A-Za-z0-9_]", "", name)
    return name[:1].upper() + name[1:]


def quoted(text):
    """A C++ string literal."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif char == "?":
            out.append("\\?")  # no trigraphs
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"%s"' % "".join(out)
