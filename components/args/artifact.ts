import type { Problem } from "../problems";
import type { SecretKeyArgs } from "./cluster";
import { dnsName } from "../names";
import { secretKeyShape } from "./secret-key";
import { type ShapeOf, isLater, joinPath } from "./shape";

/** The S3-compatible store of a `s3://bucket/key` jar. */
export interface ArtifactStorageArgs {
  /**
   * URL of a store other than Amazon S3, such as `https://s3.example.com:9000`. The bucket is part of the
   * URL's path. Default: Amazon S3.
   */
  endpoint?: string;

  /**
   * Region that requests are signed for, such as `eu-central-1`. Default: `us-east-1`, which most compatible
   * stores accept.
   */
  region?: string;

  /**
   * Secret entry, in the namespace of the cluster, with the access key. The key needs to read only that
   * object. Default: requests are not signed, which is enough for public objects.
   */
  accessKey?: SecretKeyArgs;

  /**
   * Secret entry, in the namespace of the cluster, with the secret key. Required with `accessKey`. Default:
   * none.
   */
  secretKey?: SecretKeyArgs;
}

/** Login and headers for the server of a `https://…` jar. */
export interface ArtifactHttpArgs {
  /**
   * Secret entry, in the namespace of the cluster, with the user name (basic authentication). Required with
   * `password`. Default: no login.
   */
  username?: SecretKeyArgs;

  /**
   * Secret entry, in the namespace of the cluster, with the password. Required with `username`. Default:
   * none.
   */
  password?: SecretKeyArgs;

  /**
   * Headers of the request, such as `PRIVATE-TOKEN`. Each value comes from a Secret entry in the namespace of
   * the cluster; for `Authorization` it includes the scheme: `Bearer …`. Default: none.
   */
  headers?: { [header: string]: SecretKeyArgs };
}

export const artifactHttpShape: ShapeOf<ArtifactHttpArgs> = {
  username: { object: secretKeyShape },
  password: { object: secretKeyShape },
  headers: { map: secretKeyShape },
};

export const artifactStorageShape: ShapeOf<ArtifactStorageArgs> = {
  endpoint: "text",
  region: "text",
  accessKey: { object: secretKeyShape },
  secretKey: { object: secretKeyShape },
};

/** Stands for an empty jar, which the submission creates itself: Flink runs no program without a jar. */
export const emptyJar = "";

/** Kind of location of the jar. */
export type ArtifactSource = "file" | "https" | "s3";

export function artifactSource(jar: string): ArtifactSource {
  return /^https:\/\//i.test(jar) ? "https" : /^s3:\/\//i.test(jar) ? "s3" : "file";
}

/** Treats `local:///opt/x.jar`, as the Flink documentation writes it, like `/opt/x.jar`. */
export function jarPath(jar: string): string {
  return jar.replace(/^local:\/\/(?=\/)/, "");
}

export type Report = (path: string, value: unknown, reason: string, fix: string) => void;

/** Kind of program file that a job can have. */
export interface Program {
  /** The argument with its location. */
  path: string;
  suffix: string;
  example: string;
}

const jarProgram: Program = {
  path: "jar",
  suffix: ".jar",
  example: 'write its location, for example "/opt/flink/usrlib/my-job.jar" or "https://…/my-job.jar"',
};

interface Given {
  jar?: unknown;
  jarChecksum?: unknown;
  jarStorage?: unknown;
  jarHttp?: unknown;
  /** For a Java program, which may also be in the image's library directory. */
  entryClass?: unknown;
}

/** Loopback and link-local addresses, by number or by name, and URLs without a host. */
function isOwnHost(url: string): boolean {
  if (/^https:\/\/\//i.test(url)) return true;
  const { hostname } = new URL(url);
  return /^(localhost|.*\.localhost|127\..*|169\.254\..*|0\.0\.0\.0|\[(::1?|fe[89ab].*|::ffff:(7f|a9fe).*)\])$/i.test(
    hostname,
  );
}

/** Checks the location of the program, as far as it is known. */
export function checkArtifact(
  { jar, jarChecksum, jarStorage, jarHttp, entryClass }: Given,
  problems: Problem[],
  program: Program = jarProgram,
): void {
  const bad: Report = (path, value, reason, fix) => void problems.push({ path, value, reason, fix });
  const { path, example } = program;
  const classAlone = (jar === undefined || jar === null) && entryClass !== undefined && entryClass !== null;
  if (classAlone) {
    for (const [field, value] of Object.entries({ jarChecksum, jarStorage, jarHttp })) {
      if (value === undefined || value === null) continue;
      const reason = "there is no jar to fetch: Flink loads the class from the image's library directory";
      bad(field, undefined, reason, `leave it out, or write the location of the jar in \`${path}\``);
    }
  } else if (jar === undefined || jar === null) {
    const fix = `${example}; for a job in SQL set \`sql\`, for one in Python \`python\`, for a class in the image's library directory \`entryClass\``;
    bad(path, undefined, "a job needs a program", fix);
  } else if (!isLater(jar)) {
    if (typeof jar !== "string" || jar.trim() === "")
      bad(path, jar, "this must be a non-empty string", example);
    else checkPlace(program, jarPath(jar), { jar, jarChecksum, jarStorage, jarHttp }, bad);
  }
  if (
    jarChecksum !== undefined &&
    !isLater(jarChecksum) &&
    !(typeof jarChecksum === "string" && /^(sha256:)?[0-9a-fA-F]{64}$/.test(jarChecksum))
  ) {
    bad(
      "jarChecksum",
      jarChecksum,
      "this is not a SHA-256 checksum of 64 hexadecimal digits",
      "write the checksum that `sha256sum my-job.jar` prints",
    );
  }
  checkStorage((jarStorage ?? {}) as Partial<ArtifactStorageArgs>, bad);
  if (jarHttp !== undefined && jarHttp !== null && !classAlone) checkHttp(jarHttp as ArtifactHttpArgs, bad);
}

function checkPlace({ path, suffix, example }: Program, place: string, given: Given, bad: Report): void {
  const { jar, jarChecksum, jarStorage, jarHttp } = given;
  const source = artifactSource(place);
  const own = `my-job${suffix}`;
  if (!URL.canParse(place) && !place.startsWith("/")) {
    bad(path, jar, "this must be an absolute path in the image or on a volume, or a URL", example);
  } else if (source === "file" && !place.startsWith("/")) {
    const reason = /^http:/i.test(place)
      ? "a program that comes over plain HTTP can be changed on its way, and would then run in the cluster"
      : "the component fetches programs only over https and from S3-compatible stores";
    bad(path, jar, reason, "use https://… with jarChecksum, s3://bucket/key, or a path in the image");
  } else if (
    !place
      .replace(/[?#].*$/, "")
      .toLowerCase()
      .endsWith(suffix)
  ) {
    bad(
      path,
      jar,
      `Flink accepts only files whose names end in ${suffix}`,
      `write the location of a file that ends in ${suffix}`,
    );
  } else if (/["\\\s]/.test(place)) {
    bad(
      path,
      jar,
      "a file name with quotes, backslashes or white space cannot be uploaded",
      "rename the file",
    );
  } else if (source === "https" && /^https:\/\/[^/]*@/i.test(place)) {
    bad(
      path,
      undefined,
      "everybody who can see the Job can read a password in a URL",
      `remove the password, and name the Secret's entries for the login in jarHttp; or write s3://bucket/key in \`${path}\`, with the keys in jarStorage`,
    );
  } else if (source === "https" && isOwnHost(place)) {
    bad(
      path,
      jar,
      "this address is the pod itself or the cloud's metadata service: it serves no programs, and its data is confidential",
      "write the host that serves the file",
    );
  } else if (source === "https" && jarChecksum === undefined) {
    const reason = "without a checksum, the file could change after it was tested, and nobody would notice";
    bad("jarChecksum", undefined, reason, `write the checksum that \`sha256sum ${own}\` prints`);
  } else if (source === "s3" && !/^s3:\/\/[^/]+\/./i.test(place)) {
    bad(path, jar, "the bucket or the key is missing", `write it as "s3://bucket/path/${own}"`);
  }
  if (source !== "https" && jarHttp !== undefined) {
    const fix = `leave it out, or write https://… in \`${path}\``;
    bad("jarHttp", undefined, "this is only for files that are fetched over https", fix);
  }
  if (source !== "s3" && jarStorage !== undefined) {
    bad(
      "jarStorage",
      undefined,
      "this is only for files in an S3-compatible store",
      `leave it out, or write s3://bucket/key in \`${path}\``,
    );
  }
}

function checkHttp({ username, password, headers = {} }: ArtifactHttpArgs, bad: Report): void {
  const both = "name the Secret's entries for both, or for neither";
  if ((username === undefined) !== (password === undefined))
    bad(
      `jarHttp.${username === undefined ? "username" : "password"}`,
      undefined,
      "a login needs a username and a password",
      both,
    );
  if (username === undefined && password === undefined && Object.keys(headers).length === 0)
    bad(
      "jarHttp",
      undefined,
      "this has neither a login nor a header",
      "leave it out, or set username and password, or headers",
    );
  checkSecretKey("jarHttp.username", username, bad);
  checkSecretKey("jarHttp.password", password, bad);
  for (const [header, source] of Object.entries(headers)) {
    const path = joinPath("jarHttp.headers", header);
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header))
      bad(
        path,
        undefined,
        "this is not a valid name of a header",
        'write the name without a colon, for example "PRIVATE-TOKEN"',
      );
    else if (username !== undefined && header.toLowerCase() === "authorization")
      bad(path, undefined, "username and password already set this header", "leave one of the two out");
    checkSecretKey(path, source, bad);
  }
}

function checkStorage({ endpoint, accessKey, secretKey }: Partial<ArtifactStorageArgs>, bad: Report): void {
  if (endpoint !== undefined && !/^https?:\/\/[^/\s"]+\/?$/i.test(String(endpoint))) {
    bad(
      "jarStorage.endpoint",
      endpoint,
      "this is not the URL of a server",
      'write for example "https://s3.example.com:9000"',
    );
  }
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    const missing = accessKey === undefined ? "accessKey" : "secretKey";
    bad(
      `jarStorage.${missing}`,
      undefined,
      "a signed request needs both keys",
      "name the Secret's entries for both, or for neither",
    );
  }
  checkSecretKey("jarStorage.accessKey", accessKey, bad);
  checkSecretKey("jarStorage.secretKey", secretKey, bad);
}

function checkSecretKey(path: string, source: SecretKeyArgs | undefined, bad: Report): void {
  if (source === undefined) return;
  const fix = 'write for example { name: "artifacts", key: "password" }';
  if (!dnsName.test(String(source.name ?? "")))
    bad(`${path}.name`, source.name, "this must be the name of a Secret", fix);
  if (!/^[-._a-zA-Z0-9]+$/.test(String(source.key ?? "")))
    bad(`${path}.key`, source.key, "this must be an entry of the Secret", fix);
}
