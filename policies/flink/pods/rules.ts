import { knownVulnerabilities } from "../../../components/flink/security";
import { findRelease, supportedMinors } from "../../../components/flink/versions";
import { groupBy, type Options, option, type Stack, type Value, flinkDocs, kubernetesDocs } from "../../core";
import { CHECKPOINTS, HA_STORAGE, SAVEPOINTS } from "../durability/rules";
import type { FlinkCluster } from "../reading/clusters";
import { jobsOf } from "../reading/jobs";
import { mountAt } from "../reading/mounts";
import { minorOf, tagOf, versionOf } from "../reading/versions";
import { clusterRule, processRule } from "../rule-kinds";

const allowed = {
  acceptedVulnerabilities: option<string[]>(
    [],
    "CVEs to ignore, such as CVE-2026-35194 if nobody writes SQL.",
    {
      type: "array",
      items: { type: "string" },
    },
  ),
} satisfies Options;

export const version = processRule<typeof allowed>({
  name: "flink-version",
  description:
    "Flink has no published vulnerability that a newer patch release fixes, and its version is maintained.",
  remediation: "Use the newest patch release of a maintained version.",
  reference: { title: "Apache Flink: security", url: "https://flink.apache.org/what-is-flink/security/" },
  controls: { "nsa-cisa": ["upgrades"] },
  why: "A patch release does not affect jobs, and the vulnerabilities that it fixes are public. The rule takes the version from the image's tag. If the tag does not state it, such as for a digest, the annotation flink-kubernetes/flink-version of the pods does.",
  level: "mandatory",
  severity: "critical",
  options: allowed,
  check(process, run) {
    const image = process.container.get("image");
    if (image.isUnknown) return;
    const number = versionOf(process);
    if (number === undefined) return;
    const at = image.isPresent ? image : process.container.value;
    const [worst] = knownVulnerabilities(number).filter(
      ({ cve }) => !run.config.acceptedVulnerabilities.includes(cve),
    );
    if (worst) {
      run.violation(at, {
        actual: `Flink ${number}, where ${worst.what} (${worst.cve})`,
        expected: `${worst.fixed} or newer`,
        fix: `Use ${worst.fixed}.`,
      });
    } else if (!findRelease(number) && isOlder(number)) {
      run.violation(at, {
        actual: `Flink ${number}`,
        expected: `a maintained version: ${supportedMinors.join(", ")}`,
        fix: "Upgrade with a savepoint, one minor version at a time.",
      });
    }
  },
});

function isOlder(number: string): boolean {
  const [major = 0, minor = 0] = number.split(".").map(Number);
  const [oldest = 0, its = 0] = (supportedMinors[0] ?? "").split(".").map(Number);
  return major < oldest || (major === oldest && minor < its);
}

export const image = processRule({
  name: "flink-image",
  description:
    "The tag of Flink's image states the exact version, and the custom resource has the same version.",
  remediation: "Write Flink's full version in the tag, and the same version in flinkVersion.",
  reference: flinkDocs("Docker Setup", "deployment/resource-providers/standalone/docker/"),
  why: "The operator relies on flinkVersion: if the image has another version, it uses options and paths that this Flink does not know. Tags such as 2.2, java17 and latest move: a restarted pod may run another Flink than its JobManager, and processes of different versions cannot communicate.",
  level: "mandatory",
  severity: "medium",
  check({ container, resource, isCustom, role }, run) {
    const at = container.get("image");
    const text = at.text();
    const tag = tagOf(text);
    // Both roles have the same field.
    const minor = isCustom && role === "jobmanager" ? minorOf(resource) : undefined;
    if (minor && tag?.version !== undefined && !tag.version.startsWith(`${minor.text}.`)) {
      run.violation(minor.at, {
        expected: `the version of the image, ${tag.version}`,
        fix: `Write v${tag.version.split(".").slice(0, 2).join("_")}: the operator relies on it.`,
      });
    }
    if (text === undefined || text.includes("@sha256:")) return;
    if (!tag || tag.version !== undefined) return;
    run.violation(at, {
      expected: "a tag with all three numbers, or a digest",
      fix: "Write for example flink:2.2.1-java17.",
    });
  },
});

export const sameImage = clusterRule({
  name: "flink-same-image",
  description: "JobManager and TaskManagers run the same image.",
  remediation: "Write the same image for JobManager and TaskManagers.",
  reference: flinkDocs("Kubernetes Setup", "deployment/resource-providers/standalone/kubernetes/"),
  why: "Processes of different versions cannot communicate, and classes of the job that only one image has are missing at run time.",
  level: "mandatory",
  severity: "high",
  check({ jobManager, taskManagers }, run) {
    const its = jobManager?.container.get("image").text();
    for (const { container } of taskManagers) {
      const own = container.get("image");
      const text = own.text();
      if (its === undefined || text === undefined || text === its) continue;
      run.violation(own, { expected: `the JobManager's image, ${its}`, fix: "Write the same image." });
    }
  },
});

export const writable = processRule({
  name: "flink-writable-directories",
  description: "With a read-only root file system, Flink has volumes for the files that it writes.",
  remediation: "Mount an emptyDir at each directory that the message names.",
  reference: flinkDocs("Kubernetes Setup", "deployment/resource-providers/standalone/kubernetes/"),
  controls: { "nsa-cisa": ["immutable-file-systems"] },
  why: "Flink writes logs, jars and local state, and the start scripts of the images write the configuration. If they cannot, the container does not start, or fails under load.",
  level: "advisory",
  severity: "medium",
  check(process, run) {
    if (process.isCustom) return;
    const readOnly = process.container.securityContext.get("readOnlyRootFilesystem");
    if (readOnly.boolean() !== true) return;
    const variables = process.container.get("env").list();
    // The images' entrypoint writes what this variable holds into the configuration.
    const writesOptions = variables.some((variable) => variable.get("name").text() === "FLINK_PROPERTIES");
    const missing = ["/tmp", "/opt/flink/log", ...(writesOptions ? ["/opt/flink/conf"] : [])].filter(
      (path) => mountAt(process, path) === undefined,
    );
    if (missing.length === 0) return;
    run.violation(readOnly, {
      actual: `true, without a volume at ${missing.join(" and ")}`,
      expected: "an emptyDir with a size limit there",
      fix: "Mount one.",
    });
  },
});

export const temporaryFiles = processRule({
  name: "flink-temporary-files",
  description: "Flink's local files have a limit.",
  remediation: "Write a sizeLimit for the volume of io.tmp.dirs, or a limit of ephemeral-storage.",
  reference: kubernetesDocs(
    "Local ephemeral storage",
    "concepts/configuration/manage-resources-containers/#local-ephemeral-storage",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "RocksDB keeps the state of a TaskManager in local files. Without a limit they fill the node's disk, and Kubernetes evicts pods.",
  level: "advisory",
  severity: "medium",
  check({ container, pod, role, isCustom }, run) {
    if (role !== "taskmanager" || isCustom) return;
    const limit = container.get("resources", "limits", "ephemeral-storage");
    if (!limit.isMissing) return;
    const volumes = pod.spec.get("volumes");
    if (volumes.isUnknown) return;
    const sized = volumes
      .list()
      .some((volume) =>
        [
          volume,
          volume.get("emptyDir", "sizeLimit"),
          volume.get("ephemeral"),
          volume.get("persistentVolumeClaim"),
        ].some((value, index) => (index === 0 ? value.isUnknown : !value.isAbsent)),
      );
    if (sized) return;
    run.violation(limit, {
      expected: "a limit, or a volume with a size for io.tmp.dirs",
      fix: "Set resources.limits.ephemeral-storage.",
    });
  },
});

export const rollout = clusterRule({
  name: "flink-configuration-rollout",
  description: "A change of the configuration restarts the pods.",
  remediation:
    "Add an annotation to the pod template with a hash of the configuration, or put the hash into the ConfigMap's name.",
  reference: kubernetesDocs("ConfigMaps", "concepts/configuration/configmap/"),
  why: "Flink reads its configuration once. If a ConfigMap changes and keeps its name, the pods continue with the old configuration. A pod that restarts by chance then has another configuration than the rest.",
  level: "advisory",
  severity: "medium",
  check({ all, configuration }, run, stack) {
    for (const { pod, resource, isCustom } of all) {
      if (isCustom || resource.is("/Pod")) continue;
      const annotations = pod.metadata.get("annotations");
      if (
        annotations.isUnknown ||
        annotations.entries().some(([key]) => /checksum|hash|revision|config|reloader/i.test(key))
      )
        continue;
      const own = [resource.metadata.get("annotations")];
      if (own.some((it) => it.isUnknown || it.entries().some(([key]) => /reloader|hash/i.test(key))))
        continue;
      const holders = new Set(configuration.settings.map(({ at }) => at.reader.urn));
      holders.delete(resource.urn);
      if (holders.size === 0) continue;
      const configMaps = [...holders]
        .map((urn) => stack.find(urn))
        .filter((holder) => holder?.is("/ConfigMap") === true)
        .map((holder) => holder!.objectName);
      const names = pod.spec
        .get("volumes")
        .list()
        .map((volume) => volume.get("configMap", "name"));
      // Names with a hash of the content, such as those of this project and Kustomize, are not stable.
      const isStable = names.some(
        (name) =>
          name.isPresent &&
          configMaps.includes(name.text()) &&
          !/-(?=[a-z]*\d)[0-9a-z]{6,}$/.test(name.text() ?? ""),
      );
      if (!isStable) continue;
      run.violation(annotations, {
        actual: "without a part that changes with the configuration",
        expected: "a hash of the configuration in an annotation, or in the ConfigMap's name",
        fix: "Add an annotation such as checksum/config.",
      });
    }
  },
});

export const protectedState = clusterRule({
  name: "flink-protected-state",
  description: "Claims and buckets with state are protected from deletion.",
  remediation: "Create the claim or the bucket with { protect: true }.",
  reference: {
    title: "Pulumi: resource option protect",
    url: "https://www.pulumi.com/docs/iac/concepts/options/protect/",
  },
  why: "A renamed resource, or a pulumi destroy of the wrong stack, deletes the bucket or the claim with all checkpoints and savepoints in it.",
  level: "advisory",
  severity: "medium",
  check(cluster, run, stack) {
    const { all } = cluster;
    const names = new Set(
      all.flatMap(({ pod }) =>
        pod.spec
          .get("volumes")
          .list()
          .map((volume) => volume.get("persistentVolumeClaim", "claimName").text()),
      ),
    );
    for (const claim of [...names].flatMap((name) => stack.named("/PersistentVolumeClaim", name))) {
      if (claim.protect) continue;
      run.violation(claim.metadata.get("name"), {
        actual: "of a claim that is not protected",
        expected: "the resource option protect",
        fix: "Create it with { protect: true }. Policies cannot see retainOnDelete.",
      });
    }
    const buckets = stack.once("buckets", () => bucketResources(stack));
    const told = stack.once("buckets told", () => new Set<Value>());
    for (const name of [...bucketsOf(cluster, stack)].flatMap((bucket) => buckets.get(bucket) ?? [])) {
      if (told.has(name)) continue;
      told.add(name);
      run.violation(name, {
        actual: `${name.text()}, of a bucket that is not protected`,
        expected: "the resource option protect",
        fix: "Create it with { protect: true }. Policies cannot see retainOnDelete.",
      });
    }
  },
});

/** Buckets and containers of object stores, of any Pulumi provider. */
const bucketType = /:(bucket(v2)?|container|blobcontainer|filesystem|datalakegen2filesystem)$/i;

/** The names of the stack's buckets that are not protected. */
function bucketResources(stack: Stack): Map<string, Value[]> {
  const names = stack.resources
    .filter(({ kind, protect, type }) => kind === undefined && !protect && bucketType.test(type))
    .flatMap(({ props }) =>
      ["bucket", "bucketName", "name", "containerName"].map((field) => props.get(field)),
    );
  return groupBy(names, (name) => [name.text() ?? []].flat());
}

/** The buckets that contain the directories of a cluster and its jobs. */
function bucketsOf(cluster: FlinkCluster, stack: Stack): Set<string> {
  const settings = [
    ...cluster.configuration.settings,
    ...jobsOf(stack, cluster).flatMap((job) => job.settings),
  ];
  return new Set(
    settings
      .filter(({ key }) => [CHECKPOINTS, SAVEPOINTS, HA_STORAGE].includes(key))
      .flatMap(({ text }) => /^(?!file:|hdfs:)[a-z][\w+.-]*:\/\/([^/@]+)/i.exec(text)?.[1] ?? []),
  );
}

export const rules = [version, image, sameImage, writable, temporaryFiles, rollout, protectedState];
