import { Document, type DocumentOptions, Scalar, type ScalarTag, type SchemaOptions } from "yaml";
import { stringTag } from "yaml/util";

/**
 * Words that a reader of YAML 1.1 (kubectl, kustomize, Pulumi, PyYAML) takes for something other than text: numbers and dates in all their forms, of which
 * `1_000`, `0777`, `1:30` and `-_1` are some, and words that stand for a value. Quotes too many do no harm.
 */
const misread =
  /^([-+.\d_][-+.:\d_etz \t]*|[-+_]*0_*[box][-+\da-f_]*|[-+]?\.(inf|nan)|y|yes|n|no|on|off|true|false|null|~|=|<<)$/i;

/** What ends a line for a reader of YAML 1.1 only, and what no reader takes as it is. */
// eslint-disable-next-line no-control-regex -- these are the ones
const special = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\u{d800}-\u{dfff}]/u;

/** Tabs where a reader of YAML 1.1 takes them for the indentation; and blanks alone, which the library loses in a block. */
const blanks = /^\s*(\t|$)|^.*\t.*$/;

const text: ScalarTag = {
  ...stringTag,
  stringify(item, context, onComment, onChompKeep) {
    const value = String(item.value);
    if ([misread, special, blanks].some((pattern) => pattern.test(value))) return quote(value);
    // Scripts and configuration files stay readable.
    const scalar = new Scalar(value);
    if (value.includes("\n")) scalar.type = "BLOCK_LITERAL";
    return stringTag.stringify!(scalar, context, onComment, onChompKeep);
  },
};

/** JSON's escapes are YAML's; what else is special is escaped in addition. */
function quote(value: string): string {
  return JSON.stringify(value).replace(
    new RegExp(special, "gu"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as YAML that readers of YAML 1.1 and of YAML 1.2 read alike, keys too. Texts are never folded. */
export function yamlOf(value: unknown, options: DocumentOptions & SchemaOptions = {}): string {
  const customTags: SchemaOptions["customTags"] = (tags) => [
    text,
    ...tags.filter((tag) => tag !== stringTag),
  ];
  const settings: SchemaOptions & DocumentOptions = { compat: "yaml-1.1", customTags };
  const document = new Document(value, { ...options, ...settings, aliasDuplicateObjects: false });
  return document.toString({ lineWidth: 0 });
}
