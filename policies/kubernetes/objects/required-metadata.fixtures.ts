import type { Fixtures } from "../../core/fixtures";
import { deployment, namespace, object } from "../manifests";

const config = { labels: { team: "*" } };
const labelled = (team: string) => ({
  ...deployment(),
  metadata: { name: "web", namespace: "shop", labels: { team } },
});

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment()], config, at: ["metadata.labels.team"] },
    { manifests: [namespace()], config, at: ["metadata.labels.team"] },
    {
      about: "with a value that does not look so",
      manifests: [labelled("Shop")],
      config: { labels: { team: "team-*" } },
      at: ["metadata.labels.team"],
    },
    {
      about: "an annotation, of another kind",
      manifests: [object("v1", "Service", {})],
      config: { annotations: { "example.com/runbook": "https://*" }, kinds: ["Service"] },
      at: ['metadata.annotations["example.com/runbook"]'],
    },
  ],
  passes: [
    { manifests: [labelled("shop")], config },
    { about: "nothing is asked for", manifests: [deployment()] },
    { about: "of a kind that is not asked", manifests: [object("v1", "Service", {})], config },
    { about: "only of others", manifests: [deployment()], config: { ...config, kinds: ["/Service"] } },
    {
      about: "a patch: the label is in the object",
      manifests: [{ ...deployment(), kind: "DeploymentPatch" }],
      config,
    },
  ],
};
