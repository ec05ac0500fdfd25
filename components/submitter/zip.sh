# Zip archives, which jars are, too.

# zip ARCHIVE NAME FILE…: a zip archive of files as they are. The same files give the same bytes.
zip() {
  local archive=$1 name file offset=0 count=0 size
  type gzip >/dev/null 2>&1 || verdict "The image has no \"gzip\", which programs are packed with. Use an image that has it (the official Flink images do)."
  shift
  : >"$archive"
  : >"$WORK/directory"
  while (($# > 0)); do
    name=$1 file=$2
    shift 2
    {
      # Version 2.0, no flags, stored, the first of January 1980.
      printf '\x14\0\0\0\0\0\0\0\x21\0'
      # gzip ends with the checksum that a zip archive has, too, and the size.
      gzip --stdout <"$file" | tail -c 8
      little_endian 4 "$(wc -c <"$file")"
      little_endian 2 "${#name}"
      little_endian 2 0
    } >"$WORK/entry"
    {
      printf 'PK\3\4'
      cat "$WORK/entry"
      printf '%s' "$name"
      cat "$file"
    } >>"$archive"
    {
      printf 'PK\1\2\x14\3'
      cat "$WORK/entry"
      # No comment, the first disk, nothing said of the content; a file that everybody may read.
      printf '\0\0\0\0\0\0\0\0\xa4\x81'
      little_endian 4 "$offset"
      printf '%s' "$name"
    } >>"$WORK/directory"
    offset=$(wc -c <"$archive")
    ((++count))
  done
  size=$(wc -c <"$WORK/directory")
  cat "$WORK/directory" >>"$archive"
  {
    printf 'PK\5\6\0\0\0\0'
    little_endian 2 "$count"
    little_endian 2 "$count"
    little_endian 4 "$size"
    little_endian 4 "$offset"
    little_endian 2 0
  } >>"$archive"
}

# little_endian BYTES NUMBER
little_endian() {
  local i number=$2
  for ((i = 0; i < $1; i++)); do
    printf "\\x$(printf '%02x' "$((number & 255))")"
    ((number >>= 8))
  done
}
