/** Thousandths of a core of a CPU quantity (`2`, `0.5`, `500m`), or undefined if it is not one. */
export function parseCpu(text: string): number | undefined {
  const match = /^(\d+(?:\.\d{1,3})?)(m?)$/.exec(text.trim());
  if (!match) return undefined;
  const milli = match[2] === "m" ? Number(match[1]) : Math.round(Number(match[1]) * 1000);
  return Number.isInteger(milli) ? milli : undefined;
}

/** A CPU quantity as the API server writes it. */
export function formatCpu(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

const units: Record<string, number> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * Bytes of a storage quantity (`2Gi`, `1.5Gi`, `500M`), or undefined if it is not one. Fractions of a byte
 * (`500m`) are not.
 */
export function parseStorage(text: string): number | undefined {
  const bytes = parseQuantity(text.trim());
  return bytes !== undefined && bytes >= 0 && Number.isInteger(bytes) && !/[num]$/.test(text.trim())
    ? bytes
    : undefined;
}

/** Exact quantity for a number of bytes, in the largest binary unit that fits. */
export function formatBytes(bytes: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"]) {
    if (bytes >= units[unit] && bytes % units[unit] === 0) return `${bytes / units[unit]}${unit}`;
  }
  return String(bytes);
}

const quantity = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|[MGTPE]i?|Ki)?)$/;
const smallUnits: Record<string, number> = { n: 1e-9, u: 1e-6, m: 1e-3 };
const largeUnits: Record<string, number> = { P: 1e15, E: 1e18, Pi: 2 ** 50, Ei: 2 ** 60 };

/** The number that any Kubernetes quantity stands for (`500m` is 0.5), or undefined if it is not one. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, exponent, unit = ""] = quantity.exec(text) ?? [];
  if (digits === undefined) return undefined;
  if (exponent !== undefined) return Number(`${digits}${exponent}`);
  return Number(digits) * (units[unit] ?? smallUnits[unit] ?? largeUnits[unit]!);
}
