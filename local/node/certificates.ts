import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { addresses, nodeName } from "./layout";
import { output } from "../run";

interface Subject {
  commonName: string;
  organization?: string;
  /** Subject alternative names in openssl's notation. Only server certificates have any. */
  names?: string[];
  /** The signing authority. */
  authority?: "ca" | "front-proxy-ca";
}

const ip = (address: string) => `IP:${address}`;

const subjects: Record<string, Subject> = {
  admin: { commonName: "flink-kubernetes-admin", organization: "system:masters" },
  "controller-manager": { commonName: "system:kube-controller-manager" },
  scheduler: { commonName: "system:kube-scheduler" },
  proxy: { commonName: "system:kube-proxy" },
  kubelet: {
    commonName: `system:node:${nodeName}`,
    organization: "system:nodes",
    names: [`DNS:${nodeName}`, ip(addresses.node)],
  },
  apiserver: {
    commonName: "kube-apiserver",
    names: [
      "DNS:kubernetes",
      "DNS:kubernetes.default",
      "DNS:kubernetes.default.svc",
      "DNS:kubernetes.default.svc.cluster.local",
      "DNS:localhost",
      ip(addresses.apiService),
      ip(addresses.node),
      ip("127.0.0.1"),
    ],
  },
  "apiserver-kubelet-client": { commonName: "kube-apiserver-kubelet-client", organization: "system:masters" },
  "metrics-server": {
    commonName: "metrics-server",
    names: ["DNS:metrics-server.kube-system.svc", ip(addresses.node)],
  },
  "front-proxy-client": { commonName: "front-proxy-client", authority: "front-proxy-ca" },
};

const DAYS = "3650";

/**
 * The node's own authorities, certificates and the key for service account tokens. They stay as long as the
 * node's data, so that a kubeconfig stays valid after a restart.
 */
export async function createCertificates(folder: string): Promise<void> {
  const done = path.join(folder, "complete");
  if (fs.existsSync(done)) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  await Promise.all(["ca", "front-proxy-ca"].map((name) => createAuthority(folder, name)));
  await Promise.all(
    Object.entries(subjects).map(([name, subject]) => createCertificate(folder, name, subject)),
  );
  const tokens = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  writePrivate(folder, "tokens.key", tokens.privateKey.export({ type: "sec1", format: "pem" }));
  fs.writeFileSync(path.join(folder, "tokens.pub"), tokens.publicKey.export({ type: "spki", format: "pem" }));
  fs.writeFileSync(done, "");
}

function writePrivate(folder: string, name: string, text: string | Buffer): void {
  fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
}

function createKey(folder: string, name: string): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  writePrivate(folder, `${name}.key`, privateKey.export({ type: "pkcs8", format: "pem" }));
  return path.join(folder, `${name}.key`);
}

async function createAuthority(folder: string, name: string): Promise<void> {
  const key = createKey(folder, name);
  const certificate = path.join(folder, `${name}.crt`);
  const extensions = ["-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"];
  await output("openssl", [
    ...["req", "-x509", "-new", "-key", key, "-subj", `/CN=${nodeName}-${name}`, "-days", DAYS],
    ...[...extensions, "-out", certificate],
  ]);
}

async function createCertificate(folder: string, name: string, subject: Subject): Promise<void> {
  const key = createKey(folder, name);
  const file = (ending: string) => path.join(folder, `${name}.${ending}`);
  const organization = subject.organization ? `/O=${subject.organization}` : "";
  await output("openssl", [
    ...["req", "-new", "-key", key, "-subj", `${organization}/CN=${subject.commonName}`, "-out", file("csr")],
  ]);
  const usage = subject.names ? "clientAuth,serverAuth" : "clientAuth";
  const extensions = [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    `extendedKeyUsage=${usage}`,
    ...(subject.names ? [`subjectAltName=${subject.names.join(",")}`] : []),
  ];
  fs.writeFileSync(file("ext"), extensions.join("\n") + "\n");
  const authority = path.join(folder, subject.authority ?? "ca");
  const serial = `0x${createSerial()}`;
  await output("openssl", [
    ...["x509", "-req", "-in", file("csr"), "-CA", `${authority}.crt`, "-CAkey", `${authority}.key`],
    ...["-set_serial", serial, "-days", DAYS, "-extfile", file("ext"), "-out", file("crt")],
  ]);
  fs.rmSync(file("csr"));
  fs.rmSync(file("ext"));
}

// Certificates that are created in parallel would share openssl's counter file.
const createSerial = () =>
  `1${Array.from({ length: 15 }, () => Math.floor(Math.random() * 16).toString(16)).join("")}`;
