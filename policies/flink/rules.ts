import type { Rule } from "../core";
import { rules as availability } from "./availability/rules";
import { rules as durability } from "./durability/rules";
import { rules as jobs } from "./jobs/rules";
import { rules as memory } from "./memory/rules";
import { rules as network } from "./network/rules";
import { rules as pods } from "./pods/rules";
import { rules as security } from "./security/rules";

/** The rules of the pack by subject, in the order of the documentation. */
export const subjects: Readonly<Record<string, readonly Rule[]>> = {
  Memory: memory,
  "Durable state": durability,
  Security: security,
  Network: network,
  "Availability and scaling": availability,
  "Images and files": pods,
  "Jobs and rights": jobs,
};

export const rules: readonly Rule[] = Object.values(subjects).flat();
