import type { Fixtures } from "../../core/fixtures";
import { container, namespace, object, pod } from "../manifests";

const claim = (name: string, metadata = {}) =>
  object("v1", "PersistentVolumeClaim", {}, { name, ...metadata });
const mounting = (claimName: string) =>
  pod({ containers: [container()], volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] });
const set = object("apps/v1", "StatefulSet", {
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [container()] } },
    volumeClaimTemplates: [{ metadata: { name: "data" } }],
  },
});
const at = ["spec.volumes[0].persistentVolumeClaim.claimName"];

export const fixtures: Fixtures = {
  fails: [
    { manifests: [namespace(), claim("dta"), mounting("data")], at },
    {
      about: "which is in another namespace",
      manifests: [namespace(), claim("data", { namespace: "other" }), mounting("data")],
      at,
    },
    { about: "no number of a pod", manifests: [namespace(), set, mounting("data-web-a")], at },
  ],
  passes: [
    { manifests: [namespace(), claim("data"), mounting("data")] },
    { about: "the namespace was there before, and may hold it", manifests: [mounting("data")] },
    { about: "a StatefulSet makes it", manifests: [namespace(), set, mounting("data-web-0")] },
    {
      about: "a chart may make it",
      manifests: [namespace(), object("helm.sh/v3", "Release", {}), mounting("data")],
    },
    { about: "a patch", manifests: [namespace(), { ...mounting("data"), kind: "PodPatch" }] },
  ],
};
