import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { baseConfig, javaOptions } from "../../../components/flink/defaults";
import { renderLog4j } from "../../../components/flink/logging";
import {
  explainUnsupported,
  findRelease,
  nearestVersion,
  supportedMinors,
  supportedVersions,
} from "../../../components/flink/versions";
import { flinkScripts } from "./home";

describe("Flink versions", function () {
  this.timeout(600_000);

  it("are the LTS line and all of Flink 2", () => {
    assert.deepEqual(supportedMinors, ["1.20", "2.0", "2.1", "2.2", "2.3"]);
    assert.deepEqual(supportedVersions, ["1.20.4", "1.20.5", "2.0.2", "2.1.2", "2.2.1", "2.3.0"]);
  });

  it("name the official image and its Java", () => {
    assert.equal(findRelease("2.2.1")!.defaultImage, "flink:2.2.1-java17");
    assert.equal(findRelease("1.20.5")!.defaultImage, "flink:1.20.5-java11");
  });

  it("include patch releases that came later, which change no fact", () => {
    const later = findRelease("2.2.9")!;
    assert.equal(later.verified, false);
    assert.equal(findRelease("2.2.1")!.verified, true);
    assert.deepEqual(later.jvmOptions, findRelease("2.2.1")!.jvmOptions);
  });

  it("refuse others, naming the supported ones and the nearest", () => {
    for (const [version, nearest] of [
      ["1.19.3", "1.20.4"],
      ["2.4.0", "2.3.0"],
      ["2.2", "2.2.1"],
      ["3.0.0", "2.3.0"],
      ["latest", "2.3.0"],
      ["2.2.1-java17", "2.2.1"],
      ["", "2.3.0"],
    ]) {
      assert.equal(findRelease(version), undefined, version);
      assert.equal(nearestVersion(version), nearest, version);
      const { reason, fix } = explainUnsupported(version);
      assert.ok(reason.includes(version));
      assert.equal(fix, `write ${nearest}, or another of 1.20.4, 1.20.5, 2.0.2, 2.1.2, 2.2.1, 2.3.0`);
    }
  });

  for (const version of supportedVersions) {
    it(`have the JVM options that the distribution of ${version} comes with`, async () => {
      const file = path.join(await flinkScripts(version), "conf/config.yaml");
      const shipped = parse(fs.readFileSync(file, "utf8")).env.java.opts.all as string;
      assert.equal(findRelease(version)!.jvmOptions.join(" "), shipped);
    });
  }
});

describe("default configuration", () => {
  const options = { rpcAddress: "hello-jobmanager.flink.svc", slots: 2 };

  it("fixes every port, so that network policies can name them", () => {
    const config = baseConfig(findRelease("2.2.1")!, options);
    assert.equal(config["blob.server.port"], "6124");
    assert.equal(config["taskmanager.rpc.port"], "6122");
    assert.equal(config["taskmanager.data.port"], "6121");
    assert.equal(config["metrics.internal.query-service.port"], "50100");
  });

  it("sets the adaptive scheduler and a restart strategy, in the names of the version", () => {
    for (const [version, cooldown] of [
      ["1.20.5", "jobmanager.adaptive-scheduler.scaling-interval.min"],
      ["2.2.1", "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling"],
    ]) {
      const config = baseConfig(findRelease(version)!, options);
      assert.equal(config["jobmanager.scheduler"], "adaptive");
      assert.equal(config["restart-strategy.type"], "exponential-delay");
      assert.ok(cooldown in config);
    }
  });

  it("keeps the release's JVM options in front of the user's", () => {
    const release = findRelease("2.2.1")!;
    assert.equal(javaOptions(release, " -Da=b "), `${release.jvmOptions.join(" ")} -Da=b`);
    assert.equal(javaOptions(release), release.jvmOptions.join(" "));
  });
});

describe("logging", () => {
  it("goes to the console and to the file that the web UI shows", () => {
    const text = renderLog4j();
    for (const line of [
      "rootLogger.appenderRef.console.ref = Console",
      "rootLogger.appenderRef.file.ref = File",
      "appender.file.fileName = ${sys:log.file}",
      "rootLogger.level = ${env:ROOT_LOG_LEVEL:-INFO}",
    ]) {
      assert.ok(text.split("\n").includes(line), line);
    }
  });
});
