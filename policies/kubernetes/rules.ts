import type { Rule } from "../core";
import { autoscaler } from "./availability/autoscaler";
import { barePods } from "./availability/bare-pods";
import { disruptionBudget } from "./availability/disruption-budget";
import { disruptionPossible } from "./availability/disruption-possible";
import { jobLimits } from "./availability/job-limits";
import { jobTtl } from "./availability/job-ttl";
import { priorityClass } from "./availability/priority-class";
import { probes } from "./availability/probes";
import { replicas } from "./availability/replicas";
import { selector } from "./availability/selector";
import { spread } from "./availability/spread";
import { updateStrategy } from "./availability/update-strategy";
import { imageDigest } from "./images/digest";
import { imagePullPolicy } from "./images/pull-policy";
import { imageRegistry } from "./images/registry";
import { imageTag } from "./images/tag";
import { externalIps } from "./network/external-ips";
import { ingressConflicts } from "./network/ingress-conflicts";
import { ingressHosts } from "./network/ingress-hosts";
import { ingressSnippets } from "./network/ingress-snippets";
import { ingressTls } from "./network/ingress-tls";
import { nodePort } from "./network/node-port";
import { policyCovers } from "./network/policy-covers";
import { policyOpen } from "./network/policy-open";
import { loadBalancer } from "./network/service-exposure";
import { serviceSelects } from "./network/service-selects";
import { defaultNamespace } from "./objects/default-namespace";
import { hostPathPersistentVolume } from "./objects/host-path-persistent-volume";
import { namespaceLabels } from "./objects/namespace-labels";
import { podsNotSeen } from "./objects/pods-not-seen";
import { protectedClaims } from "./objects/protected-claims";
import { removedApis } from "./objects/removed-apis";
import { requiredMetadata } from "./objects/required-metadata";
import { systemNamespaces } from "./objects/system-namespaces";
import { podSecurity } from "./pod-security";
import { duplicateVariables } from "./pods/duplicate-variables";
import { highUser } from "./pods/high-user";
import { hostPathMounts } from "./pods/host-path-mounts";
import { literalSecrets } from "./pods/literal-secrets";
import { readOnlyRoot } from "./pods/read-only-root";
import { rootGroups } from "./pods/root-groups";
import { runtimeSocket } from "./pods/runtime-socket";
import { secretsInEnvironment } from "./pods/secrets-in-environment";
import { serviceAccountToken } from "./pods/service-account-token";
import { serviceLinks } from "./pods/service-links";
import { clusterAdmin } from "./rbac/cluster-admin";
import { rbacControlPlane } from "./rbac/control-plane";
import { rbacCreatePods } from "./rbac/create-pods";
import { rbacEscalation } from "./rbac/escalation";
import { rbacExec } from "./rbac/exec";
import { rbacNamespaces } from "./rbac/namespaces";
import { rbacPersistentVolumes } from "./rbac/persistent-volumes";
import { rbacSecrets } from "./rbac/secrets";
import { rbacSubjects } from "./rbac/subjects";
import { rbacWildcards } from "./rbac/wildcards";
import { claimExists } from "./references/claim-exists";
import { disruptionBudgetPods } from "./references/disruption-budget-pods";
import { ingressBackends } from "./references/ingress-backends";
import { networkPolicyPods } from "./references/network-policy-pods";
import { probePorts } from "./references/probe-ports";
import { secretKeys } from "./references/secret-keys";
import { serviceAccountExists } from "./references/service-account-exists";
import { servicePorts } from "./references/service-ports";
import { volumeMounts } from "./references/volume-mounts";
import { cpuLimit } from "./resources/cpu-limit";
import { emptyDirSize } from "./resources/empty-dir-size";
import { ephemeralStorage } from "./resources/ephemeral-storage";
import { maximum } from "./resources/maximum";
import { memoryLimit } from "./resources/memory-limit";
import { memoryRequestIsLimit } from "./resources/memory-request-is-limit";
import { quantities } from "./resources/quantities";
import { quota } from "./resources/quota";
import { ratio } from "./resources/ratio";
import { requests } from "./resources/requests";

/** The rules of the pack by subject, in the order of the documentation. */
export const subjects: Readonly<Record<string, readonly Rule[]>> = {
  "Pod Security Standards": podSecurity,
  "Further pod security": [
    runtimeSocket,
    hostPathMounts,
    literalSecrets,
    readOnlyRoot,
    serviceAccountToken,
    rootGroups,
    highUser,
    secretsInEnvironment,
    serviceLinks,
    duplicateVariables,
  ],
  Resources: [
    requests,
    memoryLimit,
    cpuLimit,
    quantities,
    ratio,
    memoryRequestIsLimit,
    maximum,
    ephemeralStorage,
    emptyDirSize,
    quota,
  ],
  Images: [imageTag, imageDigest, imageRegistry, imagePullPolicy],
  Rights: [
    rbacWildcards,
    clusterAdmin,
    rbacSecrets,
    rbacEscalation,
    rbacExec,
    rbacCreatePods,
    rbacControlPlane,
    rbacNamespaces,
    rbacPersistentVolumes,
    rbacSubjects,
  ],
  Network: [
    loadBalancer,
    nodePort,
    externalIps,
    ingressTls,
    ingressHosts,
    ingressConflicts,
    ingressSnippets,
    policyCovers,
    policyOpen,
    serviceSelects,
  ],
  Availability: [
    probes,
    replicas,
    disruptionBudget,
    disruptionPossible,
    autoscaler,
    spread,
    barePods,
    jobLimits,
    jobTtl,
    priorityClass,
    selector,
    updateStrategy,
  ],
  References: [
    probePorts,
    volumeMounts,
    servicePorts,
    ingressBackends,
    secretKeys,
    networkPolicyPods,
    disruptionBudgetPods,
    serviceAccountExists,
    claimExists,
  ],
  Objects: [
    defaultNamespace,
    systemNamespaces,
    namespaceLabels,
    requiredMetadata,
    removedApis,
    podsNotSeen,
    hostPathPersistentVolume,
    protectedClaims,
  ],
};

export const rules: readonly Rule[] = Object.values(subjects).flat();
