import type { Cluster } from "./kubernetes";

/** A necessary right in a namespace. */
export interface Right {
  verb: string;
  /** The API group. Default: the core. */
  group?: string;
  /** With its subresource: `pods/log`. */
  resource: string;
}

/** The rights that the user lacks. If the API server cannot tell, later requests fail with its own errors. */
export async function missingRights(
  api: Cluster,
  namespace: string,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<string[]> {
  const asked = await Promise.all(
    rights.map(async (right) => ((await isAllowed(api, namespace, right, signal)) ? [] : [describe(right)])),
  );
  return asked.flat();
}

async function isAllowed(
  api: Cluster,
  namespace: string,
  { verb, group = "", resource: whole }: Right,
  signal: AbortSignal,
): Promise<boolean> {
  const [resource, subresource = ""] = whole.split("/");
  const attributes = { namespace, verb, group, resource, subresource };
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: attributes },
  };
  try {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const { status } = (await api.request("POST", path, { body, signal })) as {
      status?: { allowed?: boolean };
    };
    return status?.allowed !== false;
  } catch {
    signal.throwIfAborted();
    return true;
  }
}

function describe({ verb, group, resource }: Right): string {
  return `${verb} ${resource}${group === undefined ? "" : `.${group}`}`;
}
