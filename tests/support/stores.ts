import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** What a Secret for `tls.internal` or `tls.rest` holds, under the keys that cert-manager uses. */
export interface Stores {
  "keystore.p12": Buffer;
  "truststore.p12": Buffer;
  password: string;
  "ca.crt": string;
  "tls.crt": string;
  "tls.key": string;
}

/** Makes an authority, a certificate of it for these names, and stores that Java reads. */
export function makeStores(commonName: string, names: string[], password: string): Stores {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stores-"));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const read = (file: string) => fs.readFileSync(path.join(folder, file));
  try {
    const key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
    run(
      "openssl",
      ...["req", "-x509", ...key, "-subj", `/CN=${commonName}-authority`],
      ...["-keyout", "ca.key", "-out", "ca.crt"],
    );
    run(
      "openssl",
      "req",
      ...key.slice(0, 3),
      "-subj",
      `/CN=${commonName}`,
      "-keyout",
      "tls.key",
      "-out",
      "csr",
    );
    const subjectAltName = names.map((name) => `DNS:${name}`).join(",");
    fs.writeFileSync(
      path.join(folder, "extensions"),
      `subjectAltName=${subjectAltName}\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    run(
      "openssl",
      ...["x509", "-req", "-in", "csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"],
      ...["-extfile", "extensions", "-out", "tls.crt"],
    );
    run(
      "openssl",
      ...[
        "pkcs12",
        "-export",
        "-inkey",
        "tls.key",
        "-in",
        "tls.crt",
        "-certfile",
        "ca.crt",
        "-name",
        "flink",
      ],
      ...["-passout", `pass:${password}`, "-out", "keystore.p12"],
    );
    // With keytool: Java finds no certificates in a trust store of openssl's.
    run(
      "keytool",
      ...["-importcert", "-noprompt", "-alias", "ca", "-file", "ca.crt", "-storetype", "PKCS12"],
      ...["-storepass", password, "-keystore", "truststore.p12"],
    );
    return {
      "keystore.p12": read("keystore.p12"),
      "truststore.p12": read("truststore.p12"),
      password,
      "ca.crt": read("ca.crt").toString(),
      "tls.crt": read("tls.crt").toString(),
      "tls.key": read("tls.key").toString(),
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The stores as a Secret's data. */
export function secretData(stores: Stores): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stores).map(([key, value]) => [key, Buffer.from(value as string).toString("base64")]),
  );
}
