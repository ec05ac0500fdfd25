/** Kinds of file systems: each has its URI schemes and a plugin. */

export type FileSystem = "s3" | "gcs" | "azure" | "hdfs" | "file";

/** A directory as a URI. */
export interface Location {
  fileSystem: FileSystem;
  /** For example `s3`, `abfss`. */
  scheme: string;
  /** Bucket, `container@account.host` or name node; may be empty. */
  authority: string;
  /** Starts with a slash and does not end with one; empty for the root. */
  path: string;
  /** The whole URI, without a trailing slash. */
  uri: string;
}

/** A jar that Flink must find in a separate directory below its plugins directory. */
export interface FileSystemPlugin {
  /** Name of that directory. */
  name: string;
  /** Prefix of the jar's name, before its version. */
  jar: string;
  /** Path of the jar, if it is not where the official images have it. */
  path?: string;
}

const schemes: Record<string, FileSystem> = {
  s3: "s3",
  s3a: "s3",
  s3p: "s3",
  gs: "gcs",
  abfs: "azure",
  abfss: "azure",
  wasb: "azure",
  wasbs: "azure",
  hdfs: "hdfs",
  file: "file",
};

const refused: Record<string, { reason: string; fix: string }> = {
  oss: {
    reason: "this component does not set up Alibaba's object store, because it is not tested",
    fix: "use its S3-compatible endpoint: s3://bucket/path and s3.endpoint",
  },
  s3n: { reason: "this scheme existed only in old versions of Hadoop", fix: "write s3://bucket/path" },
  gcs: { reason: "Flink's scheme for Google Cloud Storage is gs", fix: "write gs://bucket/path" },
  http: {
    reason: "Flink can only read from web servers",
    fix: "write s3://bucket/path, and the server's URL in s3.endpoint",
  },
};

/** The file system of a URI by its scheme, if this component sets it up. */
export function fileSystemOf(uri: string): FileSystem | undefined {
  const scheme = schemeOf(uri);
  return scheme !== undefined && Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
}

/** `s3` for `s3://bucket`; undefined for a path. */
export function schemeOf(uri: string): string | undefined {
  return /^([A-Za-z][\w+.-]*):/.exec(uri.trim())?.[1].toLowerCase();
}

/**
 * A common name for options that the file systems treat as equal. Flink passes `s3.…`, `s3a.…` and `fs.s3a.…`
 * to Hadoop as the same option, some also with dashes. If two are given, the order in a hash table decides.
 */
export function fileSystemOption(option: string): string {
  const [, prefix, rest] = /^((?:fs\.)?s3a?|presto\.s3|(?:fs\.)?azure|(?:fs\.)?gs)\.(.+)$/.exec(option) ?? [];
  if (prefix === undefined) return option;
  const store = /s3/.test(prefix) ? "s3" : prefix.replace("fs.", "");
  return `${store}.${rest.replaceAll("-", ".")}`;
}

/**
 * Hadoop's package with the classes that get tokens for Azure. Since Flink 1.18 the plugin uses Hadoop's own
 * name for it.
 */
const azurePackage = "org.apache.hadoop.fs.azurebfs.oauth2.";
const relocated = /^org\.apache\.flink\.fs\.(azure\.)?shaded\./;
/** Providers in Hadoop 3.3.4, which the plugins of Flink 1.20 to 2.2 contain. */
const azureProviders = [
  "MsiTokenProvider",
  "ClientCredsTokenProvider",
  "RefreshTokenBasedTokenProvider",
  "UserPasswordTokenProvider",
];
const minorsWithHadoop334 = ["1.20", "2.0", "2.1", "2.2"];

/**
 * Checks that the plugin has the class that gets tokens for Azure. Flink loads it only when the file system
 * is first used.
 *
 * @param ownPlugin whether the plugin is not Flink's own.
 */
export function checkAzureProvider(
  option: string,
  given: string,
  minor: string,
  ownPlugin: boolean,
): { reason: string; fix: string } | undefined {
  if (!/^(fs\.)?azure\.account\.oauth\.provider\.type(\.|$)/.test(option)) return undefined;
  const name = given.trim();
  const last = name.slice(name.lastIndexOf(".") + 1);
  const known = azureProviders.includes(last);
  if (relocated.test(name) || (known && name !== azurePackage + last)) {
    const reason = `the plugin of Flink ${minor} does not have this class: it has Hadoop's classes under their original names`;
    return { reason, fix: `write ${azurePackage}${known ? last : azureProviders[0]}` };
  }
  if (ownPlugin || known || !name.startsWith(azurePackage) || !minorsWithHadoop334.includes(minor))
    return undefined;
  const newer = last === "WorkloadIdentityTokenProvider" ? " (Hadoop has it since 3.4.1)" : "";
  return {
    reason: `the plugin of Flink ${minor} contains Hadoop 3.3.4, which does not have this class${newer}`,
    fix: `write ${azureProviders.map((one) => azurePackage + one).join(" or ")}; or name a plugin of a newer Hadoop in storage.pluginJar`,
  };
}

/** Parses the URI of a directory, or returns its problem. */
export function parseLocation(text: string): Location | { reason: string; fix: string } {
  const scheme = schemeOf(text);
  if (scheme === undefined) {
    const reason = "without a scheme this is a path in the pod, and its files are lost with the pod";
    return { reason, fix: "write a URI such as s3://bucket/flink, or file:///path with storage.volume" };
  }
  const no = refused[scheme === "https" ? "http" : scheme];
  if (no) return no;
  if (!Object.hasOwn(schemes, scheme)) {
    const reason = `Flink has no file system for the scheme ${scheme}`;
    return { reason, fix: `write one of ${Object.keys(schemes).join(", ")}, such as s3://bucket/flink` };
  }
  const fileSystem = schemes[scheme];
  const match = /^[a-z0-9]+:\/\/([^/\s?#]*)((?:\/[^/\s?#]+)*)\/?$/i.exec(text);
  if (!match) {
    const reason = "this is not the URI of a directory: no spaces, no ? and #, no empty parts";
    return { reason, fix: `write it like ${example[fileSystem]}` };
  }
  const [, authority, path] = match;
  const wrong = checkAuthority(fileSystem, authority, path);
  if (wrong) return wrong;
  return { fileSystem, scheme, authority, path, uri: `${scheme}://${authority}${path}` };
}

const example: Record<FileSystem, string> = {
  s3: "s3://bucket/flink",
  gcs: "gs://bucket/flink",
  azure: "abfss://container@account.dfs.core.windows.net/flink",
  hdfs: "hdfs://name-node:8020/flink",
  file: "file:///flink-storage",
};

function checkAuthority(fileSystem: FileSystem, authority: string, path: string) {
  const fix = `write it like ${example[fileSystem]}`;
  if (/^[^@]*:[^@]*@/.test(authority)) {
    return {
      reason: "everybody can read a password in a URI",
      fix: "leave it out, and name a Secret",
    };
  }
  if (
    (fileSystem === "s3" || fileSystem === "gcs") &&
    !/^[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$/.test(authority)
  ) {
    const reason =
      authority === ""
        ? "the bucket is missing"
        : "this is not a bucket that Flink can name in a URI: 3 to 63 lower-case letters, digits, dashes and dots";
    return { reason, fix };
  }
  if (fileSystem === "azure" && !/^[-a-z0-9$]+@[a-z0-9]{3,24}\.[-a-z0-9.]+$/.test(authority)) {
    return { reason: "this does not name a container, an account and its host", fix };
  }
  if (fileSystem === "file" && (authority !== "" || path === "")) {
    return { reason: "this is not an absolute path with three slashes", fix };
  }
  return undefined;
}

/** A subdirectory. */
export function below(location: Location, name: string): string {
  return `${location.uri}/${name}`;
}

/** Whether a path equals the directory or is below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}

/**
 * The launcher's part that sets up plugins: a plugins directory with links to the image's plugins, and one
 * more for each file system. A volume mounted over the image's directory would hide the bundled plugins, and
 * copying takes time.
 */
export function linkPlugins(plugins: readonly FileSystemPlugin[], quote: (text: string) => string): string {
  if (plugins.length === 0) return "";
  return `
# File systems as plugins, beside those that the image has as such.
bundled=$FLINK_PLUGINS_DIR FLINK_PLUGINS_DIR=\${here%/*}/run/plugins
rm -rf "$FLINK_PLUGINS_DIR" && mkdir -p "$FLINK_PLUGINS_DIR"
for plugin in "$bundled"/*; do if [[ -d $plugin ]]; then ln -s "$plugin" "$FLINK_PLUGINS_DIR"; fi; done
plugin() { # NAME JAR [PATH]
  local jar jars=("$bundled"/*/"$2"-[0-9]*.jar)
  if [[ -z \${3-} && -e \${jars[0]} ]]; then return; fi
  if [[ -n \${3-} ]]; then jars=("$3"); else jars=("$FLINK_OPT_DIR/$2"-[0-9]*.jar); fi
  if [[ ! -r \${jars[0]} ]]; then
    echo "The file system that storage.directory needs is not in this image: there is no \${3:-$2-*.jar in $FLINK_OPT_DIR or $bundled}. Use an image that has it, as the official ones do, or write in storage.pluginJar where it is." | tee /dev/termination-log >&2
    exit 1
  fi
  rm -f "$FLINK_PLUGINS_DIR/$1" && mkdir "$FLINK_PLUGINS_DIR/$1"
  ln -s "\${jars[0]}" "$FLINK_PLUGINS_DIR/$1"
}
${plugins.map(({ name, jar, path }) => ["plugin", name, jar, ...(path ? [quote(path)] : [])].join(" ")).join("\n")}
`;
}
