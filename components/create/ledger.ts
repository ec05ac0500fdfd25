import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ledgerMetadata } from "../kubernetes/submission";

type Metadata = ReturnType<typeof ledgerMetadata>;
type Annotations = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** The ledger's metadata. Its data are the pods'. */
export interface LedgerArgs {
  metadata: { [field in keyof Metadata]: pulumi.Input<Metadata[field]> } & { annotations: Annotations };
  /** Whether it stays when the job is taken out of the program, and one that has stayed is taken over. */
  retained: boolean;
}

const types = { own: "kubernetes:core/v1:ConfigMap", taken: "kubernetes:core/v1:ConfigMapPatch" };

/**
 * The ConfigMap that says what runs. The provider refuses to create one that is there already; a Patch is applied to it, and makes it where there is none.
 * The aliases let `retained` change without the one being deleted for the other.
 */
export function createLedger(
  name: string,
  { metadata, retained }: LedgerArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  if (!retained) {
    const aliases = [{ type: types.taken }];
    return new k8s.core.v1.ConfigMap(name, { metadata }, { ...options, aliases });
  }
  const aliases = [{ type: types.own }];
  return new k8s.core.v1.ConfigMapPatch(name, { metadata }, { ...options, aliases, retainOnDelete: true });
}

/** What the ledger says of a revision. While it speaks of another one, which has failed since, nothing of that is true of this one. */
export function saidOf(revision: string, data: Record<string, string> | undefined): Record<string, string> {
  const entries = data ?? {};
  return entries.revision === undefined || entries.revision === revision ? entries : { phase: "pending" };
}
