# Reads one JSON text and prints a line for each scalar in it: path, tab, value.
#
# A path is the keys and indexes joined by dots. In both columns a backslash stands before what would break a line or a path:
# \\ \n \r \t, \0000 for NUL, and \. for a dot inside a key: `printf %b` turns a value back. Numbers are printed as they are
# written, so that 64-bit ones stay exact. Text that is not JSON, for example half an answer, ends with exit code 2.
# Run with LC_ALL=C: it works on bytes. Empty objects and arrays print nothing.

function fail(why) {
  print "not JSON: " why " at byte " pos > "/dev/stderr"
  failed = 1
  exit 2
}

# The next n bytes, through a small window: some awks take as long for a piece of a long text as for the whole.
function ahead(n) {
  if (pos < base || pos - base + n > 8192) {
    base = pos
    window = substr(text, base, 8192)
  }
  return substr(window, pos - base + 1, n)
}

function skip_space() {
  while (match(ahead(64), /^[ \t\r\n]+/)) pos += RLENGTH
}

# One UTF-8 character, escaped for output.
function character(code) {
  if (code == 0) return "\\0000"
  if (code == 9) return "\\t"
  if (code == 10) return "\\n"
  if (code == 13) return "\\r"
  if (code == 92) return "\\\\"
  if (code < 128) return sprintf("%c", code)
  if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
  if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
  return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

# The four hexadecimal digits at `pos`.
function hexadecimal(    digits, i, code) {
  digits = tolower(ahead(4))
  if (digits !~ /^[0-9a-f][0-9a-f][0-9a-f][0-9a-f]$/) fail("bad \\u escape")
  pos += 4
  for (i = 1; i <= 4; i++) code = code * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
  return code
}

# A string, escaped for output: returned when it is a key, else printed piece by piece. `pos` is at its opening quote.
function string(is_key,    out, piece, c) {
  pos++
  for (;;) {
    piece = ahead(512)
    if (match(piece, plain)) {
      piece = substr(piece, 1, RLENGTH)
      pos += RLENGTH
    } else {
      c = substr(piece, 1, 1)
      if (c == "\"") {
        pos++
        return out
      }
      if (c != "\\") fail(c == "" ? "the text ends inside a string" : "control character in a string")
      piece = escaped()
    }
    if (is_key) out = out piece
    else printf "%s", piece
  }
}

# What an escape means, itself escaped for output. `pos` is at its backslash.
function escaped(    c, code, low) {
  c = substr(ahead(2), 2)
  pos += 2
  if (c == "u") {
    code = hexadecimal()
    if (code >= 55296 && code <= 56319 && ahead(2) == "\\u") {
      pos += 2
      low = hexadecimal()
      if (low >= 56320 && low <= 57343) code = 65536 + (code - 55296) * 1024 + low - 56320
      else pos -= 6
    }
    # Half of a surrogate pair has no UTF-8 form: U+FFFD stands for it, as everywhere else.
    return character(code >= 55296 && code <= 57343 ? 65533 : code)
  }
  if (c == "" || !index("\"\\/bfnrt", c)) fail("bad escape")
  return c == "\\" ? "\\\\" : c == "n" || c == "r" || c == "t" ? "\\" c : c == "b" ? "\b" : c == "f" ? "\f" : c
}

function key_of(name,    n, part, i, out) {
  n = split(name, part, /[.]/)
  out = part[1]
  for (i = 2; i <= n; i++) out = out "\\." part[i]
  return n ? out : ""
}

function set_path(last) {
  path[depth] = depth == 1 ? last : path[depth - 1] "." last
}

function scalar(    rest) {
  rest = ahead(512)
  if (!match(rest, /^(true|false|null)/) && !match(rest, /^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?/)) fail("no value")
  pos += RLENGTH
  return substr(rest, 1, RLENGTH)
}

function parse(    c, want) {
  want = "value"
  for (;;) {
    skip_space()
    c = ahead(1)
    if (want == "value" || want == "item or end") {
      if (c == "]" && want == "item or end") {
        pos++
        depth--
        want = "more"
      } else if (c == "{") {
        pos++
        kind[++depth] = "}"
        want = "key or end"
      } else if (c == "[") {
        pos++
        kind[++depth] = "]"
        set_path(item[depth] = 0)
        want = "item or end"
      } else {
        printf "%s\t", path[depth]
        if (c == "\"") string(0)
        else printf "%s", scalar()
        printf "\n"
        want = "more"
      }
    } else if (want == "key" || want == "key or end") {
      if (c == "}" && want == "key or end") {
        pos++
        depth--
        want = "more"
      } else if (c == "\"") {
        set_path(key_of(string(1)))
        skip_space()
        if (ahead(1) != ":") fail("no colon after a key")
        pos++
        want = "value"
      } else fail("no key")
    } else if (depth == 0) {
      if (c != "") fail("more text after the end")
      return
    } else if (c == ",") {
      pos++
      if (kind[depth] == "]") set_path(++item[depth])
      want = kind[depth] == "]" ? "value" : "key"
    } else if (c == kind[depth]) {
      pos++
      depth--
    } else fail("no comma or end")
  }
}

{ text = text $0 "\n" }

END {
  if (failed) exit 2
  # In a string nothing below a space may stand bare; built here because not every awk takes octal escapes in a /regex/.
  plain = "^[^\"\\\\" sprintf("%c", 1) "-" sprintf("%c", 31) "]+"
  pos = 1
  base = -8192
  depth = 0
  path[0] = ""
  parse()
}
