import assert from "node:assert";
import fc from "fast-check";
import { awks, readJson } from "./awks";

/** What the reader has to print for a value, by Node's own understanding of the text. */
function flatten(value: unknown, path: string[] = []): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => flatten(item, [...path, String(index)]));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => flatten(item, [...path, escapeKey(key)]));
  }
  return [[path.join("."), typeof value === "string" ? wellFormed(value) : JSON.stringify(value)]];
}

function escapeKey(key: string): string {
  const letters: Record<string, string> = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\\": "\\\\",
    ".": "\\.",
    "\0": "\\0000",
  };
  return wellFormed(key).replace(/[\n\r\t\\.\0]/g, (letter) => letters[letter]);
}

/** As Node writes it to a file: half a surrogate pair becomes U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

/** Node reorders keys that look like numbers; the reader keeps the order of the text. */
function sorted(pairs: [string, string][] | undefined): [string, string][] | undefined {
  return pairs?.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The same JSON with some characters written as \uXXXX, in either case of letters. */
function withEscapes(text: string, upper: boolean): string {
  return text.replace(/[^ -~]|[ghij]/g, (all) => {
    const hex = all.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${upper ? hex.toUpperCase() : hex}`;
  });
}

const anyText = fc.string({ unit: "binary", maxLength: 40 });
const anyJson = fc.jsonValue({ stringUnit: "binary", maxDepth: 6 });
const runs = { numRuns: 60 };

for (const { name, command } of awks) {
  describe(`submitter: the JSON reader with ${name}`, function () {
    this.timeout(60_000);
    let awk: string[];
    before(function () {
      if (command === undefined) {
        console.log(`      ${name} is not installed here`);
        this.skip();
      }
      awk = command;
    });

    it("reads any JSON as Node does", () => {
      fc.assert(
        fc.property(anyJson, fc.constantFrom(undefined, 1, 3), (value, indent) => {
          const text = JSON.stringify(value, undefined, indent);
          assert.deepStrictEqual(sorted(readJson(awk, text)), sorted(flatten(JSON.parse(text))));
        }),
        runs,
      );
    });

    it("reads any string, however it is escaped", () => {
      fc.assert(
        fc.property(fc.array(anyText), fc.boolean(), (values, upper) => {
          const text = withEscapes(JSON.stringify(values), upper);
          assert.deepStrictEqual(readJson(awk, text), flatten(JSON.parse(text)));
        }),
        runs,
      );
    });

    it("reads surrogate pairs and halves of them", () => {
      const text = String.raw`["\ud83d\ude00","\uD800","\udc00x","\ud800\u0041","\ud800\ud83d\ude00","\u0000","\/\b\f"]`;
      assert.deepStrictEqual(readJson(awk, text), flatten(JSON.parse(text)));
    });

    it("takes for JSON what Node takes for JSON, and nothing else", () => {
      fc.assert(
        fc.property(
          anyJson,
          fc.nat(),
          fc.nat(3),
          fc.constantFrom("", ",", "]", "}", '"', ":", "0", "-", "\\", "x", "\n"),
          (value, at, cut, put) => {
            const whole = JSON.stringify({ a: value });
            const place = at % whole.length;
            const text = Buffer.from(whole.slice(0, place) + put + whole.slice(place + cut)).toString("utf8");
            let expected: [string, string][] | undefined;
            try {
              expected = flatten(JSON.parse(text));
            } catch {
              expected = undefined;
            }
            const actual = readJson(awk, text);
            assert.strictEqual(actual === undefined, expected === undefined, text);
          },
        ),
        runs,
      );
    });

    it("says that half an answer is not JSON", () => {
      const whole = JSON.stringify({ state: "RUNNING", list: [1, { a: "b\\" }], last: "é" });
      for (let length = 0; length < Buffer.byteLength(whole); length++) {
        assert.strictEqual(
          readJson(awk, Buffer.from(whole).subarray(0, length)),
          undefined,
          `first ${length} bytes`,
        );
      }
    });

    it("keeps 64-bit numbers as they are written", () => {
      assert.deepStrictEqual(readJson(awk, '{"interval":9223372036854775807,"x":-0.1E+12}'), [
        ["interval", "9223372036854775807"],
        ["x", "-0.1E+12"],
      ]);
    });

    it("reads a large string and a thousand levels", () => {
      const big = ("\tat org.apache.flink.Some$Class.method(Class.java:42)\n" + "é").repeat(4_000);
      assert.deepStrictEqual(readJson(awk, JSON.stringify({ big })), [["big", big]]);
      const deep = `${"[".repeat(1000)}7${"]".repeat(1000)}`;
      assert.deepStrictEqual(readJson(awk, deep), [[Array(1000).fill("0").join("."), "7"]]);
    });
  });
}
