import type { Fixtures } from "../../core/fixtures";
import { container, object, pod, podOf } from "../manifests";

const secret = (fields = {}, metadata = {}) =>
  object("v1", "Secret", { stringData: { password: "from Pulumi" }, ...fields }, { name: "db", ...metadata });
const settings = object("v1", "ConfigMap", { data: { "app.yaml": "a: 1" } }, { name: "settings" });
const variable = (key: string, more = {}) =>
  podOf({ env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key, ...more } } }] });
const volume = (fields: object) => pod({ containers: [container()], volumes: [{ name: "v", ...fields }] });

const at = ["spec.containers[0].env[0].valueFrom.secretKeyRef.key"];

export const fixtures: Fixtures = {
  fails: [
    { manifests: [secret(), variable("pasword")], at },
    {
      about: "in data, and with binary data",
      manifests: [secret({ stringData: {}, data: { user: "YQ==" } }), variable("password")],
      at,
    },
    {
      manifests: [
        settings,
        podOf({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "app.yml" } } }] }),
      ],
      at: ["spec.containers[0].env[0].valueFrom.configMapKeyRef.key"],
    },
    {
      about: "a volume",
      manifests: [secret(), volume({ secret: { secretName: "db", items: [{ key: "pasword", path: "p" }] } })],
      at: ["spec.volumes[0].secret.items[0].key"],
    },
    {
      manifests: [
        settings,
        volume({ configMap: { name: "settings", items: [{ key: "app.yml", path: "p" }] } }),
      ],
      at: ["spec.volumes[0].configMap.items[0].key"],
    },
    {
      about: "a volume of several sources",
      manifests: [
        secret(),
        settings,
        volume({
          projected: {
            sources: [
              { secret: { name: "db", items: [{ key: "pasword", path: "p" }] } },
              { configMap: { name: "settings", items: [{ key: "app.yml", path: "a" }] } },
            ],
          },
        }),
      ],
      at: [
        "spec.volumes[0].projected.sources[0].secret.items[0].key",
        "spec.volumes[0].projected.sources[1].configMap.items[0].key",
      ],
    },
    {
      about: "two of one name, and neither has it",
      manifests: [secret(), secret({ stringData: { other: "a" } }), variable("pasword")],
      at,
    },
  ],
  passes: [
    { manifests: [secret(), variable("password")] },
    { about: "the pod does without", manifests: [secret(), variable("pasword", { optional: true })] },
    {
      about: "of another stack, or there already",
      manifests: [secret({}, { name: "other" }), variable("pasword")],
    },
    { about: "in another namespace", manifests: [secret({}, { namespace: "other" }), variable("pasword")] },
    { about: "which something else fills", manifests: [secret({ stringData: {} }), variable("pasword")] },
    {
      about: "which Kubernetes fills",
      manifests: [secret({ type: "kubernetes.io/service-account-token" }), variable("token")],
    },
    {
      about: "which a controller adds to",
      manifests: [
        secret({}, { labels: { "config.openshift.io/inject-trusted-cabundle": "true" } }),
        variable("ca"),
      ],
    },
    {
      about: "a patch: the other keys are in the object",
      manifests: [{ ...secret(), kind: "SecretPatch" }, variable("user")],
    },
    { about: "in binary data", manifests: [secret({ binaryData: { photo: "YQ==" } }), variable("photo")] },
    {
      about: "which a controller adds to, by an annotation",
      manifests: [secret({}, { annotations: { "example.com/inject-ca": "true" } }), variable("ca")],
    },
    {
      about: "a volume that the pod does without",
      manifests: [
        secret(),
        volume({ secret: { secretName: "db", optional: true, items: [{ key: "pasword", path: "p" }] } }),
      ],
    },
    {
      about: "one of two of one name has it",
      manifests: [secret(), secret({ stringData: { other: "a" } }), variable("other")],
    },
    { about: "nothing that holds keys is in the stack", manifests: [variable("pasword")] },
    { about: "no pods", manifests: [secret()] },
  ],
};
