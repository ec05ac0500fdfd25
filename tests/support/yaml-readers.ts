import { isScalar, parseAllDocuments, visit } from "yaml";

/** The documents of a text as readers of either YAML see them. */
export const readers: Record<string, (text: string) => unknown[]> = {
  "YAML 1.2": (text) => read(text, "1.2"),
  "YAML 1.1": (text) => read(text, "1.1"),
  "kubectl and kustomize": readAsGo,
};

function read(text: string, version: "1.1" | "1.2"): unknown[] {
  return parseAllDocuments(text, { version, strict: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as unknown;
  });
}

/** Words of go-yaml v2, which sigs.k8s.io/yaml uses. */
const words = new Map<string, unknown>(
  Object.entries({
    "": null, "~": null, null: null, Null: null, NULL: null,
    y: true, Y: true, yes: true, Yes: true, YES: true, true: true, True: true, TRUE: true, on: true, On: true, ON: true,
    n: false, N: false, no: false, No: false, NO: false, false: false, False: false, FALSE: false, off: false, Off: false, OFF: false,
    ".nan": NaN, ".NaN": NaN, ".NAN": NaN,
    ".inf": Infinity, ".Inf": Infinity, ".INF": Infinity, "+.inf": Infinity, "-.inf": -Infinity,
    "<<": Symbol("merge"),
  }),
); // prettier-ignore

/**
 * What go-yaml's resolve.go makes of a scalar without quotes. Written from that file, so that what is tested does not depend on one library's opinion of YAML 1.1.
 */
function resolveAsGo(source: string): unknown {
  if (words.has(source)) return words.get(source);
  if (!/^[-+.\d]/.test(source)) return source;
  if (/^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)?)?$/.test(source)) {
    return new Date(source);
  }
  const plain = source.startsWith(".") ? source : source.replaceAll("_", "");
  const whole = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][-+]?[01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(plain);
  if (whole) {
    const digits = whole[2]!.replace(/^0(?=[0-7])/, "0o").replace(/^(0[bB])[-+]/, "$1");
    return Number(digits) * (whole[1] === "-" ? -1 : 1);
  }
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain) ? Number(plain) : source;
}

function readAsGo(text: string): unknown[] {
  // Line ends of YAML 1.1, and characters that its reader refuses wherever they stand.
  // eslint-disable-next-line no-control-regex -- these are the ones
  const refused = /[\r\x85\u2028\u2029\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]/.exec(text);
  if (refused) throw new Error(`${JSON.stringify(refused[0])} is not written as an escape`);
  return parseAllDocuments(text, { schema: "failsafe" }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    visit(document, {
      Scalar: (_key, node) => {
        const block = node.type === "BLOCK_LITERAL";
        if (
          node.type === "PLAIN" ? /\t/.test(node.source ?? "") : block && /^\s*\t/.test(String(node.value))
        ) {
          throw new Error(`a tab where the indentation ends: ${JSON.stringify(node.value)}`);
        }
        if (node.type === "PLAIN") node.value = resolveAsGo(node.source ?? "");
      },
    });
    if (isScalar(document.contents)) return document.contents.value;
    return document.toJS() as unknown;
  });
}
