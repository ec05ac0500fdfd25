export function parse(size: string): bigint;
export function derive(kind: "jm" | "tm", config: Record<string, string>): { process: bigint; jvm: string };
