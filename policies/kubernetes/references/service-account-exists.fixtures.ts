import type { Fixtures } from "../../core/fixtures";
import { deployment, namespace, object } from "../manifests";

const account = (name: string, metadata = {}) => object("v1", "ServiceAccount", {}, { name, ...metadata });
const web = deployment({ serviceAccountName: "web" });

export const fixtures: Fixtures = {
  fails: [
    { manifests: [namespace(), account("wbe"), web], at: ["spec.template.spec.serviceAccountName"] },
    {
      about: "by the older field",
      manifests: [namespace(), deployment({ serviceAccount: "web" })],
      at: ["spec.template.spec.serviceAccount"],
    },
    {
      about: "which is in another namespace",
      manifests: [namespace(), account("web", { namespace: "other" }), web],
      at: ["spec.template.spec.serviceAccountName"],
    },
  ],
  passes: [
    { manifests: [namespace(), account("web"), web] },
    { about: "the namespace was there before, and may hold it", manifests: [web] },
    {
      about: "the namespace is only changed here",
      manifests: [{ ...namespace(), kind: "NamespacePatch" }, web],
    },
    {
      about: "which every namespace has",
      manifests: [namespace(), deployment({ serviceAccountName: "default" })],
    },
    { about: "a chart may make it", manifests: [namespace(), object("helm.sh/v3", "Release", {}), web] },
    {
      about: "a controller may make it",
      manifests: [namespace(), object("example.com/v1", "Team", {}), web],
    },
    { about: "a patch", manifests: [namespace(), { ...web, kind: "DeploymentPatch" }] },
    {
      about: "which OpenShift makes in every namespace",
      manifests: [
        namespace(),
        deployment({ serviceAccountName: "builder" }),
        deployment({ serviceAccountName: "deployer" }),
      ],
    },
  ],
};
