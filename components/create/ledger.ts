import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ledgerMetadata } from "../kubernetes/submission";

type Metadata = ReturnType<typeof ledgerMetadata>;
type Annotations = pulumi.Input<Record<string, pulumi.Input<string>>>;

/** The ledger's metadata. Its data belong to the pods. */
export interface LedgerArgs {
  metadata: { [field in keyof Metadata]: pulumi.Input<Metadata[field]> } & { annotations: Annotations };
  /** Whether the ledger stays when the job is removed from the program, and an existing one is adopted. */
  retained: boolean;
}

const types = { own: "kubernetes:core/v1:ConfigMap", taken: "kubernetes:core/v1:ConfigMapPatch" };

/**
 * The ConfigMap that records what runs. The provider refuses to create an existing ConfigMap; a
 * ConfigMapPatch applies to an existing one, or creates it. The aliases let `retained` change without
 * deleting one for the other.
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

/**
 * The ledger entries of a revision. If the ledger is about another revision, which has failed since, none of
 * them apply to this one.
 */
export function saidOf(revision: string, data: Record<string, string> | undefined): Record<string, string> {
  const entries = data ?? {};
  return entries.revision === undefined || entries.revision === revision ? entries : { phase: "pending" };
}
