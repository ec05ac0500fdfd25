import { spawn, type ChildProcessByStdio } from "node:child_process";
import { randomInt } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Writable } from "node:stream";
import { execa } from "execa";
import { cached, cacheFolder, contentKey } from "../../local/cache";
import { addresses, endProcess, isAlive, startBeside } from "../../local/node";
import { run, waitFor } from "../../local/run";
import { buildContext } from "./build";

/** The newest release of Maven Central that the connector of Flink 2.2 was seen to work with. */
const version = "4.3.1";

/** One Kafka broker that pods of the local node, and this machine, reach. It keeps topics of one partition. */
export interface Kafka {
  /** Such as `198.18.255.2:21234`. */
  servers: string;
  createTopic(name: string): Promise<void>;
  /** What writes into a topic, a record a line. */
  producer(topic: string): Writable;
  /** Every record of the topic, up to now, that is not of an open or an aborted transaction. */
  committed(topic: string): Promise<string[]>;
  /** Ends the broker and removes its data. */
  stop(): Promise<void>;
}

/** Fetched from Maven Central on first use. */
function libraries(): Promise<string> {
  return cached(`kafka-${version}`, contentKey({ version }), buildContext, async (building) => {
    const dependency = (group: string, artifact: string, release: string) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${release}</version></dependency>`;
    fs.writeFileSync(
      path.join(building, "pom.xml"),
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
      <groupId>flink.kubernetes.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
      ${dependency("org.apache.kafka", "kafka_2.13", version)}
      ${dependency("org.apache.kafka", "kafka-tools", version)}
      ${dependency("org.slf4j", "slf4j-simple", "1.7.36")}
      </dependencies></project>`,
    );
    const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    await run(buildContext, "mvn", ["-q", "-B", "-ntp", copy, "-DoutputDirectory=."], { cwd: building });
  });
}

/** Starts a broker of its own for a test. It also ends with this process. */
export async function startKafka(): Promise<Kafka> {
  const classPath = path.join(await libraries(), "*");
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";
  const java = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", quiet, "-cp", classPath];
  const tool = (name: string, ...args: string[]) =>
    execa("java", [...java, name, ...args], { timeout: 120_000 });
  const folder = path.join(cacheFolder(), "tests");
  fs.mkdirSync(folder, { recursive: true });
  const data = fs.mkdtempSync(path.join(folder, "kafka-"));
  // Below the ports of NodePort services, and below those that the kernel gives to connections.
  const port = randomInt(20_000, 29_000);
  const servers = `${addresses.node}:${port}`;
  const controller = `${addresses.node}:${port + 1000}`;
  const properties = path.join(data, "server.properties");
  fs.writeFileSync(
    properties,
    [
      "process.roles=broker,controller",
      "node.id=1",
      `controller.quorum.voters=1@${controller}`,
      `listeners=PLAINTEXT://${servers},CONTROLLER://${controller}`,
      "controller.listener.names=CONTROLLER",
      "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      `log.dirs=${path.join(data, "logs")}`,
      ...["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"].flatMap((topic) => [
        `${topic}.replication.factor=1`,
        `${topic}.num.partitions=1`,
      ]),
      "transaction.state.log.min.isr=1",
      "group.initial.rebalance.delay.ms=0",
      "auto.create.topics.enable=false",
    ].join("\n"),
  );
  const { stdout } = await tool("kafka.tools.StorageTool", "random-uuid");
  await tool("kafka.tools.StorageTool", "format", "-t", stdout.trim(), "-c", properties);
  const broker = startBeside(`kafka-${port}`, ["java", ...java, "kafka.Kafka", properties]);
  const producers: ChildProcessByStdio<Writable, null, null>[] = [];
  const topics = (...args: string[]) =>
    tool("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", servers, ...args);
  const stop = async () => {
    for (const producer of producers) producer.kill();
    await endProcess(broker);
    fs.rmSync(data, { recursive: true, force: true });
  };
  try {
    await waitFor(`the Kafka broker on ${servers}`, 120_000, async () => {
      if (!isAlive(broker)) throw new Error(`the Kafka broker ended; see the node's log kafka-${port}.log`);
      return (await topics("--list").catch(() => undefined)) !== undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    servers,
    createTopic: async (name) => {
      await topics("--create", "--topic", name, "--partitions", "1", "--replication-factor", "1");
    },
    producer: (topic) => {
      const args = ["--bootstrap-server", servers, "--topic", topic];
      const child = spawn("java", [...java, "org.apache.kafka.tools.ConsoleProducer", ...args], {
        stdio: ["pipe", "ignore", "inherit"],
      });
      producers.push(child);
      return child.stdin;
    },
    committed: async (topic) => {
      const args = ["--bootstrap-server", servers, "--topic", topic, "--from-beginning"];
      const consumer = "org.apache.kafka.tools.consumer.ConsoleConsumer";
      // It ends when nothing has come for so long.
      const until = ["--isolation-level", "read_committed", "--timeout-ms", "5000"];
      const { stdout: lines } = await execa("java", [...java, consumer, ...args, ...until], {
        reject: false,
        timeout: 120_000,
      });
      return lines.split("\n").filter((line) => line.startsWith("{"));
    },
    stop,
  };
}
