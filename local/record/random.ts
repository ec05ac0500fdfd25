import type { JsonObject } from "../json";
import type { Answer } from "./host";
import type { Registration } from "./registration";

/** What of `@pulumi/random` can be made without its provider, by the last part of the type token. */
const MADE_HERE = ["Password", "String", "Bytes", "Id", "Uuid", "Integer"].map((name) => `Random${name}`);

const SECRET_OUTPUTS: Record<string, string[]> = {
  RandomPassword: ["result"],
  RandomBytes: ["base64", "hex"],
};

export function isRandom(type: string): boolean {
  return type.startsWith("random:");
}

export function canGenerate(registration: Registration): boolean {
  return MADE_HERE.includes(shortType(registration.type)) && registration.inputs.seed === undefined;
}

export function randomAnswer(registration: Registration, value: JsonObject): Answer {
  return {
    id: String(value.id),
    outputs: { ...registration.inputs, ...(value.outputs as JsonObject) },
    secretKeys: [...(SECRET_OUTPUTS[shortType(registration.type)] ?? []), ...registration.secretKeys],
  };
}

/** For rendering, which keeps no secrets: a text that says what belongs in its place. */
export function randomPlaceholder(registration: Registration): JsonObject {
  const text = `GENERATE-ME-${registration.name}`;
  const outputs = Object.fromEntries(
    ["result", "base64", "hex", "dec", "b64Url", "b64Std"].map((key) => [key, text]),
  );
  return { id: text, outputs };
}

export function shortType(type: string): string {
  return type.split(":").at(-1)!;
}
