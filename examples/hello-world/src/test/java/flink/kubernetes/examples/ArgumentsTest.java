package flink.kubernetes.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    @Test
    void oneLineASecondWithoutLoadByDefault() {
        Arguments arguments = Arguments.parse();
        assertEquals(1, arguments.rate());
        assertEquals(0, arguments.load());
    }

    @Test
    void takesBothInAnyOrder() {
        Arguments arguments = Arguments.parse("--load", "2.5", "--rate", "100");
        assertEquals(100, arguments.rate());
        assertEquals(2.5, arguments.load());
    }

    @Test
    void namesAnUnknownArgumentAndThoseThatThereAre() {
        assertEquals(
                "Unknown argument '--rte': hello-world takes --rate <lines a second>"
                        + " and --load <milliseconds of CPU time for each line>.",
                message("--rte", "5"));
    }

    @Test
    void saysThatANumberIsMissing() {
        assertEquals(
                "--rate needs a number after it: lines a second, greater than 0 and at most 1000000.",
                message("--load", "1", "--rate"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "0", "-1", "NaN", "Infinity", "1000001", "", "--load"})
    void refusesARateThatIsNone(String rate) {
        assertEquals(
                "--rate is '" + rate + "', but must be a number of lines a second, greater than 0 and at most 1000000.",
                message("--rate", rate));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "60001", "1ms"})
    void refusesALoadThatIsNone(String load) {
        assertEquals(
                "--load is '" + load
                        + "', but must be a number of milliseconds of CPU time for each line, from 0 to 60000.",
                message("--load", load));
    }

    private static String message(String... args) {
        return assertThrows(IllegalArgumentException.class, () -> Arguments.parse(args)).getMessage();
    }
}
