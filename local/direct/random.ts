import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { isObject, type JsonObject } from "../json";
import { shortType } from "../record/random";
import type { Registration } from "../record/registration";
import { canonical } from "./live";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** The values of `@pulumi/random` that this path can make, by the last part of the type token. */
const GENERATORS: Record<string, (inputs: JsonObject) => { id: string; outputs: JsonObject }> = {
  RandomPassword: (inputs) => ({ id: "none", outputs: { result: characters(inputs) } }),
  RandomString: (inputs) => {
    const result = characters(inputs);
    return { id: result, outputs: { result } };
  },
  RandomBytes: (inputs) => {
    const bytes = randomBytes(Number(inputs.length));
    return {
      id: bytes.toString("base64"),
      outputs: { base64: bytes.toString("base64"), hex: bytes.toString("hex") },
    };
  },
  RandomId: (inputs) => {
    const bytes = randomBytes(Number(inputs.byteLength));
    const prefix = typeof inputs.prefix === "string" ? inputs.prefix : "";
    const hex = bytes.toString("hex");
    const outputs = {
      hex: prefix + hex,
      dec: prefix + BigInt(`0x${hex || "0"}`).toString(),
      b64Url: prefix + bytes.toString("base64url"),
      b64Std: prefix + bytes.toString("base64"),
    };
    return { id: bytes.toString("base64url"), outputs };
  },
  RandomUuid: () => {
    const result = randomUUID();
    return { id: result, outputs: { result } };
  },
  RandomInteger: (inputs) => {
    const result = randomInt(Number(inputs.min), Number(inputs.max) + 1);
    return { id: String(result), outputs: { result } };
  },
};

export function generate(registration: Registration): JsonObject {
  return { inputs: registration.inputs, ...GENERATORS[shortType(registration.type)]!(registration.inputs) };
}

/** What was generated for these very inputs; other inputs (a longer password, another keeper) ask for a new value, as with the engine. */
export function remembered(registration: Registration, kept: JsonObject | undefined): JsonObject | undefined {
  return isObject(kept?.inputs) && canonical(kept.inputs) === canonical(registration.inputs)
    ? kept
    : undefined;
}

function characters(inputs: JsonObject): string {
  const wants = (key: string) => inputs[key] !== false;
  const special = typeof inputs.overrideSpecial === "string" ? inputs.overrideSpecial : SPECIAL;
  const digits = inputs.numeric !== false && inputs.number !== false;
  const classes: [string, boolean, string][] = [
    [LOWER, wants("lower"), "minLower"],
    [UPPER, wants("upper"), "minUpper"],
    [DIGITS, digits, "minNumeric"],
    [special, wants("special"), "minSpecial"],
  ];
  const all = classes.map(([set, wanted]) => (wanted ? set : "")).join("");
  const length = Number(inputs.length);
  const picked = classes.flatMap(([set, , minimum]) => pick(set, Number(inputs[minimum] ?? 0)));
  picked.push(...pick(all, length - picked.length));
  for (let i = picked.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [picked[i], picked[j]] = [picked[j]!, picked[i]!];
  }
  return picked.join("");
}

function pick(set: string, count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => set[randomInt(set.length)]!);
}
