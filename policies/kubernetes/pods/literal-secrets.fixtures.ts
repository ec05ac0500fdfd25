import type { Fixtures } from "../../core/fixtures";
import { object, podOf } from "../manifests";

const variables = (values: Record<string, string>) => ({
  manifests: [podOf({ env: Object.entries(values).map(([name, value]) => ({ name, value })) })],
});
const args = (...words: string[]) => ({ manifests: [podOf({ args: words })] });
const file = (text: string, name = "application.properties") => ({
  manifests: [object("v1", "ConfigMap", { data: { [name]: text } })],
});
const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----\n";
const all = (count: number) =>
  Array.from({ length: count }, (_, index) => `spec.containers[0].env[${index}].value`);

export const fixtures: Fixtures = {
  fails: [
    variables({ DB_PASSWORD: "hunter2" }),
    variables({ aws_secret_access_key: "abc" }),
    {
      about: "the same by other names",
      ...variables({
        DB_PASS: "hunter2",
        MYSQL_PWD: "hunter2",
        SECRET_KEY_BASE: "0c1f3a9b77",
        POSTGRES_PASSWORD_PRIMARY: "hunter2",
        ENCRYPTION_KEY: "0c1f3a9b77",
        "spring.datasource.password": "hunter2",
        JWT_SECRET_2: "0c1f3a9b77",
        STORAGE_CONNECTION_STRING: "Endpoint=a",
        KEY_PASSPHRASE: "12345",
      }),
      at: all(9),
    },
    { about: "in a URL", ...variables({ DATABASE_URL: "postgres://shop:hunter2@db.shop.svc:5432/shop" }) },
    variables({ CACHE: "redis://:hunter2@cache:6379/0" }),
    variables({ JDBC: "jdbc:postgresql://db/shop?user=shop&password=hunter2" }),
    variables({ QUEUE: "Endpoint=sb://a.example/;SharedAccessKey=abc=" }),
    { about: "a private key", ...variables({ SIGNER: key }) },
    { about: "a token that says what it is", ...variables({ REPOSITORY: `ghp_${"a".repeat(36)}` }) },
    {
      about: "as an argument",
      ...args("--port=80", "--db-password=hunter2"),
      at: ["spec.containers[0].args[1]"],
    },
    { ...args("--client-secret", "hunter2", "--port", "80"), at: ["spec.containers[0].args[1]"] },
    args("-Dspring.datasource.password=hunter2"),
    args("sh", "-c", "export API_TOKEN='abc' && exec web"),
    args("--database=postgres://shop:hunter2@db/shop"),
    { about: "in a ConfigMap", ...file("hunter2", "DB_PASSWORD") },
    file("server.port=80\nspring.datasource.password = hunter2\n"),
    file("database:\n  password: hunter2\n", "application.yaml"),
    file('{ "clientSecret": "a", "client_secret": "hunter2" }', "settings.json"),
    file(key, "tls.pem"),
    file("url: amqp://shop:hunter2@queue/\n", "config.yaml"),
    { ...variables({ GREETING: "hunter2" }), config: { names: "^GREETING$" } },
  ],
  passes: [
    {
      manifests: [
        podOf({
          env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
        }),
      ],
    },
    variables({ TOKEN: "/var/run/token", PASSWORD: "$(OTHER)", LOG_LEVEL: "info" }),
    {
      about: "called so, and yet no secrets",
      ...variables({
        PWD: "/work",
        DB_PASSWORD_FILE: "/secrets/db",
        PASSWORD_MIN_LENGTH: "8",
        PASSWORD_RESET_ENABLED: "true",
        TOKEN_TTL: "15m",
        TOKEN_URL: "https://login.example/token",
        IMAGE_PULL_SECRET: "registry",
        TLS_SECRET: "web-tls",
        COMPASS: "north",
        OAUTH_TOKEN: "https://login.example/token",
        USE_PASSWORD: "true",
        SECRET_NAME: "db",
      }),
    },
    {
      about: "where something else puts it, or finds it",
      ...variables({
        DB_PASSWORD: "${DB_PASSWORD}",
        API_TOKEN: "vault:secret/data/web#token",
        API_KEY: "arn:aws:secretsmanager:eu:1:secret:a",
        CLIENT_SECRET: "<secret>",
        DATABASE_URL: "postgres://shop:$(DB_PASSWORD)@db/shop",
        OTHER_URL: "https://shop@web.example:8443/a",
      }),
    },
    args("--password=$(DB_PASSWORD)", "--token-file=/secrets/token", "--tls-secret=shop/web", "--port", "80"),
    args("--password", "--verbose"),
    { about: "nor of Flink's options", ...args("taskmanager", "-Ds3.secret-key=hunter2") },
    args("sh", "-c", 'PASSWORD="$(cat /secrets/db)" exec web'),
    {
      about: "a file with places for secrets",
      ...file(
        "# password=hunter2\npassword=${DB_PASSWORD}\nsecret: web\ntoken: /secrets/token\nsecretName: web\npassword.policy=strict\n",
      ),
    },
    {
      about: "of Flink's configuration another rule knows more",
      ...file("s3.secret-key: hunter2\n", "config.yaml"),
    },
    { about: "a certificate is no secret", ...file("-----BEGIN CERTIFICATE-----\nMIIabc\n", "ca.pem") },
    {
      about: "in a Secret they may be",
      manifests: [object("v1", "Secret", { stringData: { DB_PASSWORD: "hunter2" } })],
    },
    {
      about: "a value in quotes that something else puts there",
      ...args("sh", "-c", "PASSWORD='$(OTHER)' exec web"),
    },
    {
      about: "Flink's configuration by its older name",
      ...file("s3.secret-key: hunter2\n", "flink-conf.yaml"),
    },
    { about: "a text of several lines is not one secret", ...file("a\nb\n", "DB_PASSWORD") },
    variables({ URL: "postgres://shop:xxx@db/shop", OTHER: "postgres://shop:none@db/shop" }),
  ],
};
