package flink.kubernetes.tests;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * Counts 0, 1, 2, … for ever, and notices by itself when its state was lost, is too old or was restored twice.
 *
 * <p>One source counts; number n goes to split n % 120, whatever the parallelism, and the split's keyed state remembers
 * its last number. A number that is not the last one plus 120 is printed as {@code WRONG split 5: expected 245, got 125}.
 * Every number is printed as {@code count 7}: again after a restart, so that what was replayed shows in the log. With
 * {@code --output URI} the numbers are also written there, each exactly once, visible when a checkpoint has completed.
 *
 * <p>Arguments: {@code --rate NUMBERS_A_SECOND} (default 10), {@code --load MILLISECONDS} of CPU time for each number
 * (default 0), {@code --output URI} (default none).
 */
public final class Counting {
    private static final int SPLITS = 120;

    public static void main(String[] args) throws Exception {
        double rate = Double.parseDouble(argument(args, "--rate", "10"));
        double load = Double.parseDouble(argument(args, "--load", "0"));
        String output = argument(args, "--output", null);

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMaxParallelism(SPLITS);
        DataGeneratorSource<Long> numbers =
                new DataGeneratorSource<>(n -> n, Long.MAX_VALUE, RateLimiterStrategy.perSecond(rate), Types.LONG);
        SingleOutputStreamOperator<String> counted =
                env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "Numbers")
                        .uid("numbers")
                        // The generator splits its numbers over its tasks; one task counts 0, 1, 2, … in order.
                        .setParallelism(1)
                        .keyBy(n -> n % SPLITS, Types.LONG)
                        .process(new Count(load))
                        .name("Count")
                        .uid("count")
                        .returns(Types.STRING);
        if (output == null) {
            counted.sinkTo(new DiscardingSink<>()).name("Discard").uid("discard");
        } else {
            counted.sinkTo(
                            FileSink.forRowFormat(new Path(output), new SimpleStringEncoder<String>())
                                    .withRollingPolicy(OnCheckpointRollingPolicy.build())
                                    .build())
                    .name("Write")
                    .uid("write");
        }
        env.execute("counting");
    }

    private static final class Count extends KeyedProcessFunction<Long, Long, String> {
        private static final long serialVersionUID = 1L;

        private final long loadNanos;
        private transient ValueState<Long> last;

        Count(double loadMillis) {
            loadNanos = Math.round(loadMillis * 1_000_000);
        }

        @Override
        public void open(OpenContext context) {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Types.LONG));
        }

        @Override
        public void processElement(Long n, Context context, Collector<String> out) throws Exception {
            if (loadNanos > 0) {
                ThreadMXBean clock = ManagementFactory.getThreadMXBean();
                long end = clock.getCurrentThreadCpuTime() + loadNanos;
                while (clock.getCurrentThreadCpuTime() < end) {
                    Thread.onSpinWait();
                }
            }
            long split = context.getCurrentKey();
            long expected = last.value() == null ? split : last.value() + SPLITS;
            if (n != expected) {
                System.out.println("WRONG split " + split + ": expected " + expected + ", got " + n);
            }
            last.update(n);
            System.out.println("count " + n);
            out.collect(Long.toString(n));
        }
    }

    private static String argument(String[] args, String name, String standard) {
        for (int i = 0; i + 1 < args.length; i += 2) {
            if (args[i].equals(name)) {
                return args[i + 1];
            }
        }
        return standard;
    }

    private Counting() {}
}
