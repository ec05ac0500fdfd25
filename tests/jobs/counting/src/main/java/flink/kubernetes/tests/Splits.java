package flink.kubernetes.tests;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.util.Collector;

/**
 * Counts 0, 1, 2, … in each of 120 splits and writes what it counted to files that appear, whole, when a checkpoint is complete: a
 * line {@code SPLIT NUMBER MILLIS LABEL} for each number, and {@code WRONG …} when the keyed state of a split is not that of its
 * last number. Whatever happens to the job, every number of every split stands there once, without a gap.
 *
 * <p>Arguments:
 *
 * <ul>
 *   <li>{@code --output URI}: folder of the files.
 *   <li>{@code --label WORD}: written on every line. Default 0.
 *   <li>{@code --rate NUMBERS_A_SECOND} of all splits together. Default 120.
 *   <li>{@code --limit NUMBERS}: each split ends after so many, and then the job. Default: never.
 *   <li>{@code --fail main}: throws before there is a job; {@code --fail N}: at the N-th number that a task counts, after each restart
 *       again. Default: never.
 *   <li>{@code --state text}: keeps its state in another form, which cannot be restored from the usual one; {@code --uid WORD}: or
 *       under another name. Default {@code number} and {@code count}.
 * </ul>
 */
public final class Splits {
    static final int COUNT = 120;

    public static void main(String[] args) throws Exception {
        String output = argument(args, "--output", null);
        String label = argument(args, "--label", "0");
        double rate = Double.parseDouble(argument(args, "--rate", "120"));
        long limit = Long.parseLong(argument(args, "--limit", String.valueOf(Long.MAX_VALUE)));
        String fail = argument(args, "--fail", "0");
        if (fail.equals("main")) {
            throw new IllegalStateException("asked to fail in main");
        }
        boolean text = argument(args, "--state", "number").equals("text");

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMaxParallelism(COUNT);
        env.fromSource(new SplitSource(rate, limit), WatermarkStrategy.noWatermarks(), "Numbers", Types.LONG)
                .uid("numbers")
                .keyBy(SplitSource::splitOf, Types.INT)
                .process(new Count(label, Long.parseLong(fail), text))
                .name("Count")
                .uid(argument(args, "--uid", "count"))
                .returns(Types.STRING)
                .sinkTo(
                        FileSink.forRowFormat(new Path(output), new SimpleStringEncoder<String>())
                                .withBucketAssigner(new BasePathBucketAssigner<>())
                                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                                .build())
                .name("Write")
                .uid("write");
        env.execute("splits " + label);
    }

    private static final class Count extends KeyedProcessFunction<Integer, Long, String> {
        private static final long serialVersionUID = 1L;

        private final String label;
        private final long failAt;
        private final boolean text;
        private transient ValueState<Object> last;
        private transient long counted;

        Count(String label, long failAt, boolean text) {
            this.label = label;
            this.failAt = failAt;
            this.text = text;
        }

        @Override
        @SuppressWarnings({"unchecked", "rawtypes"})
        public void open(OpenContext context) {
            TypeInformation type = text ? Types.STRING : Types.LONG;
            last = getRuntimeContext().getState(new ValueStateDescriptor<Object>("last", type));
        }

        @Override
        public void processElement(Long element, Context context, Collector<String> out) throws Exception {
            if (++counted == failAt) {
                throw new IllegalStateException("asked to fail at number " + failAt);
            }
            long number = SplitSource.numberOf(element);
            long expected = last.value() == null ? 0 : Long.parseLong(last.value().toString()) + 1;
            if (number != expected) {
                out.collect("WRONG split " + context.getCurrentKey() + ": expected " + expected + ", got " + number);
            }
            last.update(text ? (Object) Long.toString(number) : (Object) number);
            out.collect(context.getCurrentKey() + " " + number + " " + System.currentTimeMillis() + " " + label);
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

    private Splits() {}
}
