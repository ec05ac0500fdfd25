/** Format and level of a process's log. */
export interface Logging {
  /** Whether the console prints one JSON object per line. The file, which the web UI shows, stays text. */
  json?: boolean;
  /** Level by logger, overriding the defaults. */
  levels?: Readonly<Record<string, string>>;
  /** A custom log4j-console.properties instead of the component's. */
  log4j?: string;
  /** A custom logback-console.xml, for images that use Logback. */
  logback?: string;
}

/** Files in a process's configuration directory that configure its log. */
export function loggingFiles(logging: Logging = {}) {
  const { log4j, logback } = logging;
  const more: Record<string, string> = logback === undefined ? {} : { "logback-console.xml": logback };
  return { "log4j-console.properties": log4j ?? renderLog4j(logging), ...more };
}

/** Libraries that are too verbose at DEBUG, so that ROOT_LOG_LEVEL=DEBUG shows Flink and the job. */
const libraries = [
  "org.apache.pekko",
  "akka",
  "org.apache.kafka",
  "org.apache.hadoop",
  "org.apache.zookeeper",
  "org.apache.flink.shaded.zookeeper3",
];

const pattern = "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n";

/**
 * log4j-console.properties. The log goes to the console, for `kubectl logs` and log collectors. It also goes
 * to a rolling file for Flink's web UI (`log.file`, set by the launcher). log4j reads this configuration
 * again every 30 seconds. `ROOT_LOG_LEVEL`, `MAX_LOG_FILE_NUMBER` and `-Dconsole.log.level` work as in the
 * official images.
 */
export function renderLog4j({ json = false, levels = {} }: Logging = {}): string {
  return `monitorInterval = 30

rootLogger.level = \${env:ROOT_LOG_LEVEL:-INFO}
rootLogger.appenderRef.console.ref = Console
rootLogger.appenderRef.file.ref = File

# Libraries that say too much at DEBUG, so that ROOT_LOG_LEVEL=DEBUG shows Flink and the job, and what was asked for.
${loggers(levels)}
# Netty reports every closed connection as a warning.
logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF

appender.console.name = Console
appender.console.type = CONSOLE
${json ? jsonLayout("console") : textLayout("console")}
appender.console.filter.threshold.type = ThresholdFilter
appender.console.filter.threshold.level = \${sys:console.log.level:-ALL}

appender.file.name = File
appender.file.type = RollingFile
appender.file.append = true
appender.file.fileName = \${sys:log.file}
appender.file.filePattern = \${sys:log.file}.%i
${textLayout("file")}
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 100MB
appender.file.policies.startup.type = OnStartupTriggeringPolicy
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = \${env:MAX_LOG_FILE_NUMBER:-10}
`;
}

function loggers(levels: Readonly<Record<string, string>>): string {
  const all = { ...Object.fromEntries(libraries.map((name) => [name, "INFO"])), ...levels };
  return Object.entries(all)
    .map(([name, level], i) => `logger.library${i}.name = ${name}\nlogger.library${i}.level = ${level}`)
    .join("\n");
}

function textLayout(appender: string): string {
  return `appender.${appender}.layout.type = PatternLayout
appender.${appender}.layout.pattern = ${pattern}`;
}

/** The Elastic Common Schema, a template in the layout's own jar. The job's id is in `labels`. */
function jsonLayout(appender: string): string {
  return `appender.${appender}.layout.type = JsonTemplateLayout
appender.${appender}.layout.eventTemplateUri = classpath:EcsLayout.json`;
}
