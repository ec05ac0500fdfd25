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
