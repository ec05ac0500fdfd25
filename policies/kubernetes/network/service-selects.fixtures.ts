import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment(), object("v1", "Service", { spec: { selector: { app: "wbe" } } })] }],
  passes: [
    { manifests: [deployment(), object("v1", "Service", { spec: { selector: { app: "web" } } })] },
    {
      about: "nothing of the stack runs there",
      manifests: [
        deployment(),
        object("v1", "Service", { spec: { selector: { app: "a" } } }, { namespace: "other" }),
      ],
    },
  ],
};
