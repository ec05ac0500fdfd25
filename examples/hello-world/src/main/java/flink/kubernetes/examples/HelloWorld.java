package flink.kubernetes.examples;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Prints {@code Hello, World! 0}, {@code Hello, World! 1}, … for ever: one source counts, and the lines are dealt out
 * in turn to all printing tasks, so that every TaskManager prints some of them.
 */
public final class HelloWorld {

    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.parse(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();

        DataGeneratorSource<String> counter =
                new DataGeneratorSource<>(
                        i -> "Hello, World! " + i,
                        Long.MAX_VALUE,
                        RateLimiterStrategy.perSecond(arguments.rate()),
                        Types.STRING);

        // The ids let a savepoint find its state again after the job has been changed.
        env.fromSource(counter, WatermarkStrategy.noWatermarks(), "Counter")
                .uid("counter")
                // The source splits its numbers over its tasks: more than one would count several times side by side.
                .setParallelism(1)
                .rebalance()
                .map(new Print(arguments.load()))
                .name("Print")
                .uid("print")
                .sinkTo(new DiscardingSink<>())
                .name("Discard")
                .uid("discard");

        env.execute("hello-world");
    }

    /** Burns the given milliseconds of CPU time for each line, then prints it. */
    private static final class Print implements MapFunction<String, String> {
        private static final long serialVersionUID = 1L;

        private final long loadNanos;

        Print(double loadMillis) {
            loadNanos = Math.round(loadMillis * 1_000_000);
        }

        @Override
        public String map(String line) {
            if (loadNanos > 0) {
                // CPU time, not wall time: a container at its CPU limit has to do the work all the same, and falls behind.
                ThreadMXBean clock = ManagementFactory.getThreadMXBean();
                long end = clock.getCurrentThreadCpuTime() + loadNanos;
                while (clock.getCurrentThreadCpuTime() < end) {
                    Thread.onSpinWait();
                }
            }
            // Not Flink's print(): that puts "3> " before every line when there are several printing tasks.
            System.out.println(line);
            return line;
        }
    }

    private HelloWorld() {}
}
