/** Flink hides the values of options whose keys contain one of these, in its log and REST API (GlobalConfiguration.isSensitive). We do as it does. */
const sensitiveWords = [
  "password",
  "secret",
  "fs.azure.account.key",
  "apikey",
  "api-key",
  "auth-params",
  "service-key",
  "token",
  "basic-auth",
  "jaas.config",
  "http-headers",
];

export function isMasked(option: string): boolean {
  const key = option.toLowerCase();
  return sensitiveWords.some((word) => key.includes(word));
}

/** What tells of a secret without being one: where it is, what it is called, whether there is one. */
const about =
  /[-_.]?(file|path|dir|directory|location|name|id|url|uri|endpoint|type|class|enabled|provider|expiry|ttl)$/i;

/** Whether a name is one of a secret, in any spelling: `db.password`, `DB_PASSWORD`, `dbPassword`, `apiKey`. */
export function namesSecret(name: string): boolean {
  return isMasked(name.replaceAll("_", "-")) && !about.test(name);
}

/** Whether what has such a name is the secret itself: neither a switch nor a place where the value is. */
export function isSecretValue(text: string): boolean {
  return text !== "" && !/^(true|false)$/i.test(text) && !/^[/$]|^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}
