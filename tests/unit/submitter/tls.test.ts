import assert from "node:assert/strict";
import { makeCertificate, type Pem } from "../../support/stores";
import { awks, findCommand } from "./awks";
import { type Settings, World } from "./harness";

describe("submission over https", function () {
  this.timeout(60_000);
  let world: World;
  let rest: Pem;
  let stranger: Pem;

  // The submissions of these tests dial localhost.
  before(function () {
    if (!findCommand("openssl")) {
      console.log("      skipped: there is no openssl to make certificates with");
      this.skip();
    }
    rest = makeCertificate("rest", ["localhost"]);
    stranger = makeCertificate("stranger", ["elsewhere.example.com"]);
  });
  afterEach(() => world?.stop());

  const server = (of: Pem, clients = false) => ({
    cert: of["tls.crt"],
    key: of["tls.key"],
    ...(clients ? { ca: rest["ca.crt"], requestCert: true, rejectUnauthorized: true } : {}),
  });
  const submit = (files: Record<string, string>, more: Settings = {}) =>
    world.run({ FLINK_TLS: world.folderOf(files), START_TIMEOUT: "30", ...more });

  it("verifies the REST API with the authority's certificate, by the name of all JobManager pods", async () => {
    world = await new World(awk()).start(server(rest));
    const { code, log } = await submit({ "ca.crt": rest["ca.crt"] });
    assert.equal(code, 0, log);
    assert.equal(world.flink.runs.length, 1);
    assert.equal(world.flink.uploads, 1);
  });

  it("shows a certificate where the REST API wants one", async () => {
    world = await new World(awk()).start(server(rest, true));
    const { code, log } = await submit({ ...rest });
    assert.equal(code, 0, log);
    assert.equal(world.flink.runs.length, 1);
  });

  const refusals: [string, () => Parameters<World["start"]>[0], () => Record<string, string>][] = [
    ["one of another authority", () => server(stranger), () => ({ "ca.crt": rest["ca.crt"] })],
    ["one for another name", () => server(stranger), () => ({ "ca.crt": stranger["ca.crt"] })],
    ["one without TLS", () => undefined, () => ({ "ca.crt": rest["ca.crt"] })],
    [
      "one that wants a certificate, without any",
      () => server(rest, true),
      () => ({ "ca.crt": rest["ca.crt"] }),
    ],
  ];
  for (const [what, options, files] of refusals) {
    it(`sends nothing to ${what}, and says why`, async () => {
      world = await new World(awk()).start(options());
      const { code, message } = await submit(files(), { START_TIMEOUT: "1" });
      assert.equal(code, 1);
      assert.match(
        message,
        /No JobManager answered at localhost:\d+ within 1 s: curl: \(\d+\) .*(SSL|TLS|certificate)/,
      );
      assert.equal(world.flink.uploads, 0);
    });
  }
});

const awk = () => awks.find(({ command }) => command !== undefined)!.command!;
