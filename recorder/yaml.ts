import { Document, type DocumentOptions, Scalar, type ScalarTag, type SchemaOptions } from "yaml";
import { stringTag } from "yaml/util";

/**
 * Words that a YAML 1.1 parser (kubectl, kustomize, Pulumi, PyYAML) does not read as text: numbers and dates
 * in all forms, such as `1_000`, `0777`, `1:30` and `-_1`, and words for values. Needless quotes do no harm.
 */
const misread =
  /^([-+.\d_][-+.:\d_etz \t]*|[-+_]*0_*[box][-+\da-f_]*|[-+]?\.(inf|nan)|y|yes|n|no|on|off|true|false|null|~|=|<<)$/i;

/** Characters that end a line only in YAML 1.1, and characters that no parser accepts unescaped. */
// eslint-disable-next-line no-control-regex -- these are the ones
const special = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\u{d800}-\u{dfff}]/u;

/** Tabs that YAML 1.1 reads as indentation, and lines of blanks, which the library loses in a block. */
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

/** JSON's escapes are valid in YAML. Other special characters are escaped too. */
function quote(value: string): string {
  return JSON.stringify(value).replace(
    new RegExp(special, "gu"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as YAML with the same meaning in YAML 1.1 and 1.2, including keys. Texts are never folded. */
export function yamlOf(value: unknown, options: DocumentOptions & SchemaOptions = {}): string {
  const customTags: SchemaOptions["customTags"] = (tags) => [
    text,
    ...tags.filter((tag) => tag !== stringTag),
  ];
  const settings: SchemaOptions & DocumentOptions = { compat: "yaml-1.1", customTags };
  const document = new Document(value, { ...options, ...settings, aliasDuplicateObjects: false });
  return document.toString({ lineWidth: 0 });
}
