/**
 * log4j-console.properties: the log goes to the console, for `kubectl logs` and log collectors, and to a rolling file
 * (`log.file`, set by the launcher) that Flink's web UI shows. It is read again every 30 seconds. `ROOT_LOG_LEVEL`,
 * `MAX_LOG_FILE_NUMBER` and `-Dconsole.log.level` mean what they mean in the official images.
 */
export function renderLog4j(): string {
  const pattern = "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n";
  return `monitorInterval = 30

rootLogger.level = \${env:ROOT_LOG_LEVEL:-INFO}
rootLogger.appenderRef.console.ref = Console
rootLogger.appenderRef.file.ref = File

# Libraries that say too much at DEBUG, so that ROOT_LOG_LEVEL=DEBUG shows Flink and the job.
${[
  "org.apache.pekko",
  "akka",
  "org.apache.kafka",
  "org.apache.hadoop",
  "org.apache.zookeeper",
  "org.apache.flink.shaded.zookeeper3",
]
  .map((name, i) => `logger.library${i}.name = ${name}\nlogger.library${i}.level = INFO`)
  .join("\n")}
# Netty reports every closed connection as a warning.
logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
logger.netty.level = OFF

appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = ${pattern}
appender.console.filter.threshold.type = ThresholdFilter
appender.console.filter.threshold.level = \${sys:console.log.level:-ALL}

appender.file.name = File
appender.file.type = RollingFile
appender.file.append = true
appender.file.fileName = \${sys:log.file}
appender.file.filePattern = \${sys:log.file}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = ${pattern}
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 100MB
appender.file.policies.startup.type = OnStartupTriggeringPolicy
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = \${env:MAX_LOG_FILE_NUMBER:-10}
`;
}
