import type { Fixtures } from "../../core/fixtures";
import { config, flinkDeployment, jobManager, object, taskManager } from "../manifests";

const secure = { runAsUser: 9999 };
const debug = "-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005";
const keyStore = config({ "security.ssl.internal.keystore": "/keys/store.p12" });
const keysFrom = (volume: Record<string, unknown>) => ({
  container: { volumeMounts: [{ name: "keys", mountPath: "/keys" }] },
  pod: {
    volumes: [
      { name: "conf", configMap: { name: "flink-config" } },
      { name: "keys", ...volume },
    ],
  },
});

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-credentials": {
    fails: [
      { manifests: [config({ "s3.secret-key": "hunter2" })] },
      { manifests: [config({ "fs.azure.account.key.shop.blob.core.windows.net": "hunter2" })] },
      { manifests: [flinkDeployment({ flinkConfiguration: { "s3.access-key": "AKIA" } })] },
      { manifests: [jobManager({ container: { args: ["jobmanager", "-Ds3.secret-key=hunter2"] } })] },
      {
        about: "in a nested file",
        manifests: [
          object("v1", "ConfigMap", {
            data: { "config.yaml": "s3:\n  access-key: AKIA\n  secret-key: hunter2\n" },
          }),
        ],
      },
    ],
    passes: [
      { manifests: [config({ "s3.endpoint": "https://objects.example" })] },
      { manifests: [object("v1", "Secret", { stringData: { "config.yaml": "s3.secret-key: hunter2" } })] },
    ],
  },
  "flink-tls-material": {
    fails: [
      { manifests: [config({ "security.ssl.internal.key-password": "hunter2" })] },
      { manifests: [config({ "security.ssl.protocol": "TLSv1" })] },
      { manifests: [config({ "security.ssl.algorithms": "TLS_RSA_WITH_AES_128_CBC_SHA" })] },
      { manifests: [config({ "security.ssl.verify-hostname": "false" })] },
      { manifests: [config({ "security.ssl.algorithms": "TLS_ECDHE_RSA_WITH_RC4_128_SHA" })] },
    ],
    passes: [
      {
        manifests: [
          config({
            "security.ssl.internal.enabled": "true",
            "security.ssl.algorithms": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          }),
        ],
      },
    ],
  },
  "flink-tls-stores": {
    fails: [
      { manifests: [taskManager(keysFrom({ configMap: { name: "keys" } })), keyStore] },
      { manifests: [taskManager(keysFrom({ hostPath: { path: "/etc/keys" } })), keyStore] },
      {
        about: "of the REST API, on a ConfigMap within a Secret",
        manifests: [
          jobManager({
            container: {
              args: ["jobmanager", "-Dsecurity.ssl.rest.keystore=/keys/rest/store.p12"],
              volumeMounts: [
                { name: "keys", mountPath: "/keys" },
                { name: "rest", mountPath: "/keys/rest" },
              ],
            },
            pod: {
              volumes: [
                { name: "keys", secret: { secretName: "keys" } },
                { name: "rest", configMap: { name: "rest" } },
              ],
            },
          }),
        ],
        at: ["spec.template.spec.containers[0].args[1]"],
      },
    ],
    passes: [
      { manifests: [taskManager(keysFrom({ secret: { secretName: "keys" } })), keyStore] },
      {
        about: "certificates are no secret",
        manifests: [
          taskManager(keysFrom({ configMap: { name: "keys" } })),
          config({ "security.ssl.internal.truststore": "/keys/trusted.p12" }),
        ],
      },
    ],
  },
  "flink-remote-debug": {
    fails: [
      {
        manifests: [
          config({ "env.java.opts.all": "-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005" }),
        ],
      },
      {
        about: "by its old name",
        manifests: [
          config({
            "env.java.opts":
              "-Dcom.sun.management.jmxremote.port=9010 -Dcom.sun.management.jmxremote.authenticate=false",
          }),
        ],
      },
      { manifests: [config({ "metrics.reporter.jmx.port": "8789" })] },
      {
        about: "as JMX that takes anything but true for no",
        manifests: [
          config({ "env.java.opts.taskmanager": "-Dcom.sun.management.jmxremote.authenticate=off" }),
        ],
      },
      {
        about: "in a variable that the JVM reads",
        manifests: [
          taskManager({
            container: {
              env: [
                { name: "LOG", value: "a" },
                { name: "JAVA_TOOL_OPTIONS", value: debug },
              ],
            },
          }),
        ],
        at: ["spec.template.spec.containers[0].env[1].value"],
      },
      {
        about: "as an argument of one's own command",
        manifests: [
          jobManager({
            container: {
              command: ["bash", "-c"],
              args: [`exec java ${debug} -cp /opt/flink/lib/* jobmanager`],
              name: "jobmanager",
            },
          }),
        ],
        at: ["spec.template.spec.containers[0].args[0]"],
      },
      {
        about: "in a ConfigMap of variables",
        manifests: [object("v1", "ConfigMap", { data: { JVM_ARGS: debug, LOG: "a" } })],
        at: ["data.JVM_ARGS"],
      },
      {
        about: "in a Secret of variables",
        manifests: [
          object("v1", "Secret", { data: { JDK_JAVA_OPTIONS: Buffer.from(debug).toString("base64") } }),
        ],
      },
      {
        about: "as an option that becomes a variable of pods that Flink starts",
        manifests: [
          flinkDeployment({
            flinkConfiguration: { "containerized.taskmanager.env.JAVA_TOOL_OPTIONS": debug },
          }),
        ],
      },
      {
        about: "as an option in an argument, once",
        manifests: [jobManager({ container: { args: ["jobmanager", `-Denv.java.opts.all=${debug}`] } })],
        at: ["spec.template.spec.containers[0].args[1]"],
      },
    ],
    passes: [
      { manifests: [config({ "env.java.opts.all": "-XX:+UseG1GC" })] },
      {
        about: "JMX with a password",
        manifests: [
          config({
            "env.java.opts.all":
              "-Dcom.sun.management.jmxremote.port=9010 -Dcom.sun.management.jmxremote.authenticate=true -Dcom.sun.management.jmxremote.ssl=true",
          }),
        ],
      },
      {
        manifests: [
          taskManager({ container: { env: [{ name: "JAVA_TOOL_OPTIONS", value: "-XX:+UseG1GC" }] } }),
        ],
      },
      {
        about: "of something else than Flink",
        manifests: [
          object("apps/v1", "Deployment", {
            spec: {
              template: {
                spec: {
                  containers: [
                    {
                      name: "web",
                      image: "registry.example/web:1",
                      env: [{ name: "JAVA_TOOL_OPTIONS", value: debug }],
                    },
                  ],
                },
              },
            },
          }),
        ],
      },
    ],
  },
  "flink-user": {
    fails: [
      { manifests: [taskManager()] },
      { manifests: [taskManager({ pod: { securityContext: { runAsUser: 0, runAsNonRoot: true } } })] },
      {
        about: "the claim belongs to root",
        manifests: [
          taskManager({
            pod: {
              securityContext: secure,
              volumes: [{ name: "a", persistentVolumeClaim: { claimName: "a" } }],
            },
          }),
        ],
      },
      { manifests: [flinkDeployment({})] },
    ],
    passes: [
      { manifests: [taskManager({ pod: { securityContext: secure } })] },
      { manifests: [taskManager({ container: { securityContext: secure } })] },
      { manifests: [flinkDeployment({ podTemplate: { spec: { securityContext: secure } } })] },
    ],
  },
  "flink-host-network": {
    fails: [
      { manifests: [taskManager({ pod: { hostNetwork: true } })] },
      { manifests: [flinkDeployment({ podTemplate: { spec: { hostNetwork: true } } })] },
    ],
    passes: [{ manifests: [taskManager()] }],
  },
  "flink-host-network-option": {
    fails: [
      { manifests: [flinkDeployment({ flinkConfiguration: { "kubernetes.hostnetwork.enabled": "true" } })] },
      {
        about: "in a Secret, where files are encoded",
        manifests: [
          object("v1", "Secret", {
            data: { "config.yaml": Buffer.from("kubernetes.hostnetwork.enabled: true").toString("base64") },
          }),
        ],
      },
    ],
    passes: [{ manifests: [flinkDeployment({ flinkConfiguration: { "kubernetes.cluster-id": "orders" } })] }],
  },
};
