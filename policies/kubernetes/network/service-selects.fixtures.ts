import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment(), object("v1", "Service", { spec: { selector: { app: "wbe" } } })] },
    {
      about: "beside others, none of which it selects",
      manifests: [
        deployment(),
        { ...deployment({}, {}, { app: "api" }), metadata: { name: "api", namespace: "shop" } },
        object("v1", "Service", { spec: { selector: { app: "wbe" } } }),
      ],
    },
  ],
  passes: [
    { manifests: [deployment(), object("v1", "Service", { spec: { selector: { app: "web" } } })] },
    {
      about: "nothing of the stack runs there",
      manifests: [
        deployment(),
        object("v1", "Service", { spec: { selector: { app: "a" } } }, { namespace: "other" }),
      ],
    },
    {
      about: "one of several",
      manifests: [
        deployment(),
        { ...deployment({}, {}, { app: "api" }), metadata: { name: "api", namespace: "shop" } },
        object("v1", "Service", { spec: { selector: { app: "web" } } }),
      ],
    },
    { about: "without a selector", manifests: [deployment(), object("v1", "Service", { spec: {} })] },
    {
      about: "without pods in the stack",
      manifests: [object("v1", "Service", { spec: { selector: { app: "web" } } })],
    },
    {
      about: "Flink's operator labels the pods of one, beside others",
      manifests: [
        deployment(),
        object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { image: "flink:2.2.1" } }),
        object("v1", "Service", { spec: { selector: { app: "orders" } } }),
      ],
    },
  ],
};
