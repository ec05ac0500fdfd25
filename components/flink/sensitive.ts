/**
 * Flink hides values of options whose keys contain one of these words, in its log and REST API
 * (GlobalConfiguration.isSensitive). This package does the same.
 */
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

/** Names about a secret that are not the secret: its location, its name, whether it exists. */
const about =
  /[-_.]?(file|path|dir|directory|location|name|id|url|uri|endpoint|type|class|enabled|provider|expiry|ttl)$/i;

/**
 * Whether a name suggests a secret, in any spelling: `db.password`, `DB_PASSWORD`, `dbPassword`, `apiKey`.
 */
export function namesSecret(name: string): boolean {
  return isMasked(name.replaceAll("_", "-")) && !about.test(name);
}

/** Whether a value with such a name is the secret itself, and not a switch or a location. */
export function isSecretValue(text: string): boolean {
  return text !== "" && !/^(true|false)$/i.test(text) && !/^[/$]|^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}
