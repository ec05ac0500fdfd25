import type * as pulumi from "@pulumi/pulumi";
import { createAccess } from "./access";
import type { Creation } from "./context";
import { createNamespace } from "./namespace";
import { createNetwork } from "./network";
import { createConfigSecret } from "./secret";
import { createStorage } from "./storage";
import { createTls } from "./tls";

/** Prerequisites of Flink's processes, in a session cluster and in an application. */
export function createSurroundings(creation: Creation) {
  const namespace = createNamespace(creation);
  const access = createAccess(creation, namespace);
  const network = createNetwork(creation, namespace);
  const secret = createConfigSecret(creation, namespace);
  const tls = createTls(creation, namespace);
  const storage = createStorage(creation, namespace);
  const secrets = secret ? [secret.object] : [];
  const needed: pulumi.Resource[] = [
    ...namespace,
    ...access,
    ...network.needed,
    ...tls,
    ...storage,
    ...secrets,
  ];
  return { namespace, network, secret, needed };
}
