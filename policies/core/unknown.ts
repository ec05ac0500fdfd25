/**
 * The engine's strings for values that are known only during the update, one for each type. They are part of
 * the protocol between engine and policy packs. @pulumi/policy has the same list without a public name.
 */
const sentinels: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string, and what the Node SDK sends for any unknown
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // list
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** An unknown value in the protocol's form, for the properties of a test resource. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && value.length === 36 && sentinels.has(value);
}

const unknown = Symbol("unknown");

/**
 * Reads a property through the proxy that policies receive, which throws for unknown values. Other errors are
 * passed on.
 */
export function readProperty(object: object, key: string | number): unknown {
  try {
    const value = (object as Record<string | number, unknown>)[key];
    return isUnknown(value) ? unknown : value;
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return unknown;
    throw error;
  }
}

/** The result of {@link readProperty} for an unknown value. */
export { unknown };
