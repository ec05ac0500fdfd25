package flink.kubernetes.tests;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The numbers 0, 1, 2, … of 120 splits, in turn, as {@code split << 40 | number}. The splits are always the same and are shared out
 * among the readers; where each one is stands in the readers' state, those not yet given to a reader in the enumerator's.
 */
final class SplitSource implements Source<Long, SplitSource.Split, List<SplitSource.Split>> {
    private static final long serialVersionUID = 1L;
    private static final int NUMBER_BITS = 40;

    /** Numbers a second of all splits together. */
    private final double rate;

    /** Numbers of each split. */
    private final long limit;

    SplitSource(double rate, long limit) {
        this.rate = rate;
        this.limit = limit;
    }

    static int splitOf(long element) {
        return (int) (element >> NUMBER_BITS);
    }

    static long numberOf(long element) {
        return element & ((1L << NUMBER_BITS) - 1);
    }

    @Override
    public Boundedness getBoundedness() {
        return limit == Long.MAX_VALUE ? Boundedness.CONTINUOUS_UNBOUNDED : Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<Long, Split> createReader(SourceReaderContext context) {
        return new Reader();
    }

    @Override
    public SplitEnumerator<Split, List<Split>> createEnumerator(SplitEnumeratorContext<Split> context) {
        List<Split> all = new ArrayList<>();
        for (int id = 0; id < Splits.COUNT; id++) {
            all.add(new Split(id, 0));
        }
        return new Enumerator(context, all);
    }

    @Override
    public SplitEnumerator<Split, List<Split>> restoreEnumerator(
            SplitEnumeratorContext<Split> context, List<Split> unassigned) {
        return new Enumerator(context, new ArrayList<>(unassigned));
    }

    @Override
    public SimpleVersionedSerializer<Split> getSplitSerializer() {
        return new SplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<List<Split>> getEnumeratorCheckpointSerializer() {
        return new SplitsSerializer();
    }

    static final class Split implements SourceSplit {
        final int id;
        final long next;

        Split(int id, long next) {
            this.id = id;
            this.next = next;
        }

        @Override
        public String splitId() {
            return Integer.toString(id);
        }
    }

    /** Shares out the splits when every reader is there. */
    private static final class Enumerator implements SplitEnumerator<Split, List<Split>> {
        private final SplitEnumeratorContext<Split> context;
        private final List<Split> unassigned;

        Enumerator(SplitEnumeratorContext<Split> context, List<Split> unassigned) {
            this.context = context;
            this.unassigned = unassigned;
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {}

        @Override
        public void addSplitsBack(List<Split> splits, int subtask) {
            unassigned.addAll(splits);
        }

        @Override
        public void addReader(int subtask) {
            int readers = context.currentParallelism();
            if (context.registeredReaders().size() < readers) {
                return;
            }
            for (Split split : unassigned) {
                context.assignSplit(split, split.id % readers);
            }
            unassigned.clear();
            for (int reader = 0; reader < readers; reader++) {
                context.signalNoMoreSplits(reader);
            }
        }

        @Override
        public List<Split> snapshotState(long checkpoint) {
            return new ArrayList<>(unassigned);
        }

        @Override
        public void close() {}
    }

    private final class Reader implements SourceReader<Long, Split> {
        private final Map<Integer, Long> next = new HashMap<>();
        private final List<Integer> open = new ArrayList<>();
        private boolean complete;
        private int turn;
        private long due = System.nanoTime();
        private CompletableFuture<Void> available = new CompletableFuture<>();

        @Override
        public void start() {}

        @Override
        public InputStatus pollNext(ReaderOutput<Long> output) {
            if (open.isEmpty()) {
                if (complete) {
                    return InputStatus.END_OF_INPUT;
                }
                available = new CompletableFuture<>();
                return InputStatus.NOTHING_AVAILABLE;
            }
            long early = due - System.nanoTime();
            if (early > 0) {
                available =
                        CompletableFuture.runAsync(
                                () -> {}, CompletableFuture.delayedExecutor(early, TimeUnit.NANOSECONDS));
                return InputStatus.NOTHING_AVAILABLE;
            }
            turn = turn % open.size();
            int split = open.get(turn);
            long number = next.get(split);
            output.collect((long) split << NUMBER_BITS | number);
            next.put(split, number + 1);
            if (number + 1 >= limit) {
                open.remove(turn);
            } else {
                turn++;
            }
            // What was missed is not made up for: a job that was away for long would be under another load than the others.
            due = Math.max(due, System.nanoTime() - 1_000_000_000L);
            due += (long) (1e9 * Splits.COUNT / (rate * next.size()));
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public List<Split> snapshotState(long checkpoint) {
            List<Split> splits = new ArrayList<>();
            next.forEach((id, number) -> splits.add(new Split(id, number)));
            return splits;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return available;
        }

        @Override
        public void addSplits(List<Split> splits) {
            for (Split split : splits) {
                next.put(split.id, split.next);
                if (split.next < limit) {
                    open.add(split.id);
                }
            }
            available.complete(null);
        }

        @Override
        public void notifyNoMoreSplits() {
            complete = true;
            available.complete(null);
        }

        @Override
        public void close() {}
    }

    private static final class SplitSerializer implements SimpleVersionedSerializer<Split> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Split split) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(split, new DataOutputStream(bytes));
            return bytes.toByteArray();
        }

        @Override
        public Split deserialize(int version, byte[] bytes) throws IOException {
            return read(new DataInputStream(new ByteArrayInputStream(bytes)));
        }
    }

    private static final class SplitsSerializer implements SimpleVersionedSerializer<List<Split>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<Split> splits) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(splits.size());
            for (Split split : splits) {
                write(split, out);
            }
            return bytes.toByteArray();
        }

        @Override
        public List<Split> deserialize(int version, byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            int size = in.readInt();
            List<Split> splits = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                splits.add(read(in));
            }
            return splits;
        }
    }

    private static void write(Split split, DataOutputStream out) throws IOException {
        out.writeInt(split.id);
        out.writeLong(split.next);
    }

    private static Split read(DataInputStream in) throws IOException {
        return new Split(in.readInt(), in.readLong());
    }
}
