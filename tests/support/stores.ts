import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A certificate, its key, and the authority that signed it. */
export interface Pem {
  "ca.crt": string;
  "tls.crt": string;
  "tls.key": string;
}

/** What a Secret for `tls.internal` or `tls.rest` holds, under the keys that cert-manager uses. */
export interface Stores extends Pem {
  "keystore.p12": Buffer;
  "truststore.p12": Buffer;
  password: string;
}

type Run = (command: string, ...args: string[]) => void;

/** Makes an authority, and a certificate of it for these names. */
export function makeCertificate(commonName: string, names: string[]): Pem {
  return inFolder((folder, run) => certificateIn(folder, run, commonName, names));
}

/** The same, and stores that Java reads. */
export function makeStores(commonName: string, names: string[], password: string): Stores {
  return inFolder((folder, run) => {
    const pem = certificateIn(folder, run, commonName, names);
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
    const read = (file: string) => fs.readFileSync(path.join(folder, file));
    return {
      ...pem,
      password,
      "keystore.p12": read("keystore.p12"),
      "truststore.p12": read("truststore.p12"),
    };
  });
}

function inFolder<T>(make: (folder: string, run: Run) => T): T {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stores-"));
  try {
    return make(
      folder,
      (command, ...args) =>
        void execFileSync(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function certificateIn(folder: string, run: Run, commonName: string, names: string[]): Pem {
  const key = ["-newkey", "rsa:2048", "-nodes"];
  run(
    "openssl",
    ...["req", "-x509", ...key, "-days", "2", "-subj", `/CN=${commonName}-authority`],
    ...["-keyout", "ca.key", "-out", "ca.crt"],
  );
  run("openssl", "req", ...key, "-subj", `/CN=${commonName}`, "-keyout", "tls.key", "-out", "csr");
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
  const read = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
  return { "ca.crt": read("ca.crt"), "tls.crt": read("tls.crt"), "tls.key": read("tls.key") };
}

/** The stores as a Secret's data. */
export function secretData(stores: Stores): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stores).map(([key, value]) => [key, Buffer.from(value as string).toString("base64")]),
  );
}
