import {
  type Options,
  option,
  type Pod,
  type Resource,
  resourceRule,
  type Run,
  type Value,
  kubernetesDocs,
} from "../../core";
import { authorised, isPlaceholder, privateKey, secretsIn, token } from "./secret-texts";

const options = {
  names: option<string>(
    [
      // The suffixes describe a secret, such as its location or its length, and are not secrets themselves.
      "(PASSWORD|PASSWD|PASSPHRASE|SECRET_?KEY|PRIVATE_?KEY)S?(?!.*_(FILE|PATH|DIR|FOLDER|LOCATION|URL|URI|ENDPOINT|HOST|PORT|NAME|NAMESPACE|REF|ID|ARN|TTL|EXPIR\\w*|TIMEOUT|INTERVAL|AGE|DAYS|LENGTH|MIN\\w*|MAX\\w*|SIZE|COUNT|POLICY|RULES?|REGEX|PATTERN|ENABLED?|DISABLED?|REQUIRED?|RESET\\w*|ROTATION|PROMPT|HINT|FIELD|HEADER|COLUMN|PARAM\\w*|CLASS|PROVIDER|ENCODER|ENCODING|ENCRYPTION|ALGORITHM|TYPE|FORMAT|VERSION|STRENGTH|HISTORY|ATTEMPTS|ITERATIONS|AUTH\\w*|GRANT|LOGIN|CHANGE\\w*|STORE|MANAGER|SOURCE|COMMAND|SCRIPT)$)",
      "(?<!(TLS|SSL|CA|CERT|CERTIFICATE|PULL|WEBHOOK_CA)_?)SECRET(_?(\\d+|BASE|PRIMARY|SECONDARY|OLD|NEW|CURRENT|PREVIOUS))?$",
      "(TOKEN|API_?KEY|ACCESS_?KEY|CREDENTIALS?|CONNECTION_?STRING)(_?(\\d+|PRIMARY|SECONDARY|OLD|NEW|CURRENT|PREVIOUS))?$",
      "(ENCRYPTION|SIGNING|MASTER|ACCOUNT|SHARED|AUTH|SESSION|HMAC|JWT|COOKIE|LICENSE)_?KEY(_?(\\d+|BASE|PRIMARY|SECONDARY|OLD|NEW|CURRENT|PREVIOUS))?$",
      "(^|_)PASS$",
      "\\w_PWD$",
    ].join("|"),
    "A regular expression for names of variables, options and ConfigMap entries that contain secrets. Names are compared in capitals, with `_` for dots and dashes.",
    { type: "string" },
  ),
} satisfies Options;

export const literalSecrets = resourceRule<typeof options>({
  name: "literal-secrets",
  description: "Passwords, tokens and keys are not written into pods and ConfigMaps.",
  remediation:
    "Put the value into a Secret, from a Pulumi secret, and refer to it by secretKeyRef or a volume. Change every secret that was written in plain text.",
  reference: kubernetesDocs(
    "Good practices for Kubernetes Secrets",
    "concepts/security/secrets-good-practices/",
  ),
  controls: { "nsa-cisa": ["secrets"] },
  why: "Many people can read pods and ConfigMaps, and the values are also in the state, in logs and in the program's repository. The rule checks environment variables, commands, arguments and ConfigMaps. It reports values with the name of a secret, URLs with a password, private keys, and tokens of a known form. A path, a reference to another variable and a placeholder are not secrets.",
  level: "mandatory",
  severity: "high",
  options,
  applies: (resource) => resource.pods.length > 0 || resource.is("/ConfigMap"),
  check(resource, run) {
    const pattern = new RegExp(run.config.names);
    const isSecret = (name: string) => pattern.test(name.toUpperCase().replace(/[.-]/g, "_"));
    for (const pod of resource.pods) checkPod(pod, run, isSecret);
    if (resource.is("/ConfigMap")) checkConfigMap(resource, run, isSecret);
  },
});

type IsSecret = (name: string) => boolean;

function checkPod(pod: Pod, run: Run<typeof options>, isSecret: IsSecret): void {
  for (const container of pod.containers) {
    for (const variable of container.get("env").list()) {
      const name = variable.get("name").text();
      const value = variable.get("value");
      const text = value.text();
      if (text === undefined || text === "") continue;
      const isNamed = name !== undefined && isSecret(name) && !isPlaceholder(text);
      if (isNamed || isTelling(text)) report(value, run);
    }
    const isFlink = ["command", "args"].some((field) => container.get(field).list().some(startsFlink));
    for (const field of ["command", "args"]) {
      const words = container.get(field).list();
      words.forEach((word, index) => {
        const text = word.text();
        const option = /^--?([A-Za-z][\w.-]*)$/.exec(words[index - 1]?.text() ?? "")?.[1];
        if (text === undefined) return;
        const isValue = option !== undefined && isSecret(option) && !/^-/.test(text) && !isPlaceholder(text);
        // The rule flink-credentials covers Flink's own options, in arguments and in files.
        const isOption = isFlink && text.startsWith("-D");
        if (isValue || isTelling(text) || (!isOption && secretsIn(text, isSecret))) report(word, run);
      });
    }
  }
}

function startsFlink(word: Value): boolean {
  // An unknown word may be it.
  return (
    word.isUnknown ||
    /(^|\/)(jobmanager|taskmanager|standalone-job|kubernetes-(job|task)manager)(\.sh)?$/.test(
      word.text() ?? "",
    )
  );
}

/** Flink's configuration files: the rule flink-credentials covers their secrets. */
const flinkFiles = ["config.yaml", "flink-conf.yaml"];

function checkConfigMap(resource: Resource, run: Run<typeof options>, isSecret: IsSecret): void {
  for (const [key, value] of resource.props.get("data").entries()) {
    const text = value.text();
    if (text === undefined || text === "") continue;
    const isOne = !text.trim().includes("\n");
    const isNamed = isOne && isSecret(key) && !isPlaceholder(text.trim());
    const isInside = !flinkFiles.includes(key) && secretsIn(text, isSecret);
    if (isNamed || isTelling(text) || isInside) report(value, run);
  }
}

/** Whether the form of a text shows that it contains a secret. */
function isTelling(text: string): boolean {
  return privateKey.test(text) || token.test(text) || authorised(text);
}

function report(at: Value, run: Run<typeof options>): void {
  run.violation(at, {
    expected: "a reference to a Secret",
    fix: "Put the value into a Secret, and use valueFrom.secretKeyRef or a mounted file.",
    actual: false,
  });
}
