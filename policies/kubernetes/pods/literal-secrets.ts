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
      // What such a word is told of more closely: where it is, how long it may be, whether it is asked for.
      "(PASSWORD|PASSWD|PASSPHRASE|SECRET_?KEY|PRIVATE_?KEY)S?(?!.*_(FILE|PATH|DIR|FOLDER|LOCATION|URL|URI|ENDPOINT|HOST|PORT|NAME|NAMESPACE|REF|ID|ARN|TTL|EXPIR\\w*|TIMEOUT|INTERVAL|AGE|DAYS|LENGTH|MIN\\w*|MAX\\w*|SIZE|COUNT|POLICY|RULES?|REGEX|PATTERN|ENABLED?|DISABLED?|REQUIRED?|RESET\\w*|ROTATION|PROMPT|HINT|FIELD|HEADER|COLUMN|PARAM\\w*|CLASS|PROVIDER|ENCODER|ENCODING|ENCRYPTION|ALGORITHM|TYPE|FORMAT|VERSION|STRENGTH|HISTORY|ATTEMPTS|ITERATIONS|AUTH\\w*|GRANT|LOGIN|CHANGE\\w*|STORE|MANAGER|SOURCE|COMMAND|SCRIPT)$)",
      "(?<!(TLS|SSL|CA|CERT|CERTIFICATE|PULL|WEBHOOK_CA)_?)SECRET(_?(\\d+|BASE|PRIMARY|SECONDARY|OLD|NEW|CURRENT|PREVIOUS))?$",
      "(TOKEN|API_?KEY|ACCESS_?KEY|CREDENTIALS?|CONNECTION_?STRING)(_?(\\d+|PRIMARY|SECONDARY|OLD|NEW|CURRENT|PREVIOUS))?$",
      "(ENCRYPTION|SIGNING|MASTER|ACCOUNT|SHARED|AUTH|SESSION|HMAC|JWT|COOKIE|LICENSE)_?KEY(_?(\\d+|BASE|PRIMARY|SECONDARY|OLD|NEW|CURRENT|PREVIOUS))?$",
      "(^|_)PASS$",
      "\\w_PWD$",
    ].join("|"),
    "A regular expression: names, in capitals and with `_` for dots and dashes, of variables, options and entries of ConfigMaps that hold secrets.",
    { type: "string" },
  ),
} satisfies Options;

export const literalSecrets = resourceRule<typeof options>({
  name: "literal-secrets",
  description: "Passwords, tokens and keys are not written into pods and ConfigMaps.",
  remediation:
    "Put the value into a Secret, made of a secret of Pulumi, and refer to it by secretKeyRef or a volume. Whatever was written in plain text has to be changed.",
  reference: kubernetesDocs(
    "Good practices for Kubernetes Secrets",
    "concepts/security/secrets-good-practices/",
  ),
  controls: { "nsa-cisa": ["secrets"] },
  why: "Whoever may read pods and ConfigMaps, which many may, reads them; they also are in the state, in logs and in the program's repository. Looked at are environment variables, commands, arguments and ConfigMaps: values of what is called like a secret, URLs with a password, private keys, and tokens that say by their form what they are. A path, a reference to another variable and a placeholder are no secrets.",
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
        // Flink's own options are known to the rule flink-credentials, in arguments as in files.
        const isOption = isFlink && text.startsWith("-D");
        if (isValue || isTelling(text) || (!isOption && secretsIn(text, isSecret))) report(word, run);
      });
    }
  }
}

function startsFlink(word: Value): boolean {
  // What is not known yet may be it.
  return (
    word.isUnknown ||
    /(^|\/)(jobmanager|taskmanager|standalone-job|kubernetes-(job|task)manager)(\.sh)?$/.test(
      word.text() ?? "",
    )
  );
}

/** Files that are Flink's configuration: what secrets of it are called is known to the rule flink-credentials. */
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

/** Whether a text says by its form that there is a secret in it. */
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
