/** A private key in the usual file formats. */
export const privateKey =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|AGE-SECRET-KEY-1[A-Z0-9]{40}/;

/** Tokens of services with a known prefix. */
export const token =
  /\b(?:gh[oprsu]_\w{36}|github_pat_\w{60}|glpat-[\w-]{20}|xox[abprs]-[\w-]{20}|[rs]k_live_\w{20}|npm_\w{36}|hvs\.[\w-]{24})/;

/** Placeholders for a secret, and references to one. */
const placeholders = [
  /^$/,
  /^(?:true|false|yes|no|on|off|null|none)$/i,
  // Of variables and templates: $(A), $A, ${A:-}, {{ a }}, <a>, %A%, __A__
  /^\$\([\w.]+\)$|^\$\w+$|^\$\{[^}]*\}$|^\{\{.*\}\}$|^<[^<>]*>$|^%\w+%$|^__\w+__$/,
  /^(?:\*+|x{3,}|\.{3}|…)$/i,
  // Paths, and addresses without a password
  /^(?:~|\.{1,2})?\/[\w./@:+-]*$/,
  /^[a-z][a-z0-9+.-]*:\/\/[^\s@]*$/i,
  // References for other tools
  /^(?:vault|env|file|ref\+\w+|aws-?sm|gcp-?sm|azurekeyvault|akv|keyvault|op|sops|ssm|doppler):/i,
  /^arn:aws|^projects\/[^/]+\/secrets\/|^@Microsoft\.KeyVault\(/,
];

export function isPlaceholder(text: string): boolean {
  const plain = text.trim();
  return placeholders.some((pattern) => pattern.test(plain)) && !authorised(plain);
}

/** Whether a URL contains a password, also in its query. */
export function authorised(text: string): boolean {
  const inUrls = [...text.matchAll(/\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:@/'"]*:([^\s@/'"]+)@/gi)];
  const behind = [
    ...text.matchAll(
      /[?&;](?:password|passwd|pwd|secret|access_?key|api_?key|accountkey|sharedaccesskey)=([^&;\s'"]+)/gi,
    ),
  ];
  return [...inUrls, ...behind].some(([, password]) => !isVariable(password!));
}

function isVariable(text: string): boolean {
  return placeholders[1]!.test(text) || placeholders[2]!.test(text) || placeholders[3]!.test(text);
}

/** `name=value`, `--name=value`, `name: value`, also quoted, also within a line of a shell. */
const assignment =
  /(?<![\w.$-])(?:--?|-D)?["']?([A-Za-z][\w.-]{0,80})["']?[ \t]{0,8}(=|:(?=[ \t]))[ \t]{0,8}("[^"\n]*"|'[^'\n]*'|[^\s"';|&,)]+)/g;

/** Whether a program's text assigns a value to a name of a secret. */
export function secretsIn(text: string, isSecret: (name: string) => boolean): boolean {
  const withoutComments = text.replace(/^[ \t]*(?:#|;|\/\/).*$/gm, "");
  for (const [, name, , quoted] of withoutComments.matchAll(assignment)) {
    // `secret` alone mostly is the name of a Secret.
    if (name!.toLowerCase() === "secret" || !isSecret(name!)) continue;
    const value = quoted!.replace(/^(["'])(.*)\1$/, "$2");
    // A value that is computed at run time is not in the text.
    if (!isPlaceholder(value) && !/^[$`]|^\$\(/.test(value)) return true;
  }
  return false;
}
