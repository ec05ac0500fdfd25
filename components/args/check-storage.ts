import {
  below,
  checkAzureProvider,
  type FileSystem,
  fileSystemOption,
  type FileSystemPlugin,
  isWithin,
  type Location,
  parseLocation,
} from "../flink/file-systems";
import { dnsLabel, objectName } from "../names";
import type { Problem } from "../problems";
import { type Context, type Feature, type Findings, forBoth, type RoleAdditions } from "./additions";
import { checkStateOptions } from "./check-state-options";
import type { SecretKeyArgs } from "./cluster";
import type { StateStorage } from "./connection";
import { parseQuantity } from "./quantity";
import { joinPath } from "./shape";
import { type S3Args, S3Plugin, type StorageArgs, type StorageVolumeArgs } from "./storage";

/** Storage for state, after validation. */
export interface StorageModel {
  directory: Location;
  checkpointDirectory: string;
  savepointDirectory: string;
  /** Plugins that the launcher sets up for Flink. */
  plugins: FileSystemPlugin[];
  /** The claim that the component creates. */
  claim?: ClaimModel;
  /** How the pods that stop jobs can list savepoints. */
  lookup?: StateStorage;
}

export interface ClaimModel {
  name: string;
  size: string;
  storageClass?: string;
  protect: boolean;
}

/** Directories that a volume must not hide. */
const imageDirectories = [
  "/opt",
  "/tmp",
  "/usr",
  "/bin",
  "/lib",
  "/etc",
  "/dev",
  "/proc",
  "/sys",
  "/var/run",
];

const credentialsDirectory = "/opt/flink-kubernetes/storage";

/** Additions of `storage` to the cluster. */
export function checkStorage(context: Context, findings: Findings): Feature<StorageModel> {
  const { storage } = context.args;
  checkStateOptions(context, findings);
  checkAzureProviders(context, findings.problems);
  if (!storage) return { additions: forBoth("storage", {}) };
  const { problems } = findings;
  const before = problems.length;
  const directory = readLocation("storage.directory", storage.directory, problems);
  if (!directory) return { additions: forBoth("storage", {}) };
  const checkpoints = readBeside("checkpoint", directory, storage, problems);
  const savepoints = readBeside("savepoint", directory, storage, problems);
  const parts = {
    s3: ["s3", s3],
    gcs: ["gcs", gcs],
    azure: ["azure", azure],
    file: ["volume", volume],
    hdfs: undefined,
  } as const;
  for (const [fileSystem, part] of Object.entries(parts)) {
    if (part && fileSystem !== directory.fileSystem && storage[part[0]] !== undefined) {
      problems.push({
        path: `storage.${part[0]}`,
        reason: `storage.directory is a ${directory.scheme}:// directory, so this setting has no effect`,
        fix: "leave it out, or write another directory",
      });
    }
  }
  const options = {
    "execution.checkpointing.dir": checkpoints,
    "execution.checkpointing.savepoint-dir": savepoints,
  };
  const part = parts[directory.fileSystem]?.[1];
  const found = part?.(directory, storage, context, problems);
  if (directory.fileSystem === "hdfs") checkHadoop(context, problems);
  const plugin = pluginOf(directory, storage, context, problems);
  const additions = forBoth("storage", {
    ...found?.additions,
    options: { ...options, ...found?.additions.options },
  });
  if (problems.length > before) return { additions };
  return {
    additions,
    model: {
      directory,
      checkpointDirectory: checkpoints,
      savepointDirectory: savepoints,
      plugins: plugin ? [plugin] : [],
      ...(found?.claim ? { claim: found.claim } : {}),
      ...(found?.lookup ? { lookup: found.lookup } : {}),
    },
  };
}

function checkAzureProviders({ args, release }: Context, problems: Problem[]): void {
  const ownPlugin = args.storage?.pluginJar !== undefined;
  for (const [option, value] of Object.entries(args.config ?? {})) {
    if (typeof value !== "string") continue;
    const wrong = checkAzureProvider(option, value, release.minor, ownPlugin);
    if (wrong) problems.push({ path: joinPath("config", option), value, ...wrong });
  }
}

interface Found {
  additions: RoleAdditions;
  lookup?: StateStorage;
  claim?: ClaimModel;
}

export function readLocation(
  path: string,
  text: string | undefined,
  problems: Problem[],
): Location | undefined {
  if (text === undefined) {
    const reason = "storage needs a directory for checkpoints, savepoints and high availability";
    problems.push({ path, reason, fix: "write a URI such as s3://bucket/flink" });
    return undefined;
  }
  const location = parseLocation(text);
  if ("uri" in location) return location;
  const hidden = /:\/\/[^/]*:[^/]*@/.test(text);
  problems.push({ path, ...(hidden ? {} : { value: text }), ...location });
  return undefined;
}

/** Another directory: the given one, which must be in the same file system, or one below `directory`. */
function readBeside(
  what: "checkpoint" | "savepoint",
  directory: Location,
  storage: StorageArgs,
  problems: Problem[],
): string {
  const given = storage[`${what}Directory`];
  if (given === undefined) return below(directory, `${what}s`);
  const path = `storage.${what}Directory`;
  const location = readLocation(path, given, problems);
  if (location) checkSame(path, location, directory, problems);
  return location?.uri ?? given;
}

/** Only the file system of `storage.directory` is set up; on a volume, only paths below its mount. */
export function checkSame(path: string, location: Location, directory: Location, problems: Problem[]): void {
  const value = location.uri;
  if (
    location.fileSystem !== directory.fileSystem ||
    (location.scheme === "s3p") !== (directory.scheme === "s3p")
  ) {
    const reason = `the component sets up only the file system of storage.directory, which is ${directory.scheme}://`;
    problems.push({ path, value, reason, fix: `write a ${directory.scheme}:// directory` });
  } else if (location.fileSystem === "file" && !isWithin(location.path, directory.path)) {
    const reason =
      "the volume is mounted at storage.directory, and only one pod can see a directory outside of it";
    problems.push({ path, value, reason, fix: `write a directory below ${directory.uri}` });
  }
}

function s3(
  { scheme }: Location,
  { s3: args = {} }: StorageArgs,
  context: Context,
  problems: Problem[],
): Found {
  const { endpoint, region, accessKey, secretKey } = args;
  const plugin = s3PluginOf(scheme, args);
  if (endpoint !== undefined && !/^https?:\/\/[^/\s?#@]+\/?$/.test(endpoint)) {
    const reason = "this must be the URL of a store: a scheme, a host and an optional port, without a path";
    problems.push({
      path: "storage.s3.endpoint",
      value: endpoint,
      reason,
      fix: "write for example https://s3.example.com:9000",
    });
  }
  if (region !== undefined && !/^[a-z0-9][-a-z0-9]*$/.test(region)) {
    const reason = "this is not a valid name of a region";
    problems.push({
      path: "storage.s3.region",
      value: region,
      reason,
      fix: "write for example eu-central-1",
    });
  }
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    const [given, missing] =
      accessKey === undefined ? ["secretKey", "accessKey"] : ["accessKey", "secretKey"];
    const reason = `only ${given} is set, but the two keys belong together`;
    problems.push({
      path: `storage.s3.${missing}`,
      reason,
      fix: "name the Secret and its entry, or leave both out",
    });
  }
  checkAliases(context, args, problems);
  const pathStyle = args.pathStyleAccess ?? (endpoint === undefined ? undefined : true);
  const pathStyleOption: Record<string, string> =
    pathStyle === undefined ? {} : { "s3.path.style.access": String(pathStyle) };
  const known = accessKey !== undefined && secretKey !== undefined && !storedOtherwise(context);
  return {
    ...(known
      ? { lookup: { s3: { endpoint, region, pathStyleAccess: pathStyle, accessKey, secretKey } } }
      : {}),
    additions: {
      options: {
        ...(endpoint === undefined ? {} : { "s3.endpoint": endpoint }),
        ...(region === undefined
          ? {}
          : { [plugin === S3Plugin.Native ? "s3.region" : "s3.endpoint.region"]: region }),
        ...(args.pathStyleAccess === undefined ? {} : pathStyleOption),
      },
      defaults: {
        ...s3Defaults(plugin, endpoint, accessKey !== undefined || hasKeyOption(context)),
        ...pathStyleOption,
      },
      optionsFrom: [
        ...secretOption("storage.s3.accessKey", "s3.access-key", accessKey, problems),
        ...secretOption("storage.s3.secretKey", "s3.secret-key", secretKey, problems),
      ],
    },
  };
}

/**
 * Whether options contradict the arguments about the store, or make Flink put random characters into paths.
 */
function storedOtherwise({ args: { config, configFrom } }: Context): boolean {
  return [...Object.keys(config ?? {}), ...Object.keys(configFrom ?? {})].some((option) =>
    /^(s3|s3a|fs\.s3a|presto\.s3)\.(endpoint|entropy|ssl|sse|signing|path[-.]style)/.test(option),
  );
}

/** Whether an access key is among the options: in `config`, which goes into a Secret, or in `configFrom`. */
function hasKeyOption({ args: { config, configFrom } }: Context): boolean {
  return [...Object.keys(config ?? {}), ...Object.keys(configFrom ?? {})].some((option) =>
    /^(s3|s3a|fs\.s3a)\.access[-.]key$/.test(option),
  );
}

function s3Defaults(plugin: string, endpoint: string | undefined, hasKey: boolean): Record<string, string> {
  if (plugin === S3Plugin.Native) {
    // Most compatible stores do not support Amazon's extensions.
    return endpoint === undefined
      ? {}
      : { "s3.chunked-encoding.enabled": "false", "s3.checksum-validation.enabled": "false" };
  }
  if (plugin !== S3Plugin.Hadoop) return {};
  return {
    // Otherwise every written file deletes the markers of all directories above it. Some compatible stores
    // refuse that for minutes.
    "s3.directory.marker.retention": "keep",
    // Hadoop's own list lacks the identities that Kubernetes gives to pods. This list ignores keys in
    // options.
    ...(hasKey
      ? {}
      : { "s3.aws.credentials.provider": "com.amazonaws.auth.DefaultAWSCredentialsProviderChain" }),
  };
}

/** The file system reads its options under several names, and any of them could win. */
function checkAliases({ args: { config, configFrom } }: Context, args: S3Args, problems: Problem[]): void {
  const owned: [keyof S3Args, string[]][] = [
    ["endpoint", ["s3.endpoint"]],
    ["region", ["s3.region", "s3.endpoint.region"]],
    ["pathStyleAccess", ["s3.path.style.access"]],
    ["accessKey", ["s3.access.key"]],
    ["secretKey", ["s3.secret.key"]],
  ];
  for (const [field, names] of owned) {
    if (args[field] === undefined) continue;
    for (const [argument, given] of Object.entries({ config, configFrom })) {
      // The argument's own option is reported with all other owned options.
      const alias = Object.keys(given ?? {}).find(
        (key) => names.includes(fileSystemOption(key)) && !ownNames.includes(key),
      );
      if (alias === undefined) continue;
      const reason = `storage.s3.${field} sets this option, under another name`;
      problems.push({ path: `${argument}["${alias}"]`, reason, fix: "leave it out" });
    }
  }
}

const ownNames = [
  "s3.endpoint",
  "s3.endpoint.region",
  "s3.path.style.access",
  "s3.access-key",
  "s3.secret-key",
];

function s3PluginOf(scheme: string, { plugin }: S3Args): string {
  return plugin ?? (scheme === "s3p" ? S3Plugin.Presto : S3Plugin.Hadoop);
}

function gcs(
  _directory: Location,
  { gcs: args }: StorageArgs,
  _context: Context,
  problems: Problem[],
): Found {
  const key = args?.serviceAccountKey;
  if (key === undefined || !checkSecretKey("storage.gcs.serviceAccountKey", key, problems))
    return { additions: {} };
  return {
    additions: {
      env: [{ name: "GOOGLE_APPLICATION_CREDENTIALS", value: `${credentialsDirectory}/key.json` }],
      volumes: [
        {
          name: "storage-key",
          secret: { secretName: key.name, defaultMode: 0o440, items: [{ key: key.key, path: "key.json" }] },
        },
      ],
      volumeMounts: [{ name: "storage-key", mountPath: credentialsDirectory, readOnly: true }],
    },
  };
}

function azure(
  { authority }: Location,
  { azure: args }: StorageArgs,
  { args: { config, configFrom } }: Context,
  problems: Problem[],
): Found {
  const host = authority.slice(authority.indexOf("@") + 1);
  const option = `fs.azure.account.key.${host}`;
  const alias = option.replace(/^fs\./, "");
  for (const [argument, given] of Object.entries({ config, configFrom })) {
    if (args?.accountKey === undefined || !Object.hasOwn(given ?? {}, alias)) continue;
    const reason = "storage.azure.accountKey sets this option, under another name";
    problems.push({ path: `${argument}["${alias}"]`, reason, fix: "leave it out" });
  }
  return {
    additions: { optionsFrom: secretOption("storage.azure.accountKey", option, args?.accountKey, problems) },
  };
}

function volume(directory: Location, storage: StorageArgs, { name }: Context, problems: Problem[]): Found {
  const { path } = directory;
  const { volume: args } = storage;
  if (!args) {
    const reason = `${path} is a separate directory in each pod: no other pod sees its files, and they are lost with the pod`;
    problems.push({
      path: "storage.volume",
      reason,
      fix: "name a claim that all pods can mount, or use an object store such as s3://",
    });
    return { additions: {} };
  }
  if (imageDirectories.some((hidden) => isWithin(path, hidden))) {
    const reason = "the volume is mounted at this path, and would hide the files of the image there";
    problems.push({
      path: "storage.directory",
      value: directory.uri,
      reason,
      fix: "write file:///flink-storage",
    });
  }
  const claim = checkClaim(name, args, problems);
  const claimName = args.claimName ?? claim?.name ?? "";
  return {
    additions: {
      volumes: [{ name: "storage", persistentVolumeClaim: { claimName } }],
      volumeMounts: [{ name: "storage", mountPath: path }],
    },
    ...(claimName === "" ? {} : { lookup: { claimName, mountPath: path } }),
    ...(claim ? { claim } : {}),
  };
}

function checkClaim(cluster: string, args: StorageVolumeArgs, problems: Problem[]): ClaimModel | undefined {
  const { claimName, size, storageClass, accessMode, protect } = args;
  if (accessMode !== undefined && accessMode !== "ReadWriteMany") {
    const reason =
      "JobManager and TaskManagers write to the volume from several nodes, but this access mode does not allow that";
    problems.push({
      path: "storage.volume.accessMode",
      value: accessMode,
      reason,
      fix: "use ReadWriteMany with a StorageClass that supports it, or an object store such as s3://",
    });
  }
  if (claimName !== undefined) {
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(claimName)) {
      const reason = "Kubernetes refuses this name";
      problems.push({
        path: "storage.volume.claimName",
        value: claimName,
        reason,
        fix: "use lower-case letters, digits and dashes",
      });
    }
    for (const field of ["size", "storageClass", "protect"] as const) {
      if (args[field] === undefined) continue;
      const reason = "claimName names an existing claim, so this has no effect";
      problems.push({
        path: `storage.volume.${field}`,
        value: args[field],
        reason,
        fix: "leave out this or claimName",
      });
    }
    return undefined;
  }
  const bytes = size === undefined ? undefined : parseQuantity(size);
  if (size === undefined || bytes === undefined || bytes < 2 ** 20 || /m$/.test(size)) {
    const reason =
      size === undefined ? "the claim needs a size" : "this is not a usable Kubernetes quantity of bytes";
    problems.push({
      path: "storage.volume.size",
      value: size,
      reason,
      fix: "write a size such as 100Gi, or set claimName to an existing claim",
    });
    return undefined;
  }
  if (storageClass !== undefined && !dnsLabel.test(storageClass.replaceAll(".", "-"))) {
    const reason = "Kubernetes refuses this name";
    problems.push({
      path: "storage.volume.storageClass",
      value: storageClass,
      reason,
      fix: "write a name that `kubectl get storageclass` shows",
    });
  }
  return {
    name: objectName(cluster, "storage"),
    size,
    ...(storageClass ? { storageClass } : {}),
    protect: protect ?? true,
  };
}

/** The official images have no Hadoop. The program cannot tell whether other images have it. */
function checkHadoop({ args }: Context, problems: Problem[]): void {
  if (args.image !== undefined || args.jobManager?.extraJars?.length) return;
  const reason = "hdfs:// needs Hadoop, and the official images do not have it";
  problems.push({
    path: "storage.directory",
    value: args.storage?.directory,
    reason,
    fix: "use an image that has Hadoop and sets HADOOP_CLASSPATH",
  });
}

const jars: Partial<Record<FileSystem, [name: string, jar: string]>> = {
  gcs: ["gs-fs-hadoop", "flink-gs-fs-hadoop"],
  azure: ["azure-fs-hadoop", "flink-azure-fs-hadoop"],
};

function pluginOf(
  { fileSystem, scheme, uri }: Location,
  storage: StorageArgs,
  { release }: Context,
  problems: Problem[],
): FileSystemPlugin | undefined {
  const path = storage.pluginJar;
  if (path !== undefined && !/^\/.*\.jar$/.test(path)) {
    const reason = "this must be the absolute path of a jar in the container";
    problems.push({
      path: "storage.pluginJar",
      value: path,
      reason,
      fix: "write for example /opt/flink/usrlib/plugin-1.0.jar",
    });
  }
  if (fileSystem !== "s3") {
    const [name, jar] = jars[fileSystem] ?? [];
    if (name === undefined || jar === undefined) {
      if (path !== undefined) {
        const reason = `${scheme}:// needs no plugin`;
        problems.push({ path: "storage.pluginJar", value: path, reason, fix: "leave it out" });
      }
      return undefined;
    }
    return { name, jar, ...(path ? { path } : {}) };
  }
  const plugin = s3PluginOf(scheme, storage.s3 ?? {});
  const names: string[] = Object.values(S3Plugin);
  const native = plugin === S3Plugin.Native;
  if (!names.includes(plugin)) {
    const reason = "Flink has no S3 plugin of this name";
    problems.push({
      path: "storage.s3.plugin",
      value: plugin,
      reason,
      fix: `write one of ${names.join(", ")}`,
    });
  } else if (
    native &&
    Number(release.minor.split(".")[0]) * 100 + Number(release.minor.split(".")[1]) < 203
  ) {
    const reason = `Flink ${release.minor} does not have this plugin; Flink 2.3 introduced it`;
    problems.push({ path: "storage.s3.plugin", value: plugin, reason, fix: "write hadoop" });
  } else if (
    (scheme === "s3p" && plugin !== S3Plugin.Presto) ||
    (scheme === "s3a" && plugin === S3Plugin.Presto)
  ) {
    const reason = `the ${plugin} plugin does not serve ${scheme}://`;
    problems.push({
      path: "storage.directory",
      value: uri,
      reason,
      fix: `write s3:// instead of ${scheme}://`,
    });
  }
  return { name: `s3-fs-${plugin}`, jar: `flink-s3-fs-${plugin}`, ...(path ? { path } : {}) };
}

function secretOption(path: string, option: string, source: SecretKeyArgs | undefined, problems: Problem[]) {
  if (source === undefined || !checkSecretKey(path, source, problems)) return [];
  return [{ option, secretName: source.name, key: source.key }];
}

function checkSecretKey(path: string, source: SecretKeyArgs, problems: Problem[]): boolean {
  const missing = (["name", "key"] as const).filter(
    (field) => source[field] === undefined || source[field] === "",
  );
  for (const field of missing) {
    const reason = `a reference to a Secret needs its name and a key, but ${field} is missing`;
    problems.push({ path: `${path}.${field}`, reason, fix: `write ${field}` });
  }
  return missing.length === 0;
}
