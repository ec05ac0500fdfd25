import type { Fixtures } from "../core/fixtures";
import { fixtures as availability } from "./availability/rules.fixtures";
import { fixtures as durability } from "./durability/rules.fixtures";
import { fixtures as jobs } from "./jobs/rules.fixtures";
import { fixtures as memory } from "./memory/rules.fixtures";
import { fixtures as network } from "./network/rules.fixtures";
import { fixtures as pods } from "./pods/rules.fixtures";
import { fixtures as security } from "./security/rules.fixtures";

/** The fixtures of every rule, by its name. */
export const fixtures: Readonly<Record<string, Fixtures>> = {
  ...availability,
  ...durability,
  ...jobs,
  ...memory,
  ...network,
  ...pods,
  ...security,
};
