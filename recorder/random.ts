import type { Answer } from "./host";
import type { Registration } from "./registration";

/** Resources of `@pulumi/random` with a placeholder, by the last part of the type token. */
const KNOWN = ["Password", "String", "Bytes", "Id", "Uuid", "Integer"].map((name) => `Random${name}`);

const SECRET_OUTPUTS: Record<string, string[]> = {
  RandomPassword: ["result"],
  RandomBytes: ["base64", "hex"],
};

export function isRandom(type: string): boolean {
  return type.startsWith("random:");
}

export function hasPlaceholder({ type, inputs }: Registration): boolean {
  return KNOWN.includes(shortType(type)) && inputs.seed === undefined;
}

/** A placeholder text for a generated value. */
export function placeholder({ type, name, inputs, secretKeys }: Registration): Answer {
  const text = `GENERATE-ME-${name}`;
  const generated = Object.fromEntries(
    ["result", "base64", "hex", "dec", "b64Url", "b64Std"].map((key) => [key, text]),
  );
  return {
    id: text,
    outputs: { ...inputs, ...generated },
    secretKeys: [...(SECRET_OUTPUTS[shortType(type)] ?? []), ...secretKeys],
  };
}

function shortType(type: string): string {
  return type.split(":").at(-1)!;
}
