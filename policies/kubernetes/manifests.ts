/** Helpers for the manifests of fixtures. */
type Fields = Record<string, unknown>;

/** A container that most fixtures need, with their own fields added. */
export function container(fields: Fields = {}): Fields {
  return { name: "main", image: "registry.example/shop/web:1.4.2", ...fields };
}

export function pod(spec: Fields, metadata: Fields = {}): Fields {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "shop", ...metadata },
    spec: { containers: [container()], ...spec },
  };
}

/** A Deployment: `spec` is that of its pods, `fields` are its own. */
export function deployment(spec: Fields = {}, fields: Fields = {}, labels: Fields = { app: "web" }): Fields {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container()], ...spec } },
      ...fields,
    },
  };
}

export function object(apiVersion: string, kind: string, fields: Fields, metadata: Fields = {}): Fields {
  return { apiVersion, kind, metadata: { name: "web", namespace: "shop", ...metadata }, ...fields };
}

/** The namespace of the other manifests, in the same stack. */
export function namespace(metadata: Fields = {}): Fields {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", ...metadata } };
}

/** A pod whose only container has these fields. */
export function podOf(fields: Fields, metadata: Fields = {}): Fields {
  return pod({ containers: [container(fields)] }, metadata);
}

/** Resources that satisfy every rule about amounts. */
export const ample: Fields = {
  requests: { cpu: 1, memory: "1Gi" },
  limits: { cpu: 1, memory: "1Gi", "ephemeral-storage": "1Gi" },
};

/** A pod that somebody looks at: its container with these fields, and a debug container without any. */
export function debugged(fields: Fields): Fields {
  return pod({
    containers: [container(fields)],
    ephemeralContainers: [{ name: "debug", image: "registry.example/debug:1" }],
  });
}

/** A pod whose only container has this security context. */
export function secured(securityContext: Fields): Fields {
  return podOf({ securityContext });
}

/** A Role, or a ClusterRole, with these rules. */
export function role(...rules: Fields[]): Fields {
  return object("rbac.authorization.k8s.io/v1", "Role", { rules });
}
