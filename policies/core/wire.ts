import type { BinaryReader, BinaryWriter } from "google-protobuf";

/** Constructor of a message reader, from the SDK's copy of the library. */
export type ReaderClass = new (bytes: Uint8Array) => BinaryReader;

/** The parts of an analyzer message with a resource, not parsed yet. */
export interface Parts {
  /** The resource's properties, a `google.protobuf.Struct`. */
  properties: Uint8Array;
  /** All other fields except the provider, as a message of the same type. */
  rest: Uint8Array;
}

/** Numbers of fields, in AnalyzeRequest and in AnalyzerResource. */
const PROPERTIES = 2;
const PROVIDER = 6;

export function partsOf(Reader: ReaderClass, message: Uint8Array): Parts {
  const reader = new Reader(message);
  const rest: Uint8Array[] = [];
  let properties = new Uint8Array();
  while (reader.nextField()) {
    const field = reader.getFieldNumber();
    const start = reader.getFieldCursor();
    if (field === PROPERTIES) properties = reader.readBytes() as Uint8Array<ArrayBuffer>;
    else {
      reader.skipField();
      if (field !== PROVIDER) rest.push(message.subarray(start, reader.getCursor()));
    }
  }
  return { properties, rest: Buffer.concat(rest) };
}

/** The messages in field 1, such as the resources of an AnalyzeStackRequest. */
export function messagesOf(Reader: ReaderClass, message: Uint8Array): Uint8Array[] {
  const reader = new Reader(message);
  const found: Uint8Array[] = [];
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 1) found.push(reader.readBytes());
    else reader.skipField();
  }
  return found;
}

type Plain = Record<string, unknown>;

/**
 * A `google.protobuf.Struct` as plain data. The library's own conversion creates an object with a map for
 * every value, and takes several times as long.
 */
export function structOf(Reader: ReaderClass, bytes: Uint8Array): Plain {
  const found: Plain = {};
  readStruct(found, new Reader(bytes));
  return found;
}

interface Holder {
  key: string;
  value: unknown;
}

function readStruct(into: Plain, reader: BinaryReader): void {
  while (reader.nextField()) {
    const entry: Holder = { key: "", value: null };
    inside(reader, entry, readEntry);
    into[entry.key] = entry.value;
  }
}

function readEntry(into: Holder, reader: BinaryReader): void {
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 1) into.key = reader.readString();
    else inside(reader, into, readValue);
  }
}

function readValue(into: Holder, reader: BinaryReader): void {
  while (reader.nextField()) {
    switch (reader.getFieldNumber()) {
      case 2:
        into.value = reader.readDouble();
        break;
      case 3:
        into.value = reader.readString();
        break;
      case 4:
        into.value = reader.readBool();
        break;
      case 5:
        inside(reader, (into.value = {}) as Plain, readStruct);
        break;
      case 6:
        inside(reader, (into.value = []) as unknown[], readList);
        break;
      default:
        reader.skipField();
        into.value = null;
    }
  }
}

function readList(into: unknown[], reader: BinaryReader): void {
  while (reader.nextField()) {
    const holder: Holder = { key: "", value: null };
    inside(reader, holder, readValue);
    into.push(holder.value);
  }
}

/** Writes plain data as a `google.protobuf.Struct` into field `at` of the message. */
export function writeStructAt(at: number, plain: Plain, writer: BinaryWriter): void {
  within(writer, at, plain, writeStruct);
}

function writeStruct(plain: Plain, writer: BinaryWriter): void {
  for (const [key, value] of Object.entries(plain)) {
    if (value !== undefined) within(writer, 1, { key, value }, writeEntry);
  }
}

function writeEntry({ key, value }: Holder, writer: BinaryWriter): void {
  writer.writeString(1, key);
  within(writer, 2, { value }, writeValue);
}

function writeValue({ value }: { value: unknown }, writer: BinaryWriter): void {
  switch (typeof value) {
    case "number":
      return writer.writeDouble(2, value);
    case "string":
      return writer.writeString(3, value);
    case "boolean":
      return writer.writeBool(4, value);
    case "object":
      if (Array.isArray(value)) return within(writer, 6, value as unknown[], writeList);
      if (value !== null) return within(writer, 5, value as Plain, writeStruct);
  }
  writer.writeEnum(1, 0);
}

function writeList(list: readonly unknown[], writer: BinaryWriter): void {
  for (const value of list) within(writer, 1, { value }, writeValue);
}

function within<T>(
  writer: BinaryWriter,
  at: number,
  from: T,
  write: (from: T, writer: BinaryWriter) => void,
): void {
  writer.writeMessage(at, from as never, write as never);
}

/**
 * The message in the reader's current field. The types require a library message, but it is only passed on.
 */
function inside<T>(reader: BinaryReader, into: T, read: (into: T, reader: BinaryReader) => void): void {
  reader.readMessage(into as never, read as never);
}
