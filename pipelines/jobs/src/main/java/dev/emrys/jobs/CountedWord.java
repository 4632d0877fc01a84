package dev.emrys.jobs;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.WritableComparable;
import org.apache.hadoop.io.WritableComparator;
import org.apache.hadoop.io.WritableUtils;

/** A word with its count, as MapReduce sorts them: in the order of a result. */
public final class CountedWord implements WritableComparable<CountedWord> {
    private final LongWritable count = new LongWritable();
    private final Text word = new Text();

    /** Made by Hadoop through reflection. */
    public CountedWord() {}

    void set(Text newWord, long newCount) {
        word.set(newWord);
        count.set(newCount);
    }

    Text word() {
        return word;
    }

    LongWritable count() {
        return count;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        count.write(out);
        word.write(out);
    }

    @Override
    public void readFields(DataInput in) throws IOException {
        count.readFields(in);
        word.readFields(in);
    }

    @Override
    public int compareTo(CountedWord other) {
        int byCount = other.count.compareTo(count);
        return byCount != 0 ? byCount : word.compareTo(other.word);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CountedWord that && compareTo(that) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(word, count);
    }

    /** The same order on the written bytes, without making objects of them. */
    public static final class Order extends WritableComparator {
        /** Made by Hadoop through reflection. */
        public Order() {
            super(CountedWord.class);
        }

        @Override
        public int compare(byte[] left, int leftStart, int leftLength, byte[] right, int rightStart, int rightLength) {
            int byCount = Long.compare(readLong(right, rightStart), readLong(left, leftStart));
            if (byCount != 0) {
                return byCount;
            }
            int leftHead = Long.BYTES + WritableUtils.decodeVIntSize(left[leftStart + Long.BYTES]);
            int rightHead = Long.BYTES + WritableUtils.decodeVIntSize(right[rightStart + Long.BYTES]);
            return compareBytes(
                    left,
                    leftStart + leftHead,
                    leftLength - leftHead,
                    right,
                    rightStart + rightHead,
                    rightLength - rightHead);
        }
    }
}
