import type { Fixtures } from "../../core/fixtures";
import { container, deployment, object } from "../manifests";

const web = (fields = {}, labels = { app: "web" }) =>
  deployment(
    { containers: [container({ ports: [{ name: "http", containerPort: 8080 }], ...fields })] },
    {},
    labels,
  );
const service = (targetPort: unknown, metadata = {}) =>
  object(
    "v1",
    "Service",
    { spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort }] } },
    metadata,
  );

export const fixtures: Fixtures = {
  fails: [
    { manifests: [web(), service("htpp")], at: ["spec.ports[0].targetPort"] },
    {
      about: "the pods name no ports",
      manifests: [web({ ports: [{ containerPort: 8080 }] }), service("http")],
      at: ["spec.ports[0].targetPort"],
    },
  ],
  passes: [
    { manifests: [web(), service("http")] },
    {
      about: "one of several that are selected has it, as during a change of versions",
      manifests: [
        web(),
        { ...web({ ports: [] }), metadata: { name: "new", namespace: "shop" } },
        service("http"),
      ],
    },
    { about: "a number, which containers need not name", manifests: [web({ ports: [] }), service(8080)] },
    { about: "a number as text", manifests: [web({ ports: [] }), service("8080")] },
    {
      about: "nothing of the stack is selected, so that somebody else's pods are meant",
      manifests: [web({}, { app: "other" }), service("htpp")],
    },
    { about: "in another namespace", manifests: [web(), service("htpp", { namespace: "other" })] },
    {
      about: "a container that runs beside the others has it",
      manifests: [
        deployment({
          containers: [container()],
          initContainers: [
            container({
              name: "proxy",
              restartPolicy: "Always",
              ports: [{ name: "htpp", containerPort: 1 }],
            }),
          ],
        }),
        service("htpp"),
      ],
    },
    {
      about: "whatever Flink makes of it may be selected",
      manifests: [
        web(),
        object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { podTemplate: {} } }),
        service("rest"),
      ],
    },
    {
      about: "a Service without a selector",
      manifests: [web(), object("v1", "Service", { spec: { ports: [{ port: 80, targetPort: "htpp" }] } })],
    },
    {
      about: "a patch: the selector is in the object",
      manifests: [web(), { ...service("htpp"), kind: "ServicePatch" }],
    },
  ],
};
