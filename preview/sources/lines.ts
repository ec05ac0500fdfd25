import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A longer line is not an event of the engine, and would not fit into a string either. */
const LONGEST = 256 * 1024 * 1024;

/** The lines of a stream of any size. A line that is too long is yielded as undefined. */
export async function* linesOf(stream: Readable, longest = LONGEST): AsyncGenerator<string | undefined> {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  const take = (last: string): string | undefined => {
    const line = length + last.length > longest ? undefined : parts.join("") + last;
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of stream) {
    const text = typeof chunk === "string" ? chunk : decoder.write(chunk as Buffer);
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      yield take(text.slice(from, end));
      from = end + 1;
    }
    const rest = text.slice(from);
    length += rest.length;
    if (length <= longest) parts.push(rest);
    else parts = [];
  }
  if (length > 0) yield take("");
}
