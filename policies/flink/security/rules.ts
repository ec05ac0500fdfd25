import {
  type Options,
  option,
  type Resource,
  resourceRule,
  type Value,
  flinkDocs,
  kubernetesDocs,
} from "../../core";
import { configurationOf } from "../reading/clusters";
import { volumeAt } from "../reading/mounts";
import { processesOf } from "../reading/processes";
import { mayHoldSettings, type Setting, settingsIn } from "../reading/settings";
import { clusterRule, processRule, settingRule } from "../rule-kinds";

/** Options whose names suggest a secret; plugins have more of them than the catalogue lists. */
const secretOptions =
  /(^|[.-])(access-?key|secret-?key|secret|password|passwd|token|sas|account\.key|connection-string|private-?key)$|^fs\.azure\.account\.(key|sas)|\.accountkey$|sasl\.jaas\.config$|^s3\.(access|secret)[.-]key$/i;
const notSecret = /^(security\.delegation|.*token\.provider|kubernetes\.secrets)/;

function holdsSecret({ written, key, text }: Setting): boolean {
  if (text === "" || /^\$\{?\w+\}?$|^\$\$|^\*+$/.test(text) || notSecret.test(key)) return false;
  return secretOptions.test(written) || secretOptions.test(key) || /\bpassword\s*=\s*["'][^"'$]/.test(text);
}

/** Secrets may be in a Secret, and in the field of the custom resources for it. */
function isInSecret({ at }: Setting): boolean {
  return /:Secret(Patch)?::/.test(at.reader.urn);
}

export const credentials = settingRule({
  name: "flink-credentials",
  description: "Credentials are not written into Flink's configuration.",
  remediation:
    "Use the cloud's workload identity, or put the value into a Secret and pass it to Flink by a volume or a variable.",
  reference: flinkDocs("Security, overview", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["secrets"] },
  why: "Everybody who can read the namespace can read ConfigMaps, arguments and custom resources. Flink's web UI shows the options to everybody who can reach it.",
  level: "mandatory",
  severity: "high",
  check(setting, run) {
    const { written, at } = setting;
    if (/^security\.ssl\./.test(written) || isInSecret(setting) || !holdsSecret(setting)) return;
    run.violation(at, {
      actual: `holding ${written}`,
      expected: "a mounted Secret, or the identity of the service account",
      fix: "Remove it, and use the platform's workload identity or a mounted Secret with options.",
    });
  },
});

const tlsOptions = {
  protocols: option<string[]>(["TLSv1.2", "TLSv1.3"], "Allowed versions of TLS.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const tlsMaterial = settingRule<typeof tlsOptions>({
  name: "flink-tls-material",
  description: "TLS uses passwords from Secrets, and strong protocols and ciphers.",
  remediation: "Take passwords from a Secret, and name TLSv1.2 or TLSv1.3 with strong ciphers.",
  reference: flinkDocs("SSL Setup", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["encryption", "secrets"] },
  why: "If the password of the key store is in a ConfigMap, everybody who can read it can join the cluster. Traffic with old protocols, or with ciphers without forward secrecy, can be decrypted later.",
  level: "mandatory",
  severity: "high",
  options: tlsOptions,
  check(setting, run) {
    const { key, text, at } = setting;
    if (!key.startsWith("security.ssl.")) return;
    if (key.endsWith("password") && holdsSecret(setting) && !isInSecret(setting)) {
      run.violation(at, {
        actual: `holding ${key}`,
        expected: "a Secret",
        fix: "Mount it from a Secret.",
      });
    }
    if (key === "security.ssl.protocol" && !run.config.protocols.includes(text)) {
      run.violation(at, {
        actual: `setting ${key} to ${text}`,
        expected: run.config.protocols.join(" or "),
        fix: "Leave it out.",
      });
    }
    if (
      key === "security.ssl.algorithms" &&
      /NULL|EXPORT|anon|RC4|DES|MD5|^TLS_RSA_|[,;]\s*TLS_RSA_/.test(text)
    ) {
      run.violation(at, {
        actual: `setting ${key} to ${text}`,
        expected: "ciphers with forward secrecy",
        fix: "Write TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384.",
      });
    }
    if (key === "security.ssl.verify-hostname" && text === "false") {
      run.violation(at, {
        actual: `setting ${key} to false`,
        expected: "true",
        fix: "Leave it out.",
      });
    }
  },
});

export const tlsStores = clusterRule({
  name: "flink-tls-stores",
  description: "The private keys of TLS are in Secrets.",
  remediation: "Mount key stores from a Secret.",
  reference: flinkDocs("SSL Setup", "deployment/security/security-ssl/"),
  controls: { "nsa-cisa": ["secrets"] },
  why: "Whoever has the key store of the internal connections can join the cluster, and run any code in it. Everybody who can read the namespace can read a ConfigMap, and every pod that mounts a directory of the node can read it. Certificates alone, as in a trust store, may be anywhere.",
  level: "mandatory",
  severity: "high",
  check(cluster, run, stack) {
    for (const process of cluster.all) {
      for (const { key, text, at } of configurationOf(stack, process).settings) {
        if (!/^security\.ssl\.((internal|rest)\.)?keystore$/.test(key)) continue;
        const volume = volumeAt(process, text);
        const kind = ["configMap", "hostPath"].find((field) => volume?.get(field).isPresent === true);
        if (kind === undefined) continue;
        run.violation(at, {
          actual: `setting ${key} to ${text}, which is on a ${kind} volume of the ${process.role}`,
          expected: "a secret volume",
          fix: "Put the key store into a Secret, such as one from cert-manager, and mount the Secret.",
        });
      }
    }
  },
});

/** JVM options that open an unauthenticated port. For JMX, only the value true means authentication. */
const debugging = [
  /-agent(?:lib|path):\S*jdwp|-Xrunjdwp/,
  /-Dcom\.sun\.management\.jmxremote\.authenticate=(?!true\b)/i,
];
/** Options of Flink that become options or variables of a JVM. */
const javaOptionKeys = /^env\.java\.|^containerized\.(master|taskmanager)\.env\./;
/** Variables that a JVM, its launcher or Flink's scripts read, which are also names of ConfigMap entries. */
const javaVariables =
  /^(JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|JVM_ARGS|FLINK_ENV_JAVA_OPTS\w*)$/;

export const remoteDebug = resourceRule({
  name: "flink-remote-debug",
  description: "Flink's processes open no debugger port, and no JMX port without authentication.",
  remediation:
    "Remove the option from the Java options. For a debugging session use kubectl port-forward and an exemption.",
  reference: flinkDocs("Application Profiling and Debugging", "ops/debugging/application_profiling/"),
  controls: { "nsa-cisa": ["hardening-containers"] },
  why: "Whoever reaches such a port can run any code in the process. The rule checks Flink's options, all variables of Flink's containers, their commands and arguments, and ConfigMaps with such variables. The JVM reads JAVA_TOOL_OPTIONS, its launcher JDK_JAVA_OPTIONS, and Flink's scripts JVM_ARGS and FLINK_ENV_JAVA_OPTS.",
  level: "mandatory",
  severity: "critical",
  applies: mayHoldSettings,
  check(resource, run) {
    for (const { key, text, at } of settingsIn(resource)) {
      const isJmx = /^jmx\.server\.port$|^metrics\.reporter\.[^.]*jmx[^.]*\.port$/.test(key);
      if (!isJmx && !(javaOptionKeys.test(key) && isDebugging(text))) continue;
      run.violation(at, {
        actual: `setting ${key}, which opens a port for ${isJmx ? "JMX" : "debuggers or JMX"}`,
        ...noDebugging,
      });
    }
    for (const { at, name, text } of [...variablesOf(resource), ...wordsOf(resource)]) {
      if (!isDebugging(text)) continue;
      run.violation(at, {
        actual: `${name} with an option that opens a port for debuggers or JMX`,
        ...noDebugging,
      });
    }
  },
});

const noDebugging = {
  expected: "no such port",
  fix: "Remove it. For a debugging session use kubectl port-forward and a temporary exemption.",
};

function isDebugging(text: string): boolean {
  return debugging.some((pattern) => pattern.test(text));
}

interface JavaText {
  at: Value;
  /** Description of the variable or command. */
  name: string;
  text: string;
}

/** Variables of Flink's containers, and entries of ConfigMaps and Secrets that become variables. */
function variablesOf(resource: Resource): JavaText[] {
  const own = processesOf(resource).flatMap(({ container }) =>
    container
      .get("env")
      .list()
      .map((variable) => [variable.get("name").text(), variable.get("value")] as const),
  );
  const isMap = resource.is("/ConfigMap", "/Secret");
  const entries = isMap ? ["data", "stringData"].flatMap((field) => resource.props.get(field).entries()) : [];
  const held = entries.filter(([key]) => javaVariables.test(key));
  return [...own, ...held].flatMap(([name = "a variable", at]) => {
    const text = at.text();
    if (text === undefined) return [];
    const isEncoded = resource.is("/Secret") && at.keys[0] === "data";
    return [{ at, name, text: isEncoded ? Buffer.from(text, "base64").toString("utf8") : text }];
  });
}

/** Commands and arguments of Flink's containers. */
function wordsOf(resource: Resource): JavaText[] {
  const places = processesOf(resource).flatMap(({ container }) =>
    ["command", "args"].flatMap((field) => container.get(field).list()),
  );
  return places.flatMap((at) => {
    const text = at.text();
    return text === undefined ? [] : [{ at, name: "a command", text }];
  });
}

/** The user of the official images. */
const flinkUser = 9999;

export const user = processRule({
  name: "flink-user",
  description: "Flink runs as its own user, given by number.",
  remediation: "Set runAsUser: 9999 in the security context of the pod, and fsGroup: 9999 with a claim.",
  reference: flinkDocs("Docker Setup", "deployment/resource-providers/standalone/docker/"),
  controls: { cis: ["5.2.7"], "nsa-cisa": ["non-root"] },
  why: `The official images start as root, and switch to another user only if the pod allows it. With ${flinkUser}, the user of these images, nothing runs as root, and with fsGroup Flink can write to its volumes. The rule pss-run-as-non-root of the pack kubernetes covers runAsNonRoot.`,
  level: "mandatory",
  severity: "high",
  check({ pod, container }, run) {
    const [ofPod, own] = [pod.securityContext, container.securityContext];
    const id = own.get("runAsUser").isAbsent ? ofPod.get("runAsUser") : own.get("runAsUser");
    if (id.number() === 0) {
      run.violation(id, { expected: `${flinkUser}`, fix: `Write ${flinkUser}.` });
    } else if (id.isMissing && own.get("runAsUser").isAbsent) {
      run.violation(id, { expected: `${flinkUser}`, fix: `Write runAsUser: ${flinkUser}.` });
    }
    const claims = pod.spec
      .get("volumes")
      .list()
      .some((volume) => volume.get("persistentVolumeClaim").isPresent);
    const group = ofPod.get("fsGroup");
    if (claims && group.isMissing)
      run.violation(group, {
        expected: `${flinkUser}, so that Flink can write to the claim`,
        fix: `Write fsGroup: ${flinkUser}.`,
      });
  },
  fixes({ pod, container }) {
    const at = pod.securityContext.get("runAsUser");
    const isMissing = at.isMissing && container.securityContext.get("runAsUser").isAbsent;
    return isMissing ? [{ at, value: flinkUser }] : [];
  },
});

export const hostNetwork = processRule({
  name: "flink-host-network",
  description: "Flink's pods do not use the node's network.",
  remediation: "Leave hostNetwork out, and reach Flink through a Service.",
  reference: kubernetesDocs("Pod Security Standards", "concepts/security/pod-security-standards/"),
  controls: { cis: ["5.2.5"], "nsa-cisa": ["pod-security"] },
  why: "In the node's network Flink's ports, which have no authentication, are open on the node's address, and NetworkPolicies do not apply. This rule is off by default, because pss-host-namespaces of the pack kubernetes covers every pod. It is for those who use this pack alone.",
  level: "disabled",
  severity: "high",
  check({ pod }, run) {
    const value = pod.spec.get("hostNetwork");
    if (value.boolean() === true) run.violation(value, { expected: "false", fix: "Leave it out." });
  },
});

export const hostNetworkOption = settingRule({
  name: "flink-host-network-option",
  description: "Flink does not start TaskManagers in the node's network.",
  remediation: "Leave kubernetes.hostnetwork.enabled out.",
  reference: flinkDocs("Configuration", "deployment/config/"),
  controls: { cis: ["5.2.5"], "nsa-cisa": ["pod-security"] },
  why: "Flink's native Kubernetes integration creates pods that no policy can see. With this option they use the node's network.",
  level: "mandatory",
  severity: "high",
  check({ key, text, at }, run) {
    if (key !== "kubernetes.hostnetwork.enabled" || text.toLowerCase() !== "true") return;
    run.violation(at, { actual: `setting ${key} to true`, expected: "false", fix: "Leave it out." });
  },
});

export const rules = [credentials, tlsMaterial, tlsStores, remoteDebug, user, hostNetwork, hostNetworkOption];
