import { type Options, option, resourceRule, sameNamespace } from "../../core";
import { clusterRule } from "../rule-kinds";

const custom = ["flink.apache.org/FlinkDeployment", "flink.apache.org/FlinkSessionJob"];

const artifact = {
  schemes: option<string[]>(
    ["local", "https", "s3", "s3a", "s3p", "gs", "abfs", "abfss", "wasb", "wasbs", "hdfs", "oss"],
    "Schemes of the URIs that jars may come from.",
    { type: "array", items: { type: "string" } },
  ),
} satisfies Options;

export const jobArtifact = resourceRule<typeof artifact>({
  name: "flink-job-artifact",
  description: "The jar of a job comes from where nobody can change it on the way.",
  why: "What is in the jar runs with all rights of the cluster. Over http anybody on the way can put another one in its place.",
  level: "mandatory",
  severity: "high",
  options: artifact,
  applies: (resource) => resource.is(...custom),
  check(resource, run) {
    const uri = resource.spec.get("job", "jarURI");
    const text = uri.text();
    const scheme = /^([a-z][\w+.-]*):/i.exec(text ?? "")?.[1]?.toLowerCase();
    if (text === undefined || (scheme !== undefined && run.config.schemes.includes(scheme))) return;
    run.violation(uri, {
      expected: `a URI with one of ${run.config.schemes.join(", ")}`,
      fix: "Put the jar into the image (local:///opt/flink/usrlib/job.jar), or serve it by https.",
    });
  },
});

export const sessionCluster = clusterRule({
  name: "flink-session-cluster",
  description: "Every job has a cluster of its own.",
  why: "Jobs of a session cluster share processes, memory and credentials: one that fails takes the others with it, and each can read what the others can. It is off by default: many small jobs are a good reason for one.",
  level: "disabled",
  severity: "low",
  check({ jobManager, configuration }, run) {
    if (!jobManager || jobManager.isApplication || configuration.isPartial) return;
    const { container, resource } = jobManager;
    if (resource.spec.get("job").isUnknown) return;
    run.violation(container.value, {
      actual: "of a session cluster",
      expected: "application mode",
      fix: "Use standalone-job, a FlinkApplication, or spec.job of a FlinkDeployment.",
    });
  },
});

const forbidden = ["kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id"];

export const names = resourceRule({
  name: "flink-custom-resource",
  description: "Custom resources are ones that the Flink operator takes.",
  why: "The operator refuses them only when they are there already: in its webhook, or later in their status.",
  level: "mandatory",
  severity: "medium",
  applies: (resource) => resource.is(...custom),
  check(resource, run) {
    const at = resource.metadata.get("name");
    const name = at.text();
    if (name !== undefined && (name.length > 45 || !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))) {
      run.violation(at, { expected: "at most 45 lower-case letters, digits and dashes", fix: "Shorten it." });
    }
    for (const [key, value] of resource.spec.get("flinkConfiguration").entries()) {
      if (forbidden.includes(key))
        run.violation(value, { expected: "nothing, as the operator sets it", fix: `Leave ${key} out.` });
    }
    const parallelism = resource.spec.get("job", "parallelism");
    if ((parallelism.number() ?? 1) < 1)
      run.violation(parallelism, { expected: "1 or more", fix: "Write 1." });
    for (const role of ["jobManager", "taskManager"]) {
      const replicas = resource.spec.get(role, "replicas");
      if ((replicas.number() ?? 1) < 1)
        run.violation(replicas, { expected: "1 or more", fix: "Leave it out." });
      const both = resource.spec.get(role, "resource");
      if (resource.is("FlinkDeployment") && both.isPresent && both.get("memory").isMissing)
        run.violation(both.get("memory"), { expected: "a size, such as 2048m", fix: "Write it." });
    }
  },
});

export const haRights = clusterRule({
  name: "flink-ha-rights",
  description: "Flink's service account may do what high availability needs, and no more.",
  why: "Whoever submits a job runs as this account: with secrets, wildcards or cluster-wide rights the job has them too. Without high availability Flink asks Kubernetes for nothing.",
  level: "mandatory",
  severity: "high",
  check({ all }, run, stack) {
    const seen = new Set<string>();
    for (const { resource, pod, isCustom } of all) {
      const account = isCustom
        ? (resource.spec.get("serviceAccount").text() ?? pod.spec.get("serviceAccountName").text())
        : pod.spec.get("serviceAccountName").text();
      if (account === undefined) continue;
      for (const binding of stack.kinds(
        "rbac.authorization.k8s.io/RoleBinding",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
      )) {
        const isBound = binding.props
          .get("subjects")
          .list()
          .some((it) => it.get("kind").text() === "ServiceAccount" && it.get("name").text() === account);
        if (!isBound || seen.has(binding.urn)) continue;
        if (binding.is("RoleBinding") && sameNamespace(binding, resource) === false) continue;
        seen.add(binding.urn);
        const role = binding.props.get("roleRef", "name");
        if (binding.is("ClusterRoleBinding")) {
          run.violation(binding.props.get("roleRef"), {
            actual: "cluster-wide rights of Flink",
            expected: "a RoleBinding in its namespace",
            fix: "Use a RoleBinding.",
          });
        }
        const roles = stack
          .kinds("rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole")
          .filter((it) => it.objectName !== undefined && it.objectName === role.text());
        for (const found of roles) {
          for (const rule of found.props.get("rules").list()) {
            const isWide =
              rule.get("verbs").includes("*") === true || rule.get("resources").includes("*") === true;
            const hasSecrets = rule.get("resources").includes("secrets") === true;
            if (!isWide && !hasSecrets) continue;
            const at = hasSecrets ? rule.get("resources") : rule;
            run.violation(at, {
              expected:
                "configmaps, and for Flink's own Kubernetes integration pods, services and deployments, with verbs by name",
              fix: "Name resources and verbs: get, list, watch, create, update, patch, delete of configmaps.",
            });
          }
        }
      }
    }
  },
});

export const operatorRelease = resourceRule({
  name: "flink-operator-release",
  description: "The Flink operator watches named namespaces only, and checks what it is given.",
  why: "An operator for all namespaces holds the rights to create pods and read Secrets everywhere, and whoever may create a FlinkDeployment has them by it.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("Release", "Chart") && /helm/.test(`${resource.group}${resource.type}`),
  check(resource, run) {
    const chart = resource.props.get("chart").text();
    if (chart === undefined || !/flink-kubernetes-operator/.test(chart)) return;
    const values = resource.props.get("values");
    const watch = values.get("watchNamespaces");
    if (watch.isAbsent && !watch.isUnknown)
      run.violation(watch, {
        expected: "the namespaces of its clusters",
        fix: "List them in values.watchNamespaces.",
      });
    const webhook = values.get("webhook", "create");
    if (webhook.boolean() === false) run.violation(webhook, { expected: "true", fix: "Leave it out." });
    const version = resource.props.get("version");
    if (version.isAbsent)
      run.violation(version, { expected: "a version", fix: "Write the version of the chart." });
    const replicas = values.get("replicas");
    const election = values.get("defaultConfiguration", "flink-conf.yaml");
    if ((replicas.number() ?? 1) < 2 || election.isUnknown) return;
    if (/leader-election\.enabled: *true/.test(election.text() ?? "")) return;
    run.violation(replicas, {
      expected: "1, or leader election",
      fix: "Set kubernetes.operator.leader-election.enabled: true.",
    });
  },
});

export const rules = [jobArtifact, sessionCluster, names, haRights, operatorRelease];
