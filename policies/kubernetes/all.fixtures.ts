import type { Fixtures } from "../core/fixtures";
import { fixtures as autoscaler } from "./availability/autoscaler.fixtures";
import { fixtures as barePods } from "./availability/bare-pods.fixtures";
import { fixtures as disruptionBudget } from "./availability/disruption-budget.fixtures";
import { fixtures as disruptionPossible } from "./availability/disruption-possible.fixtures";
import { fixtures as jobLimits } from "./availability/job-limits.fixtures";
import { fixtures as jobTtl } from "./availability/job-ttl.fixtures";
import { fixtures as priorityClass } from "./availability/priority-class.fixtures";
import { fixtures as probes } from "./availability/probes.fixtures";
import { fixtures as replicas } from "./availability/replicas.fixtures";
import { fixtures as selector } from "./availability/selector.fixtures";
import { fixtures as spread } from "./availability/spread.fixtures";
import { fixtures as updateStrategy } from "./availability/update-strategy.fixtures";
import { fixtures as imageDigest } from "./images/digest.fixtures";
import { fixtures as imagePullPolicy } from "./images/pull-policy.fixtures";
import { fixtures as imageRegistry } from "./images/registry.fixtures";
import { fixtures as imageTag } from "./images/tag.fixtures";
import { fixtures as externalIps } from "./network/external-ips.fixtures";
import { fixtures as ingressConflicts } from "./network/ingress-conflicts.fixtures";
import { fixtures as ingressHosts } from "./network/ingress-hosts.fixtures";
import { fixtures as ingressSnippets } from "./network/ingress-snippets.fixtures";
import { fixtures as ingressTls } from "./network/ingress-tls.fixtures";
import { fixtures as nodePort } from "./network/node-port.fixtures";
import { fixtures as policyCovers } from "./network/policy-covers.fixtures";
import { fixtures as policyOpen } from "./network/policy-open.fixtures";
import { fixtures as loadBalancer } from "./network/service-exposure.fixtures";
import { fixtures as serviceSelects } from "./network/service-selects.fixtures";
import { fixtures as defaultNamespace } from "./objects/default-namespace.fixtures";
import { fixtures as hostPathPersistentVolume } from "./objects/host-path-persistent-volume.fixtures";
import { fixtures as namespaceLabels } from "./objects/namespace-labels.fixtures";
import { fixtures as podsNotSeen } from "./objects/pods-not-seen.fixtures";
import { fixtures as protectedClaims } from "./objects/protected-claims.fixtures";
import { fixtures as removedApis } from "./objects/removed-apis.fixtures";
import { fixtures as requiredMetadata } from "./objects/required-metadata.fixtures";
import { fixtures as systemNamespaces } from "./objects/system-namespaces.fixtures";
import { fixtures as appArmor } from "./pod-security/app-armor.fixtures";
import { fixtures as capabilitiesBaseline } from "./pod-security/capabilities-baseline.fixtures";
import { fixtures as capabilitiesRestricted } from "./pod-security/capabilities-restricted.fixtures";
import { fixtures as hostNamespaces } from "./pod-security/host-namespaces.fixtures";
import { fixtures as hostPathVolumes } from "./pod-security/host-path-volumes.fixtures";
import { fixtures as hostPorts } from "./pod-security/host-ports.fixtures";
import { fixtures as hostProbes } from "./pod-security/host-probes.fixtures";
import { fixtures as privilegeEscalation } from "./pod-security/privilege-escalation.fixtures";
import { fixtures as privileged } from "./pod-security/privileged.fixtures";
import { procMountBaseline, procMountRestricted } from "./pod-security/proc-mount.fixtures";
import { fixtures as restrictedVolumes } from "./pod-security/restricted-volumes.fixtures";
import { fixtures as runAsNonRoot } from "./pod-security/run-as-non-root.fixtures";
import { fixtures as runAsUser } from "./pod-security/run-as-user.fixtures";
import { fixtures as seLinux } from "./pod-security/se-linux.fixtures";
import { fixtures as seccompBaseline } from "./pod-security/seccomp-baseline.fixtures";
import { fixtures as seccompRestricted } from "./pod-security/seccomp-restricted.fixtures";
import { fixtures as sysctls } from "./pod-security/sysctls.fixtures";
import { fixtures as windowsHostProcess } from "./pod-security/windows-host-process.fixtures";
import { fixtures as duplicateVariables } from "./pods/duplicate-variables.fixtures";
import { fixtures as highUser } from "./pods/high-user.fixtures";
import { fixtures as hostPathMounts } from "./pods/host-path-mounts.fixtures";
import { fixtures as literalSecrets } from "./pods/literal-secrets.fixtures";
import { fixtures as readOnlyRoot } from "./pods/read-only-root.fixtures";
import { fixtures as rootGroups } from "./pods/root-groups.fixtures";
import { fixtures as runtimeSocket } from "./pods/runtime-socket.fixtures";
import { fixtures as secretsInEnvironment } from "./pods/secrets-in-environment.fixtures";
import { fixtures as serviceAccountToken } from "./pods/service-account-token.fixtures";
import { fixtures as serviceLinks } from "./pods/service-links.fixtures";
import { fixtures as clusterAdmin } from "./rbac/cluster-admin.fixtures";
import { fixtures as rbacControlPlane } from "./rbac/control-plane.fixtures";
import { fixtures as rbacCreatePods } from "./rbac/create-pods.fixtures";
import { fixtures as rbacEscalation } from "./rbac/escalation.fixtures";
import { fixtures as rbacExec } from "./rbac/exec.fixtures";
import { fixtures as rbacNamespaces } from "./rbac/namespaces.fixtures";
import { fixtures as rbacPersistentVolumes } from "./rbac/persistent-volumes.fixtures";
import { fixtures as rbacSecrets } from "./rbac/secrets.fixtures";
import { fixtures as rbacSubjects } from "./rbac/subjects.fixtures";
import { fixtures as rbacWildcards } from "./rbac/wildcards.fixtures";
import { fixtures as claimExists } from "./references/claim-exists.fixtures";
import { fixtures as disruptionBudgetPods } from "./references/disruption-budget-pods.fixtures";
import { fixtures as ingressBackends } from "./references/ingress-backends.fixtures";
import { fixtures as networkPolicyPods } from "./references/network-policy-pods.fixtures";
import { fixtures as probePorts } from "./references/probe-ports.fixtures";
import { fixtures as secretKeys } from "./references/secret-keys.fixtures";
import { fixtures as serviceAccountExists } from "./references/service-account-exists.fixtures";
import { fixtures as servicePorts } from "./references/service-ports.fixtures";
import { fixtures as volumeMounts } from "./references/volume-mounts.fixtures";
import { fixtures as cpuLimit } from "./resources/cpu-limit.fixtures";
import { fixtures as emptyDirSize } from "./resources/empty-dir-size.fixtures";
import { fixtures as ephemeralStorage } from "./resources/ephemeral-storage.fixtures";
import { fixtures as maximum } from "./resources/maximum.fixtures";
import { fixtures as memoryLimit } from "./resources/memory-limit.fixtures";
import { fixtures as memoryRequestIsLimit } from "./resources/memory-request-is-limit.fixtures";
import { fixtures as quantities } from "./resources/quantities.fixtures";
import { fixtures as quota } from "./resources/quota.fixtures";
import { fixtures as ratio } from "./resources/ratio.fixtures";
import { fixtures as requests } from "./resources/requests.fixtures";

/** The fixtures of every rule, by its name. */
export const fixtures: Readonly<Record<string, Fixtures>> = {
  autoscaler: autoscaler,
  "host-path-mounts": hostPathMounts,
  "rbac-namespaces": rbacNamespaces,
  "rbac-persistent-volumes": rbacPersistentVolumes,
  "ingress-conflicts": ingressConflicts,
  "priority-class": priorityClass,
  "job-ttl": jobTtl,
  "system-namespaces": systemNamespaces,
  "required-metadata": requiredMetadata,
  "protected-claims": protectedClaims,
  "host-path-persistent-volume": hostPathPersistentVolume,
  "probe-ports": probePorts,
  "volume-mounts": volumeMounts,
  "service-ports": servicePorts,
  "ingress-backends": ingressBackends,
  "secret-keys": secretKeys,
  "network-policy-pods": networkPolicyPods,
  "disruption-budget-pods": disruptionBudgetPods,
  "service-account-exists": serviceAccountExists,
  "claim-exists": claimExists,
  "bare-pods": barePods,
  "disruption-budget": disruptionBudget,
  "disruption-possible": disruptionPossible,
  "job-limits": jobLimits,
  probes: probes,
  replicas: replicas,
  "selector-matches-template": selector,
  spread: spread,
  "update-strategy": updateStrategy,
  "image-digest": imageDigest,
  "image-pull-policy": imagePullPolicy,
  "image-registry": imageRegistry,
  "image-tag": imageTag,
  "external-ips": externalIps,
  "ingress-hosts": ingressHosts,
  "ingress-snippets": ingressSnippets,
  "ingress-tls": ingressTls,
  "node-port": nodePort,
  "network-policy": policyCovers,
  "network-policy-open": policyOpen,
  "load-balancer": loadBalancer,
  "service-selects-pods": serviceSelects,
  "default-namespace": defaultNamespace,
  "namespace-pod-security": namespaceLabels,
  "removed-apis": removedApis,
  "pods-not-seen": podsNotSeen,
  "duplicate-variables": duplicateVariables,
  "high-user": highUser,
  "literal-secrets": literalSecrets,
  "read-only-root-filesystem": readOnlyRoot,
  "root-groups": rootGroups,
  "runtime-socket": runtimeSocket,
  "secrets-in-environment": secretsInEnvironment,
  "service-account-token": serviceAccountToken,
  "service-links": serviceLinks,
  "rbac-cluster-admin": clusterAdmin,
  "rbac-control-plane": rbacControlPlane,
  "rbac-create-pods": rbacCreatePods,
  "rbac-escalation": rbacEscalation,
  "rbac-exec": rbacExec,
  "rbac-secrets": rbacSecrets,
  "rbac-subjects": rbacSubjects,
  "rbac-wildcards": rbacWildcards,
  "cpu-limit": cpuLimit,
  "empty-dir-size": emptyDirSize,
  "ephemeral-storage": ephemeralStorage,
  "resource-maximum": maximum,
  "memory-limit": memoryLimit,
  "memory-request-is-limit": memoryRequestIsLimit,
  "resource-quantities": quantities,
  "namespace-quota": quota,
  "limit-request-ratio": ratio,
  "resource-requests": requests,
  "pss-app-armor": appArmor,
  "pss-capabilities-baseline": capabilitiesBaseline,
  "pss-capabilities-restricted": capabilitiesRestricted,
  "pss-host-namespaces": hostNamespaces,
  "pss-host-path-volumes": hostPathVolumes,
  "pss-host-ports": hostPorts,
  "pss-host-probes": hostProbes,
  "pss-privileged": privileged,
  "pss-privilege-escalation": privilegeEscalation,
  "pss-proc-mount": procMountBaseline,
  "pss-proc-mount-restricted": procMountRestricted,
  "pss-restricted-volumes": restrictedVolumes,
  "pss-run-as-non-root": runAsNonRoot,
  "pss-run-as-user": runAsUser,
  "pss-se-linux": seLinux,
  "pss-seccomp-baseline": seccompBaseline,
  "pss-seccomp-restricted": seccompRestricted,
  "pss-sysctls": sysctls,
  "pss-windows-host-process": windowsHostProcess,
};
