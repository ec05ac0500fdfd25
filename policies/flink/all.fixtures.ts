import type { Fixtures } from "../core/fixtures";
import { fixtures as durability } from "./durability/rules.fixtures";
import { fixtures as memory } from "./memory/rules.fixtures";
import { fixtures as network } from "./network/rules.fixtures";
import { fixtures as security } from "./security/rules.fixtures";

/** The fixtures of every rule, by its name. */
export const fixtures: Readonly<Record<string, Fixtures>> = {
  ...memory,
  ...durability,
  ...security,
  ...network,
};
